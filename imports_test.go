package cabstand_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/cabstand/cabstand/"

// arrows is the picture in docs/ARCHITECTURE.md as a table: which of our own packages a
// package may import. A name that ends in /* stands for every package below it; the first
// line that fits a package counts. A package on no line may not exist.
var arrows = []struct {
	from string
	to   []string
}{
	{"internal/scan", nil},
	{"internal/edit", []string{"internal/scan"}},
	{"internal/casefile", nil},
	{"internal/testserver", nil},
	{"internal/mongotest", []string{"internal/testserver"}},
	{"internal/openidtest", []string{"internal/testserver"}},
	{"internal/uri", nil},
	{"stix", []string{"internal/scan"}},
	{"stix/marking", []string{"stix", "internal/edit", "internal/scan"}},
	{"stix/decay", nil},
	{"stix/versions", []string{"stix", "stix/marking", "internal/edit", "internal/scan"}},
	{"stix/schema", []string{"stix"}},
	{"stix/pattern", []string{"stix", "stix/schema"}},
	{"stix/pattern/match", []string{"stix", "stix/schema", "stix/pattern"}},
	{"stix/rules", []string{
		"stix", "stix/marking", "stix/schema", "stix/pattern", "internal/scan", "internal/uri",
	}},
	{"stix/redact", []string{"stix", "stix/marking", "stix/rules", "internal/edit", "internal/scan"}},
	{"store", []string{"stix", "stix/marking"}},
	{"stix/admission", []string{
		"stix", "stix/marking", "stix/pattern", "stix/rules", "stix/schema", "internal/scan",
	}},
	{"store/*", []string{"stix", "store", "taxii"}},
	{"taxii", []string{"stix"}},
	{"internal/quota", []string{"store"}},
	{"internal/audit", []string{"store"}},
	{"taxii/server", []string{
		"stix", "stix/admission", "stix/rules", "store", "taxii", "internal/release",
	}},
	{"taxii/client", []string{"stix", "taxii"}},
	{"collectors", []string{
		"stix", "stix/admission", "stix/marking", "stix/pattern", "stix/versions", "store",
		"internal/nearest", "internal/seen",
	}},
	{"collectors/warninglist", []string{"internal/nearest", "internal/uri"}},
	{"collectors/collectortest", []string{"stix", "stix/rules", "collectors"}},
	{"collectors/all", []string{"collectors", "collectors/*"}},
	{"collectors/observable", []string{"stix", "collectors", "internal/uri"}},
	{"collectors/extract", []string{
		"collectors/observable", "collectors/warninglist", "internal/uri",
	}},
	{"collectors/table", []string{
		"stix", "collectors", "collectors/extract", "collectors/observable", "internal/seen",
		"internal/uri",
	}},
	{"collectors/pdftext", nil},
	{"collectors/abusech", []string{
		"stix", "collectors", "collectors/api", "collectors/observable",
	}},
	{"collectors/nvd", []string{
		"stix", "collectors", "collectors/kev", "collectors/observable", "internal/uri",
	}},
	{"collectors/ingest", []string{
		"stix", "collectors", "collectors/extract", "collectors/observable", "collectors/pdftext",
		"internal/uri",
	}},
	{"collectors/rss", []string{
		"stix", "collectors", "collectors/extract", "collectors/ingest", "internal/uri",
	}},
	{"collectors/xsearch", []string{
		"stix", "collectors", "collectors/api", "collectors/extract", "collectors/ingest",
	}},
	{"collectors/logfile", []string{
		"stix", "collectors", "collectors/evidence", "logs", "logs/cryptopan", "logs/grok", "logs/tail",
	}},
	{"collectors/standing", []string{
		"stix", "stix/decay", "stix/pattern", "collectors", "collectors/extract",
		"collectors/observable",
	}},
	{"collectors/api", []string{"stix", "collectors"}},
	{"collectors/virustotal", []string{
		"stix", "stix/pattern", "collectors", "collectors/api", "collectors/observable",
		"collectors/warninglist", "internal/uri",
	}},
	{"collectors/misp", []string{
		"stix", "stix/marking", "stix/pattern", "collectors", "collectors/api",
		"collectors/observable",
	}},
	{"collectors/evidence", []string{
		"stix", "collectors", "collectors/observable", "internal/uri", "logs", "logs/check",
		"logs/cryptopan",
	}},
	{"collectors/*", []string{
		"stix", "stix/marking", "taxii", "taxii/client", "collectors", "collectors/abusech",
		"collectors/api", "collectors/observable", "internal/seen", "internal/uri",
	}},
	{"logs", []string{"internal/scan", "logs/grok"}},
	{"logs/check", []string{"internal/scan"}},
	{"logs/cryptopan", nil},
	{"logs/grok", nil},
	{"logs/tail", nil},
	{"logs/syslog", nil},
	{"configs", nil},
	{"internal/nearest", nil},
	{"internal/syslog", []string{"logs/syslog"}},
	{"internal/seen", nil},
	{"internal/check", nil},
	{"internal/mirror", []string{"stix", "taxii", "taxii/client"}},
	{"internal/release", []string{"stix", "stix/marking", "stix/schema", "store"}},
	{"internal/openid", []string{"internal/check"}},
	{"internal/excerpt", []string{"stix", "stix/marking", "stix/redact", "stix/versions", "store"}},
	{"internal/access", []string{
		"stix", "stix/admission", "stix/marking", "store", "taxii", "taxii/server",
		"internal/check", "internal/openid", "internal/release",
	}},
	{"internal/migrate", []string{"stix", "store"}},
	{"internal/anonymise", []string{"stix", "stix/marking", "stix/rules", "stix/schema", "internal/scan"}},
	{"internal/terms", []string{"stix", "stix/marking"}},
	{"internal/relay", []string{"stix", "stix/marking", "store", "internal/anonymise", "internal/check"}},
	{"internal/config", []string{
		"collectors", "collectors/warninglist", "configs", "internal/access", "internal/check",
		"internal/nearest", "internal/openid", "internal/relay",
	}},
	{"internal/admin", []string{
		"stix", "stix/admission", "stix/marking", "store", "taxii", "collectors",
		"collectors/standing", "collectors/warninglist", "internal/access", "internal/audit",
		"internal/check", "internal/config", "internal/relay", "internal/release",
		"internal/terms",
	}},
	{"internal/app", []string{
		"stix", "store", "store/*", "taxii", "taxii/server", "collectors", "collectors/all",
		"configs", "internal/*",
	}},
	{"conformance", nil},
	{"conformance/report", []string{"conformance"}},
	{"conformance/mutants", nil},
	{"cmd/cabstand", []string{
		"stix", "stix/admission", "stix/marking", "stix/pattern", "stix/rules", "store", "taxii",
		"taxii/client", "collectors", "collectors/evidence", "collectors/ingest", "collectors/observable",
		"collectors/standing", "collectors/warninglist", "logs", "logs/check", "logs/cryptopan", "logs/grok",
		"configs", "conformance", "conformance/report",
		"internal/*",
	}},
}

// guests lists libraries that one package alone may know, so that each can be replaced there.
var guests = map[string][]string{
	"github.com/gin-gonic/gin":          {"taxii/server"},
	"github.com/cockroachdb/pebble/v2":  {"store/pebblestore"},
	"go.mongodb.org/mongo-driver/v2":    {"store/mongostore", "internal/mongotest"},
	"github.com/go-co-op/gocron/v2":     {"collectors"},
	"github.com/spf13/cobra":            {"cmd/cabstand"},
	"github.com/schollz/progressbar/v3": {"cmd/cabstand"},
	"github.com/itchyny/gojq":           {"collectors/table"},
	"golang.org/x/crypto/argon2":        {"internal/access"},
	"github.com/coreos/go-oidc/v3":      {"internal/openid"},
	"github.com/go-jose/go-jose/v4":     {"internal/openid"},
	"github.com/zitadel/oidc/v3":        nil, // in a module of its own
	"github.com/TcM1911/stix2":          nil, // tests only
	"github.com/Shopify/toxiproxy/v2":   {"internal/mongotest"},
	"github.com/FerretDB/FerretDB":      nil, // in a module of its own
}

func TestImports_FollowTheArrows(t *testing.T) {
	packages := goList(t)
	if len(packages) < 5 {
		t.Fatalf("go list found %d packages", len(packages))
	}
	for _, p := range packages {
		name := strings.TrimPrefix(p.ImportPath, module)
		allowed, known := arrowsFrom(name)
		if !known {
			t.Errorf("%s has no line in the table of arrows", name)
			continue
		}
		for _, imported := range p.Imports {
			if own, ok := strings.CutPrefix(imported, module); ok && !matchesAny(own, allowed) {
				t.Errorf("%s must not import %s", name, own)
			}
			for guest, hosts := range guests {
				if (imported == guest || strings.HasPrefix(imported, guest+"/")) && !slices.Contains(hosts, name) {
					t.Errorf("%s must not import %s", name, imported)
				}
			}
		}
	}
}

// The judge must not be able to share a fault with the server it judges.
func TestImports_ConformanceStandsAlone(t *testing.T) {
	for _, p := range goList(t) {
		if !strings.HasPrefix(p.ImportPath, module+"conformance") {
			continue
		}
		for _, imported := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			if strings.HasPrefix(imported, module) && !strings.HasPrefix(imported, module+"conformance") {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
		}
	}
}

// What starts databases and providers for tests has no business in the binary.
func TestImports_OnlyTestsStartServersForTests(t *testing.T) {
	packages := goList(t)
	for _, starter := range []string{module + "internal/mongotest", module + "internal/openidtest"} {
		users := 0
		for _, p := range packages {
			if slices.Contains(p.Imports, starter) {
				t.Errorf("%s imports %s outside its tests", p.ImportPath, starter)
			}
			if slices.Contains(slices.Concat(p.TestImports, p.XTestImports), starter) {
				users++
			}
		}
		if users == 0 {
			t.Errorf("no test uses %s", starter)
		}
	}
}

type goPackage struct {
	ImportPath                         string
	GoFiles                            []string
	Imports, TestImports, XTestImports []string
}

// goList returns the packages of the module that have code beside their tests.
func goList(t *testing.T) (packages []goPackage) {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,GoFiles,Imports,TestImports,XTestImports", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		if len(p.GoFiles) > 0 {
			packages = append(packages, p)
		}
	}
}

func arrowsFrom(name string) (to []string, known bool) {
	for _, a := range arrows {
		if matchesAny(name, []string{a.from}) {
			return a.to, true
		}
	}
	return nil, false
}

func matchesAny(name string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		below, any := strings.CutSuffix(pattern, "*")
		return name == pattern || any && strings.HasPrefix(name, below)
	})
}
