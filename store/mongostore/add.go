package mongostore

import (
	"context"

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
	marks   string
	kept    bool // whether date is one to keep
	date    int64

	// What is found out when the item is added. It is found out anew at every attempt.
	position int64
	stored   *known // the version is there already
	fresh    bool   // and has been stored by this very addition, whose commit had no answer
	same     *item  // an earlier item of the group has the same version
	mark     int    // the number of its marks
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
			version: o.Version(), marks: objects[i].Marks, raw: raw[len(raw)-len(o.Raw) : len(raw) : len(raw)],
			kept: !objects[i].DateAdded.IsZero(), date: int64(store.PositionAt(objects[i].DateAdded)),
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
		position, version, mark := source.position, source.version, source.mark
		if k := source.stored; k != nil {
			position, version, mark = k.position, k.version, k.mark
		}
		date := store.DateOf(position)
		if version == "" {
			version = taxii.FormatTimestamp(date)
		}
		added[i] = store.Added{
			Version: version, Position: uint64(position), DateAdded: date,
			New: (it.stored == nil || it.fresh) && it.same == nil,
		}
		added[i].Sealed = added[i].New && it.marks != "" && mark == unmarked
	}
	return added
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
		remembered := w.record != nil
		base, _, err := w.current(ctx, true)
		if err != nil {
			return err
		}
		p, err := w.store.plan(ctx, base, all)
		all.recognise(attempts)
		attempts[p.next.By] = true
		if remembered && err == nil && len(p.fresh) == 0 && !w.confirmed(ctx, base) {
			continue
		}
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
