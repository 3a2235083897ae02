package collectors

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/cabstand/cabstand/stix"
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
	next, err := job.do(ctx, st)
	report := Report{
		Feed: feed.ID, Started: st.Started, Duration: r.cfg.Now().Sub(st.Started),
		NotModified: errors.Is(err, ErrNotModified), Counts: job.counts,
	}
	if err != nil && !report.NotModified {
		return report, fmt.Errorf("feed %s: %w", feed.ID, causeOf(ctx, err))
	}
	if !report.NotModified {
		st.Cursor = next
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
	st.Counts, st.Error, st.NotBefore = report.Counts, "", time.Time{}
	if err == nil {
		st.Succeeded, st.Failures = st.Finished, 0
	} else {
		st.Error = err.Error()
		st.Failures++
		if status, ok := errors.AsType[*StatusError](err); ok && status.RetryAfter > 0 {
			st.NotBefore = st.Finished.Add(status.RetryAfter)
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return st.save(ctx, r.cfg.Documents, feed)
}

func (r *Runner) log(feed Feed, report Report, err error) {
	log := r.cfg.Logger.With("feed", feed.ID, "new", report.New, "changed", report.Changed,
		"unchanged", report.Unchanged, "skipped", report.Skipped, "invalid", report.Invalid,
		"duration", report.Duration)
	if err != nil {
		log.Error("feed run ended early", "err", err)
		return
	}
	log.Info("feed run finished", "not_modified", report.NotModified)
}

// job is one run while it is under way.
type job struct {
	runner *Runner
	feed   Feed
	log    *slog.Logger
	last   int // rows of the last good run

	rows       int
	counts     Counts
	validators Validators
}

// maxSkipLogs bounds what a broken source can write into the log in one run.
const maxSkipLogs = 20

func (j *job) do(ctx context.Context, st *state) (next string, err error) {
	kind, ok := j.runner.kinds[j.feed.Kind]
	if !ok {
		return "", fmt.Errorf("there is no kind %q", j.feed.Kind)
	}
	w, err := j.writer(kind)
	if err != nil {
		return "", err
	}
	session, err := j.runner.client.Session(j.feed, st.Validators)
	if err != nil {
		return "", err
	}
	defer session.Close()
	collector, err := kind.New(j.feed, j.tools(session, w.now))
	if err != nil {
		return "", err
	}
	next, err = j.collect(ctx, collector, st.Cursor, w)
	j.counts.New, j.counts.Changed = w.counts.New, w.counts.Changed
	j.counts.Unchanged, j.counts.Invalid = w.counts.Unchanged, w.counts.Invalid
	j.validators = session.Validators()
	return next, err
}

// collect lets the collector work and writes the rest of its objects, also after an error: a
// row that was read is not worth less because a later one was not.
func (j *job) collect(
	ctx context.Context, collector Collector, cursor string, w *writer,
) (next string, err error) {
	next, err = withoutPanic(j.log, func() (string, error) {
		return collector.Collect(ctx, cursor, func(o stix.Object) error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return w.add(ctx, o)
		})
	})
	if flushed := w.flush(ctx); flushed != nil && !errors.Is(err, flushed) {
		err = errors.Join(err, flushed)
	}
	return next, err
}

// withoutPanic turns a panic of a collector into an error: one feed must not take the server
// and the other feeds with it.
func withoutPanic(log *slog.Logger, f func() (string, error)) (next string, err error) {
	defer func() {
		if p := recover(); p != nil {
			log.Error("collector panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("the collector panicked: %v", p)
		}
	}()
	return f()
}

func (j *job) writer(kind Kind) (*writer, error) {
	collection, err := j.runner.cfg.Collection(j.feed.Collection)
	if err != nil {
		return nil, fmt.Errorf("collection %s: %w", j.feed.Collection, err)
	}
	w := &writer{
		sink: j.runner.cfg.Store, collection: collection, verbatim: kind.Verbatim,
		now: j.runner.cfg.Now().UTC().Truncate(time.Millisecond), ttl: j.feed.STIX.TTL,
		seen: map[[16]byte]struct{}{},
	}
	if kind.Verbatim {
		return w, nil
	}
	builder, err := NewBuilder(j.feed, w.now)
	if err != nil {
		return nil, err
	}
	w.first = builder.Provenance()
	return w, nil
}

func (j *job) tools(fetch Fetcher, now time.Time) Tools {
	return Tools{
		Fetch: fetch,
		Now:   func() time.Time { return now },
		Skip: func(where string, reason error) {
			if j.counts.Skipped++; j.counts.Skipped <= maxSkipLogs {
				j.log.Warn("row skipped", "where", where, "err", reason)
			}
		},
		Rows: func(n int) error {
			j.rows = n
			return j.feed.Guards.Check(n, j.last)
		},
		Log: j.log,
	}
}
