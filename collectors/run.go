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
	Rows    Rows    `json:"rows"`
	Traffic Traffic `json:"traffic"`
	// Drops are the reasons for which rows and objects were left out, the most frequent first.
	Drops []Drop `json:"drops,omitempty"`
	// HeldBy has the values that each list held back; nil if none did.
	HeldBy map[string]int `json:"held_by,omitempty"`
	// Trouble is what kind of error ended the run, and Advice what can be done about it.
	Trouble Trouble `json:"trouble,omitempty"`
	Advice  string  `json:"advice,omitempty"`
}

// Rows are what a source lists, and how many of them could be used. The others are counted as
// skipped.
type Rows struct {
	Read int `json:"read"`
	Kept int `json:"kept"`
}

// judge notes what kind of trouble ended a run. Where not one of many rows makes sense it is their
// form that has changed, and not their number.
func (r *Report) judge(feed Feed, err error) {
	r.Trouble = TroubleOf(err)
	if r.Trouble == TroubleGuard && r.Rows.Kept == 0 && r.Skipped > 0 {
		r.Trouble = TroubleFormat
	}
	var notBefore time.Time
	if wait := retryAfter(err); wait > 0 {
		notBefore = r.Started.Add(r.Duration).Add(wait)
	}
	r.Advice = advice(r.Trouble, feed, notBefore)
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
	report.judge(feed, err)
	r.metrics.observe(report)
	r.know(feed.ID, st)
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
		because(errTooLong, fmt.Errorf("the run took longer than %v", feed.timeout())))
	defer cancel()
	job := &job{
		runner: r, feed: feed, log: r.cfg.Logger.With("feed", feed.ID), lease: lease,
		last: st.Rows, rows: st.Rows,
	}
	next, err := withoutPanic(job.log, func() (string, error) { return job.do(ctx, held, st) })
	report := Report{
		Feed: feed.ID, Started: st.Started, Duration: r.cfg.Now().Sub(st.Started),
		NotModified: errors.Is(err, ErrNotModified), Counts: job.counts, HeldBy: job.heldBy,
		Rows: job.read(), Traffic: job.traffic, Drops: job.drops.list(),
	}
	if err != nil && !report.NotModified {
		err = fmt.Errorf("feed %s: %w", feed.ID, causeOf(ctx, err))
		report.judge(feed, err)
		return report, err
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

// maxDropsLogged is how many reasons stand in the line of a run.
const maxDropsLogged = 3

// log writes one line a run, with the same figures whether it was good or not.
func (r *Runner) log(feed Feed, report Report, err error) {
	log := r.cfg.Logger.With("feed", feed.ID, "read", report.Rows.Read, "kept", report.Rows.Kept,
		"new", report.New, "changed", report.Changed, "revoked", report.Revoked,
		"unchanged", report.Unchanged, "skipped", report.Skipped, "invalid", report.Invalid,
		"refused", report.Refused, "held_back", report.HeldBack,
		"requests", report.Traffic.Requests, "received", report.Traffic.Received,
		"unpacked", report.Traffic.Unpacked, "duration", report.Duration)
	if report.HeldBack > 0 {
		log = log.With("held_by", report.HeldBy)
	}
	for i, d := range report.Drops[:min(len(report.Drops), maxDropsLogged)] {
		log = log.With(fmt.Sprintf("left_out_%d", i+1),
			fmt.Sprintf("%d: %s (%s)", d.Count, d.Example, d.Where))
	}
	if err != nil {
		log.Error("feed run ended early", "trouble", report.Trouble, "err", brief(err),
			"advice", report.Advice)
		return
	}
	log.Info("feed run finished", "not_modified", report.NotModified)
}
