package match

import (
	"cmp"
	"slices"
)

// group is the slots within one temporal operator.
type group struct {
	window *window // of WITHIN, else nil
	of     []groupSlot
}

type groupSlot struct {
	slot, turn int
}

// members returns the slots of each temporal operator, those of FOLLOWEDBY in turn.
func (s *search) members() []group {
	groups := make([]group, s.scopes)
	for i := range s.slots {
		for in := s.slots[i].within; in != nil; in = in.outer {
			g := &groups[in.id-1]
			g.window = in.window
			g.of = append(g.of, groupSlot{i, in.turn})
		}
	}
	for _, g := range groups {
		s.spend(len(g.of))
		slices.SortStableFunc(g.of, func(a, b groupSlot) int { return cmp.Compare(a.turn, b.turn) })
	}
	return groups
}

// narrow drops candidates that no binding can hold: whatever a slot is filled with, it is not
// earlier than the earliest of its candidates and not later than the latest. It reports
// whether every slot still has one.
func (s *search) narrow(ranges []bounds, groups []group) bool {
	for changed := true; changed && !s.exhausted(); {
		changed = false
		for i := range groups {
			g := &groups[i]
			s.spend(len(g.of))
			start, end := s.startOf(ranges, g.of), s.endOf(ranges, g.of)
			switch {
			case len(g.of) == 0:
				continue
			case start == nil || end == nil:
				return false
			case g.window != nil:
				changed = s.narrowWindow(ranges, g, start, end) || changed
			default:
				changed = s.narrowTurns(ranges, g) || changed
			}
		}
	}
	return true
}

// startOf returns an instant that no binding of all these slots can start its last observation
// before, or nil when a slot has not enough candidates.
func (s *search) startOf(ranges []bounds, slots []groupSlot) *instant {
	var start *instant
	for _, m := range slots {
		at := s.earliest(ranges, m.slot)
		if at == nil {
			return nil
		}
		if start == nil || at.compare(start) > 0 {
			start = at
		}
	}
	return start
}

// endOf returns the mirror image of startOf.
func (s *search) endOf(ranges []bounds, slots []groupSlot) *limit {
	var end *limit
	for _, m := range slots {
		at := s.latest(ranges, m.slot)
		if at == nil {
			return nil
		}
		if end == nil || at.compare(end) < 0 {
			end = at
		}
	}
	return end
}

func (s *search) earliest(ranges []bounds, slot int) *instant {
	at, steps := ranges[slot].earliest(s.slots[slot].domain, s.slots[slot].need)
	s.spend(steps)
	return at
}

func (s *search) latest(ranges []bounds, slot int) *limit {
	at, steps := ranges[slot].latest(s.slots[slot].domain, s.slots[slot].need)
	s.spend(steps)
	return at
}

func (s *search) narrowWindow(ranges []bounds, g *group, start *instant, end *limit) bool {
	changed := false
	for _, m := range g.of {
		b, d := &ranges[m.slot], s.slots[m.slot].domain
		late := b.keepEnds(d, func(to *limit) bool { return g.window.spans(&to.at, start) })
		early := b.keepStarts(d, func(from *instant) bool { return g.window.spans(&end.at, from) })
		changed = changed || late || early
	}
	return changed
}

// narrowTurns goes through the turns forward, with the earliest instant that those before can
// end at, and backward, with the latest that those behind can start at.
func (s *search) narrowTurns(ranges []bounds, g *group) bool {
	changed := false
	var start, ofTurn *instant
	for i, m := range g.of {
		if i > 0 && m.turn != g.of[i-1].turn {
			start = ofTurn
		}
		b, d := &ranges[m.slot], s.slots[m.slot].domain
		if start != nil {
			changed = b.keepEnds(d, func(to *limit) bool { return to.admits(start) }) || changed
		}
		at := s.earliest(ranges, m.slot)
		if ofTurn == nil || at != nil && at.compare(ofTurn) > 0 {
			ofTurn = at
		}
	}
	return s.narrowBack(ranges, g) || changed
}

func (s *search) narrowBack(ranges []bounds, g *group) bool {
	changed := false
	var end, ofTurn *limit
	for i := len(g.of) - 1; i >= 0; i-- {
		m := g.of[i]
		if i+1 < len(g.of) && m.turn != g.of[i+1].turn {
			end = ofTurn
		}
		b, d := &ranges[m.slot], s.slots[m.slot].domain
		if end != nil {
			changed = b.keepStarts(d, func(from *instant) bool { return end.admits(from) }) || changed
		}
		at := s.latest(ranges, m.slot)
		if ofTurn == nil || at != nil && at.compare(ofTurn) < 0 {
			ofTurn = at
		}
	}
	return changed
}
