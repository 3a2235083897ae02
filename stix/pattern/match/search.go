package match

import "slices"

// What a search keeps or clears counts as so many candidates, so that the budget bounds memory
// as well and takes about the same time however it is spent.
const (
	objectCost = 32
	fillCost   = 200
)

// search looks for a binding: for every slot, observations that match it, none bound more often
// than it was observed, at instants that satisfy every temporal operator.
//
// First the alternatives are decided one after another, while the slots that are known so far
// can still be filled. Then filling is a flow problem, and the temporal operators compare two
// bound observations at a time: that each pair can be satisfied is enough for all of them to be
// so at once, since each operator compares everything on its one side with everything on its
// other. Where the flow breaks one of them, the search goes on with two smaller sets of
// candidates that between them hold every binding.
type search struct {
	matcher  *Matcher
	evidence *Evidence
	domains  map[*plan]*domain // of slots

	slots   []slot
	entries int // the candidates of all slots
	choices []choice
	scopes  int // temporal operators placed so far

	work  work
	bound []bool // by observation, once found
}

// slot is a place for need observations, of the candidates of a domain.
type slot struct {
	need   int
	domain *domain
	within *scope
	offset int // of its candidates among those of all slots
}

// scope is a place within a temporal operator, and its operator within another.
type scope struct {
	outer  *scope
	id     int
	turn   int     // the place among the parts of FOLLOWEDBY
	window *window // of WITHIN, else nil
}

// choice is an alternative to be decided: times bindings are to be made from the parts.
type choice struct {
	of     []*plan
	times  int
	within *scope
}

func newSearch(m *Matcher, e *Evidence) *search {
	return &search{
		matcher: m, evidence: e, domains: map[*plan]*domain{}, work: work{most: m.most},
	}
}

func (s *search) run() (Result, error) {
	s.place(s.matcher.root, 1, nil)
	found := s.decide()
	switch {
	case found:
		return Result{Matched: true, Bound: s.identifiers()}, nil
	case s.exhausted():
		return Result{}, ErrTooComplex
	}
	return Result{}, nil
}

func (s *search) identifiers() []string {
	var ids []string
	for i, bound := range s.bound {
		if bound {
			ids = append(ids, s.evidence.sights[i].id)
		}
	}
	return ids
}

// spend charges so many candidates that were looked at.
func (s *search) spend(candidates int) { s.work.spend(searchSteps * candidates) }
func (s *search) exhausted() bool      { return s.work.exhausted() }

// place adds the slots and choices of a plan that is to be bound n times. Repetitions of what
// has no temporal operator inside are one slot with a larger need; others are copies.
func (s *search) place(p *plan, n int, within *scope) {
	if s.spend(objectCost); s.exhausted() {
		return
	}
	switch p.kind {
	case planSlot:
		s.addSlot(p, n, within)
	case planAll:
		for _, part := range p.of {
			s.place(part, n, within)
		}
	case planRepeat:
		s.place(p.of[0], times(n, p.times), within)
	case planEither:
		s.choices = append(s.choices, choice{p.of, n, within})
	case planWithin:
		for ; n > 0 && !s.exhausted(); n-- {
			s.scopes++
			s.place(p.of[0], 1, &scope{outer: within, id: s.scopes, window: &p.window})
		}
	case planInTurn:
		for ; n > 0 && !s.exhausted(); n-- {
			s.scopes++
			id := s.scopes
			for turn, part := range p.of {
				s.place(part, 1, &scope{outer: within, id: id, turn: turn})
			}
		}
	}
}

// addSlot shares the candidates of a plan among its copies. Only slots within a temporal operator
// need them in order.
func (s *search) addSlot(p *plan, n int, within *scope) {
	d, known := s.domains[p]
	if !known {
		d = s.candidates(p)
		s.domains[p] = d
	}
	if within != nil {
		d.sort()
	}
	s.slots = append(s.slots, slot{n, d, within, s.entries})
	s.entries += len(d.entries)
	s.spend(objectCost * len(d.entries))
}

// decide tries the alternatives of the last choice, in their order, and fills the slots once
// no choice is left.
func (s *search) decide() bool {
	last := len(s.choices) - 1
	if last < 0 {
		return s.solve(s.allRanges())
	}
	if s.exhausted() || !s.fillable() {
		return false
	}
	c := s.choices[last]
	slots, entries, scopes := len(s.slots), s.entries, s.scopes
	least := 0
	if len(c.of) == 1 {
		least = c.times
	}
	// Bindings of one choice are interchangeable, so that only their number is decided.
	for n := c.times; n >= least && !s.exhausted(); n-- {
		s.choices = s.choices[:last]
		if n < c.times {
			s.choices = append(s.choices, choice{c.of[1:], c.times - n, c.within})
		}
		if n > 0 {
			s.place(c.of[0], n, c.within)
		}
		if s.decide() {
			return true
		}
		s.slots, s.entries, s.scopes = s.slots[:slots], entries, scopes
	}
	s.choices = append(s.choices[:last], c)
	return false
}

// fillable reports whether the slots so far can be filled when time is disregarded.
func (s *search) fillable() bool {
	_, ok := s.fill(s.allRanges())
	return ok
}

// solve fills the slots from what ranges leaves of their candidates.
func (s *search) solve(ranges []bounds) bool {
	s.spend(1 + len(s.slots))
	if s.exhausted() {
		return false
	}
	members := s.members()
	if !s.narrow(ranges, members) {
		return false
	}
	flow, ok := s.fill(ranges)
	if !ok {
		return false
	}
	fault, found := s.fault(flow, members)
	if !found {
		s.record(flow)
		return true
	}
	later := slices.Clone(ranges)
	s.keepLate(later, members, fault)
	if s.solve(later) {
		return true
	}
	s.keepEarly(ranges, members, fault)
	return s.solve(ranges)
}

// record keeps what was bound, and not how often: nobody could tell one observation of an
// observed-data object from another.
func (s *search) record(flow []int) {
	s.bound = make([]bool, len(s.evidence.sights))
	for i := range s.slots {
		slot := &s.slots[i]
		for j, e := range slot.domain.entries {
			if flow[slot.offset+j] > 0 {
				s.bound[e.sight] = true
			}
		}
	}
}
