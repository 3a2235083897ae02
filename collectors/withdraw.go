package collectors

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/versions"
	"github.com/cabstand/cabstand/store"
)

// maxWithdrawn bounds what one run takes back. A source that takes back more has rather lost its
// mind, or its data.
const maxWithdrawn = 100_000

var (
	errNotOurs  = errors.New("taken back by a feed that did not make it")
	errVerbatim = errors.New("a kind that passes on the objects of others takes none back")
)

// owners returns the identities whose objects a feed may take back: its own and that of the feeds
// that its kind speaks for.
func owners(kind Kind, feed Feed) map[string]bool {
	owners := map[string]bool{identityID(feed.ID): true}
	if kind.SpeaksFor != nil {
		for _, id := range kind.SpeaksFor(feed) {
			owners[identityID(id)] = true
		}
	}
	return owners
}

// withdraw notes objects that the source takes back. Nothing is written before the run has ended
// well: half an answer must not revoke anything.
func (w *writer) withdraw(ids ...string) error {
	if w.verbatim {
		return errVerbatim
	}
	for _, id := range ids {
		w.withdrawn[id] = struct{}{}
	}
	if len(w.withdrawn) > maxWithdrawn {
		return fmt.Errorf("%w: the source takes back more than %d objects in one run",
			ErrGuard, maxWithdrawn)
	}
	return nil
}

// revokeWithdrawn revokes what was withdrawn. What the same run emitted stays, whichever came
// first: a source that says both would otherwise end and begin an object in every run.
func (w *writer) revokeWithdrawn(ctx, held context.Context) error {
	var ids []string
	goesOn := map[uuid.UUID]bool{} // what this run emitted and was written under these ids
	for _, id := range w.renamed {
		goesOn[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(w.withdrawn)) {
		if !w.seen.Has(id) && !goesOn[uuidOf(id)] {
			ids = append(ids, id)
		}
	}
	return w.revoke(ctx, held, ids)
}

// revoke writes the last version of objects (STIX 2.1 §3.6). Those that the collection does not
// have, that have no versions, or that are revoked already stay as they are. It ends between two
// batches with ctx, the context of the run: there may be more than a server that stops has time
// for, and the run that repeats this one revokes the rest. A batch lasts as long as held. The time
// of the run does not count: a collector that stops in time, to go on from there in the next run,
// would never get further if it were to read the same again.
func (w *writer) revoke(ctx, held context.Context, ids []string) error {
	for batch := range slices.Chunk(ids, batchObjects) {
		if why := context.Cause(ctx); why != nil && !errors.Is(why, errTooLong) {
			return why
		}
		if err := w.revokeBatch(held, batch); err != nil {
			return because(errWrite, fmt.Errorf("revoke in %s: %w", w.collection, err))
		}
	}
	return nil
}

func (w *writer) revokeBatch(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, flushTime,
		fmt.Errorf("it took longer than %v", flushTime))
	defer cancel()
	for range maxRounds {
		beaten, err := w.revokeRound(ctx, ids)
		if err != nil || len(beaten) == 0 {
			return causeOf(ctx, err)
		}
		ids = beaten
	}
	return errContended
}

// revokeRound returns the ids of those whose version somebody else wrote meanwhile. Their
// content may be another one.
func (w *writer) revokeRound(ctx context.Context, ids []string) (beaten []string, err error) {
	current, err := w.current(ctx, ids)
	if err == nil {
		err = w.learnSpeakers(ctx, current)
	}
	if err != nil {
		return nil, err
	}
	var incoming []store.Incoming
	for _, id := range ids {
		o, known := current[id]
		if !known || o.Revoked || !o.Versioned() {
			continue
		}
		if !w.owners[o.CreatedByRef] && !w.speakers[o.CreatedByRef] {
			w.counts.Refused++
			w.refuse(o, errNotOurs)
			continue
		}
		last, err := versions.Revoke(o, w.later(o))
		if err != nil {
			return nil, err
		}
		incoming = append(incoming, store.Received(last))
	}
	if err := w.holds(); err != nil || len(incoming) == 0 {
		return nil, err
	}
	added, err := w.sink.Add(ctx, w.collection, incoming)
	for i, a := range added {
		if a.New {
			w.counts.Revoked++
		} else {
			beaten = append(beaten, incoming[i].Object.ID)
		}
	}
	return beaten, err
}

// learnSpeakers finds out which creators of objects are identities that an owner has made: those
// in whose name a source passes on what they say.
func (w *writer) learnSpeakers(ctx context.Context, objects map[string]stix.Object) error {
	var ids []string
	for _, o := range objects {
		id := o.CreatedByRef
		_, known := w.speakers[id]
		if !known && id != "" && !w.owners[id] && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	creators, err := newest(ctx, w.sink, w.collection, ids)
	for _, id := range ids {
		w.speakers[id] = w.owners[creators[id].CreatedByRef]
	}
	return err
}
