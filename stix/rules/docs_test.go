package rules_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix/rules"
)

var update = flag.Bool("update", false, "write docs/stix-rules.md")

const page = "../../docs/stix-rules.md"

// The page of rules is made from the catalogue, by go test ./stix/rules -update.
func TestPageIsThatOfTheCatalogue(t *testing.T) {
	var want bytes.Buffer
	want.WriteString("# The rules of STIX content\n\n" +
		"What `cabstand validate` and the policy of a collection check. A MUST makes an object " +
		"invalid; a SHOULD is a warning.\nThe numbers name sections of STIX 2.1: S21-4.10-01 is about " +
		"section 4.10. See [validating](validating.md), and [decision 009](decisions/009-what-makes-an-object-invalid.md) " +
		"for where the text leaves room.\n\n" +
		"| rule | level | demands | why |\n|---|---|---|---|\n")
	for _, r := range rules.All() {
		fmt.Fprintf(&want, "| %s | %s | %s | %s |\n", r.ID, r.Level, cell(r.Sentence), cell(r.Why))
	}
	if *update {
		if err := os.WriteFile(page, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got := casefile.Read(t, page); !bytes.Equal(got, want.Bytes()) {
		t.Error("docs/stix-rules.md is not that of the catalogue; run go test ./stix/rules -run Page -update")
	}
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func TestCatalogueHasEachRuleOnceAndWholeSentences(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules.All() {
		if seen[r.ID] || r.Level == 0 || !strings.HasSuffix(r.Sentence, ".") || !strings.HasSuffix(r.Why, ".") {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
	}
	if _, ok := rules.Find("S21-0-00"); ok {
		t.Error("a rule that is not there was found")
	}
}
