package collectors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/store"
)

// Report is what one run came to.
type Report struct {
	Feed     string        `json:"feed"`
	Started  time.Time     `json:"started"`
	Duration time.Duration `json:"duration"`
	// NotModified says that the source had nothing new, so that nothing was looked at.
	NotModified bool `json:"not_modified"`
	Counts
	// HeldBy has the values that each list held back; nil if none did.
	HeldBy map[string]int `json:"held_by,omitempty"`
}

// ErrRunning says that the feed is being run already, here or on another server.
var ErrRunning = errors.New("the feed is running already")

// defaultTimeout is for feeds that set no timeout.
const defaultTimeout = 10 * time.Minute

// timeout includes waiting for retries and for the store.
func (f Feed) timeout() time.Duration {
	if f.Timeout > 0 {
		return f.Timeout
	}
	return defaultTimeout
}

// run runs one feed once: state, collector, state. What was written before an error stays,
// and the next run starts from the same cursor; it finds it there and writes it no second time.
// ready reads the state and says whether the feed can be run.
func (r *Runner) run(
	ctx context.Context, feed Feed, ready func(context.Context, Feed) (state, error),
) (Report, error) {
	none := Report{Feed: feed.ID}
	if !r.enter(feed.ID) {
		return none, fmt.Errorf("feed %s: %w on this server", feed.ID, ErrRunning)
	}
	defer r.leave(feed.ID)
	st, err := ready(ctx, feed)
	if err != nil {
		return none, err
	}
	held, lease, err := r.acquire(ctx, feed, &st)
	if err != nil {
		return none, err
	}
	report, err := r.collect(ctx, held, lease, feed, &st)
	err = errors.Join(err, r.finish(ctx, lease, &st, report, err))
	r.metrics.observe(report, err)
	r.log(feed, report, err)
	if r.cfg.Ran != nil {
		r.cfg.Ran(ctx, feed, report, err)
	}
	return report, err
}

// collect runs the collector and brings the results of a good run into the state. It ends
// with ctx or with held, the context of the lease.
func (r *Runner) collect(
	ctx, held context.Context, lease *lease, feed Feed, st *state,
) (Report, error) {
	ctx, release := endingWith(ctx, held)
	defer release()
	ctx, cancel := context.WithTimeoutCause(ctx, feed.timeout(),
		fmt.Errorf("the run took longer than %v", feed.timeout()))
	defer cancel()
	job := &job{
		runner: r, feed: feed, log: r.cfg.Logger.With("feed", feed.ID), lease: lease,
		last: st.Rows, rows: st.Rows,
	}
	next, err := withoutPanic(job.log, func() (string, error) { return job.do(ctx, held, st) })
	report := Report{
		Feed: feed.ID, Started: st.Started, Duration: r.cfg.Now().Sub(st.Started),
		NotModified: errors.Is(err, ErrNotModified), Counts: job.counts, HeldBy: job.heldBy,
	}
	if err != nil && !report.NotModified {
		return report, fmt.Errorf("feed %s: %w", feed.ID, causeOf(ctx, err))
	}
	if !report.NotModified {
		st.Cursor, st.horizon, st.Listing = next, job.horizon, job.listing
	}
	st.Rows, st.Validators, st.Lists = job.rows, job.validators, job.lists
	return report, nil
}

// endingWith returns a context that also ends when another one does, with its cause.
func endingWith(ctx, other context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	unbind := context.AfterFunc(other, func() { cancel(context.Cause(other)) })
	return ctx, func() {
		unbind()
		cancel(nil)
	}
}

// causeOf replaces the bare words of an expired context by why it ended.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return err
}

// finish saves the state and gives the lease back, even when the run was told to stop: then
// another server can go on at once. A run that ended with its server, its lease or the store
// says nothing about the source.
func (r *Runner) finish(
	ctx context.Context, lease *lease, st *state, report Report, err error,
) error {
	cut := ctx.Err() != nil || lease.holds() != nil || errors.Is(err, store.ErrUnavailable)
	st.ended(r.cfg.Now().UTC(), report, err, cut)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return lease.release(ctx, st)
}

// log writes one line a run, with the same figures whether it was good or not.
func (r *Runner) log(feed Feed, report Report, err error) {
	log := r.cfg.Logger.With("feed", feed.ID, "new", report.New, "changed", report.Changed, "revoked", report.Revoked,
		"unchanged", report.Unchanged, "skipped", report.Skipped, "invalid", report.Invalid,
		"refused", report.Refused, "held_back", report.HeldBack, "duration", report.Duration)
	if report.HeldBack > 0 {
		log = log.With("held_by", report.HeldBy)
	}
	if err != nil {
		log.Error("feed run ended early", "err", brief(err))
		return
	}
	log.Info("feed run finished", "not_modified", report.NotModified)
}
