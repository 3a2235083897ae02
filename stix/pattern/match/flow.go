package match

// filling is a flow from slots to observations: how often each candidate of each slot is
// bound. Time plays no part in it but for which candidates are left.
type filling struct {
	search *search
	ranges []bounds
	flow   []int // by candidate of all slots
	spare  []int // by observation: how often it can still be bound
	turns  []turnSoFar

	// For paths that move bindings from one observation to another, made when first needed.
	holders [][]int // by observation: its candidates
	slotOf  []int   // by candidate
}

// fill binds every slot as often as it needs, or reports that this cannot be.
func (s *search) fill(ranges []bounds) ([]int, bool) {
	f := filling{search: s, ranges: ranges, flow: make([]int, s.entries)}
	f.spare = make([]int, len(s.evidence.sights))
	for i := range f.spare {
		f.spare[i] = s.evidence.sights[i].count
	}
	s.spend(fillCost + len(f.spare) + s.entries/objectCost)
	f.turns = make([]turnSoFar, s.scopes)
	want := make([]int, len(s.slots))
	for i := range s.slots {
		if want[i] = s.slots[i].need; !f.possible(i) {
			return nil, false
		}
		want[i] = f.take(i, want[i], f.floor(i))
		want[i] = f.take(i, want[i], nil)
	}
	for i := range want {
		for want[i] > 0 {
			moved := f.move(i, want[i])
			if moved == 0 || s.exhausted() {
				return nil, false
			}
			want[i] -= moved
		}
	}
	return f.flow, true
}

// possible reports whether a slot could be filled if it were alone.
func (f *filling) possible(i int) bool {
	slot, b := &f.search.slots[i], &f.ranges[i]
	need := slot.need
	for j := 0; j < b.stop && need > 0; j++ {
		f.search.spend(1)
		if b.has(slot.domain, j) {
			need -= slot.domain.entries[j].count
		}
	}
	return need <= 0
}

// take binds what is free, the earliest first, and returns how much the slot still needs. With
// a floor it passes over what ends before it.
func (f *filling) take(i, want int, floor *instant) int {
	slot, b := &f.search.slots[i], &f.ranges[i]
	for j := 0; j < b.stop && want > 0; j++ {
		f.search.spend(1)
		e := &slot.domain.entries[j]
		if f.spare[e.sight] == 0 || !b.has(slot.domain, j) || floor != nil && !e.to.admits(floor) {
			continue
		}
		got := min(want, f.spare[e.sight])
		f.flow[slot.offset+j] += got
		f.spare[e.sight] -= got
		want -= got
		for in := slot.within; in != nil; in = in.outer {
			f.turns[in.id-1].add(in.turn, &e.from)
		}
	}
	return want
}

// turnSoFar is the last start of what is bound in a FOLLOWEDBY: up to now, and before this turn.
type turnSoFar struct {
	turn          int
	start, before *instant
}

func (t *turnSoFar) add(turn int, start *instant) {
	if turn > t.turn {
		t.turn, t.before = turn, t.start
	}
	if t.start == nil || start.compare(t.start) > 0 {
		t.start = start
	}
}

// floor returns an instant that the bindings of a slot should not end before, or nil. A first
// guess that heeds it breaks few operators; whether it breaks none is seen to afterwards.
func (f *filling) floor(i int) *instant {
	var floor *instant
	for in := f.search.slots[i].within; in != nil; in = in.outer {
		t := &f.turns[in.id-1]
		before := t.before
		if in.turn > t.turn {
			before = t.start
		}
		if before != nil && (floor == nil || before.compare(floor) > 0) {
			floor = before
		}
	}
	return floor
}

// move frees an observation for a slot along the shortest path on which other slots change to
// observations of their own (a breadth-first search, so that the number of moves stays
// polynomial), and returns how much was moved, at most want.
func (f *filling) move(slot, want int) int {
	f.prepare()
	s := f.search
	reached := make([]int, len(f.spare)) // by observation: the candidate that led there, plus one
	entered := make([]int, len(s.slots)) // by slot: the candidate that gave way, plus one
	s.spend((len(reached) + len(entered)) / objectCost)
	entered[slot] = -1
	queue := []int{slot}
	for len(queue) > 0 && !s.exhausted() {
		at := queue[0]
		queue = queue[1:]
		d := s.slots[at].domain
		s.spend(f.ranges[at].stop)
		for j := range f.ranges[at].stop {
			sight := d.entries[j].sight
			if reached[sight] != 0 || !f.ranges[at].has(d, j) {
				continue
			}
			reached[sight] = s.slots[at].offset + j + 1
			if f.spare[sight] > 0 {
				return f.shift(sight, want, reached, entered)
			}
			queue = f.enqueue(queue, sight, entered)
		}
	}
	return 0
}

// enqueue adds the slots that hold an observation and have not been seen.
func (f *filling) enqueue(queue []int, sight int, entered []int) []int {
	f.search.spend(len(f.holders[sight]))
	for _, candidate := range f.holders[sight] {
		holder := f.slotOf[candidate]
		if f.flow[candidate] > 0 && entered[holder] == 0 {
			entered[holder] = candidate + 1
			queue = append(queue, holder)
		}
	}
	return queue
}

// shift moves along the path that ends at an observation with something to spare.
func (f *filling) shift(sight, want int, reached, entered []int) int {
	amount := min(want, f.spare[sight])
	for at := reached[sight] - 1; ; {
		from := entered[f.slotOf[at]]
		if from == -1 {
			break
		}
		amount = min(amount, f.flow[from-1])
		at = reached[f.sightOf(from-1)] - 1
	}
	f.spare[sight] -= amount
	for at := reached[sight] - 1; ; {
		f.flow[at] += amount
		from := entered[f.slotOf[at]]
		if from == -1 {
			return amount
		}
		f.flow[from-1] -= amount
		at = reached[f.sightOf(from-1)] - 1
	}
}

func (f *filling) sightOf(candidate int) int {
	slot := &f.search.slots[f.slotOf[candidate]]
	return slot.domain.entries[candidate-slot.offset].sight
}

// prepare lists who holds what. Most flows come about without it.
func (f *filling) prepare() {
	if f.slotOf != nil {
		return
	}
	s := f.search
	f.holders, f.slotOf = make([][]int, len(f.spare)), make([]int, s.entries)
	s.spend(s.entries)
	for i := range s.slots {
		slot := &s.slots[i]
		for j := range slot.domain.entries {
			sight := slot.domain.entries[j].sight
			f.holders[sight] = append(f.holders[sight], slot.offset+j)
			f.slotOf[slot.offset+j] = i
		}
	}
}
