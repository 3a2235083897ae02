package match_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/stix/pattern/match"
)

func mustMake(t *testing.T, source string) *match.Matcher {
	t.Helper()
	p, err := pattern.Parse(source)
	if err != nil {
		t.Fatalf("%.60s: %v", source, err)
	}
	m, err := match.New(p)
	if err != nil {
		t.Fatalf("%.60s: %v", source, err)
	}
	return m
}

// TestMatchGivesUpSoon checks that what is too much is not done before it is found to be.
func TestMatchGivesUpSoon(t *testing.T) {
	const most = 1 << 22
	x := func(value string) *match.Evidence {
		return evidenceOf(t, `o 1 10:00:00 10:00:00 {"0":{"type":"x-a","v":`+value+`}}`)
	}
	text := func(n int) *match.Evidence { return x(`"` + strings.Repeat("a", n) + `"`) }
	var floats []string
	for i := range 20_000 {
		floats = append(floats, fmt.Sprint(i)+".5")
	}
	refs := strings.TrimSuffix(strings.Repeat(`"0",`, 50_000), ",")
	tests := map[string]struct {
		pattern  string
		evidence *match.Evidence
	}{
		"ALongChainInAWindow": {
			"([x-a:v = 'a'] FOLLOWEDBY " + chain(" FOLLOWEDBY ", 2000, "b") +
				" FOLLOWEDBY [x-a:v = 'c']) WITHIN 1000 SECONDS",
			evidenceOf(t, linesOf(spaced(5000, "abc", 1, 1))...),
		},
		"Like": {"[x-a:v LIKE '%" + strings.Repeat("a", 40_000) + "b']", text(80_000)},
		"Matches": {
			"[x-a:v MATCHES '" + strings.Repeat("(a|b|ab)*", 400) + "c']", text(200_000),
		},
		"MatchesOrNot": {
			"[x-a:v NOT MATCHES '" + strings.Repeat("(a|b|ab)*", 400) + "c']", text(200_000),
		},
		"In": {
			"[x-a:v[*] IN (" + strings.Join(floats, ",") + ")]",
			x("[" + strings.TrimSuffix(strings.Repeat("5,", 20_000), ",") + "]"),
		},
		"References": {
			"[directory:" + strings.Repeat("contains_refs[*].", 400) + "path != 'a']",
			evidenceOf(t, `o 1 10:00:00 10:00:00 {"0":{"type":"directory","contains_refs":[`+refs+`]}}`),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := mustMake(t, test.pattern)
			m.GiveUpAfter(most)
			result, steps, err := m.Steps(test.evidence)
			if !errors.Is(err, match.ErrTooComplex) || result.Matched {
				t.Fatalf("got %v, %v after %d steps, want %v", result, err, steps, match.ErrTooComplex)
			}
			bound := 3 * most // a charge may be as high as the budget
			if name == "ALongChainInAWindow" {
				bound = most * 13 / 8 // and the candidates of one expression
			}
			if steps > bound {
				t.Errorf("%d steps, want at most %d", steps, bound)
			}
		})
	}
}

// TestMatchIsCheapWhereItCanBe bounds the steps of what must not give up.
func TestMatchIsCheapWhereItCanBe(t *testing.T) {
	many := strings.TrimSuffix(strings.Repeat(`"b",`, 20_000), ",")
	list := evidenceOf(t, `o 1 10:00:00 10:00:00 {"0":{"type":"x-a","v":[`+many+`]}}`)
	var words []string
	for i := range 20_000 {
		words = append(words, fmt.Sprintf("'%d'", i))
	}
	pairs := evidenceOf(t, linesOf(spaced(100, "ab", 1, 1))...)
	either := chain(" OR ", 5000, "a", "b")
	tests := map[string]struct {
		pattern  string
		evidence *match.Evidence
		most     int
	}{
		"ManyWordsAndAList":  {"[x-a:v[*] IN (" + strings.Join(words, ",") + ")]", list, 1 << 20},
		"ManyAlternatives":   {either + " AND [x-a:v = 'z']", pairs, 1 << 25},
		"AnExpressionOnWord": {"[x-a:v[*] MATCHES '^[a-z]+[.]example[.]com$']", list, 1 << 21},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, steps, err := mustMake(t, test.pattern).Steps(test.evidence)
			if err != nil || steps > test.most {
				t.Errorf("got %v after %d steps, want at most %d", err, steps, test.most)
			}
		})
	}
}

// TestEvidenceIsBounded reads what is short to write and large to hold.
func TestEvidenceIsBounded(t *testing.T) {
	read := func(v string) (uint64, error) {
		o := observed(t, `o 1 10:00:00 10:00:00 {"0":{"type":"x-a","v":`+v+`}}`)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := match.NewEvidence([]stix.Object{o})
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc, err
	}
	const zeros = 1_000_000
	got, err := read("[" + strings.Repeat("0,", zeros-1) + "0]")
	const perValue = 60 // of it 40 to hold it, and the text
	if err != nil || got > zeros*perValue {
		t.Errorf("%d zeros: got %v with %d bytes, want at most %d each", zeros, err, got, perValue)
	}
	for name, v := range map[string]string{
		"Zeros": "[" + strings.Repeat("0,", match.MostValues) + "0]",
		"Lists": "[" + strings.Repeat("[0],", match.MostValues/2) + "0]",
	} {
		if got, err := read(v); !errors.Is(err, match.ErrTooComplex) || got > 100<<20 {
			t.Errorf("%s: got %v with %d bytes, want %v", name, err, got, match.ErrTooComplex)
		}
	}
}

// TestRegexpsAreBounded counts the states of all expressions together.
func TestRegexpsAreBounded(t *testing.T) {
	half := "[x-a:v MATCHES 'a{900}(" + strings.Repeat("b", 12) + "){900}']"
	for n, want := range map[int]error{2: nil, 3: match.ErrNotEvaluable} {
		p, err := pattern.Parse(strings.TrimSuffix(strings.Repeat(half+" AND ", n), " AND "))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := match.New(p); !errors.Is(err, want) {
			t.Errorf("%d expressions: got %v, want %v", n, err, want)
		}
	}
}

// TestNothingToMatch covers the values that nobody made.
func TestNothingToMatch(t *testing.T) {
	if _, err := match.New(nil); !errors.Is(err, match.ErrNotEvaluable) {
		t.Errorf("no pattern: got %v, want %v", err, match.ErrNotEvaluable)
	}
	if _, err := new(match.Matcher).Match(&match.Evidence{}); !errors.Is(err, match.ErrNotEvaluable) {
		t.Errorf("no matcher: got %v, want %v", err, match.ErrNotEvaluable)
	}
	result, err := mustMake(t, "[x-a:v = 'a']").Match(nil)
	if err != nil || result.Matched {
		t.Errorf("no evidence: got %v, %v, want no match", result, err)
	}
}
