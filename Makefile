# Everything here runs with Go and make alone, and without a network once the modules are there.

GO ?= go
PKGS ?= ./...

# The race detector needs a C compiler; without one the tests run without it.
RACE := $(shell command -v $${CC:-cc} >/dev/null 2>&1 && echo -race)

TESTSERVER := $(CURDIR)/bin/ferretdb
TESTPROVIDER := $(CURDIR)/bin/openid-provider

.PHONY: run build test testserver check fmt vet lint bench fuzz

run: ## Start a demonstration server with sample data
	$(GO) run ./cmd/cabstand quickstart

build: ## Build the static binary bin/cabstand
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/cabstand ./cmd/cabstand

test: vet testserver ## Run every test; with MONGODB_URI set, against that MongoDB
	test ! -x $(TESTSERVER) || export CABSTAND_TEST_FERRETDB=$(TESTSERVER); \
	export CABSTAND_TEST_OPENID=$(TESTPROVIDER); \
	{ $(GO) test $(RACE) -timeout 40m $(PKGS) 2>&1; echo $$? >bin/test.status; } | tee bin/test.log; \
	test "$$(cat bin/test.status)" = 0 || { echo; echo "What failed:"; \
	grep -E -A 5 '^ *--- FAIL|^panic:|^FAIL' bin/test.log | cut -c 1-400 | head -n 80; exit 1; }
	test -z "$(RACE)" || $(GO) test -timeout 40m -run TestMutants ./conformance

testserver: ## Build the MongoDB server and the OpenID provider that the tests start
	@cd internal/mongotest/ferretdb && export GOFLAGS= GOWORK=off && \
	if $(GO) build -o $(TESTSERVER) .; then $(GO) vet .; \
	elif test -z "$$MONGODB_URI"; then \
	echo "The tests need the modules of internal/mongotest/ferretdb, or MONGODB_URI." >&2; exit 1; \
	else rm -f $(TESTSERVER); fi
	@cd internal/openidtest/provider && export GOFLAGS= GOWORK=off && \
	$(GO) build -o $(TESTPROVIDER) . && $(GO) vet .

check: fmt lint test ## What a change must pass before review

fmt:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these files"; exit 1; }

vet:
	$(GO) vet $(PKGS)

lint: ## Needs golangci-lint 2 on the PATH
	golangci-lint run

bench: ## Print the figures of docs/performance.md
	$(GO) test -run '^$$' -bench . -benchtime 2s $(PKGS)
