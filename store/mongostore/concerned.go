package mongostore

import (
	"context"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/cabstand/cabstand/stix"
)

// maxInstants bounds how many labels of versions one command names.
const maxInstants = 20_000

// concerned returns the stored versions that items have to do with: the first and last ones of
// their objects, and those of the same instants.
func (s *Store) concerned(ctx context.Context, r record, all additions) (objects, error) {
	found := objects{}
	labels := r.edgeLabels()
	var ids []string
	for _, a := range all {
		for _, it := range a.items {
			if found[it.id] == nil {
				ids = append(ids, it.id)
				found.get(it.id)
			}
			if it.at.IsZero() { // an entry without a version is the first one of its object
				continue
			}
			// Mostly the same version is there without marks or with the same ones.
			labels = append(labels, it.exact(unmarked))
			if mark := r.numberOf(it.marks); mark != unmarked {
				labels = append(labels, it.exact(mark))
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
	return found, s.markedOtherwise(ctx, r, all, found)
}

// exact is the label of a version that has some marks.
func (it *item) exact(mark int) string {
	return classOf(it.spec) + choice{choiceExact, instantText(it.at)}.of(mark)
}

// markedOtherwise completes what is known with versions of the same instants that have other
// marks. Only one in the middle of its object's versions can be such a one, and be unknown.
func (s *Store) markedOtherwise(
	ctx context.Context, r record, all additions, found objects,
) error {
	if len(r.Marks) == 0 {
		return nil
	}
	var ids, labels []string
	read := func() error {
		list, err := find(ctx, s.seen(r),
			bson.D{within("i", ids), within("k", labels), r.counts()}, byID)
		ids, labels = nil, nil
		found.add(list)
		return err
	}
	for _, a := range all {
		for _, it := range a.items {
			if o := found[it.id]; o.find(it.spec, it.at) != nil || !o.encloses(it.spec, it.at) {
				continue
			}
			ids = append(ids, it.id)
			for _, mark := range r.marksIn(everyMark) {
				labels = append(labels, it.exact(mark))
			}
			if len(labels) < maxInstants {
				continue
			}
			if err := read(); err != nil {
				return err
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return read()
}

// encloses reports whether there are both older and newer versions stored.
func (o *object) encloses(s spec, at stix.Timestamp) bool {
	older := slices.ContainsFunc(o.stored[s], func(k *known) bool { return k.at.Compare(at) < 0 })
	newer := slices.ContainsFunc(o.stored[s], func(k *known) bool { return k.at.Compare(at) > 0 })
	return older && newer
}

// superseding completes what is known of objects with versions of 2.0 that a change in those of
// 2.1 concerns.
func superseding(
	ctx context.Context, in *mongo.Collection, r record, found objects, is func(*object) bool,
) error {
	var ids []string
	for id, o := range found {
		if is(o) {
			ids = append(ids, id)
			o.stored[spec20] = nil
		}
	}
	if len(ids) == 0 {
		return nil
	}
	list, err := find(ctx, in,
		bson.D{within("i", ids), equals("s", spec20.String()), r.counts()}, byID)
	if err != nil {
		return err
	}
	found.put(list)
	return nil
}
