package match

import "github.com/cabstand/cabstand/stix/pattern"

// set is the constants of IN. Strings and integers are looked up, since exports write sets of
// thousands; only where types mix, one constant after the other is tried.
type set struct {
	all, others []*constant // others are neither strings nor integers
	texts       map[string]bool
	integers    map[int64]bool
}

// oneOf returns the comparison of IN, which holds for no value when there are no constants.
func oneOf(constants []pattern.Literal) comparer {
	s := set{texts: map[string]bool{}, integers: map[int64]bool{}}
	for i := range constants {
		c := newConstant(&constants[i])
		s.all = append(s.all, c)
		switch c.kind {
		case pattern.String:
			s.texts[c.text] = true
		case pattern.Integer:
			s.integers[c.integer] = true
		default:
			s.others = append(s.others, c)
		}
	}
	return s.has
}

func (s *set) has(w *work, v *value) bool {
	switch v.kind {
	case aText:
		return s.texts[v.text] || tryAll(w, s.others, v)
	case anInteger:
		return s.integers[v.integer()] || tryAll(w, s.others, v)
	}
	return tryAll(w, s.all, v)
}

func tryAll(w *work, constants []*constant, v *value) bool {
	if !w.affords(len(constants) * (1 + len(v.text)/bytesPerStep)) {
		return false
	}
	for _, c := range constants {
		if c.equals(w, v) {
			return true
		}
	}
	return false
}
