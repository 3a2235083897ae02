package pebblestore

import (
	"context"

	"github.com/cabstand/cabstand/store"
)

// deletion is the change that Delete makes.
type deletion struct {
	collection, id string
	choice         store.Choice
	// released is what the reader was asked about, in the collection with this number: the
	// change is made when the reader may have gone.
	released markSet
	number   uint32
	count    int
}

// Delete implements store.Store.
func (s *Store) Delete(
	ctx context.Context, collection, id string, c store.Choice,
) (int, error) {
	d := &deletion{collection: collection, id: id, choice: c.ToDelete(), released: everything}
	if c.Released != nil {
		if err := s.ask(ctx, d); err != nil {
			return 0, err
		}
	}
	if err := s.do(ctx, d); err != nil {
		return 0, err
	}
	return d.count, nil
}

// ask asks the reader about all marks of the collection. Entries with marks that come later are
// none that the reader has in view.
func (s *Store) ask(ctx context.Context, d *deletion) error {
	return s.read(ctx, func(v *view) error {
		record, ok, err := getCollection(v.snap, d.collection)
		if err != nil || !ok {
			return err
		}
		p, _, err := v.gen.palettes.of(v.snap, record)
		d.number, d.released = record.number, p.released(d.choice.Released)
		return err
	})
}

func (d *deletion) size() int   { return 0 }
func (d *deletion) alone() bool { return true }

// apply implements change. It takes the object out of the indexes of its shades, removes what
// is to go, and lists the rest again in the shades they have then.
func (d *deletion) apply(b *batch) error {
	c, err := b.existing(d.collection)
	if err != nil || c == nil || d.choice.Released != nil && c.number != d.number {
		return err // dropped meanwhile, and the object with it
	}
	o, err := b.object(c, d.id)
	if err != nil {
		return err
	}
	keep, drop, err := d.divide(b, c, o)
	if err != nil {
		return err
	}
	if d.count = len(drop[spec20]) + len(drop[spec21]); d.count == 0 {
		return nil
	}
	return b.drop(c, o, drop, keep)
}

// versionLists are the versions of one object, by instant.
type versionLists [numSpecs][]version

// divide tells the versions that stay from those that go.
func (d *deletion) divide(
	b *batch, c *collectionState, o *object,
) (keep, drop versionLists, err error) {
	chosen := newChoice(d.choice, d.released)
	for s := range numSpecs {
		all, err := b.versions(c, o, s)
		if err != nil {
			return keep, drop, err
		}
		for _, v := range all {
			if chosen.takesVersion(o.heads.shade(s, v), v) {
				drop[s] = append(drop[s], v)
			} else {
				keep[s] = append(keep[s], v)
			}
		}
	}
	return keep, drop, nil
}

// drop removes versions of an object and moves the others to the shades they have then.
func (b *batch) drop(c *collectionState, o *object, drop, keep versionLists) error {
	before := o.heads
	for s := range numSpecs {
		o.heads[s] = lineageOf(keep[s])
		if before[s].count > 0 && o.heads[s].count == 0 {
			c.pairs--
		}
	}
	o.changed = true
	for s := range numSpecs {
		for _, v := range drop[s] {
			if err := b.erase(c, o, s, v, before.shade(s, v)); err != nil {
				return err
			}
		}
		for _, v := range keep[s] {
			b.move(c, o, v, before.shade(s, v), o.shade(s, v))
		}
		if len(keep[s]) == 1 {
			b.forget(c, o, s, keep[s][0])
		}
	}
	return nil
}

// erase removes a version from all indexes, and its entry.
func (b *batch) erase(c *collectionState, o *object, s spec, v version, sh shade) error {
	b.unlist(c, o, v, sh)
	b.forget(c, o, s, v)
	b.remove(b.exactKey(c, o, v, sh))
	b.key = appendEntryKey(b.key[:0], c.number, v.position)
	b.remove(b.key)
	c.entries--
	_, err := get(b.db, b.key, func(value []byte) error {
		record, err := decodeEntry(value)
		c.bytes -= int64(len(record.raw))
		return err
	})
	return err
}

// dropping is the change that Drop makes.
type dropping struct{ collection string }

// Drop implements store.Store.
func (s *Store) Drop(ctx context.Context, collection string) error {
	return s.do(ctx, &dropping{collection})
}

func (d *dropping) size() int   { return 0 }
func (d *dropping) alone() bool { return true }

// apply implements change.
func (d *dropping) apply(b *batch) error {
	c, err := b.existing(d.collection)
	if err != nil || c == nil {
		return err
	}
	for _, tag := range entryTags {
		prefix := appendTag(nil, tag, c.number)
		if err := b.pebble.DeleteRange(prefix, successor(prefix), nil); err != nil {
			return err
		}
	}
	// The number is given up with the marks and shades that readers remember under it.
	if c.number, err = b.nextCollection(); err != nil {
		return err
	}
	c.entries, c.pairs, c.bytes, c.marks, c.shades = 0, 0, 0, 0, 0
	c.paint = newPaint(palette{marks: []string{""}})
	c.changed = true
	return nil
}
