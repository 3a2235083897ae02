package match

import (
	"fmt"
	"math"

	"github.com/cabstand/cabstand/stix/pattern"
)

// test is a comparison expression made ready.
type test struct {
	kind testKind
	of   []test // of allHold and anyHolds

	typ     string
	path    objectPath
	not     bool
	compare comparer
}

// comparer says whether a value at the end of a path compares true; an operator and its
// constants make it. What it says means nothing once the budget is used up.
type comparer func(*work, *value) bool

type testKind uint8

const (
	allHold testKind = iota
	anyHolds
	compares
	exists
)

// testSteps is what looking at one expression costs, apart from its path and its values.
const testSteps = 4

// holds reports whether the expression holds for the object at from. All its paths start
// there, and a path of another object type leads nowhere.
func (t *test) holds(w *work, s *sight, from *root) bool {
	w.spend(testSteps)
	switch t.kind {
	case allHold, anyHolds:
		for i := range t.of {
			if t.of[i].holds(w, s, from) == (t.kind == anyHolds) {
				return t.kind == anyHolds
			}
		}
		return t.kind == allHold
	}
	if t.typ != from.typ {
		return false
	}
	var room [8]*value
	found := t.path.reach(w, s, from.value, room[:0])
	if t.kind == exists {
		return len(found) > 0 != t.not
	}
	return t.any(w, found)
}

// any reports whether one of the values compares true, or with NOT, whether none does. Without
// a value that can be read it is false either way (§9.6).
func (t *test) any(w *work, found []*value) bool {
	read := false
	for _, v := range found {
		if !w.affords(testSteps + len(v.text)/bytesPerStep) {
			return false
		}
		if t.path.code != plain && v.kind == aText {
			if v = t.path.code.decode(w, v.text); v == nil {
				continue
			}
		}
		if t.compare(w, v) {
			return !t.not
		}
		read = true
	}
	return read && t.not
}

// comparison makes a comparison expression ready.
func (c *compiler) comparison(x pattern.Comparison, depth int) (test, error) {
	if depth > maxNesting {
		return test{}, fmt.Errorf("%w: nested deeper than %d levels", ErrTooComplex, maxNesting)
	}
	switch x := x.(type) {
	case *pattern.Joined:
		return c.joined(x, depth)
	case *pattern.Existing:
		return test{kind: exists, typ: x.Path.Type, path: newPath(&x.Path, true), not: x.Not}, nil
	case *pattern.Compared:
		compare, err := c.operator(x)
		if err != nil {
			return test{}, fmt.Errorf("at byte %d: %w", x.Start, err)
		}
		t := test{kind: compares, typ: x.Path.Type, path: newPath(&x.Path, false), not: x.Not}
		t.compare = compare
		return t, nil
	}
	return test{}, fmt.Errorf("%w: no comparison expression", ErrNotEvaluable)
}

// joined keeps a chain as one node, so that a long one is not deep.
func (c *compiler) joined(x *pattern.Joined, depth int) (test, error) {
	if len(x.Of) == 0 {
		return test{}, fmt.Errorf("at byte %d: %w: nothing joined", x.Start, ErrNotEvaluable)
	}
	t := test{kind: anyHolds, of: make([]test, len(x.Of))}
	if x.All {
		t.kind = allHold
	}
	for i, part := range x.Of {
		var err error
		if t.of[i], err = c.comparison(part, depth+1); err != nil {
			return test{}, err
		}
	}
	return t, nil
}

// operator returns the function that compares a value with the constants of x.
func (c *compiler) operator(x *pattern.Compared) (comparer, error) {
	for i := range x.Values {
		if f := x.Values[i].Float; math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("%w: a number that is not finite", ErrNotEvaluable)
		}
	}
	if x.Op == pattern.In {
		return oneOf(x.Values), nil
	}
	if len(x.Values) == 0 {
		return nil, fmt.Errorf("%w: no constant", ErrNotEvaluable)
	}
	constant := newConstant(&x.Values[0])
	switch x.Op {
	case pattern.Equal:
		return constant.equals, nil
	case pattern.NotEqual:
		return func(w *work, v *value) bool { return !constant.equals(w, v) }, nil
	case pattern.Less:
		return constant.ordered(func(c int) bool { return c < 0 }), nil
	case pattern.LessOrEqual:
		return constant.ordered(func(c int) bool { return c <= 0 }), nil
	case pattern.Greater:
		return constant.ordered(func(c int) bool { return c > 0 }), nil
	case pattern.GreaterOrEqual:
		return constant.ordered(func(c int) bool { return c >= 0 }), nil
	}
	if constant.kind != pattern.String {
		return nil, fmt.Errorf("%w: the operator compares with a string", ErrNotEvaluable)
	}
	switch x.Op {
	case pattern.Like:
		return like(constant.text), nil
	case pattern.Matches:
		return c.matches(constant.text)
	case pattern.IsSubset, pattern.IsSuperset:
		return subset(constant.text, x.Op == pattern.IsSuperset)
	}
	return nil, fmt.Errorf("%w: unknown operator", ErrNotEvaluable)
}
