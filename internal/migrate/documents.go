package migrate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/cabstand/cabstand/store"
)

// A list of documents has no bound in bytes, and each may have megabytes: lists begin short and
// grow while what they return is small.
const (
	fewDocuments  = 16
	manyDocuments = 1024
	smallList     = 1 << 20
)

// documents returns all documents of a kind by key. After an error there are no more.
func (r *run) documents(
	ctx context.Context, s side, kind string,
) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		after, limit := "", fewDocuments
		for {
			list, err := s.List(ctx, kind, "", after, limit)
			if err != nil {
				yield(store.Document{}, fmt.Errorf("list documents %s of the %s: %w", kind, s.name, err))
				return
			}
			size := 0
			for _, d := range list {
				size += len(d.Value)
				if !yield(d, nil) {
					return
				}
			}
			if len(list) < limit {
				return
			}
			after = list[len(list)-1].Key
			if limit = fewDocuments; size < smallList {
				limit = min(2*len(list), manyDocuments)
			}
		}
	}
}

// diffDocuments calls each for documents that the stores do not have alike, with nil for one
// that is missing. Documents that have expired meanwhile count as gone from both.
func (r *run) diffDocuments(
	ctx context.Context, each func(want, got *store.Document) error,
) error {
	r.report.Documents = 0
	for _, kind := range r.kinds {
		want, got := r.documents(ctx, r.source(), kind), r.documents(ctx, r.target(), kind)
		err := merge(want, got, byKey, func(want, got *store.Document) error {
			r.report.Documents++
			now := r.Now() // one for both
			if want, got = live(want, now), live(got, now); same(want, got) {
				return nil
			}
			return each(want, got)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func byKey(a, b store.Document) int { return strings.Compare(a.Key, b.Key) }

// live turns a document that has expired into none.
func live(d *store.Document, now time.Time) *store.Document {
	if d != nil && !d.Expires.IsZero() && !now.Before(d.Expires) {
		return nil
	}
	return d
}

// same compares documents but for their revisions, which each store gives by itself. Stores may
// keep the time of expiry to the millisecond only.
func same(want, got *store.Document) bool {
	if want == nil || got == nil {
		return want == got
	}
	return bytes.Equal(want.Value, got.Value) &&
		want.Expires.Truncate(time.Millisecond).Equal(got.Expires.Truncate(time.Millisecond))
}

// copyDocuments makes the documents of the target those of the source. What it overwrites and
// removes is of an earlier run: admit has seen to that.
func (r *run) copyDocuments(ctx context.Context) error {
	return r.diffDocuments(ctx, func(want, got *store.Document) error {
		if want == nil {
			err := r.To.Remove(ctx, got.Kind, got.Key)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("remove a document from the target: %w", err)
			}
			return nil
		}
		d := *want
		d.Revision = store.AnyRevision
		if _, err := r.To.Put(ctx, d); err != nil {
			return fmt.Errorf("write a document to the target: %w", err)
		}
		return nil
	})
}

func (r *run) checkDocuments(ctx context.Context) error {
	return r.diffDocuments(ctx, func(want, got *store.Document) error {
		switch {
		case want == nil:
			return fmt.Errorf("the target has a document, %s %q, that the source does not have; %s",
				got.Kind, got.Key, runAgain)
		case got == nil:
			return fmt.Errorf("the target lacks the document %s %q; %s", want.Kind, want.Key, runAgain)
		}
		return fmt.Errorf("the document %s %q is not the same in both stores; %s",
			want.Kind, want.Key, runAgain)
	})
}
