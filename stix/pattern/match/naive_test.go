package match_test

import (
	"fmt"
	"strings"
	"time"
)

// The naive matcher lists every binding of an expression and then looks for instants by
// relaxing differences (Bellman and Ford). It shares no idea with the matcher under test: it
// copies expressions that repeat, tries every alternative, and knows nothing of pairs.

// sighting is an observed-data object: letters it shows, and when.
type sighting struct {
	name        string
	letters     string
	first, last int // seconds after midnight
	count       int
}

// expr is an observation expression.
type expr struct {
	op     string // "letter", "AND", "OR", "FOLLOWEDBY", "REPEATS", "WITHIN", "START"
	letter string
	of     []expr
	n, m   int // of a qualifier
}

func (x expr) String() string {
	parts := make([]string, len(x.of))
	for i, part := range x.of {
		parts[i] = part.String()
	}
	switch x.op {
	case "letter":
		return fmt.Sprintf("[x-a:v = '%s']", x.letter)
	case "REPEATS":
		return fmt.Sprintf("(%s) REPEATS %d TIMES", parts[0], x.n)
	case "WITHIN":
		return fmt.Sprintf("(%s) WITHIN %d SECONDS", parts[0], x.n)
	case "START":
		return fmt.Sprintf("(%s) START t'%s' STOP t'%s'", parts[0], clock(x.n), clock(x.m))
	}
	return "(" + strings.Join(parts, " "+x.op+" ") + ")"
}

func clock(second int) string {
	midnight := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return midnight.Add(time.Duration(second) * time.Second).Format(time.RFC3339)
}

// binding is observations, each with its instance, and what their instants must satisfy.
type binding struct {
	of    []instance
	rules []rule
}

type instance struct{ sighting, nth int }

// rule says that the instant of to is at least that of from plus by. Times are scaled, so that
// "more than" is "at least one more". An instance of -1 is the origin of time.
type rule struct {
	from, to, by int
}

const scale = 64 // more than a binding has observations

// naive is the listing, with a bound on its length.
type naive struct {
	sightings []sighting
	steps     int
}

const naiveBudget = 20_000

func (v *naive) bindings(x expr) []binding {
	switch x.op {
	case "letter":
		return v.letter(x.letter)
	case "OR":
		var all []binding
		for _, part := range x.of {
			all = append(all, v.bindings(part)...)
		}
		return all
	case "REPEATS":
		copies := expr{op: "AND"}
		for range x.n {
			copies.of = append(copies.of, x.of[0])
		}
		return v.bindings(copies)
	case "WITHIN", "START":
		var all []binding
		for _, b := range v.bindings(x.of[0]) {
			all = append(all, qualify(b, x))
		}
		return all
	}
	joined := []binding{{}}
	for _, part := range x.of {
		var next []binding
		for _, right := range v.bindings(part) {
			for _, left := range joined {
				if v.steps++; v.steps > naiveBudget {
					return nil
				}
				if b, ok := join(left, right, x.op == "FOLLOWEDBY"); ok {
					next = append(next, b)
				}
			}
		}
		joined = next
	}
	return joined
}

func (v *naive) letter(letter string) []binding {
	var all []binding
	for i, s := range v.sightings {
		if !strings.Contains(s.letters, letter) {
			continue
		}
		for n := range s.count {
			all = append(all, binding{
				of: []instance{{i, n}},
				rules: []rule{
					{-1, 0, s.first * scale},
					{0, -1, -s.last * scale},
				},
			})
		}
	}
	return all
}

func join(left, right binding, inTurn bool) (binding, bool) {
	for _, a := range left.of {
		for _, b := range right.of {
			if a == b {
				return binding{}, false
			}
		}
	}
	n := len(left.of)
	b := binding{of: append(append([]instance{}, left.of...), right.of...)}
	b.rules = append(b.rules, left.rules...)
	shift := func(i int) int {
		if i < 0 {
			return i
		}
		return i + n
	}
	for _, r := range right.rules {
		b.rules = append(b.rules, rule{shift(r.from), shift(r.to), r.by})
	}
	for i := 0; inTurn && i < n; i++ {
		for j := n; j < len(b.of); j++ {
			b.rules = append(b.rules, rule{i, j, 0})
		}
	}
	return b, true
}

func qualify(b binding, x expr) binding {
	out := binding{of: b.of, rules: append([]rule{}, b.rules...)}
	for i := range b.of {
		if x.op == "START" {
			out.rules = append(out.rules, rule{-1, i, x.n * scale}, rule{i, -1, 1 - x.m*scale})
			continue
		}
		for j := range b.of {
			if i != j {
				out.rules = append(out.rules, rule{i, j, 1 - x.n*scale})
			}
		}
	}
	return out
}

// possible reports whether there are instants that satisfy the rules.
func (b binding) possible() bool {
	at := make([]int, len(b.of)+1) // the origin last
	for range len(at) + 1 {
		changed := false
		for _, r := range b.rules {
			from, to := (r.from+len(at))%len(at), (r.to+len(at))%len(at)
			if at[to] < at[from]+r.by {
				at[to], changed = at[from]+r.by, true
			}
		}
		if !changed {
			return true
		}
	}
	return false
}
