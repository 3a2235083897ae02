package match_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/stix/pattern/match"
)

// TestEvidenceRefuses covers observed data that nothing can be matched with.
func TestEvidenceRefuses(t *testing.T) {
	const good = `{"type":"observed-data","id":"x","first_observed":"2026-01-01T00:00:02Z",
		"last_observed":"2026-01-01T00:00:02Z","number_observed":1,"objects":{"0":{"type":"file"}}}`
	tests := map[string]struct{ old, new, want string }{
		"NoFirst":        {"first_observed", "first", "first_observed"},
		"NoLast":         {"last_observed", "last", "last_observed"},
		"NoNumber":       {"number_observed", "number", "number_observed"},
		"FirstIsNumber":  {`"2026-01-01T00:00:02Z"`, `5`, "first_observed"},
		"LastIsEarlier":  {`ed":"2026-01-01T00:00:02Z","n`, `ed":"2026-01-01T00:00:01Z","n`, "before"},
		"NumberIsZero":   {`_observed":1`, `_observed":0`, "number_observed"},
		"NumberIsHuge":   {`_observed":1`, `_observed":1000000000`, "number_observed"},
		"NumberIsFloat":  {`_observed":1`, `_observed":1.5`, "number_observed"},
		"NumberIsString": {`_observed":1`, `_observed":"1"`, "number_observed"},
		"NotJSON":        {`"file"`, `file`, "read JSON"},
		"Cut":            {`"0":{"type":"file"}}}`, ``, "read JSON"},
		"TwiceTheSame":   {`"id":"x"`, `"id":"x","id":"x"`, "read JSON"},
		"Deep":           {`"file"`, strings.Repeat("[", 200) + strings.Repeat("]", 200), "deeper"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			raw := strings.Replace(good, test.old, test.new, 1)
			o := stix.Object{Raw: []byte(raw), Type: "observed-data", ID: "x"}
			_, err := match.NewEvidence([]stix.Object{o})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error about %s", err, test.want)
			}
		})
	}
}

// TestEvidenceTakesOddData covers what is wrong and yet does not keep the rest from counting.
func TestEvidenceTakesOddData(t *testing.T) {
	for name, objects := range map[string]string{
		"ObjectsIsList":       `[1, 2]`,
		"ObjectsIsNull":       `null`,
		"AnObjectIsNumber":    `{"0": 5, "1": {"type": "file", "name": "n"}}`,
		"ATypeIsNumber":       `{"0": {"type": 5}}`,
		"NoType":              `{"0": {"name": "n"}}`,
		"EmptyName":           `{"": {"type": "file", "": 5, "parent_directory_ref": ""}}`,
		"RefToItself":         `{"0": {"type": "file", "parent_directory_ref": "0"}}`,
		"RefsAreObjects":      `{"0": {"type": "file", "contains_refs": [{}, [], null, 1]}}`,
		"NotACyberObservable": `{"0": {"type": "indicator", "name": "n"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			evidence := evidenceOf(t, "o 1 10:00:00 10:00:00 "+objects)
			for _, source := range []string{
				"[file:name != 'x']", "[file:parent_directory_ref.parent_directory_ref.name = 'x']",
				"[file:contains_refs[*].name = 'x']", "[file:contains_refs[7] = 1]",
				"[indicator:name = 'n']",
			} {
				want := "no"
				if name == "AnObjectIsNumber" && source == "[file:name != 'x']" {
					want = "yes o"
				}
				if got := verdict(t, source, evidence); got != want {
					t.Errorf("%s: got %s, want %s", source, got, want)
				}
			}
		})
	}
}

// TestMatcherRefuses covers patterns that were built by hand and that no parser returns.
func TestMatcherRefuses(t *testing.T) {
	name := pattern.Path{Type: "file", Steps: []pattern.Step{{Kind: pattern.ByName, Name: "name"}}}
	word := []pattern.Literal{{Kind: pattern.String, Text: "n"}}
	equal := &pattern.Compared{Path: name, Op: pattern.Equal, Values: word}
	infinite := []pattern.Literal{{Kind: pattern.Float, Float: math.Inf(1)}}
	deep := pattern.Comparison(equal)
	high := pattern.Observation(&pattern.Observed{Test: equal})
	for range 100_000 {
		deep = &pattern.Joined{Of: []pattern.Comparison{deep}}
		high = &pattern.Combined{Op: pattern.BothObserved, Of: []pattern.Observation{high}}
	}
	repeat := pattern.Qualifier{Kind: pattern.Repeats}
	tests := map[string]struct {
		root pattern.Observation
		want error
	}{
		"Nothing":       {nil, match.ErrNotEvaluable},
		"NoTest":        {&pattern.Observed{}, match.ErrNotEvaluable},
		"NothingJoined": {&pattern.Observed{Test: &pattern.Joined{}}, match.ErrNotEvaluable},
		"NoConstant": {
			&pattern.Observed{Test: &pattern.Compared{Path: name, Op: pattern.Equal}},
			match.ErrNotEvaluable,
		},
		"NoOperator": {
			&pattern.Observed{Test: &pattern.Compared{Path: name, Values: word}},
			match.ErrNotEvaluable,
		},
		"Infinite": {
			&pattern.Observed{Test: &pattern.Compared{Path: name, Op: pattern.Less, Values: infinite}},
			match.ErrNotEvaluable,
		},
		"NothingInOrder": {&pattern.Combined{Op: pattern.FollowedBy}, match.ErrNotEvaluable},
		"ZeroTimes": {
			&pattern.Qualified{Of: &pattern.Observed{Test: equal}, Qualifier: repeat},
			match.ErrNotEvaluable,
		},
		"DeepTest":   {&pattern.Observed{Test: deep}, match.ErrTooComplex},
		"DeepSearch": {high, match.ErrTooComplex},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, err := match.New(&pattern.Pattern{Root: test.root}); !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
		})
	}
}

// TestMatcherSaysWhy checks that a reader of the error finds the place.
func TestMatcherSaysWhy(t *testing.T) {
	p, err := pattern.Parse(`[file:name = 'a' OR file:name MATCHES '(?<!b)c']`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = match.New(p)
	if err == nil || !strings.Contains(err.Error(), "byte 20: MATCHES") ||
		!strings.Contains(err.Error(), "(?<") {
		t.Errorf("got %v, want the place, the operator and the construct", err)
	}
}

// TestMatchBoundsWork feeds data that multiplies with every step or every character.
func TestMatchBoundsWork(t *testing.T) {
	refs := `"` + strings.TrimSuffix(strings.Repeat(`0","1","`, 50), `,"`)
	circle := fmt.Sprintf(`o 1 10:00:00 10:00:00 {"0":{"type":"directory","contains_refs":[%s]},
		"1":{"type":"directory","contains_refs":[%s],"path":"/a"}}`, refs, refs)
	steps := strings.Repeat("contains_refs[*].", 5000)
	word := strings.Repeat("a", 50_000)
	text := fmt.Sprintf(`o 1 10:00:00 10:00:00 {"0":{"type":"x-a","v":"%s"}}`, word)
	for source, line := range map[string]string{
		"[directory:" + steps + "path = '/b']":              circle,
		"[x-a:v LIKE '" + strings.Repeat("%a", 50) + "%b']": text,
		"[x-a:v MATCHES '^(a+)+$b']":                        text,
		"[x-a:v MATCHES '(a|aa)+b']":                        text,
	} {
		if got := verdict(t, source, evidenceOf(t, line)); got != "no" {
			t.Errorf("%.40s: got %s, want no", source, got)
		}
	}
}
