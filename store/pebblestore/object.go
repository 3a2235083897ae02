package pebblestore

import (
	"errors"

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
	if line.count == 0 {
		return 0, false, nil
	}
	beyond := true
	for _, v := range line.ends() {
		if at == v.at {
			return v.position, true, nil
		}
		beyond = beyond && (at.Compare(v.at) < 0) == (at.Compare(line.spans[0].first.at) < 0)
	}
	if beyond || line.count == 1 {
		return 0, false, nil
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
func (b *batch) versions(
	c *collectionState, o *object, s spec,
) (versions []version, err error) {
	if o.stored[s].count < 2 {
		return append(o.stored[s].ends(), o.fresh[s]...), nil
	}
	prefix := appendVersionPrefix(nil, c.number, o.id, s)
	it, err := b.db.NewIter(&pebble.IterOptions{LowerBound: prefix, UpperBound: successor(prefix)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	d := decoder{}
	for ok := it.First(); ok; ok = it.Next() {
		d.rest = it.Key()[len(prefix):]
		v := version{at: d.timestamp()}
		d.rest = it.Value()
		v.position, v.mark = d.position(), d.mark()
		versions = append(versions, v)
	}
	return append(versions, o.fresh[s]...), d.err("version")
}
