package match_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/stix/pattern/match"
	"pgregory.net/rapid"
)

// TestMatchAgreesWithListing compares the matcher with the naive one on small inputs.
func TestMatchAgreesWithListing(t *testing.T) {
	t.Run("AnyExpression", func(t *testing.T) {
		agree(t, func(t *rapid.T) ([]sighting, expr) {
			return drawSightings(t, 5, 12, []int{0, 1, 2, 3, 4, 5, 6}, []int{1, 1, 1, 2, 3}), drawExpr(t, 3)
		})
	})
	// Few letters for many expressions, so that filling one slot takes from another.
	t.Run("Contention", func(t *testing.T) {
		agree(t, func(t *rapid.T) ([]sighting, expr) {
			return drawSightings(t, 7, 20, []int{0, 1, 3, 3, 3}, []int{1}), drawContention(t)
		})
	})
}

// agree checks that drawn inputs end as the listing does, and that both ends occur.
func agree(t *testing.T, draw func(*rapid.T) ([]sighting, expr)) {
	matched, missed := 0, 0
	check := func(rt *rapid.T) {
		sightings, x := draw(rt)
		v := &naive{sightings: sightings}
		want := false
		for _, b := range v.bindings(x) {
			want = want || b.possible()
		}
		if v.steps > naiveBudget {
			rt.Skip("too long to list")
		}
		got := mustMatch(t, x.String(), sightings)
		if got.Matched != want {
			rt.Fatalf("%v\nin %+v\n got %v\nwant %v", x, sightings, got, want)
		}
		if want {
			matched++
			onlyBound(t, rt, x, sightings, got.Bound)
		} else {
			missed++
		}
	}
	const rounds = 5 // of a hundred each
	for range rounds {
		rapid.Check(t, check)
	}
	if matched == 0 || missed == 0 {
		t.Errorf("%d matched and %d did not, which is too one-sided", matched, missed)
	}
}

// onlyBound checks that the pattern matches what it was bound to and nothing else.
func onlyBound(t *testing.T, rt *rapid.T, x expr, all []sighting, ids []string) {
	var bound []sighting
	for _, name := range shortNames(ids) {
		for _, s := range all {
			if s.name == name {
				bound = append(bound, s)
			}
		}
	}
	if len(bound) != len(ids) || !mustMatch(t, x.String(), bound).Matched {
		rt.Fatalf("%v\nin %+v\nis not matched by its binding %v", x, all, ids)
	}
}

func mustMatch(t testing.TB, source string, sightings []sighting) match.Result {
	t.Helper()
	evidence := evidenceOf(t, linesOf(sightings)...)
	p, err := pattern.Parse(source)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	result, err := matched(p, evidence)
	if err != nil {
		t.Fatalf("%s: %v", source, err)
	}
	return result
}

// linesOf writes sightings as the cases do.
func linesOf(sightings []sighting) []string {
	lines := make([]string, len(sightings))
	for i, s := range sightings {
		var objects []string
		for j, letter := range s.letters {
			objects = append(objects, fmt.Sprintf(`"%d":{"type":"x-a","v":"%c"}`, j, letter))
		}
		lines[i] = fmt.Sprintf("%s %d %s %s {%s}",
			s.name, s.count, clock(s.first), clock(s.last), strings.Join(objects, ","))
	}
	return lines
}

func drawSightings(t *rapid.T, most, latest int, letters, counts []int) []sighting {
	sets := []string{"a", "b", "c", "ab", "bc", "ac", "abc"}
	all := make([]sighting, rapid.IntRange(1, most).Draw(t, "sightings"))
	for i := range all {
		first := rapid.IntRange(0, latest).Draw(t, "first")
		length := rapid.SampledFrom([]int{0, 0, 0, 1, 3, 8}).Draw(t, "length")
		all[i] = sighting{
			name:    fmt.Sprint("s", i),
			letters: sets[rapid.SampledFrom(letters).Draw(t, "letters")],
			first:   first,
			last:    first + length,
			count:   rapid.SampledFrom(counts).Draw(t, "count"),
		}
	}
	return all
}

func drawExpr(t *rapid.T, depth int) expr {
	ops := []string{"letter", "AND", "OR", "FOLLOWEDBY", "REPEATS", "WITHIN", "START"}
	op := rapid.SampledFrom(ops).Draw(t, "op")
	if depth == 0 {
		op = "letter"
	}
	x := expr{op: op}
	parts := 1
	switch op {
	case "letter":
		x.letter = rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "letter")
		return x
	case "REPEATS":
		x.n = rapid.IntRange(1, 3).Draw(t, "times")
	case "WITHIN":
		x.n = rapid.IntRange(1, 6).Draw(t, "seconds")
	case "START":
		x.n = rapid.IntRange(0, 12).Draw(t, "start")
		x.m = x.n + rapid.IntRange(1, 9).Draw(t, "length")
	default:
		parts = rapid.IntRange(2, 3).Draw(t, "parts")
	}
	for range parts {
		x.of = append(x.of, drawExpr(t, depth-1))
	}
	return x
}

// drawContention draws two groups of two or three expressions, each in a window or in turn.
func drawContention(t *rapid.T) expr {
	outer := rapid.SampledFrom([]string{"AND", "AND", "FOLLOWEDBY", "OR"}).Draw(t, "outer")
	x := expr{op: outer}
	for range rapid.IntRange(1, 2).Draw(t, "groups") {
		group := expr{op: rapid.SampledFrom([]string{"AND", "FOLLOWEDBY"}).Draw(t, "inner")}
		for range rapid.IntRange(2, 3).Draw(t, "parts") {
			letter := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "letter")
			group.of = append(group.of, expr{op: "letter", letter: letter})
		}
		if rapid.Bool().Draw(t, "within") {
			n := rapid.IntRange(1, 8).Draw(t, "seconds")
			group = expr{op: "WITHIN", of: []expr{group}, n: n}
		}
		x.of = append(x.of, group)
	}
	return x
}
