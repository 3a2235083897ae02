package match

import (
	"fmt"
	"math"

	"github.com/cabstand/cabstand/stix/pattern"
)

// maxNesting bounds parentheses within each other, which are walked recursively.
const maxNesting = 1000

// plan is an observation expression made ready: what has to be bound, and which instants the
// bound observations must have.
type plan struct {
	kind   planKind
	uses   []use   // of planSlot
	of     []*plan // of the others
	times  int     // of planRepeat
	window window  // of planWithin
	least  int     // how many observations it binds at least
}

type planKind uint8

const (
	planSlot   planKind = iota // one observation that one of uses matches
	planAll                    // each of the parts
	planInTurn                 // each of the parts, none before those to its left
	planEither                 // one of the parts
	planRepeat                 // the one part, several times
	planWithin                 // the one part, within a window of time
)

// use is one expression in brackets with the span of time its qualifiers leave to it.
type use struct {
	leaf int // in Matcher.leaves
	span span
}

// compiler makes a pattern ready.
type compiler struct {
	leaves  []test
	regexps regexps
}

// observation makes an observation expression ready that stands within START and STOP of s.
// These pass down to the expressions in brackets: all that an expression binds must be observed
// in their time (§9.5.1).
func (c *compiler) observation(x pattern.Observation, s span, depth int) (*plan, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("%w: nested deeper than %d levels", ErrTooComplex, maxNesting)
	}
	switch x := x.(type) {
	case *pattern.Observed:
		t, err := c.comparison(x.Test, 0)
		if err != nil {
			return nil, err
		}
		c.leaves = append(c.leaves, t)
		return &plan{uses: []use{{len(c.leaves) - 1, s}}, least: 1}, nil
	case *pattern.Combined:
		return c.combined(x, s, depth)
	case *pattern.Qualified:
		return c.qualified(x, s, depth)
	}
	return nil, fmt.Errorf("%w: no observation expression", ErrNotEvaluable)
}

// qualified leaves out qualifiers that change nothing, because every plan without them can be
// filled with less ado.
func (c *compiler) qualified(x *pattern.Qualified, s span, depth int) (*plan, error) {
	q := &x.Qualifier
	if q.Kind == pattern.StartStop {
		s = s.within(q.Start, q.Stop)
	}
	part, err := c.observation(x.Of, s, depth+1)
	if err != nil {
		return nil, err
	}
	switch {
	case q.Kind == pattern.Repeats && q.Times != 1:
		if q.Times < 1 {
			return nil, fmt.Errorf("at byte %d: %w: REPEATS %d", q.At().Start, ErrNotEvaluable, q.Times)
		}
		least := times(part.least, q.Times)
		return &plan{kind: planRepeat, of: []*plan{part}, times: q.Times, least: least}, nil
	case q.Kind == pattern.Within && part.kind != planSlot: // one observation is within any window
		w := windowOf(q.Seconds)
		return &plan{kind: planWithin, of: []*plan{part}, window: w, least: part.least}, nil
	}
	return part, nil
}

// combined adds up how many observations the parts bind at least: evidence with fewer need not
// be looked at, however often the pattern repeats something.
func (c *compiler) combined(x *pattern.Combined, s span, depth int) (*plan, error) {
	if len(x.Of) == 0 {
		return nil, fmt.Errorf("at byte %d: %w: nothing combined", x.At().Start, ErrNotEvaluable)
	}
	p := &plan{kind: planAll}
	switch x.Op {
	case pattern.EitherObserved:
		p.kind, p.least = planEither, math.MaxInt
	case pattern.FollowedBy:
		p.kind = planInTurn
	}
	for _, part := range x.Of {
		of, err := c.observation(part, s, depth+1)
		if err != nil {
			return nil, err
		}
		p.of = append(p.of, of)
		if p.kind == planEither {
			p.least = min(p.least, of.least)
		} else {
			p.least = plus(p.least, of.least)
		}
	}
	p.mergeSlots()
	return p, nil
}

// mergeSlots makes alternatives of one observation each into one slot, so that choosing among
// them needs no search.
func (p *plan) mergeSlots() {
	if p.kind != planEither {
		return
	}
	var rest []*plan
	var slot *plan
	for _, part := range p.of {
		switch {
		case part.kind != planSlot:
			rest = append(rest, part)
		case slot == nil:
			slot = part
			rest = append(rest, part)
		default:
			slot.uses = append(slot.uses, part.uses...)
		}
	}
	p.of = rest
	if len(rest) == 1 {
		*p = *rest[0]
	}
}

// plus and times stop at the greatest int, which is more than any evidence has.
func plus(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

func times(a, b int) int {
	if a > math.MaxInt/b {
		return math.MaxInt
	}
	return a * b
}
