# Everything here runs with Go and make alone, and without a network once the modules are there.

GO ?= go
PKGS ?= ./...

# The race detector needs a C compiler; without one the tests run without it.
RACE := $(shell command -v $${CC:-cc} >/dev/null 2>&1 && echo -race)

.PHONY: run build test check fmt vet lint bench fuzz

run: ## Start a demonstration server with sample data
	$(GO) run ./cmd/cabstand quickstart

build: ## Build the static binary bin/cabstand
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/cabstand ./cmd/cabstand

test: vet ## Run every test
	$(GO) test $(RACE) -timeout 20m $(PKGS)

check: fmt lint test ## What a change must pass before review

fmt:
	@test -z "$$(gofmt -l .)" || { gofmt -l .; echo "run gofmt -w on these files"; exit 1; }

vet:
	$(GO) vet $(PKGS)

lint: ## Needs golangci-lint 2 on the PATH
	golangci-lint run

bench: ## Print the figures of docs/performance.md
	$(GO) test -run '^$$' -bench . -benchtime 2s $(PKGS)
