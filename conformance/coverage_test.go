package conformance_test

import (
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/cabstand/cabstand/conformance"
)

// Every requirement of the list that the suite was written from is a case, or is said not to be
// one and why. The list is not part of the product; without it there is nothing to compare.
func TestCases_CoverTheRequirements(t *testing.T) {
	list, err := os.ReadFile("../../shared/spec/taxii21_requirements.md")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the list of requirements is not here")
	}
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, c := range conformance.Cases() {
		known = append(known, regexp.MustCompile(`[a-z]$`).ReplaceAllString(c.ID, ""))
	}
	for _, u := range conformance.Unchecked() {
		known = append(known, u.ID)
	}
	rows := regexp.MustCompile(`(?m)^\| (T21-[^ ]+) \|`).FindAllSubmatch(list, -1)
	if len(rows) < 150 {
		t.Fatalf("%d requirements were found", len(rows))
	}
	for _, row := range rows {
		if !slices.Contains(known, string(row[1])) {
			t.Errorf("%s is neither a case nor said not to be checked", row[1])
		}
	}
}
