package excerpt

import (
	"context"
	"fmt"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// known is what a collection has of the objects of a batch.
type known struct {
	store      store.Store
	collection string
	key        key
	newest     map[string]newest // by id of the object
}

// newest is the newest version of an object, stored or on its way.
type newest struct {
	version stix.Timestamp
	parts   bool        // see hasParts
	object  stix.Object // zero if it is stored: together they may be large
}

// pageBytes bounds what a look at the store holds in memory.
const pageBytes = 8 << 20

func bothSpecs() []string { return []string{stix.Spec20, stix.Spec21} }

// lookUp finds the newest stored versions of the objects of a batch that can have excerpts or
// earlier versions.
func (k *known) lookUp(ctx context.Context, objects []store.Incoming) error {
	k.newest = map[string]newest{}
	var ids []string
	for _, in := range objects {
		if isLater(in.Object) || hasParts(in.Object) {
			ids = append(ids, in.Object.ID)
		}
	}
	for len(ids) > 0 {
		some := ids[:min(len(ids), store.MaxCombinations)]
		ids = ids[len(some):]
		q := store.Query{IDs: some, Versions: store.Versions{Last: true}}
		err := k.each(ctx, q, func(o stix.Object) error {
			k.newest[o.ID] = newest{version: o.VersionTime(), parts: hasParts(o)}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// isLater reports whether an object can have had an earlier version (STIX 2.1 §3.6).
func isLater(o stix.Object) bool {
	created, err := stix.ParseTimestamp(o.Created)
	return o.Versioned() && (err != nil || created.Compare(o.VersionTime()) < 0)
}

// placeOf tells versions of objects apart as a store does.
func placeOf(o stix.Object) string {
	return string(o.VersionTime().AppendKey([]byte(o.SpecVersion + " " + o.ID + " ")))
}

// stays returns what the collection has in the place of an object, or the object itself.
func (k *known) stays(ctx context.Context, o stix.Object) (stix.Object, error) {
	before, known := k.newest[o.ID]
	if !known || before.version.Compare(o.VersionTime()) < 0 || !hasParts(o) {
		return o, nil
	}
	stored := o
	err := k.each(ctx, placeQuery(o.ID, o.VersionTime()), func(found stix.Object) error {
		if placeOf(found) == placeOf(o) {
			stored = found
		}
		return nil
	})
	return stored, err
}

// read returns the newest version of an object.
func (k *known) read(ctx context.Context, id string, n newest) (o stix.Object, err error) {
	if n.object.Raw != nil {
		return n.object, nil
	}
	err = k.each(ctx, placeQuery(id, n.version), func(found stix.Object) error {
		o = found
		return nil
	})
	return o, err
}

// placeQuery asks for one version of an object, or for all there is of one without versions.
func placeQuery(id string, version stix.Timestamp) store.Query {
	q := store.Query{IDs: []string{id}, SpecVersions: bothSpecs()}
	if version.IsZero() {
		q.Versions.First = true
	} else {
		q.Versions.Exact = []stix.Timestamp{version}
	}
	return q
}

// holds reports whether the newest version that is stored of an excerpt is that one.
func (k *known) holds(ctx context.Context, e excerpt) (is bool, err error) {
	q := store.Query{IDs: []string{e.object.ID}, Versions: store.Versions{Last: true}}
	err = k.each(ctx, q, func(found stix.Object) error {
		is = placeOf(found) == placeOf(e.object)
		return nil
	})
	return is, err
}

// each calls do for the objects of the collection that match a query.
func (k *known) each(ctx context.Context, q store.Query, do func(stix.Object) error) error {
	q.MaxBytes = pageBytes
	for {
		page, err := k.store.Page(ctx, k.collection, q)
		if err != nil {
			return fmt.Errorf("look up excerpts: %w", err)
		}
		for _, e := range page.Entries {
			o, err := stix.Parse(e.Raw)
			if err != nil {
				return fmt.Errorf("look up excerpts: stored %s: %w", e.ID, err)
			}
			if err := do(o); err != nil {
				return err
			}
		}
		if !page.More {
			return nil
		}
		q.Cursor = page.Next
	}
}
