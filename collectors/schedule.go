package collectors

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
)

const (
	// maxParallel is how many feeds run at once; the others wait for their turn.
	maxParallel = 4
	// startDelay is at least what lies between planning a run and its start.
	startDelay = 50 * time.Millisecond
	// startSpread is over how long the runs that are due at the start of a server are spread.
	startSpread = 30 * time.Second
	// maxJitter bounds how much later than scheduled a run may begin; it is a tenth of the
	// interval at most.
	maxJitter = 5 * time.Minute
	// breather is how soon a feed is looked at again that could not be run at all.
	breather = time.Minute
	// spreadOut is how long a changed definition gets to reach every server. One that still
	// had the old definition would else take a run by the new one for a change, and undo it.
	spreadOut = 10 * time.Second
)

// plan holds the next run of every enabled feed as a job of its own. A job that has run plans
// the one after it, so that runs of a feed never overlap.
type plan struct {
	runner    *Runner
	ctx       context.Context // ends with Runner.Run, which owns the jobs
	scheduler gocron.Scheduler

	// mu is held from reading a feed to planning it: settings that were replaced meanwhile
	// must not be planned last.
	mu      sync.Mutex
	stopped bool
	bases   map[string]basis // by feed

	stale map[string]bool // by feed; what the log has been told
}

// errStopping is what is said of runs that ended with their server.
var errStopping = errors.New("the server is stopping")

// Run runs the enabled feeds by their schedules until ctx ends, and then waits for the runs
// under way, which it tells to stop. It may be called once at a time.
func (r *Runner) Run(ctx context.Context) error {
	scheduler, err := gocron.NewScheduler(
		gocron.WithLocation(time.UTC),
		gocron.WithLimitConcurrentJobs(maxParallel, gocron.LimitModeWait),
		gocron.WithStopTimeout(time.Minute))
	if err != nil {
		return fmt.Errorf("start the schedule of feeds: %w", err)
	}
	runs, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(errStopping)
	defer context.AfterFunc(ctx, func() { end(errStopping) })()
	p := &plan{runner: r, ctx: runs, scheduler: scheduler, bases: map[string]basis{},
		stale: map[string]bool{}}
	if !r.setPlan(nil, p) {
		return errors.Join(errors.New("the feeds are scheduled already"), scheduler.Shutdown())
	}
	defer r.setPlan(p, nil)
	scheduler.Start()
	err = p.all()
	if err == nil {
		p.watch()
	}
	p.stop()
	end(errStopping)
	if stopped := scheduler.Shutdown(); stopped != nil {
		err = errors.Join(err, fmt.Errorf("stop the schedule of feeds: %w", stopped))
	}
	return err
}

func (r *Runner) setPlan(from, to *plan) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.plan != from {
		return false
	}
	r.plan = to
	return true
}

// planContext returns the context of Run, or nil if it is not running.
func (r *Runner) planContext() context.Context {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.plan == nil {
		return nil
	}
	return r.plan.ctx
}

// all plans every feed anew and forgets those that are no more.
func (p *plan) all() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, job := range p.scheduler.Jobs() {
		if _, ok := p.runner.feed(job.Name()); !ok {
			p.scheduler.RemoveByTags(job.Name())
			delete(p.bases, job.Name())
		}
	}
	var all []error
	for _, feed := range p.runner.sorted() {
		all = append(all, p.next(feed, 0))
	}
	return errors.Join(all...)
}

// next plans the next run of one feed, in the place of the one planned before, and not
// before a pause is over. The caller holds mu.
func (p *plan) next(feed Feed, pause time.Duration) error {
	st, err := p.runner.look(p.ctx, feed)
	if err != nil {
		p.runner.cfg.Logger.Error("feed cannot be planned yet", "feed", feed.ID, "err", err)
		pause = breather
	}
	p.bases[feed.ID] = st.basis()
	if err == nil {
		p.runner.know(feed.ID, st)
	}
	if st.Settings != "" && st.Settings != fingerprint(feed) {
		pause = max(pause, spreadOut)
	}
	now := p.runner.cfg.Now()
	at, err := due(feed, st, now)
	if err != nil {
		return err
	}
	wait := max(at.Sub(now), 0)
	wait = max(wait+p.jitter(st, at, wait), pause) + startDelay
	return p.put(feed, wait)
}

// put never gives up because its time went by while it was at work, as it does on a machine
// that was asleep: nobody would plan the feed again.
func (p *plan) put(feed Feed, wait time.Duration) error {
	p.scheduler.RemoveByTags(feed.ID)
	if p.stopped || !feed.Enabled {
		return nil
	}
	err := p.start(feed.ID, gocron.OneTimeJobStartDateTime(time.Now().Add(wait)))
	if errors.Is(err, gocron.ErrOneTimeJobStartDateTimePast) {
		err = p.start(feed.ID, gocron.OneTimeJobStartImmediately())
	}
	if err != nil {
		return fmt.Errorf("plan feed %s: %w", feed.ID, err)
	}
	return nil
}

func (p *plan) start(id string, at gocron.OneTimeJobStartAtOption) error {
	_, err := p.scheduler.NewJob(gocron.OneTimeJob(at),
		gocron.NewTask(func() { p.tick(id) }), gocron.WithName(id), gocron.WithTags(id))
	return err
}

// jitter spreads runs: those that are due at once over the start of the server, the others
// over a tenth of what lies between two runs. One that was cut off does not wait again.
func (p *plan) jitter(st state, at time.Time, wait time.Duration) time.Duration {
	if st.repeats() {
		return 0
	}
	most := min(at.Sub(st.Started)/10, maxJitter)
	if wait == 0 {
		most = min(startSpread, time.Duration(len(p.runner.sorted()))*time.Second)
	}
	return time.Duration(p.runner.cfg.Rand() * math.Max(float64(most), 0))
}

// tick runs a feed if it is still due: the settings may have changed since it was planned, and
// another process may have run it.
func (p *plan) tick(id string) {
	feed, ok := p.runner.feed(id)
	if !ok || !feed.Enabled || p.ctx.Err() != nil {
		return
	}
	pause := breather
	// The run has logged its error, and kept it where it could.
	if _, err := p.runner.run(p.ctx, feed, p.ifDue); err == nil {
		pause = 0
	}
	if err := p.replan(id, pause); err != nil {
		p.runner.cfg.Logger.Error("feed cannot be planned", "feed", id, "err", err)
	}
}

var errNotDue = errors.New("the feed is not due")

// ifDue returns the state of a feed that is due and that nobody runs. A run can begin on that
// state only, so that of several servers which find the feed due just one runs it.
func (p *plan) ifDue(ctx context.Context, feed Feed) (state, error) {
	st, err := p.runner.look(ctx, feed)
	if err != nil {
		return st, err
	}
	if st.Holder != "" {
		return st, elsewhere(feed, st)
	}
	now := p.runner.cfg.Now()
	at, err := due(feed, st, now)
	if err == nil && at.After(now) {
		err = errNotDue
	}
	return st, err
}

// replan plans a feed with the settings it has now, if there still is one.
func (p *plan) replan(id string, pause time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	feed, ok := p.runner.feed(id)
	if !ok || p.ctx.Err() != nil {
		return nil
	}
	return p.next(feed, pause)
}

// stop keeps runs that end now from planning another.
func (p *plan) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
}
