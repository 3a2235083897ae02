package pattern

// typeSet is the object types of which an object can be to satisfy a comparison. One type,
// the usual case, needs no map.
type typeSet struct {
	one  string
	many map[string]struct{}
}

// types checks that some object can satisfy the operands of each AND: in one pair of brackets
// they speak of the same object (§9.6), which has one type.
func (c *checker) types(x Comparison) typeSet {
	switch x := x.(type) {
	case *Compared:
		return typeSet{one: x.Path.Type}
	case *Existing:
		return typeSet{one: x.Path.Type}
	case *Joined:
		all := c.types(x.Of[0])
		for _, of := range x.Of[1:] {
			next := c.types(of)
			if !x.All {
				all = all.union(next)
				continue
			}
			common, some := all.intersection(next)
			if !some {
				c.should(of.At().Start, "no object is of this type and of that before AND")
				return all
			}
			all = common
		}
		return all
	}
	return typeSet{}
}

func (s typeSet) size() int { return max(1, len(s.many)) }

func (s typeSet) has(typ string) bool {
	if s.many == nil {
		return s.one == typ
	}
	_, ok := s.many[typ]
	return ok
}

// each calls f with every type, in no order.
func (s typeSet) each(f func(typ string)) {
	if s.many == nil {
		f(s.one)
	}
	for typ := range s.many {
		f(typ)
	}
}

// union may change both sets, and takes time by the size of the smaller.
func (s typeSet) union(t typeSet) typeSet {
	if s.size() < t.size() {
		s, t = t, s
	}
	if t.many == nil && s.has(t.one) {
		return s
	}
	if s.many == nil {
		s.many = map[string]struct{}{s.one: {}}
	}
	t.each(func(typ string) { s.many[typ] = struct{}{} })
	return s
}

// intersection reports whether there are common types. It takes time by the size of the
// smaller set, so that a chain of AND takes linear time.
func (s typeSet) intersection(t typeSet) (common typeSet, some bool) {
	if s.size() < t.size() {
		s, t = t, s
	}
	t.each(func(typ string) {
		switch {
		case !s.has(typ):
		case !some:
			common, some = typeSet{one: typ}, true
		default:
			common = common.union(typeSet{one: typ})
		}
	})
	return common, some
}
