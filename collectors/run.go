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
func (r *Runner) run(ctx context.Context, feed Feed) (Report, error) {
	if !r.enter(feed.ID) {
		return Report{Feed: feed.ID}, fmt.Errorf("feed %s: %w", feed.ID, ErrRunning)
	}
	defer r.leave(feed.ID)
	st, err := loadState(ctx, r.cfg.Documents, feed)
	if err != nil {
		return Report{Feed: feed.ID}, err
	}
	if now := r.cfg.Now(); st.inRun(feed, now) {
		// Two runs at once would each write versions of what the other has not written yet.
		return Report{Feed: feed.ID}, fmt.Errorf("feed %s: %w: since %s; if that process died, "+
			"wait until %s", feed.ID, ErrRunning,
			st.Started.Format(time.RFC3339), st.over(feed).Format(time.RFC3339))
	}
	st.begin(feed, r.cfg.Now().UTC())
	if err := st.save(ctx, r.cfg.Documents, feed); errors.Is(err, store.ErrConflict) {
		return Report{Feed: feed.ID}, fmt.Errorf("feed %s: %w", feed.ID, ErrRunning)
	} else if err != nil {
		return Report{Feed: feed.ID}, err
	}
	report, err := r.collect(ctx, feed, &st)
	err = errors.Join(err, r.finish(ctx, feed, &st, report, err))
	r.metrics.observe(report, err)
	r.log(feed, report, err)
	return report, err
}

// collect runs the collector and brings the results of a good run into the state.
func (r *Runner) collect(ctx context.Context, feed Feed, st *state) (Report, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, feed.timeout(),
		fmt.Errorf("the run took longer than %v", feed.timeout()))
	defer cancel()
	job := &job{
		runner: r, feed: feed, log: r.cfg.Logger.With("feed", feed.ID),
		last: st.Rows, rows: st.Rows,
	}
	next, err := withoutPanic(job.log, func() (string, error) { return job.do(ctx, st) })
	report := Report{
		Feed: feed.ID, Started: st.Started, Duration: r.cfg.Now().Sub(st.Started),
		NotModified: errors.Is(err, ErrNotModified), Counts: job.counts,
	}
	if err != nil && !report.NotModified {
		return report, fmt.Errorf("feed %s: %w", feed.ID, causeOf(ctx, err))
	}
	if !report.NotModified {
		st.Cursor, st.Lapse = next, job.lapse
	}
	st.Rows, st.Validators = job.rows, job.validators
	return report, nil
}

// causeOf replaces the bare words of an expired context by why it ended.
func causeOf(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return fmt.Errorf("%w: %w", context.Cause(ctx), err)
	}
	return err
}

// finish saves the state, even when the run was told to stop.
func (r *Runner) finish(ctx context.Context, feed Feed, st *state, report Report, err error) error {
	st.Finished = r.cfg.Now().UTC()
	st.Error, st.NotBefore = "", time.Time{}
	if !report.NotModified {
		st.Counts = report.Counts
	}
	if err == nil {
		st.Succeeded, st.Failures = st.Finished, 0
	} else {
		st.Error = brief(err)
		st.Failures++
		if status, ok := errors.AsType[*StatusError](err); ok && status.RetryAfter > 0 {
			st.NotBefore = st.Finished.Add(status.RetryAfter)
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return st.save(ctx, r.cfg.Documents, feed)
}

// log writes one line a run, with the same figures whether it was good or not.
func (r *Runner) log(feed Feed, report Report, err error) {
	log := r.cfg.Logger.With("feed", feed.ID, "new", report.New, "changed", report.Changed,
		"unchanged", report.Unchanged, "skipped", report.Skipped, "invalid", report.Invalid,
		"duration", report.Duration)
	if err != nil {
		log.Error("feed run ended early", "err", brief(err))
		return
	}
	log.Info("feed run finished", "not_modified", report.NotModified)
}
