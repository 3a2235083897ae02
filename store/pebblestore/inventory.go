package pebblestore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cabstand/cabstand/store"
)

// Collections implements store.Store.
func (s *Store) Collections(
	ctx context.Context, after string, limit int,
) (names []string, err error) {
	err = s.read(ctx, func(v *view) (err error) {
		names, err = v.collections(after, limit)
		return err
	})
	return names, err
}

func (v *view) collections(after string, limit int) (names []string, err error) {
	it, err := v.snap.NewIter(&pebble.IterOptions{
		LowerBound: append(appendCollectionKey(nil, after), 0),
		UpperBound: []byte{tagCollection + 1},
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := it.First(); ok && (limit <= 0 || len(names) < limit); ok = it.Next() {
		names = append(names, string(it.Key()[1:]))
	}
	return names, nil // Close returns what went wrong on the way
}

// Kinds implements store.Store. It costs a seek per kind, however many documents a kind has.
func (s *Store) Kinds(ctx context.Context) (kinds []string, err error) {
	err = s.read(ctx, func(v *view) (err error) {
		kinds, err = v.kinds()
		return err
	})
	return kinds, err
}

func (v *view) kinds() (kinds []string, err error) {
	it, err := v.snap.NewIter(&pebble.IterOptions{
		LowerBound: []byte{tagDocument},
		UpperBound: []byte{tagDocument + 1},
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, it.Close()) }()
	for ok := it.First(); ok; {
		kind, _, found := bytes.Cut(it.Key()[1:], []byte{0})
		if !found {
			return nil, fmt.Errorf("%w: key of a document", errRecord)
		}
		kinds = append(kinds, string(kind))
		ok = it.SeekGE(successor(appendDocumentKey(nil, string(kind), "")))
	}
	return kinds, nil // Close returns what went wrong on the way
}

// advance is the change that Advance makes.
type advance struct {
	collection string
	end        uint64
}

// Advance implements store.Store. A date before 1970 is before every entry: it makes no
// collection.
func (s *Store) Advance(ctx context.Context, collection string, end time.Time) error {
	return s.do(ctx, &advance{collection, store.PositionAt(end)})
}

func (a *advance) size() int   { return 0 }
func (a *advance) alone() bool { return false }

// apply implements change.
func (a *advance) apply(b *batch) error {
	if a.end == 0 {
		return nil
	}
	c, err := b.collection(a.collection)
	if err != nil {
		return err
	}
	if a.end > c.last {
		c.last, c.changed = a.end, true
	}
	return nil
}
