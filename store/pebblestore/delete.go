package pebblestore

import (
	"context"
	"slices"

	"github.com/cabstand/cabstand/store"
)

// deletion is the change that Delete makes.
type deletion struct {
	collection, id string
	versions       store.Versions
	specs          []string
	count          int
}

// Delete implements store.Store.
func (s *Store) Delete(
	ctx context.Context, collection, id string, versions store.Versions, specs []string,
) (int, error) {
	versions, specs = versions.ToDelete(specs)
	d := &deletion{collection: collection, id: id, versions: versions, specs: specs}
	if err := s.do(ctx, d); err != nil {
		return 0, err
	}
	return d.count, nil
}

func (d *deletion) size() int   { return 0 }
func (d *deletion) alone() bool { return true }

// apply implements change. It takes the object out of the indexes of its groups, removes what
// is to go, and lists the rest again in the groups they have then.
func (d *deletion) apply(b *batch) error {
	c, err := b.existing(d.collection)
	if err != nil || c == nil {
		return err
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
	kinds, classes := kindsOf(d.versions), classesOf(d.specs)
	for s := range numSpecs {
		all, err := b.versions(c, o, s)
		if err != nil {
			return keep, drop, err
		}
		wanted := slices.Contains(classes, o.class(s))
		for _, v := range all {
			if wanted && (slices.Contains(kinds, o.heads[s].kind(v.at)) ||
				slices.Contains(d.versions.Exact, v.exact())) {
				drop[s] = append(drop[s], v)
			} else {
				keep[s] = append(keep[s], v)
			}
		}
	}
	return keep, drop, nil
}

// drop removes versions of an object and moves the others to the groups they have then.
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
			if err := b.erase(c, o, s, v, before.group(s, v)); err != nil {
				return err
			}
		}
		for _, v := range keep[s] {
			b.move(c, o, v, before.group(s, v), o.group(s, v))
		}
		if len(keep[s]) == 1 {
			b.forget(c, o, s, keep[s][0])
		}
	}
	return nil
}

// lineageOf summarises versions, which ascend by instant.
func lineageOf(versions []version) lineage {
	if len(versions) == 0 {
		return lineage{}
	}
	return lineage{uint64(len(versions)), versions[0], versions[len(versions)-1]}
}

// erase removes a version from all indexes, and its entry.
func (b *batch) erase(c *collectionState, o *object, s spec, v version, g group) error {
	b.unlist(c, o, v, g)
	b.forget(c, o, s, v)
	b.remove(b.exactKey(c, o, v, g.class()))
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
	c.entries, c.pairs, c.bytes = 0, 0, 0
	c.changed = true
	return nil
}
