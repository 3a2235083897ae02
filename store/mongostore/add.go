package mongostore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
)

// item is an object on its way into a collection.
type item struct {
	id, typ string
	spec    spec
	at      stix.Timestamp
	version string // as written
	raw     []byte
	kept    bool // whether date is one to keep
	date    int64

	// What is found out when the item is added. It is found out anew at every attempt.
	position int64
	stored   *known // the version is there already
	fresh    bool   // and has been stored by this very addition, whose commit had no answer
	same     *item  // an earlier item of the group has the same version
	labels   []string
}

// addition is the change that Add makes.
type addition struct {
	items []*item
	bytes int
}

// Add implements store.Store.
func (s *Store) Add(
	ctx context.Context, collection string, objects []store.Incoming,
) ([]store.Added, error) {
	if len(objects) == 0 {
		return nil, s.Ping(ctx)
	}
	a := newAddition(objects)
	if err := s.do(ctx, collection, a); err != nil {
		return nil, err
	}
	return a.added(), nil
}

// newAddition copies the objects: the change may outlive its caller.
func newAddition(objects []store.Incoming) *addition {
	size := 0
	for i := range objects {
		size += len(objects[i].Object.Raw)
	}
	items, raw := make([]item, len(objects)), make([]byte, 0, size)
	a := &addition{items: make([]*item, len(objects)), bytes: size}
	for i := range objects {
		o := &objects[i].Object
		raw = append(raw, o.Raw...)
		items[i] = item{
			id: o.ID, typ: o.Type, spec: specOf(o.SpecVersion), at: o.VersionTime(),
			version: o.Version(), raw: raw[len(raw)-len(o.Raw) : len(raw) : len(raw)],
			kept: !objects[i].DateAdded.IsZero(), date: positionAt(objects[i].DateAdded),
		}
		a.items[i] = &items[i]
	}
	return a
}

// added is the answer, once the change is made.
func (a *addition) added() []store.Added {
	added := make([]store.Added, len(a.items))
	for i, it := range a.items {
		source := it
		if it.same != nil {
			source = it.same
		}
		position, version := source.position, source.version
		if source.stored != nil {
			position, version = source.stored.position, source.stored.version
		}
		date := dateOf(position)
		if version == "" {
			version = taxii.FormatTimestamp(date)
		}
		added[i] = store.Added{
			Version: version, Position: uint64(position), DateAdded: date,
			New: (it.stored == nil || it.fresh) && it.same == nil,
		}
	}
	return added
}

// apply implements change.
func (a *addition) apply(ctx context.Context, w *writer) error {
	return w.apply(ctx, []*request{{change: a}})
}

// additions are made together, each as a batch of its own.
type additions []*addition

// divide makes several additions of one that is too large.
func (a *addition) divide() additions {
	var parts additions
	from, size := 0, 0
	for i, it := range a.items {
		size += len(it.raw)
		if i > from && (i-from == maxGroupItems || size > maxGroupBytes) {
			parts = append(parts, &addition{items: a.items[from:i], bytes: size - len(it.raw)})
			from, size = i, len(it.raw)
		}
	}
	return append(parts, &addition{items: a.items[from:], bytes: size})
}

// portion returns how many of the additions are committed at once.
func (all additions) portion() int {
	items, size := 0, 0
	for i, a := range all {
		items, size = items+len(a.items), size+a.bytes
		if i > 0 && (items > maxGroupItems || size > maxGroupBytes) {
			return i
		}
	}
	return len(all)
}

// add makes additions in one commit.
func (w *writer) add(ctx context.Context, all additions) error {
	attempts := map[int64]bool{} // by token
	for {
		base, _, err := w.current(ctx, true)
		if err != nil {
			return err
		}
		p, err := w.store.plan(ctx, base, all)
		all.recognise(attempts)
		attempts[p.next.By] = true
		done := err == nil && len(p.fresh) == 0
		if err == nil && !done {
			done, err = w.append(ctx, p)
		}
		if w.overtaken(ctx, base, err) {
			continue
		}
		if err != nil || done {
			return err
		}
	}
}

// recognise finds items that an earlier attempt has stored.
func (all additions) recognise(attempts map[int64]bool) {
	seen := map[*known]bool{}
	for _, a := range all {
		for _, it := range a.items {
			it.fresh = it.stored != nil && attempts[it.stored.by] && !seen[it.stored]
			seen[it.stored] = true
		}
	}
}

// plan is additions as they are to be made to a certain record.
type plan struct {
	base, next record
	fresh      []*item
	changes    []relabeling
}

// plan finds out what is new and what becomes of the rest.
func (s *Store) plan(ctx context.Context, base record, all additions) (plan, error) {
	p := plan{base: base, next: s.follow(base)}
	found, err := s.concerned(ctx, base, all)
	if err != nil {
		return plan{}, err
	}
	now := positionAt(s.opts.Now())
	for _, a := range all {
		p.placeAll(found, a, now)
	}
	if len(p.fresh) == 0 {
		return p, nil
	}
	if err := s.superseding(ctx, base, found); err != nil {
		return plan{}, err
	}
	if p.changes = found.arrange(); len(p.changes) > 0 {
		p.next.Todo = &todo{Relabel: &[2]int64{p.base.Last + 1, p.next.Last}}
	}
	return p, nil
}

// placeAll gives the new items of one addition their positions. The last one ends a
// millisecond.
func (p *plan) placeAll(found objects, a *addition, now int64) {
	before := len(p.fresh)
	for _, it := range a.items {
		p.place(found.get(it.id), it, now)
	}
	if len(p.fresh) == before {
		return
	}
	if newest := p.fresh[len(p.fresh)-1]; !newest.kept {
		newest.position = roundUp(newest.position, microsecondsPerMillisecond)
		p.next.End = newest.position
	}
}

const microsecondsPerMillisecond = int64(time.Millisecond / time.Microsecond)

// apart is how many microseconds lie between entries that arrive together.
const apart = microsecondsPerMillisecond / store.MaxPerMillisecond

func roundUp(n, unit int64) int64 { return (n + unit - 1) / unit * unit }

// place decides what becomes of one item: it is there already, or it comes at the end.
func (p *plan) place(o *object, it *item, now int64) {
	it.same, it.stored = o.planned(it.spec, it.at), o.find(it.spec, it.at)
	if it.same != nil || it.stored != nil {
		return
	}
	if it.kept {
		it.position = max(p.next.End+1, it.date)
	} else {
		it.position = roundUp(max(p.next.End+1, now), apart)
	}
	if !o.has(it.spec) {
		p.next.Objects++
	}
	o.added[it.spec] = append(o.added[it.spec], it)
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
	list, err := s.find(ctx, r,
		bson.D{within("i", ids), within("k", slices.Compact(labels)), r.counts()}, byID)
	if err != nil {
		return nil, err
	}
	found.put(list)
	return found, nil
}

// superseding completes what is known of objects whose versions of 2.0 cease to be current.
func (s *Store) superseding(ctx context.Context, r record, found objects) error {
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
	list, err := s.find(ctx, r,
		bson.D{within("i", ids), equals("k", class20+choiceAll), r.counts()}, byID)
	if err != nil {
		return err
	}
	found.put(list)
	return nil
}

// append writes the new entries, commits them, and sets the labels of the others. It reports
// false if somebody else was faster, and then has left nothing behind.
func (w *writer) append(ctx context.Context, p plan) (bool, error) {
	taken, err := w.store.insert(ctx, p)
	if err != nil {
		return false, err
	}
	if taken > 0 {
		if err := w.store.retract(ctx, p); err != nil {
			return false, err
		}
		w.record = nil
		return false, w.giveWay(ctx, p.base, taken)
	}
	done, err := w.commit(ctx, p.next)
	if err != nil {
		return false, err
	}
	if !done {
		return false, w.store.retract(ctx, p)
	}
	if err := w.store.relabel(ctx, p.next, p.changes); err != nil {
		return false, err
	}
	w.record.Todo = nil
	return true, nil
}

// insert writes the new entries behind the last one that counts. It returns the number that
// somebody else has taken, or 0.
func (s *Store) insert(ctx context.Context, p plan) (taken int64, err error) {
	documents := make([]entry, len(p.fresh))
	for i, it := range p.fresh {
		documents[i] = entry{
			Number: p.base.Last + 1 + int64(i), Position: it.position, ID: it.id, Type: it.typ,
			Spec: it.spec.String(), Version: it.version, Labels: it.labels,
			Revision: p.next.Revision, By: p.next.By, Size: int64(len(it.raw)), Raw: it.raw,
		}
	}
	if err := s.insertParts(ctx, p.base.In, documents); err != nil {
		return 0, err
	}
	_, err = s.db.Collection(p.base.In).InsertMany(ctx, documents)
	var bulk mongo.BulkWriteException
	if errors.As(err, &bulk) && mongo.IsDuplicateKeyError(err) && len(bulk.WriteErrors) > 0 {
		return documents[bulk.WriteErrors[0].Index].Number, nil
	}
	if err != nil {
		return 0, fmt.Errorf("write entries: %w", err)
	}
	return 0, nil
}
