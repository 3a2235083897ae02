package match

import "slices"

// domain is the candidates of a slot.
type domain struct {
	entries []entry
	byEnd   []int32 // entries by rising end, once sorted; entries themselves rise by start then
	rank    []int32 // the place of an entry in byEnd
}

// entry is an observed-data object that matches a slot, with the stretch of time in which it
// can have been observed.
type entry struct {
	sight int
	count int // how often it can be bound
	from  instant
	to    limit
}

// candidates tries every observation. One that is a candidate already is not tried again with
// the same span, which could only give it the same time; an alternative may have thousands of
// expressions.
func (s *search) candidates(p *plan) *domain {
	d := &domain{}
	alike := sameSpans(p.uses)
	for i := range s.evidence.sights {
		sight := &s.evidence.sights[i]
		known := false
		for u, use := range p.uses {
			if s.exhausted() {
				return d
			}
			s.spend(1)
			if !use.span.overlaps(sight) || known && u < alike {
				continue
			}
			if sight.shows(&s.work, &s.matcher.leaves[use.leaf]) {
				from, to := use.span.clip(sight)
				d.entries = append(d.entries, entry{i, sight.count, *from, *to})
				s.spend(objectCost)
				known = true
			}
		}
	}
	return d
}

// sameSpans returns how many uses in a row have the span of the first.
func sameSpans(uses []use) int {
	n := 1
	for n < len(uses) && uses[n].span == uses[0].span {
		n++
	}
	return n
}

// sort brings the candidates into the order that bounds need.
func (d *domain) sort() {
	if d.byEnd != nil || len(d.entries) == 0 {
		return
	}
	slices.SortStableFunc(d.entries, func(a, b entry) int { return a.from.compare(&b.from) })
	d.byEnd = make([]int32, len(d.entries))
	for i := range d.byEnd {
		d.byEnd[i] = int32(i)
	}
	slices.SortStableFunc(d.byEnd, func(a, b int32) int {
		return d.entries[a].to.compare(&d.entries[b].to)
	})
	d.rank = make([]int32, len(d.entries))
	for place, i := range d.byEnd {
		d.rank[i] = int32(place)
	}
}

// bounds is what is left of the candidates of a slot: those that start before some instant and
// end after some other. All four only ever move inward.
type bounds struct {
	stop     int // entries from here on start too late
	endsFrom int // places of byEnd before this end too early
	first    int // no entry before this is left
	last     int // no place of byEnd from here on is left
}

func (s *search) allRanges() []bounds {
	ranges := make([]bounds, len(s.slots))
	for i := range s.slots {
		n := len(s.slots[i].domain.entries)
		ranges[i] = bounds{stop: n, last: n}
	}
	return ranges
}

// has reports whether the i-th entry is left. Candidates that were not sorted have no bounds.
func (b *bounds) has(d *domain, i int) bool {
	return i < b.stop && (d.rank == nil || int(d.rank[i]) >= b.endsFrom)
}

// earliest returns the least instant that so many bindings among the entries that are left
// start by, or nil when there are not that many, and how many entries it looked at.
func (b *bounds) earliest(d *domain, need int) (*instant, int) {
	for b.first < b.stop && !b.has(d, b.first) {
		b.first++
	}
	for i := b.first; i < b.stop; i++ {
		if !b.has(d, i) {
			continue
		}
		if need -= d.entries[i].count; need <= 0 {
			return &d.entries[i].from, i - b.first
		}
	}
	return nil, b.stop - b.first
}

// latest is the mirror image of earliest: the greatest instant that so many end at or after.
func (b *bounds) latest(d *domain, need int) (*limit, int) {
	for b.last > b.endsFrom && int(d.byEnd[b.last-1]) >= b.stop {
		b.last--
	}
	for place := b.last - 1; place >= b.endsFrom; place-- {
		e := &d.entries[d.byEnd[place]]
		if int(d.byEnd[place]) >= b.stop {
			continue
		}
		if need -= e.count; need <= 0 {
			return &e.to, b.last - place
		}
	}
	return nil, b.last - b.endsFrom
}

// keepEnds drops the entries whose end does not pass, and says whether there were any. Ends
// that pass must be the greater ones.
func (b *bounds) keepEnds(d *domain, passes func(*limit) bool) bool {
	before := b.endsFrom
	for b.endsFrom < len(d.byEnd) && !passes(&d.entries[d.byEnd[b.endsFrom]].to) {
		b.endsFrom++
	}
	return b.endsFrom > before
}

// keepStarts drops the entries whose start does not pass, and says whether there were any.
// Starts that pass must be the lesser ones.
func (b *bounds) keepStarts(d *domain, passes func(*instant) bool) bool {
	before := b.stop
	for b.stop > 0 && !passes(&d.entries[b.stop-1].from) {
		b.stop--
	}
	return b.stop < before
}
