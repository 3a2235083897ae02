package pattern_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix/pattern"
)

// judged is a pattern and what the reference implementation says of it.
type judged struct {
	Pattern string   `json:"pattern"`
	Valid   bool     `json:"valid"`
	Errors  []string `json:"errors"`
}

// deviation returns why our verdict differs from the reference's on purpose, or "" where the
// two ought to agree.
func deviation(v judged, ours error) string {
	only := func(what string) bool {
		return !slices.ContainsFunc(v.Errors, func(e string) bool { return !strings.Contains(e, what) })
	}
	switch {
	case ours == nil && v.Valid || ours != nil && !v.Valid:
		return ""
	case ours == nil && only("hash") && aboutSets.MatchString(v.Pattern):
		return "The reference takes a set, and the operand of LIKE, MATCHES, ISSUBSET and " +
			"ISSUPERSET, for one digest, and refuses all of them."
	case ours == nil && only("hash") && aboutSSDEEP.MatchString(v.Pattern):
		return "The reference ends digests of SSDEEP at 128 characters; ssdeep makes up to 148."
	case ours == nil && only("missing square brackets") && aboutComments.MatchString(v.Pattern):
		return "The grammar allows a comment in front; the reference wants a bracket there."
	case ours == nil && only("crashed"):
		return "The reference fails on an index behind hashes, and on one below zero or -0."
	case ours != nil && strings.Contains(ours.Error(), "expected a digest"):
		return "The reference lets a line feed follow a digest, and anything 32 digits of MD6; " +
			"and it takes numbers and truth values for SSDEEP."
	case ours != nil && strings.Contains(ours.Error(), "above zero"):
		return "WITHIN and REPEATS want numbers above zero (9.5.1); the grammar does not say so."
	case ours != nil && strings.Contains(ours.Error(), "no such date"):
		return "A timestamp is a day that exists; the grammar does not count the days of a month."
	case ours != nil && strings.Contains(ours.Error(), "more than 40 fraction digits"):
		return "A timestamp of ours has 40 fraction digits at most."
	case ours != nil && strings.Contains(ours.Error(), "expected no more than 100"):
		return "A pattern of ours has 100 open parentheses and 100 qualifiers on one place at most."
	}
	return ""
}

var (
	aboutSets     = regexp.MustCompile(`hashes[^=<>]+(IN|LIKE|MATCHES|ISSUBSET|ISSUPERSET)\s*['(]`)
	aboutSSDEEP   = regexp.MustCompile(`(?i)ssdeep'?\s*[!=<>]+\s*'[A-Za-z0-9/+:.]{129,148}'`)
	aboutComments = regexp.MustCompile(`^[\s(]*/[/*]`)
)

func TestParse_AgreesWithReference(t *testing.T) {
	agreed, rows := 0, 0
	for v := range casefile.Corpus[judged](t, "stix_patterns.jsonl") {
		rows++
		_, err := pattern.Parse(v.Pattern)
		switch {
		case (err == nil) == v.Valid:
			agreed++
		case deviation(v, err) == "":
			t.Errorf("%s\n\tgot %v, want %v %v", v.Pattern, err, v.Valid, v.Errors)
		}
	}
	t.Logf("%d of %d verdicts agree", agreed, rows)
}
