package migrate

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// batchBytes bounds the objects that are in memory at a time, one larger one aside.
const batchBytes = 8 << 20

// entries returns all entries of a collection that q does not leave out, in their order. After
// an error there are no more.
func (r *run) entries(
	ctx context.Context, s side, name string, q store.Query,
) iter.Seq2[store.Entry, error] {
	return func(yield func(store.Entry, error) bool) {
		for page, err := range r.pages(ctx, s, name, q) {
			if err != nil {
				yield(store.Entry{}, err)
				return
			}
			for _, e := range page {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// pages is entries by the page. No page is empty.
func (r *run) pages(
	ctx context.Context, s side, name string, q store.Query,
) iter.Seq2[[]store.Entry, error] {
	q.Versions = store.Versions{All: true}
	q.SpecVersions = []string{stix.Spec20, stix.Spec21}
	q.Limit, q.MaxBytes = r.Batch, batchBytes
	return func(yield func([]store.Entry, error) bool) {
		for more := true; more; {
			page, err := s.Page(ctx, name, q)
			if err != nil {
				yield(nil, fmt.Errorf("read collection %q of the %s: %w", name, s.name, err))
				return
			}
			if len(page.Entries) > 0 && !yield(page.Entries, nil) {
				return
			}
			more, q.Cursor = page.More, page.Next
		}
	}
}

// copyEntries copies what comes after the newest entry of each collection of the target, and
// has entries of later come after the newest that the source ever had.
func (r *run) copyEntries(ctx context.Context) error {
	r.stage(Copying)
	for _, name := range r.collections {
		if err := r.copyCollection(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) copyCollection(ctx context.Context, name string) error {
	there, err := r.To.Stats(ctx, name)
	if err != nil {
		return fmt.Errorf("read collection %q of the target: %w", name, err)
	}
	r.advance(int(there.Entries))
	q := store.Query{AddedAfter: there.LastAdded}
	for page, err := range r.pages(ctx, r.source(), name, q) {
		if err != nil {
			return err
		}
		if err := r.add(ctx, name, page); err != nil {
			return err
		}
		r.report.Copied += int64(len(page))
		r.advance(len(page))
	}
	if err := r.To.Advance(ctx, name, r.stats[name].LastAdded); err != nil {
		return fmt.Errorf("advance collection %q of the target: %w", name, err)
	}
	return nil
}

// add writes a page and makes sure that it has come to stand where it stood.
func (r *run) add(ctx context.Context, name string, page []store.Entry) error {
	batch := make([]store.Incoming, len(page))
	for i, e := range page {
		o, err := objectOf(e)
		if err != nil {
			return fmt.Errorf("collection %q of the source: %s: %w", name, describe(e), err)
		}
		batch[i] = store.Incoming{Object: o, Marks: e.Marks, DateAdded: e.DateAdded}
	}
	added, err := r.To.Add(ctx, name, batch)
	if err != nil {
		return fmt.Errorf("write to collection %q of the target: %w", name, err)
	}
	for i, a := range added {
		if a.Position != page[i].Position || !a.DateAdded.Equal(page[i].DateAdded) {
			return fmt.Errorf("collection %q of the target put %s at %s; %s", name,
				describe(page[i]), a.DateAdded.Format(time.RFC3339Nano), startAnew)
		}
	}
	return nil
}

// startAnew is what to do about a target whose entries are not, and can no longer become, those
// of the source: dates never go back.
const startAnew = "something else has written to it: choose an empty target and copy again"

// objectOf reads the header of an entry's bytes again.
func objectOf(e store.Entry) (stix.Object, error) {
	o, err := stix.Parse(e.Raw)
	if err != nil {
		return o, fmt.Errorf("is no object that can be stored: %w", err)
	}
	otherVersion := o.Version() != "" && o.Version() != e.Version
	if o.ID != e.ID || o.SpecVersion != e.SpecVersion || otherVersion {
		return o, fmt.Errorf("is kept as something else than its bytes say: %s of STIX %s, version %q",
			o.ID, o.SpecVersion, o.Version())
	}
	return o, nil
}

// describe names an entry in a sentence.
func describe(e store.Entry) string {
	return fmt.Sprintf("%s (version %s, STIX %s, added %s)",
		e.ID, e.Version, e.SpecVersion, e.DateAdded.UTC().Format(time.RFC3339Nano))
}
