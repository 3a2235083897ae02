package collectors

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/store"
	"github.com/google/uuid"
)

// listingKind is the kind of the documents that say what a source listed, sixteen bytes for each
// indicator. Only feeds have them for which missing means withdrawn: to find what is missing in
// the collection instead would mean to read it, with the indicators of all other feeds.
const listingKind = "feedlisting"

// listingPart is how many indicators one document has.
const listingPart = 1 << 16

// listing is which indicators a source lists. Each has documents of its own, so that a run that
// was cut off or overtaken changes nothing in the one that the feed's state names.
type listing struct {
	documents store.Documents
	feed      string
	before    uint64 // the run that wrote the listing of the last good run; 0 is none
	run       uint64 // this one
	maxDrop   int    // in percent
	ids       []uuid.UUID
}

// note adds an indicator of this run.
func (l *listing) note(id string) { l.ids = append(l.ids, uuidOf(id)) }

// missing returns what the last good run listed and this one does not. So many that the feed's
// guard refuses them are an error.
func (l *listing) missing(ctx context.Context) (gone []uuid.UUID, err error) {
	slices.SortFunc(l.ids, compareIDs)
	l.ids = slices.Compact(l.ids)
	listed, next := 0, 0
	err = l.read(ctx, func(id uuid.UUID) {
		listed++
		for next < len(l.ids) && compareIDs(l.ids[next], id) < 0 {
			next++
		}
		if next == len(l.ids) || l.ids[next] != id {
			gone = append(gone, id)
		}
	})
	if err != nil {
		return nil, because(errWrite, err)
	}
	if len(gone)*100 > l.maxDrop*listed {
		err = fmt.Errorf("%w: %d of %d indicators are missing, and max_drop_pct is %d: "+
			"nothing was revoked", ErrGuard, len(gone), listed, l.maxDrop)
	}
	return gone, err
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// read calls each with the indicators of the last good run, in ascending order.
func (l *listing) read(ctx context.Context, each func(uuid.UUID)) error {
	if l.before == 0 {
		return nil
	}
	prefix := l.prefix(l.before)
	for after := ""; ; {
		parts, err := l.documents.List(ctx, listingKind, prefix, after, 1)
		if err != nil {
			return fmt.Errorf("read what feed %s listed: %w", l.feed, err)
		}
		if len(parts) == 0 {
			return nil
		}
		if len(parts[0].Value)%len(uuid.UUID{}) != 0 {
			return fmt.Errorf("read what feed %s listed: document %s is damaged", l.feed, parts[0].Key)
		}
		for id := range slices.Chunk(parts[0].Value, len(uuid.UUID{})) {
			each(uuid.UUID(id))
		}
		after = parts[0].Key
	}
}

func (l *listing) prefix(run uint64) string { return fmt.Sprintf("%s/%016x/", l.feed, run) }

// write keeps the listing of this run, after those of runs that nobody will ask for have been
// removed. The one of the last good run stays until the state says otherwise.
func (l *listing) write(ctx context.Context) error {
	if err := l.removeOthers(ctx); err != nil {
		return fmt.Errorf("remove what feed %s listed long ago: %w", l.feed, err)
	}
	part := 0
	for ids := range slices.Chunk(l.ids, listingPart) {
		value := make([]byte, 0, len(ids)*len(uuid.UUID{}))
		for _, id := range ids {
			value = append(value, id[:]...)
		}
		_, err := l.documents.Put(ctx, store.Document{
			Kind: listingKind, Key: fmt.Sprintf("%s%06d", l.prefix(l.run), part), Value: value,
			Revision: store.AnyRevision,
		})
		if err != nil {
			return fmt.Errorf("write what feed %s lists: %w", l.feed, err)
		}
		part++
	}
	return nil
}

// removeOthers leaves that of a later run: if there is one, this run was overtaken while it stood
// still, and the state names the other one.
func (l *listing) removeOthers(ctx context.Context) error {
	own := l.prefix(l.run)
	for after := ""; ; {
		parts, err := l.documents.List(ctx, listingKind, l.feed+"/", after, 1)
		if err != nil || len(parts) == 0 {
			return err
		}
		after = parts[0].Key
		if after > own && !strings.HasPrefix(after, own) {
			return nil
		}
		if strings.HasPrefix(after, l.prefix(l.before)) {
			continue
		}
		err = l.documents.Remove(ctx, listingKind, after)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
}

// revokeMissing revokes what the source no longer lists, and keeps what it lists for the next
// run. A run that repeats it finds the same missing, and revoked already.
func (w *writer) revokeMissing(ctx, held context.Context) error {
	if w.listing == nil {
		return nil
	}
	gone, err := w.listing.missing(held)
	if err != nil {
		return err
	}
	ids := make([]string, 0, batchObjects)
	for batch := range slices.Chunk(gone, batchObjects) {
		ids = ids[:0]
		for _, id := range batch {
			ids = append(ids, "indicator--"+id.String())
		}
		if err := w.revoke(ctx, held, ids); err != nil {
			return err
		}
	}
	if err := w.holds(); err != nil {
		return because(errWrite, err)
	}
	return because(errWrite, w.listing.write(held))
}
