package pebblestore

import (
	"bytes"
	"context"
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
)

// Page implements store.Store.
func (s *Store) Page(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	r, err := q.Resume(collection)
	if err != nil {
		return store.Page{}, err
	}
	var page store.Page
	err = s.read(ctx, func(v *view) (err error) {
		page, err = v.page(collection, r)
		return err
	})
	if err != nil {
		return store.Page{}, err
	}
	return page, nil
}

func (v *view) page(name string, q store.Resumed) (page store.Page, err error) {
	page.Examined = 1
	record, _, err := getCollection(v.snap, name)
	after := max(q.After, store.PositionAt(q.AddedAfter))
	if err != nil || after >= record.last {
		return page, err
	}
	palette, examined, err := v.gen.palettes.of(v.snap, record)
	page.Examined += examined
	if err != nil {
		return page, err
	}
	it, err := v.snap.NewIter(nil)
	if err != nil {
		return page, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	sel := newSelection(q, palette)
	sel.view, sel.it, sel.collection, sel.after = v, it, record.number, after
	positions, examined, err := sel.positions(q)
	page.Examined += examined
	if err != nil || len(positions) == 0 {
		return page, err
	}
	matches := len(positions)
	positions = positions[:min(matches, q.Limit)]
	page.Entries, err = sel.entries(positions, q.Query)
	if err != nil {
		return page, err
	}
	page.Examined += len(page.Entries)
	if n := len(page.Entries); n < matches {
		page.More = true
		page.Next = q.Next(name, positions[n-1])
	}
	return page, nil
}

// positions returns the positions of a page and of one match more, if there is one.
func (sel *selection) positions(q store.Resumed) (positions []uint64, examined int, err error) {
	var sources []*source
	if q.IDs == nil {
		sources, err = sel.byShade()
	} else {
		sources, err = sel.byID(q.MatchableIDs())
	}
	if err != nil {
		return nil, 0, err
	}
	m, err := newMerger(sel.it, sources, q.Limit+1)
	if err != nil {
		return nil, 0, err
	}
	for {
		position, ok, err := m.next()
		if err != nil || !ok {
			return positions, sel.examined + m.examined, err
		}
		positions = append(positions, position)
	}
}

// entries reads the entries at positions, which ascend, as far as q.MaxBytes lets it.
func (sel *selection) entries(positions []uint64, q store.Query) ([]store.Entry, error) {
	it, prefix := sel.it, appendTag(nil, tagEntry, sel.collection)
	entries := make([]store.Entry, 0, len(positions))
	copies := arena{coming: len(positions)}
	var key []byte
	size, bounded := 0, q.MaxBytes > 0 && !q.WithoutRaw
	for _, position := range positions {
		key = appendPosition(append(key[:0], prefix...), position)
		if !seek(it, key) {
			return nil, errors.Join(errMissing, it.Error())
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, err
		}
		record, err := decodeEntry(value)
		if err != nil {
			return nil, err
		}
		size += len(record.raw)
		if bounded && size > q.MaxBytes && len(entries) > 0 {
			return entries, nil
		}
		e := record.entry(position)
		if e.Marks, err = sel.palette.text(record.mark); err != nil {
			return nil, err
		}
		if !q.WithoutRaw {
			e.Raw = copies.copy(record.raw)
		}
		entries = append(entries, e)
	}
	return entries, nil
}

var errMissing = errors.New("an index names an entry that is not there")

// seek moves to a key, by a step if it is the next one: positions of one shade often follow
// one another.
func seek(it *pebble.Iterator, key []byte) bool {
	if it.Valid() && it.Next() && bytes.Equal(it.Key(), key) {
		return true
	}
	return it.SeekGE(key) && bytes.Equal(it.Key(), key)
}

func (r entryRecord) entry(position uint64) store.Entry {
	e := store.Entry{
		Position:    position,
		DateAdded:   store.DateOf(position),
		ID:          r.id,
		Type:        stix.TypeOfID(r.id),
		SpecVersion: r.spec.String(),
		Version:     r.version,
	}
	if e.Version == "" {
		e.Version = taxii.FormatTimestamp(e.DateAdded)
	}
	return e
}

// arena copies byte slices into few allocations.
type arena struct {
	free []byte
	// coming is how many slices are still to be copied, or 0 if nobody knows. A few small ones, such
	// as a look at a marking-definition reads, are not worth a block.
	coming int
}

const arenaBlock = 256 << 10

func (a *arena) copy(b []byte) []byte {
	if len(b) > len(a.free) {
		block := arenaBlock
		if a.coming > 0 {
			block = min(block, a.coming*len(b))
		}
		a.free = make([]byte, max(block, len(b)))
	}
	a.coming = max(a.coming-1, 0)
	n := copy(a.free, b)
	taken := a.free[:n:n]
	a.free = a.free[n:]
	return taken
}
