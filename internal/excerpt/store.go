package excerpt

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// Store is a store that adds the excerpts of what is added, and deletes those of what is deleted.
// Everybody who writes to collections goes by way of it. Who copies entries as they are, such as
// a backup, uses the store under it, in which excerpts are entries like others.
type Store struct {
	store.Store
	redacts func(collection string) bool
	key     atomic.Pointer[key] // nil until it was needed
}

var _ store.Store = (*Store)(nil)

// New returns a store over another one. redacts reports whether a collection of the store has
// excerpts made now; it is asked at each Add.
func New(s store.Store, redacts func(collection string) bool) *Store {
	return &Store{Store: s, redacts: redacts}
}

// Add implements store.Store. The excerpts of an object come right behind it, in the same batch,
// and with its date if that is to be kept. They are made of the first bytes of a version, which
// are those that stay, so that adding an object again changes nothing. Objects that go in with
// other marks than their own have none.
//
// A later version that lacks an excerpt of the one before revokes that for its readers. A version
// that comes after a later one has only the excerpts that this one has, too.
func (s *Store) Add(
	ctx context.Context, collection string, objects []store.Incoming,
) ([]store.Added, error) {
	if len(objects) == 0 || !s.redacts(collection) {
		return s.Store.Add(ctx, collection, objects)
	}
	find := s.keyOf
	if slices.ContainsFunc(objects, func(in store.Incoming) bool { return hasParts(in.Object) }) {
		find = s.makeKey
	}
	k, err := find(ctx)
	if err != nil {
		return nil, err
	}
	if k == nil { // no excerpts to make, and none to revoke
		return s.Store.Add(ctx, collection, objects)
	}
	b := &batch{
		known: known{store: s.Store, collection: collection, key: k},
		seen:  map[string]bool{}, made: map[string]stix.Timestamp{},
	}
	if err := b.lookUp(ctx, objects); err != nil {
		return nil, err
	}
	for _, in := range objects {
		if err := b.add(ctx, in); err != nil {
			return nil, err
		}
	}
	if err := b.flush(ctx); err != nil {
		return nil, err
	}
	return b.added, nil
}
