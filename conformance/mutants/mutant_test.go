package mutants_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/conformance/mutants"
)

func TestMutantsAreNamedOnceAndSayTheirFault(t *testing.T) {
	form := regexp.MustCompile(`^[a-z0-9.]+(-[a-z0-9.]+)*$`)
	seen := map[string]bool{}
	for _, m := range mutants.All() {
		if seen[m.Name] || !form.MatchString(m.Name) {
			t.Errorf("the name %q is not of its own, or not in kebab-case", m.Name)
		}
		seen[m.Name] = true
		if !strings.HasSuffix(m.Fault, ".") || m.Fails == "" {
			t.Errorf("%s: it wants a sentence and the ID of a case, got %q and %q",
				m.Name, m.Fault, m.Fails)
		}
	}
}

func TestAMutantErrsWhereItShould(t *testing.T) {
	for _, m := range mutants.All() {
		if m.Name != "added-after-inclusive" {
			continue
		}
		c := start(t, m.Server())
		path := objects(c.server.Collections().ReadOnly, "")
		a := c.get(path + "?limit=1")
		again := c.get(path + "?limit=1&added_after=" + a.header.Get("X-TAXII-Date-Added-Last"))
		if got, want := again.ids("objects")[0], a.ids("objects")[0]; got != want {
			t.Errorf("got %s, want %s again", got, want)
		}
		return
	}
	t.Error("the mutant is gone")
}
