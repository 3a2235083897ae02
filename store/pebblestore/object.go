package pebblestore

import (
	"github.com/cockroachdb/pebble/v2"

	"github.com/cabstand/cabstand/stix"
)

// object is an object as the committer knows it while it makes a group of changes.
type object struct {
	heads
	id, typ string
	changed bool
	stored  heads // as they are in the database
	planned plannedItems
	// fresh are the versions that the group has added so far; they are not in the database.
	fresh [numSpecs][]version
}

// plannedItems are the new versions of one object in a group. Mostly there is one.
type plannedItems struct {
	first *item
	more  map[plannedKey]*item
}

type plannedKey struct {
	spec spec
	at   stix.Timestamp
}

func (p *plannedItems) get(s spec, at stix.Timestamp) *item {
	if p.first != nil && p.first.spec == s && p.first.at == at {
		return p.first
	}
	return p.more[plannedKey{s, at}]
}

func (p *plannedItems) put(it *item) {
	if p.first == nil {
		p.first = it
		return
	}
	if p.more == nil {
		p.more = make(map[plannedKey]*item)
	}
	p.more[plannedKey{it.spec, it.at}] = it
}

func (h *heads) empty() bool { return h[spec20].count+h[spec21].count == 0 }

// class is the class of an object's entries in a spec version.
func (h *heads) class(s spec) class {
	switch {
	case s == spec21:
		return class21
	case h[spec21].count > 0:
		return classSuperseded
	}
	return class20
}

// group is the group of one of an object's versions in a spec version.
func (h *heads) group(s spec, v version) group { return groupOf(h.class(s), h[s].kind(v.at)) }

// kind is the kind of one of the versions of a lineage.
func (line *lineage) kind(at stix.Timestamp) kind {
	first, last := at == line.first.at, at == line.last.at
	switch {
	case first && last:
		return kindOnly
	case first:
		return kindFirst
	case last:
		return kindLast
	}
	return kindMiddle
}

// ends are the first and the last version, once each.
func (line *lineage) ends() []version {
	switch line.count {
	case 0:
		return nil
	case 1:
		return []version{line.first}
	}
	return []version{line.first, line.last}
}

// object returns an object of a collection, which may be one that it does not have yet.
func (b *batch) object(c *collectionState, id string) (*object, error) {
	if o := c.objects[id]; o != nil {
		return o, nil
	}
	b.key = appendHeadKey(b.key[:0], c.number, id)
	h, _, err := getHeads(b.db, b.key)
	if err != nil {
		return nil, err
	}
	o := &object{heads: h, stored: h, id: id, typ: stix.TypeOfID(id)}
	c.objects[id] = o
	return o, nil
}

// position finds a version of an object in the database.
func (b *batch) position(
	c *collectionState, o *object, s spec, at stix.Timestamp,
) (position uint64, known bool, err error) {
	line := &o.stored[s]
	switch {
	case line.count == 0, at.Compare(line.first.at) < 0, at.Compare(line.last.at) > 0:
		return 0, false, nil
	case at == line.first.at:
		return line.first.position, true, nil
	case at == line.last.at:
		return line.last.position, true, nil
	}
	b.key = at.AppendKey(appendVersionPrefix(b.key[:0], c.number, o.id, s))
	known, err = get(b.db, b.key, func(value []byte) error {
		d := decoder{rest: value}
		position = d.position()
		return d.err("version")
	})
	return position, known, err
}

// versions returns all versions of an object in a spec version: those in the database by
// instant, then those that the group has added.
func (b *batch) versions(c *collectionState, o *object, s spec) ([]version, error) {
	if o.stored[s].count < 2 {
		return append(o.stored[s].ends(), o.fresh[s]...), nil
	}
	prefix := appendVersionPrefix(nil, c.number, o.id, s)
	it, err := b.db.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: successor(prefix)})
	if err != nil {
		return nil, err
	}
	var versions []version
	d := decoder{}
	for ok := it.First(); ok; ok = it.Next() {
		d.rest = it.Key()[len(prefix):]
		v := version{at: d.timestamp()}
		d.rest = it.Value()
		v.position = d.position()
		versions = append(versions, v)
	}
	if err := it.Close(); err != nil {
		return nil, err
	}
	return append(versions, o.fresh[s]...), d.err("version")
}
