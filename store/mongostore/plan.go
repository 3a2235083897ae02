package mongostore

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

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
	if err := superseding(ctx, s.seen(base), base, found); err != nil {
		return plan{}, err
	}
	if p.relabelings = found.arrange(); len(p.relabelings) > 0 {
		p.next.Todo = &todo{Relabel: &[2]int64{p.base.Last + 1, p.next.Last}}
	}
	return p, nil
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

// concerned returns the stored versions that items have to do with: the first and last ones of
// their objects, and those of the same instants.
func (s *Store) concerned(ctx context.Context, r record, all additions) (objects, error) {
	found := objects{}
	labels := slices.Clone(edgeLabels[:])
	var ids []string
	for _, a := range all {
		for _, it := range a.items {
			if found[it.id] == nil {
				ids = append(ids, it.id)
				found.get(it.id)
			}
			if !it.at.IsZero() { // an entry without a version is the first one of its object
				labels = append(labels, classOf(it.spec)+choiceExact+instantText(it.at))
			}
		}
	}
	slices.Sort(labels)
	list, err := find(ctx, s.seen(r),
		bson.D{within("i", ids), within("k", slices.Compact(labels)), r.counts()}, byID)
	if err != nil {
		return nil, err
	}
	found.put(list)
	return found, nil
}

// superseding completes what is known of objects whose versions of 2.0 cease to be current.
func superseding(
	ctx context.Context, in *mongo.Collection, r record, found objects,
) error {
	var ids []string
	for id, o := range found {
		if o.superseded() {
			ids = append(ids, id)
			o.stored[spec20] = nil
		}
	}
	if len(ids) == 0 {
		return nil
	}
	list, err := find(ctx, in,
		bson.D{within("i", ids), equals("k", class20+choiceAll), r.counts()}, byID)
	if err != nil {
		return err
	}
	found.put(list)
	return nil
}
