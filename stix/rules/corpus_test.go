package rules_test

import (
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

// deviations are the rules by which we refuse what the reference validator takes, and why.
var deviations = map[string]string{
	"S21-3.2-03": "created_by_ref names an identity (STIX 2.1 §3.2); the reference takes any object",
	"S21-3.2-02": "an object without spec_version is of STIX 2.0; the reference judges it by the rules of 2.0 " +
		"when it stands in a bundle",
	"S21-3.1-01": "a property name is of a-z, 0-9 and _ throughout (§3.1); the reference looks at three characters",
}

// The reference is asked for the MUST rules of STIX 2.1 alone. Where we refuse more than it does,
// each of our reasons is one that is listed; where we refuse less, the test fails.
func TestCheck_AgreesWithReferenceOnObjects(t *testing.T) {
	type row struct {
		Raw  string
		Must []string
	}
	var tally tally
	for row := range casefile.Corpus[row](t, "stix_objects.jsonl") {
		o, err := stix.Parse([]byte(row.Raw))
		tally.count(t, row.Raw, rules.Report(o, err, stix.Must), row.Must)
	}
	tally.log(t)
}

func TestCheck_AgreesWithReferenceOnCases(t *testing.T) {
	type row struct {
		Input   string
		Errors  []string `json:"must_errors"`
		Valid   bool     `json:"must_valid"`
		Options map[string]any
	}
	var tally tally
	for row := range casefile.Corpus[row](t, "stix_validator_cases.jsonl") {
		if row.Options["version"] == "2.0" {
			continue // judged by the rules of another version
		}
		if !row.Valid {
			row.Errors = append(row.Errors, "invalid")
		}
		tally.count(t, row.Input, judge([]byte(row.Input)), row.Errors)
	}
	tally.log(t)
}

// tally counts verdicts.
type tally struct{ all, agreed, listed int }

func (n *tally) count(t *testing.T, text string, found stix.Violations, reference []string) {
	t.Helper()
	n.all++
	switch {
	case (len(found) > 0) == (len(reference) > 0):
		n.agreed++
	case len(found) > 0 && allListed(found):
		n.listed++
	default:
		t.Errorf("%.400s\nreference: %s\nours: %v", text, strings.Join(reference, "; "), found)
	}
}

func (n *tally) log(t *testing.T) {
	t.Logf("%d verdicts: %d agree, %d differ for a listed reason", n.all, n.agreed, n.listed)
	if n.all == 0 || n.listed*10 > n.all {
		t.Error("too little to compare")
	}
}

func allListed(found stix.Violations) bool {
	for _, v := range found {
		if deviations[v.Rule] == "" {
			return false
		}
	}
	return true
}

// judge returns the MUST violations of a text as the reference looks at it: an object, or a
// bundle with its objects.
func judge(text []byte) stix.Violations {
	o, err := stix.Parse(text)
	if o.Type != "bundle" {
		return rules.Report(o, err, stix.Must)
	}
	found := rules.CheckBundle(text, stix.Must)
	elements, _ := stix.Split(text)
	for _, e := range elements {
		found = append(found, rules.Report(e.Object, e.Err, stix.Must)...)
	}
	return found
}
