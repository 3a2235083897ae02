package match

// fault is a temporal operator that filled slots break: an observation that starts at an
// instant, and another that ends too early for it.
type fault struct {
	group int
	turn  int // of FOLLOWEDBY: the one that ends too early stands in this turn or later
	start instant
}

// stretch is what the fillings of one slot have in common: the last start and the first end.
type stretch struct {
	start *instant
	end   *limit
}

// fault returns the first temporal operator that the flow breaks.
func (s *search) fault(flow []int, groups []group) (fault, bool) {
	if len(groups) == 0 {
		return fault{}, false
	}
	filled := s.stretches(flow)
	for i := range groups {
		if f, found := groups[i].fault(filled); found {
			f.group = i
			return f, true
		}
	}
	return fault{}, false
}

// stretches looks at the filled candidates once for all operators.
func (s *search) stretches(flow []int) []stretch {
	filled := make([]stretch, len(s.slots))
	for i := range s.slots {
		slot, f := &s.slots[i], &filled[i]
		for j := range slot.domain.entries {
			if flow[slot.offset+j] == 0 {
				continue
			}
			e := &slot.domain.entries[j]
			if f.start == nil || e.from.compare(f.start) > 0 {
				f.start = &e.from
			}
			if f.end == nil || e.to.compare(f.end) < 0 {
				f.end = &e.to
			}
		}
	}
	return filled
}

func (g *group) fault(filled []stretch) (fault, bool) {
	var start, before *instant // of all slots so far, and of those in earlier turns
	var end *limit
	for i, m := range g.of {
		f := &filled[m.slot]
		if i > 0 && m.turn != g.of[i-1].turn {
			before = start
		}
		if g.window == nil && before != nil && !f.end.admits(before) {
			return fault{turn: m.turn, start: *before}, true
		}
		if start == nil || f.start.compare(start) > 0 {
			start = f.start
		}
		if end == nil || f.end.compare(end) < 0 {
			end = f.end
		}
	}
	if g.window != nil && start != nil && !g.window.spans(&end.at, start) {
		return fault{start: *start}, true
	}
	return fault{}, false
}

// keepLate and keepEarly split the candidates at a fault: in every binding, either the later
// side ends late enough for the start that broke the operator, or the earlier side starts
// before it. Each drops a candidate that the flow had used.
func (s *search) keepLate(ranges []bounds, groups []group, f fault) {
	g := &groups[f.group]
	for _, m := range g.of {
		if g.window == nil && m.turn < f.turn {
			continue
		}
		ranges[m.slot].keepEnds(s.slots[m.slot].domain, func(to *limit) bool {
			if g.window != nil {
				return g.window.spans(&to.at, &f.start)
			}
			return to.admits(&f.start)
		})
	}
}

func (s *search) keepEarly(ranges []bounds, groups []group, f fault) {
	g := &groups[f.group]
	for _, m := range g.of {
		if g.window == nil && m.turn >= f.turn {
			continue
		}
		ranges[m.slot].keepStarts(s.slots[m.slot].domain, func(from *instant) bool {
			return from.compare(&f.start) < 0
		})
	}
}
