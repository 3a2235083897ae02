package collectors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
)

// job is one run while it is under way.
type job struct {
	runner *Runner
	feed   Feed
	log    *slog.Logger
	lease  *lease // nil where settings are only checked, or tried
	last   int    // rows of the last good run

	rows    int  // last until the collector counts those of this run
	told    bool // whether it has
	guard   error
	before  int // rows that were left out before it did
	emitted int // objects
	counts  Counts
	drops   drops
	heldBy  map[string]int // values, by list
	traffic Traffic
	// What the state takes over after a good run.
	validators Validators
	horizon    horizon
	listing    uint64 // the run that wrote it; 0 is none
	lists      string // their version
}

// read tells how many rows were read and could be used. Of a collector that does not count them
// each object is one.
func (j *job) read() Rows {
	if !j.told {
		return Rows{Read: j.emitted + j.counts.Skipped, Kept: j.emitted}
	}
	// What is left out after the count was in it.
	after := j.counts.Skipped - j.before
	return Rows{Read: j.rows + j.before, Kept: max(j.rows-after, 0)}
}

// do makes the parts of a run and has them work. The collector is made anew for every run, so
// that nothing it remembers can take the place of the cursor. held is the context of the lease,
// which lasts until what was read is written.
func (j *job) do(ctx, held context.Context, st *state) (next string, err error) {
	kind, ok := j.runner.kinds[j.feed.Kind]
	if !ok {
		return "", because(errSetting, fmt.Errorf("there is no kind %q", j.feed.Kind))
	}
	if may := j.runner.cfg.May; may != nil {
		if err := may(ctx, j.feed); err != nil {
			return "", because(errSetting, err)
		}
	}
	w, err := j.writer(kind, st)
	if err != nil {
		return "", err
	}
	if err := j.sift(ctx, kind, w); err != nil {
		return "", err
	}
	known := st.Validators
	if st.Lists != j.lists {
		known = nil // what a list no longer holds is in the document that was read before
	}
	if st.reached(w.now, w.life) {
		known = nil // a 304 would leave what is listed still to lapse
	}
	session, err := j.runner.client.Session(j.feed, known)
	if err != nil {
		return "", err
	}
	defer session.Close()
	collector, err := kind.New(j.feed, j.tools(session, w))
	if err != nil {
		return "", err
	}
	next, err = j.collect(ctx, held, collector, st.Cursor, w)
	j.counts.New, j.counts.Changed = w.counts.New, w.counts.Changed
	j.counts.Unchanged, j.counts.Invalid = w.counts.Unchanged, w.counts.Invalid
	j.counts.Refused, j.counts.HeldBack = w.counts.Refused, w.sieve.total()
	j.counts.Revoked = w.counts.Revoked
	if err == nil {
		err = j.guard
	}
	j.heldBy = w.sieve.counts()
	j.validators, j.horizon, j.traffic = session.Validators(), w.horizon, session.Traffic()
	if w.listing != nil {
		j.listing = w.listing.run
	}
	return next, err
}

// sift puts the lists of the feed before the writer. Objects of another producer are passed on
// as they are.
func (j *job) sift(ctx context.Context, kind Kind, w *writer) error {
	if j.runner.cfg.Lists == nil || kind.Verbatim {
		return nil
	}
	lists, err := j.runner.cfg.Lists(ctx, j.feed)
	if err != nil {
		return because(errSetting, fmt.Errorf("warninglists: %w", err))
	}
	j.lists = lists.Version()
	w.sieve = newSieve(lists)
	return nil
}

// collect lets the collector work and writes the rest of its objects, also after an error or
// the end of its time: a row that was read is not worth less because a later one was not, and
// a collector that reads on where it was needs what it has read to be kept.
func (j *job) collect(
	ctx, held context.Context, collector Collector, cursor string, w *writer,
) (next string, err error) {
	next, err = withoutPanic(j.log, func() (string, error) {
		return collector.Collect(ctx, cursor, func(o stix.Object) error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			j.emitted++
			return because(errWrite, w.add(held, o))
		})
	})
	if flushed := w.finish(held); flushed != nil && !errors.Is(err, flushed) {
		if errors.Is(err, ErrNotModified) {
			err = nil // or the run would pass for a good one
		}
		err = errors.Join(err, because(errWrite, flushed))
	}
	if err == nil {
		err = w.revokeWithdrawn(ctx, held)
	}
	if err == nil {
		err = w.revokeMissing(ctx, held)
	}
	return next, err
}

// withoutPanic turns a panic of a collector into an error: one feed must not take the server
// and the other feeds with it.
func withoutPanic(log *slog.Logger, f func() (string, error)) (next string, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", errPanic, p)
			log.Error("collector panicked", "err", brief(err), "stack", string(debug.Stack()))
		}
	}()
	return f()
}

// maxReason bounds what a source can write into the log and the state with one error.
const maxReason = 2 << 10

// brief is an error as text that is not too long.
func brief(err error) string {
	text := err.Error()
	if len(text) <= maxReason {
		return text
	}
	return strings.ToValidUTF8(text[:maxReason], "") + "…"
}

// writer resolves the collection in every run: it may have been made since the last one.
func (j *job) writer(kind Kind, st *state) (*writer, error) {
	collection, err := j.runner.cfg.Collection(j.feed.Collection)
	if err != nil {
		return nil, because(errSetting, fmt.Errorf("collection %s: %w", j.feed.Collection, err))
	}
	w := &writer{
		sink: j.runner.cfg.Store, collection: collection, verbatim: kind.Verbatim,
		now: st.Clock, refuse: j.refuse, holds: j.holds,
		unversioned: map[string]bool{}, withdrawn: map[string]struct{}{}, renamed: renames{},
		owners: owners(kind, j.feed), speakers: map[string]bool{},
	}
	if admit := j.runner.cfg.Admit; admit != nil {
		w.admit = func(ctx context.Context, objects []stix.Object) ([]error, error) {
			return admit(ctx, j.feed.Collection, objects)
		}
	}
	if w.life, err = newLifetimes(j.feed, w.now); err != nil {
		return nil, err
	}
	if j.feed.STIX.Missing == missingRevoke && j.lease != nil { // a trial keeps nothing
		w.listing = &listing{
			documents: j.runner.cfg.Documents, feed: j.feed.ID, before: st.Listing, run: st.Term,
			maxDrop: j.feed.Guards.MaxDropPct,
		}
	}
	if kind.Verbatim {
		return w, nil
	}
	builder, err := NewBuilder(j.feed, w.now)
	if err != nil {
		return nil, err
	}
	w.first, w.made = builder.Provenance(), builder.Made
	return w, nil
}

// refuse notes an object that is not STIX, or too large, or that the collection does not let in.
// The writer counts it.
func (j *job) refuse(o stix.Object, reason error) { j.drop(o.ID, reason) }

// drop notes why a row or an object was left out. The line that a run leaves in the log has the
// reasons; each row by itself is for whoever looks into a source.
func (j *job) drop(where string, reason error) {
	why := brief(reason)
	j.drops.add(where, why)
	j.log.Debug("left out", "where", where, "err", why)
}

// holds reports why the run may write no more.
func (j *job) holds() error {
	if j.lease == nil { // nobody else knows of it
		return nil
	}
	return j.lease.holds()
}

// tools stop the clock for the run: objects that are made at different moments of it would
// otherwise differ from those of a repeated run by their times alone.
func (j *job) tools(session *Session, w *writer) Tools {
	return Tools{
		Fetch: session, Transport: session.wire,
		Now: func() time.Time { return w.now },
		Skip: func(where string, reason error) {
			j.counts.Skipped++
			j.drop(where, reason)
		},
		Rows: func(n int) error {
			j.rows, j.told, j.before = n, true, j.counts.Skipped
			err := j.feed.Guards.Check(n, j.last)
			if j.lease == nil { // a trial shows what there would be all the same
				j.guard, err = err, nil
			}
			return err
		},
		Withdraw: w.withdraw,
		Recall:   w.recall,
		Objects:  w.objects,
		Log:      j.log,
	}
}
