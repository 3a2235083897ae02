package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/store"
)

// keepEvery is how often old blocks are looked for.
const keepEvery = time.Hour

// Keep removes old blocks, now and every hour, until ctx ends. A keep of 0 removes none. Any
// number of servers may do so on one store.
func (r *Recorder) Keep(ctx context.Context, keep time.Duration) {
	if keep <= 0 {
		return
	}
	tick := time.NewTicker(keepEvery)
	defer tick.Stop()
	for {
		removed, err := r.Remove(ctx, keep)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			r.opts.Logger.Warn("old audit blocks not removed, trying again", "err", err)
		case removed > 0:
			r.opts.Logger.Info("old audit blocks removed", "blocks", removed, "keep", keep)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Remove removes the blocks at the beginning of the chain that were written longer than keep
// ago, never the last one, and returns how many. That they go is on record before the first of
// them does; what a crash leaves of them the next call removes.
func (r *Recorder) Remove(ctx context.Context, keep time.Duration) (removed int, err error) {
	first, old, err := r.trail.old(ctx, r.opts.Now().Add(-keep))
	if err != nil || old.Number == 0 {
		return 0, err
	}
	r.Record(ctx, Event{
		Kind: Retention, Block: old.Number, SHA256: old.Hash.String(),
		Detail: fmt.Sprintf("Blocks up to this one were written more than %v ago and are removed.", keep),
	})
	if err := r.Commit(ctx); err != nil {
		return 0, fmt.Errorf("record the removal of old audit blocks: %w", err)
	}
	for n := first; n <= old.Number; n++ {
		err := r.trail.docs.Remove(ctx, kind, keyOf(n))
		switch {
		case err == nil:
			removed++
		case !errors.Is(err, store.ErrNotFound): // which another server may have removed
			return removed, fmt.Errorf("remove audit block %d: %w", n, err)
		}
	}
	return removed, nil
}

// old returns the first block of the chain, and the last one of those from it on that were
// written before a time, which is zero if that is none. A block that cannot be read, or has a
// time of its own that does not fit, ends the search: what may be wrong is not thrown away.
func (t Trail) old(ctx context.Context, before time.Time) (first uint64, last Head, err error) {
	doc, first, err := t.next(ctx, 0)
	if err != nil || first == 0 {
		return 0, Head{}, err
	}
	if b, err := ReadBlock(doc.Value); err != nil || !b.Written.Before(before) {
		return first, Head{}, nil
	}
	end, err := t.Head(ctx)
	if err != nil {
		return first, Head{}, err
	}
	low, high := first, end.Number // low is old, high stays
	for low+1 < high {
		middle := low + (high-low)/2
		doc, number, err := t.next(ctx, middle-1)
		if err != nil {
			return first, Head{}, err
		}
		b, wrong := ReadBlock(doc.Value)
		if number >= high || number == 0 || wrong != nil || !b.Written.Before(before) {
			high = middle
		} else {
			low = number
		}
	}
	if low == end.Number {
		return first, Head{}, nil
	}
	found, err := t.docs.Get(ctx, kind, keyOf(low))
	if err != nil {
		return first, Head{}, fmt.Errorf("read audit block %d: %w", low, err)
	}
	b, wrong := ReadBlock(found.Value)
	if wrong != nil {
		return first, Head{}, nil
	}
	return first, b.Head, nil
}
