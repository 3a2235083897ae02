package admission_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix/admission"
)

// The page for operators has the rules in the words of the catalogue, in its order, and says of the
// preset what can be said of it.
func TestPageHasTheRules(t *testing.T) {
	page := string(casefile.Read(t, "../../docs/ais.md"))
	var table strings.Builder
	for _, r := range admission.All() {
		fmt.Fprintf(&table, "| %s | %s | %s |\n", r.ID, r.Sentence, r.Why)
	}
	if !strings.Contains(page, table.String()) {
		t.Errorf("docs/ais.md lacks the table\n%s", table.String())
	}
	if strings.Contains(strings.ToLower(page), "ais-conformant") {
		t.Error("docs/ais.md promises what nobody has checked")
	}
}
