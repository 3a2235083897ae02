package pebblestore

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cabstand/cabstand/store"
)

// refused reports whether an error is the answer to one change, and no fault of the store.
func refused(err error) bool {
	return errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound)
}

// batch is a group of changes on its way: the pebble batch, and in memory what the changes of
// the group have made of the records they share.
type batch struct {
	writes
	pebble    *pebble.Batch
	committer *committer
	db        *pebble.DB
	now       uint64 // microseconds
	touched   []*collectionState
	documents map[documentKey]documentRecord
	meta      metaRecord
	metaRead  bool
	key       []byte // room for one key
}

func newBatch(c *committer) *batch {
	return &batch{
		pebble:    c.gen.db.NewBatch(),
		committer: c,
		db:        c.gen.db,
		now:       store.PositionAt(c.store.opts.Now()),
	}
}

func (b *batch) close() { _ = b.pebble.Close() } // a batch that was committed or is given up

// commit makes the batch durable. Pebble does not say that it could not write its log, the
// fence does.
func (b *batch) commit() (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("commit: %v", r)
		}
	}()
	if err := b.into(b.pebble); err != nil {
		return err
	}
	gen := b.committer.gen
	if err := gen.waitForRoom(); err != nil {
		return err
	}
	if err := b.pebble.Commit(pebble.Sync); err != nil {
		return err
	}
	return gen.fence.err()
}

// collectionState is a collection as the committer knows it: its record, kept from group to
// group, and what the present group does to it.
type collectionState struct {
	collectionRecord
	name    string
	paint   *paint
	touched bool
	changed bool // beyond its objects
	objects map[string]*object
}

// collection returns the state of a collection, which is made if there is none.
func (b *batch) collection(name string) (*collectionState, error) {
	c := b.committer.collections[name]
	if c == nil {
		record, ok, err := getCollection(b.db, name)
		if err != nil {
			return nil, err
		}
		if !ok {
			if record.number, err = b.nextCollection(); err != nil {
				return nil, err
			}
		}
		p, _, err := palette{}.grow(b.db, record)
		if err != nil {
			return nil, err
		}
		c = &collectionState{collectionRecord: record, name: name, paint: newPaint(p)}
		b.committer.collections[name] = c
	}
	if !c.touched {
		c.touched, c.objects = true, make(map[string]*object)
		b.touched = append(b.touched, c)
	}
	return c, nil
}

// existing returns the state of a collection, or nil if there is none: what removes makes none.
func (b *batch) existing(name string) (*collectionState, error) {
	_, ok, err := getCollection(b.db, name)
	if err != nil || !ok {
		return nil, err
	}
	return b.collection(name)
}

// finish writes the records that the changes share.
func (b *batch) finish() {
	for _, c := range b.touched {
		c.finish(b)
	}
	if b.metaRead {
		b.put([]byte{tagMeta}, b.meta.append(nil))
	}
}

func (c *collectionState) finish(b *batch) {
	for id, o := range c.objects {
		if !o.changed {
			continue
		}
		c.changed = true
		b.key = appendHeadKey(b.key[:0], c.number, id)
		if o.empty() {
			b.remove(b.key)
		} else {
			b.put(b.key, o.heads.append(nil))
		}
	}
	if c.changed {
		b.put(appendCollectionKey(nil, c.name), c.collectionRecord.append(nil))
	}
	c.touched, c.changed, c.objects = false, false, nil
}

// form is the form of keys and records, which the first collection or document puts on record.
const form = 2

// metaRecord counts for the whole store.
type metaRecord struct {
	collections uint32 // numbers given out
	revision    uint64 // of the last document written
}

func (r metaRecord) append(b []byte) []byte {
	b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(r.collections)), r.revision)
	return append(b, form)
}

func (b *batch) readMeta() error {
	if b.metaRead {
		return nil
	}
	_, err := get(b.db, []byte{tagMeta}, func(value []byte) error {
		d := decoder{rest: value}
		b.meta.collections, b.meta.revision = uint32(d.uvarint()), d.uvarint()
		return d.err("meta")
	})
	b.metaRead = err == nil
	return err
}

func (b *batch) nextCollection() (uint32, error) {
	if err := b.readMeta(); err != nil {
		return 0, err
	}
	b.meta.collections++
	return b.meta.collections, nil
}

func (b *batch) nextRevision() (uint64, error) {
	if err := b.readMeta(); err != nil {
		return 0, err
	}
	b.meta.revision++
	return b.meta.revision, nil
}
