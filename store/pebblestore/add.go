package pebblestore

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
	marks   string // as they came
	mark    mark   // known when the item is new
	at      stix.Timestamp
	value   []byte // the entry record
	bytes   int    // of the raw object
	kept    bool   // whether date is one to keep
	date    uint64

	object   *object
	position uint64
	same     *item // the item of this group that has the same version, nil if none
	isNew    bool
	text     string // the version's text if it has one
}

// addition is the change that Add makes.
type addition struct {
	collection string
	items      []item
	bytes      int
}

// Add implements store.Store.
func (s *Store) Add(
	ctx context.Context, collection string, objects []store.Incoming,
) ([]store.Added, error) {
	if len(objects) == 0 {
		return nil, s.Ping(ctx)
	}
	a := newAddition(collection, objects)
	if err := s.do(ctx, a); err != nil {
		return nil, err
	}
	return a.added(), nil
}

// newAddition encodes the objects, so that the committer need not.
func newAddition(collection string, objects []store.Incoming) *addition {
	const perRecord = 128
	size := 0
	for i := range objects {
		size += len(objects[i].Object.Raw) + perRecord
	}
	values := make([]byte, 0, size)
	a := &addition{collection: collection, items: make([]item, len(objects)), bytes: size}
	for i := range objects {
		o := &objects[i].Object
		record := entryRecord{specOf(o.SpecVersion), sealed, o.ID, o.Version(), o.Raw}
		start := len(values)
		values = record.append(values)
		a.items[i] = item{
			id: o.ID, typ: o.Type, spec: record.spec, at: o.VersionTime(),
			value: values[start:len(values):len(values)], bytes: len(o.Raw),
			kept: !objects[i].DateAdded.IsZero(), date: store.PositionAt(objects[i].DateAdded),
			text: record.version, marks: objects[i].Marks,
		}
	}
	return a
}

func (a *addition) size() int   { return a.bytes }
func (a *addition) alone() bool { return false }

// added is the answer, once the change is made.
func (a *addition) added() []store.Added {
	added := make([]store.Added, len(a.items))
	for i := range a.items {
		it := &a.items[i]
		result := it
		if it.same != nil {
			result = it.same
		}
		date := store.DateOf(result.position)
		added[i] = store.Added{
			Version: result.text, Position: result.position, DateAdded: date, New: it.isNew,
			Sealed: it.isNew && it.marks != "" && it.mark == sealed,
		}
		if result.text == "" {
			added[i].Version = taxii.FormatTimestamp(date)
		}
	}
	return added
}

// apply implements change. It finds out which items are new, gives these their positions, and
// writes them.
func (a *addition) apply(b *batch) error {
	c, err := b.collection(a.collection)
	if err != nil {
		return err
	}
	var newest *item
	for i := range a.items {
		it := &a.items[i]
		if it.object, err = b.object(c, it.id); err != nil {
			return err
		}
		known, err := it.find(b, c)
		if err != nil {
			return err
		}
		if !known {
			c.append(b, it)
			newest = it
		}
	}
	if newest != nil && !newest.kept {
		c.last = store.BatchEnd(newest.position)
		newest.position = c.last
	}
	return a.write(b, c)
}

// find reports whether the collection has the version already, and takes over its place.
func (it *item) find(b *batch, c *collectionState) (bool, error) {
	if same := it.object.planned.get(it.spec, it.at); same != nil {
		it.same = same
		return true, nil
	}
	position, known, err := b.position(c, it.object, it.spec, it.at)
	if err != nil || !known {
		return false, err
	}
	it.position = position
	b.key = appendEntryKey(b.key[:0], c.number, position)
	_, err = get(b.db, b.key, func(value []byte) error {
		record, err := decodeEntry(value)
		it.text = record.version
		return err
	})
	return true, err
}

// append gives a new item the next position.
func (c *collectionState) append(b *batch, it *item) {
	it.isNew = true
	if it.kept {
		it.position = max(c.last+1, it.date)
	} else {
		it.position = store.PositionAfter(c.last, b.now)
	}
	c.last = it.position
	it.object.planned.put(it)
}

// write puts the new items into the batch. Their positions are final.
func (a *addition) write(b *batch, c *collectionState) error {
	for i := range a.items {
		it := &a.items[i]
		if !it.isNew {
			continue
		}
		it.mark = c.mark(b, it.marks)
		it.value[markAt] = byte(it.mark)
		b.key = appendEntryKey(b.key[:0], c.number, it.position)
		b.put(b.key, it.value)
		if err := b.insert(c, it); err != nil {
			return err
		}
		c.entries++
		c.bytes += int64(it.bytes)
	}
	return nil
}
