package mongostore

import (
	"context"
	"slices"

	"github.com/cabstand/cabstand/store"
)

// plan is additions as they are to be made to a certain record.
type plan struct {
	base, next  record
	fresh       []*item
	relabelings []relabeling
}

// plan finds out what is new and what becomes of the rest.
func (s *Store) plan(ctx context.Context, base record, all additions) (plan, error) {
	p := plan{base: base, next: s.follow(base)}
	found, err := s.concerned(ctx, base, all)
	if err != nil {
		return plan{}, err
	}
	now := int64(store.PositionAt(s.opts.Now()))
	for _, a := range all {
		p.placeAll(found, a, now)
	}
	if len(p.fresh) == 0 {
		return p, nil
	}
	if err := superseding(ctx, s.seen(base), base, found, (*object).superseded); err != nil {
		return plan{}, err
	}
	p.label(found)
	return p, nil
}

// label finds out the labels of what is added, and what becomes of those that are stored.
func (p *plan) label(found objects) {
	sets := p.base.recount()
	for _, o := range found {
		p.relabelings = append(p.relabelings, o.arrangeAdded(sets)...)
	}
	sets.count(p.relabelings)
	p.next.Sets = sets.counts
	if len(p.relabelings) > 0 {
		p.next.Todo = &todo{
			Relabel: &[2]int64{p.base.Last + 1, p.next.Last},
			Moves:   slices.ContainsFunc(p.relabelings, relabeling.moves),
		}
	}
}

// placeAll gives the new items of one addition their positions. The last one ends a
// millisecond.
func (p *plan) placeAll(found objects, a *addition, now int64) {
	before := len(p.fresh)
	for _, it := range a.items {
		p.decide(found.get(it.id), it, now)
	}
	if len(p.fresh) == before {
		return
	}
	if newest := p.fresh[len(p.fresh)-1]; !newest.kept {
		newest.position = store.BatchEnd(newest.position)
		p.next.End = newest.position
	}
}

// decide finds out what becomes of one item: it is there already, or it comes at the end.
func (p *plan) decide(o *object, it *item, now int64) {
	it.same, it.stored = o.planned(it.spec, it.at), o.find(it.spec, it.at)
	if it.same != nil || it.stored != nil {
		return
	}
	if it.kept {
		it.position = max(p.next.End+1, it.date)
	} else {
		it.position = store.PositionAfter(p.next.End, now)
	}
	it.mark = p.next.number(it.marks)
	if !o.has(it.spec) {
		p.next.Objects++
	}
	o.add(it)
	p.fresh = append(p.fresh, it)
	p.next.End = it.position
	p.next.Last++
	p.next.Entries++
	p.next.Bytes += int64(len(it.raw))
}
