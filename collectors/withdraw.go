package collectors

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/cabstand/cabstand/stix/versions"
	"github.com/cabstand/cabstand/store"
)

// maxWithdrawn bounds what one run takes back. A source that takes back more has rather lost its
// mind, or its data.
const maxWithdrawn = 100_000

// withdraw notes objects that the source takes back. Nothing is written before the run has ended
// well: half an answer must not revoke anything.
func (w *writer) withdraw(ids ...string) error {
	for _, id := range ids {
		if len(w.withdrawn) == maxWithdrawn {
			return fmt.Errorf("%w: the source takes back more than %d objects in one run",
				ErrGuard, maxWithdrawn)
		}
		w.withdrawn[id] = struct{}{}
	}
	return nil
}

// revoke writes the last version of what was withdrawn. Objects that the collection does not have,
// that have no versions, or that are revoked already stay as they are.
func (w *writer) revoke(ctx context.Context) error {
	ids := slices.Sorted(maps.Keys(w.withdrawn))
	for batch := range slices.Chunk(ids, batchObjects) {
		if err := w.revokeBatch(ctx, batch); err != nil {
			return fmt.Errorf("revoke in %s: %w", w.collection, causeOf(ctx, err))
		}
	}
	return nil
}

func (w *writer) revokeBatch(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, flushTime,
		fmt.Errorf("it took longer than %v", flushTime))
	defer cancel()
	stored, err := w.stored(ctx, ids)
	if err != nil {
		return err
	}
	var incoming []store.Incoming
	for _, id := range ids {
		o, known := stored[id]
		if !known || o.Modified == "" || o.Revoked {
			continue
		}
		last, err := versions.Revoke(o, w.later(o))
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		incoming = append(incoming, store.Received(last))
	}
	if err := w.holds(); err != nil || len(incoming) == 0 {
		return err
	}
	added, err := w.sink.Add(ctx, w.collection, incoming)
	for _, a := range added {
		if a.New {
			w.counts.Revoked++
		}
	}
	return err
}
