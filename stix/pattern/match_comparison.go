package pattern

import (
	"fmt"
	"math"
)

// test is a comparison expression made ready.
type test struct {
	kind testKind
	of   []test // of allHold and anyHolds

	typ  string
	path objectPath
	not  bool
	// compare says whether a value at the end of the path compares true; an operator and its
	// constants make it.
	compare func(*value) bool
}

type testKind uint8

const (
	allHold testKind = iota
	anyHolds
	compares
	exists
)

// holds reports whether the expression holds for the object at from. All its paths start
// there, and a path of another object type leads nowhere.
func (t *test) holds(s *sight, from *root) bool {
	switch t.kind {
	case allHold, anyHolds:
		for i := range t.of {
			if t.of[i].holds(s, from) == (t.kind == anyHolds) {
				return t.kind == anyHolds
			}
		}
		return t.kind == allHold
	}
	if t.typ != from.typ {
		return false
	}
	var room [8]*value
	found := t.path.reach(s, from.value, room[:0])
	if t.kind == exists {
		return len(found) > 0 != t.not
	}
	return t.any(found)
}

// any reports whether one of the values compares true, or with NOT, whether none does. Without
// a value that can be read it is false either way (§9.6).
func (t *test) any(found []*value) bool {
	read := false
	for _, v := range found {
		if v.kind == unreadable {
			continue
		}
		if t.compare(v) {
			return !t.not
		}
		read = true
	}
	return read && t.not
}

// comparison makes a comparison expression ready.
func (c *compiler) comparison(x Comparison, depth int) (test, error) {
	if depth > maxNesting {
		return test{}, fmt.Errorf("%w: nested deeper than %d levels", ErrTooComplex, maxNesting)
	}
	switch x := x.(type) {
	case *Joined:
		return c.joined(x, depth)
	case *Existing:
		return test{kind: exists, typ: x.Path.Type, path: newPath(&x.Path, true), not: x.Not}, nil
	case *Compared:
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
func (c *compiler) joined(x *Joined, depth int) (test, error) {
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
func (c *compiler) operator(x *Compared) (func(*value) bool, error) {
	if len(x.Values) == 0 {
		return nil, fmt.Errorf("%w: no constant", ErrNotEvaluable)
	}
	for i := range x.Values {
		if f := x.Values[i].Float; math.IsNaN(f) || math.IsInf(f, 0) {
			return nil, fmt.Errorf("%w: a number that is not finite", ErrNotEvaluable)
		}
	}
	constant := newConstant(&x.Values[0])
	switch x.Op {
	case Equal:
		return constant.equals, nil
	case NotEqual:
		return func(v *value) bool { return !constant.equals(v) }, nil
	case Less:
		return constant.ordered(func(c int) bool { return c < 0 }), nil
	case LessOrEqual:
		return constant.ordered(func(c int) bool { return c <= 0 }), nil
	case Greater:
		return constant.ordered(func(c int) bool { return c > 0 }), nil
	case GreaterOrEqual:
		return constant.ordered(func(c int) bool { return c >= 0 }), nil
	case In:
		return oneOf(x.Values), nil
	}
	if constant.kind != String {
		return nil, fmt.Errorf("%w: the operator compares with a string", ErrNotEvaluable)
	}
	switch x.Op {
	case Like:
		return like(constant.text), nil
	case Matches:
		return matches(constant.text, &c.regexps)
	case IsSubset, IsSuperset:
		return subset(constant.text, x.Op == IsSuperset)
	}
	return nil, fmt.Errorf("%w: unknown operator", ErrNotEvaluable)
}
