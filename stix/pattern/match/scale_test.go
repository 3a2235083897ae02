package match_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/stix/pattern/match"
)

// TestMatchScales matches patterns that a search in the order of writing would never finish.
func TestMatchScales(t *testing.T) {
	const many = 5000
	tests := map[string]struct {
		sightings []sighting
		pattern   string
		want      bool
	}{
		"RepeatsWithinIsASlidingWindow": {
			// Pairs every six seconds, and a triple at the end.
			append(spaced(many, "a", 2, 6), spaced(3, "a", 3, 0)...),
			"([x-a:v = 'a']) REPEATS 3 TIMES WITHIN 5 SECONDS", true,
		},
		"RepeatsWithinThatNeverHolds": {
			spaced(2*many, "a", 2, 6),
			"([x-a:v = 'a']) REPEATS 3 TIMES WITHIN 5 SECONDS", false,
		},
		"TwoLettersNeverClose": {
			append(spaced(many, "a", 1, 10), shifted(spaced(many, "b", 1, 10), 5)...),
			"([x-a:v = 'a'] AND [x-a:v = 'b']) WITHIN 5 SECONDS", false,
		},
		"AChainOfTurns": {
			spaced(many, "ab", 1, 1),
			chain(" FOLLOWEDBY ", 40, "a", "b"), true,
		},
		"AChainLongerThanTheEvidence": {
			spaced(30, "ab", 1, 1),
			chain(" FOLLOWEDBY ", 40, "a", "b"), false,
		},
		"PairsInTurn": {
			spaced(60, "ab", 1, 1),
			"([x-a:v = 'a'] FOLLOWEDBY [x-a:v = 'b']) REPEATS 30 TIMES", true,
		},
		"ManyOperands": {
			spaced(300, "ab", 1, 1),
			chain(" AND ", 300, "a", "b"), true,
		},
		"OneOperandTooMany": {
			append(spaced(299, "a", 1, 1), spaced(1, "b", 1, 1)...),
			chain(" AND ", 300, "a"), false,
		},
		"ManyAlternatives": {
			spaced(10, "b", 1, 1),
			chain(" OR ", 5000, "a") + " OR [x-a:v = 'b']", true,
		},
		"AMissingOperandBesideChoices": {
			spaced(100, "abc", 1, 1),
			"[x-a:v = 'z']" + strings.Repeat(
				" AND (([x-a:v = 'a'] AND [x-a:v = 'b']) OR ([x-a:v = 'c'] AND [x-a:v = 'a']))", 30), false,
		},
		"ManyAlternativesOfPairs": {
			spaced(10, "b", 1, 1),
			strings.Repeat("([x-a:v = 'a'] AND [x-a:v = 'b']) OR ", 2000) + "[x-a:v = 'b']", true,
		},
		"AlternativesOfPairsThatRepeat": {
			spaced(20, "abc", 1, 1),
			"(([x-a:v = 'a'] AND [x-a:v = 'b']) OR [x-a:v = 'c'] OR [x-a:v = 'd'])" +
				" REPEATS 20 TIMES", true,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := mustMatch(t, test.pattern, test.sightings).Matched; got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// TestMatchGivesUp draws a packing problem without a solution: triples of which none are
// disjoint from all others, in a count that only trying them all can refute.
func TestMatchGivesUp(t *testing.T) {
	const points, triples = 30, 10
	var choices []string
	for range triples {
		var either []string
		for first := range points {
			// A triple of a projective plane shares a point with each other triple.
			either = append(either, fmt.Sprintf("([x-a:v = '%d'] AND [x-a:v = '%d'] AND [x-a:v = '%d'])",
				first%7, (first+1)%7, (first+3)%7))
		}
		choices = append(choices, "("+strings.Join(either, " OR ")+")")
	}
	var sightings []string
	for i := range points {
		sightings = append(sightings, fmt.Sprintf(
			`p%d 1 10:00:00 10:00:00 {"0":{"type":"x-a","v":"%d"}}`, i, i%8))
	}
	p, err := pattern.Parse(strings.Join(choices, " AND "))
	if err != nil {
		t.Fatal(err)
	}
	_, err = matched(p, evidenceOf(t, sightings...))
	if !errors.Is(err, match.ErrTooComplex) {
		t.Errorf("got %v, want %v", err, match.ErrTooComplex)
	}
}

// TestMatchGivesUpOnCounts asks for numbers that no listing gets through.
func TestMatchGivesUpOnCounts(t *testing.T) {
	evidence := evidenceOf(t,
		`a 500000000 10:00:00 11:00:00 {"0":{"type":"x-a","v":"a"}}`,
		`bc 800000000 10:00:00 11:00:00 {"0":{"type":"x-a","v":"b"},"1":{"type":"x-a","v":"c"}}`)
	for _, source := range []string{
		"([x-a:v = 'a'] OR ([x-a:v = 'b'] AND [x-a:v = 'c'])) REPEATS 900000000 TIMES",
		"([x-a:v = 'a'] FOLLOWEDBY [x-a:v = 'b']) REPEATS 500000000 TIMES",
		"([x-a:v = 'a'] FOLLOWEDBY [x-a:v = 'x']) REPEATS 500000000 TIMES",
		"(([x-a:v = 'a'] AND [x-a:v = 'b']) WITHIN 5 SECONDS) REPEATS 500000000 TIMES",
	} {
		p, err := pattern.Parse(source)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := matched(p, evidence); !errors.Is(err, match.ErrTooComplex) {
			t.Errorf("%s: got %v, want %v", source, err, match.ErrTooComplex)
		}
	}
}

// TestMatcherIsShared matches from several goroutines, for the race detector to watch.
func TestMatcherIsShared(t *testing.T) {
	evidence := evidenceOf(t, linesOf(spaced(20, "ab", 1, 1))...)
	p, err := pattern.Parse("([x-a:v LIKE 'a%'] FOLLOWEDBY [x-a:v MATCHES 'b']) WITHIN 5 SECONDS")
	if err != nil {
		t.Fatal(err)
	}
	matcher, err := match.New(p)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if result, err := matcher.Match(evidence); err != nil || !result.Matched {
				t.Errorf("got %v, %v, want a match", result, err)
			}
		})
	}
	all.Wait()
}

// spaced returns groups of sightings with a gap in seconds between one group and the next.
func spaced(n int, letters string, group, gap int) []sighting {
	all := make([]sighting, n)
	for i := range all {
		at := i / group * gap
		all[i] = sighting{fmt.Sprint("s", i), letters, at, at, 1}
	}
	return all
}

func shifted(all []sighting, by int) []sighting {
	for i := range all {
		all[i].first, all[i].last = all[i].first+by, all[i].last+by
		all[i].name = fmt.Sprint("t", i)
	}
	return all
}

// chain joins n letters, taken in turn.
func chain(op string, n int, letters ...string) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf("[x-a:v = '%s']", letters[i%len(letters)])
	}
	return strings.Join(parts, op)
}
