package excerpt

import (
	"context"
	"slices"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/versions"
	"github.com/cabstand/cabstand/store"
)

// maxWaiting is how many bytes of excerpts wait to be written with their objects. Whatever is
// pushed, excerpts take no more memory than that and those of one object.
const maxWaiting = 8 << 20

// batch is a batch on its way into the store, with its excerpts.
type batch struct {
	known
	seen  map[string]bool           // versions of objects
	made  map[string]stix.Timestamp // the newest versions of excerpts, by id
	added []store.Added             // of the objects that were given, as far as they are written

	waiting []store.Incoming
	given   []int // which of those that wait are no excerpts
	bytes   int   // of those that are
}

// add takes an object and what follows from it. What it revokes comes before it, and its excerpts
// behind it: whatever part of that gets into the store before a failure, adding the object again
// makes up for the rest.
func (b *batch) add(ctx context.Context, in store.Incoming) error {
	var chain []excerpt
	if place := placeOf(in.Object); !b.seen[place] { // the first bytes stay
		b.seen[place] = true
		var err error
		if chain, err = b.follow(ctx, in); err != nil {
			return err
		}
	}
	b.given = append(b.given, len(b.waiting))
	b.waiting = append(b.waiting, in)
	for _, e := range chain {
		b.put(e, in.DateAdded)
	}
	if b.bytes < maxWaiting {
		return nil
	}
	return b.flush(ctx)
}

// follow revokes what an object revokes and returns the excerpts that go with it.
func (b *batch) follow(ctx context.Context, in store.Incoming) (chain []excerpt, err error) {
	o, err := b.stays(ctx, in.Object)
	if err != nil {
		return nil, err
	}
	if in.Marks == marking.MarksOf(in.Object).String() {
		chain = chainOf(o, b.key)
	}
	before, known := b.newest[o.ID]
	age := before.version.Compare(o.VersionTime())
	switch {
	case known && age > 0:
		return b.stillThere(ctx, chain, o.ID, before)
	case known && age == 0:
		return chain, nil
	case known:
		err = b.revoke(ctx, o, chain, before, in.DateAdded)
	}
	b.newest[o.ID] = newest{version: o.VersionTime(), parts: hasParts(o), object: o}
	return chain, err
}

// put takes an excerpt.
func (b *batch) put(e excerpt, date time.Time) {
	b.waiting = append(b.waiting, store.Incoming{
		Object: e.object, Marks: e.marks, DateAdded: date,
	})
	b.bytes += len(e.object.Raw)
	if version := e.object.VersionTime(); b.made[e.object.ID].Compare(version) < 0 {
		b.made[e.object.ID] = version
	}
}

// stillThere returns those of the excerpts of a version that comes late which the newest version
// has, too. The others would have been revoked by now.
func (b *batch) stillThere(
	ctx context.Context, chain []excerpt, id string, newest newest,
) ([]excerpt, error) {
	if len(chain) == 0 || !newest.parts {
		return nil, nil
	}
	o, err := b.read(ctx, id, newest)
	now := chainOf(o, b.key)
	return slices.DeleteFunc(chain, func(e excerpt) bool { return !has(now, e) }), err
}

// revoke revokes the excerpts of the version before that the one at hand does not have, as of that
// one, so that those who had them are told.
func (b *batch) revoke(
	ctx context.Context, o stix.Object, chain []excerpt, before newest, date time.Time,
) error {
	if !before.parts {
		return nil
	}
	old, err := b.read(ctx, o.ID, before)
	if err != nil {
		return err
	}
	for _, e := range chainOf(old, b.key) {
		if has(chain, e) {
			continue
		}
		known, err := b.holds(ctx, e)
		if err != nil {
			return err
		}
		if !known && b.made[e.object.ID] != e.object.VersionTime() {
			continue
		}
		// What is revoked already stays so.
		next, err := versions.Revoke(e.object, o.VersionTime().Time())
		if err == nil {
			b.put(excerpt{next, e.marks}, date)
		}
	}
	return nil
}

func has(chain []excerpt, e excerpt) bool {
	return slices.ContainsFunc(chain, func(other excerpt) bool {
		return other.object.ID == e.object.ID
	})
}

// flush writes what waits.
func (b *batch) flush(ctx context.Context) error {
	if len(b.waiting) == 0 {
		return nil
	}
	added, err := b.store.Add(ctx, b.collection, b.waiting)
	if err != nil {
		return err
	}
	for _, i := range b.given {
		b.added = append(b.added, added[i])
	}
	b.waiting, b.given, b.bytes = nil, nil, 0
	return nil
}
