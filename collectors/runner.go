package collectors

import (
	"cmp"
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/cabstand/cabstand/internal/nearest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/prometheus/client_golang/prometheus"
)

// ErrNoFeed says that there is no feed with that id.
var ErrNoFeed = errors.New("no such feed")

// RunnerConfig is what a runner works with. Store, Documents and Kinds are required.
type RunnerConfig struct {
	Store     Sink
	Documents store.Documents
	Kinds     []Kind
	Feeds     []Feed
	HTTP      ClientConfig
	Logger    *slog.Logger // nil is silent
	// Registerer takes the metrics; nil is nobody.
	Registerer prometheus.Registerer

	// Collection returns the store's key of the collection that a feed names; nil takes the
	// name itself. An error ends the run.
	Collection func(name string) (key string, err error)
	// May says why a feed must not write where it is declared to write, before each of its runs, and
	// nil if it may; a nil May lets all.
	May func(ctx context.Context, feed Feed) error
	// Admit says which of the objects on their way into the collection that a feed names are not
	// let in, and why: by their places, nil for the others. A nil Admit lets all in. An error ends
	// the run.
	Admit func(ctx context.Context, name string, objects []stix.Object) (why []error, err error)
	// Lists returns those that a feed goes by; a nil Lists means that there are none. An error
	// ends the run: without its lists, a feed would make indicators that nobody wants. They do
	// not count for kinds that are verbatim.
	Lists func(ctx context.Context, feed Feed) (Lists, error)
	// Ran is told of every run that began, when its state has been saved; nil is nobody.
	Ran func(ctx context.Context, feed Feed, report Report, err error)

	// Server is what people call the server of the runner; "" is the name of the machine and
	// the number of the process.
	Server string
	// Lease is how long a feed stays with a server that gives no sign of life; zero is 30
	// seconds. It must be the same for all runners on a store.
	Lease time.Duration

	// Now is read as a monotonic clock too, where it gives one as time.Now does.
	Now  func() time.Time // nil is time.Now
	Rand func() float64   // in [0,1), spreads runs; nil is random
}

// Runner runs feeds, by their schedules and on demand. Its methods may be called from several
// goroutines. Any number of processes may run the same feeds on one store: each run has a
// lease on its feed, a feed that another process has just run is not due, and objects are
// never written twice.
type Runner struct {
	cfg     RunnerConfig
	id      string // of this runner and no other
	client  *Client
	kinds   map[string]Kind
	metrics *metrics

	mu        sync.Mutex
	feeds     map[string]Feed
	known     map[string]state // by feed, as of the last look
	running   map[string]bool  // by feed; true while the feed is ours, see enter
	sightings map[string]sighting
	plan      *plan // nil unless Run is running
}

// New returns a runner. It checks the feeds as [Runner.Replace] does.
func New(cfg RunnerConfig) (*Runner, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Collection == nil {
		cfg.Collection = func(name string) (string, error) { return name, nil }
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Rand == nil {
		cfg.Rand = rand.Float64
	}
	if cfg.HTTP.Now == nil {
		cfg.HTTP.Now = cfg.Now
	}
	if cfg.HTTP.Log == nil {
		cfg.HTTP.Log = cfg.Logger
	}
	cfg.Lease = cmp.Or(cfg.Lease, defaultLease)
	cfg.Server = cmp.Or(cfg.Server, serverName())
	// The id is random and no setting: two runners with the same one would share their leases.
	r := &Runner{
		cfg: cfg, id: crand.Text(), client: NewClient(cfg.HTTP), metrics: newMetrics(),
		kinds: map[string]Kind{}, running: map[string]bool{}, sightings: map[string]sighting{},
		known: map[string]state{},
	}
	for _, kind := range cfg.Kinds {
		r.kinds[kind.Name] = kind
	}
	if err := r.Replace(cfg.Feeds); err != nil {
		return nil, err
	}
	if err := r.metrics.register(cfg.Registerer, health{r}); err != nil {
		return nil, fmt.Errorf("metrics of feeds: %w", err)
	}
	return r, nil
}

// serverName tells servers on one machine apart, too.
func serverName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "a server"
	}
	return fmt.Sprintf("%s (process %d)", host, os.Getpid())
}

// Replace puts these feeds in the place of all others, also while [Runner.Run] is running.
// Runs under way end with the settings they began with. Nothing changes if a feed is not
// valid; the error joins what is wrong with each.
func (r *Runner) Replace(feeds []Feed) error {
	byID := make(map[string]Feed, len(feeds))
	var all []error
	for _, feed := range feeds {
		if _, twice := byID[feed.ID]; twice {
			all = append(all, &SettingError{Feed: feed.ID, Path: "id", Reason: "stands twice"})
		}
		byID[feed.ID] = feed
		all = append(all, r.Check(feed))
	}
	if err := errors.Join(all...); err != nil {
		return err
	}
	r.mu.Lock()
	r.feeds = byID
	r.forget()
	p := r.plan
	r.mu.Unlock()
	if p != nil {
		return p.all()
	}
	return nil
}

// Check returns what is wrong with a feed: its fields, its kind, and what the kind says of its
// settings. It needs no input or output.
func (r *Runner) Check(feed Feed) error {
	err := feed.Validate()
	kind, ok := r.kinds[feed.Kind]
	if !ok && feed.Kind != "" {
		return errors.Join(err, r.unknownKind(feed))
	}
	if !ok || err != nil {
		return err
	}
	if kind.Verbatim && !feed.Warninglists.none() {
		return &SettingError{Feed: feed.ID, Path: "warninglists", Reason: "kind " + kind.Name +
			" passes on the objects of another producer as they are; leave this out"}
	}
	if feed.STIX.Missing == missingRevoke && !kind.Whole {
		return &SettingError{Feed: feed.ID, Path: "stix.missing", Reason: "kind " + kind.Name +
			" reads a part of its source in each run, so that nothing is missing; leave this out"}
	}
	j := &job{runner: r, feed: feed, log: r.cfg.Logger}
	session, err := r.client.Session(feed, nil)
	if err != nil {
		return err
	}
	defer session.Close()
	_, err = kind.New(feed, j.tools(session, &writer{now: r.cfg.Now()}))
	return err
}

// unknownKind names the kind that was probably meant.
func (r *Runner) unknownKind(feed Feed) error {
	known := slices.Sorted(maps.Keys(r.kinds))
	reason := fmt.Sprintf("there is no kind %q", feed.Kind)
	if meant, ok := nearest.Name(feed.Kind, known); ok {
		reason += fmt.Sprintf("; did you mean %s?", meant)
	}
	return &SettingError{Feed: feed.ID, Path: "kind", Reason: reason}
}

// RunNow runs one feed, whatever its schedule says and also if it is not enabled, and waits
// for it. The report counts what was done, also beside an error. The errors to tell apart
// are [ErrNoFeed] and [ErrRunning]. Where it is not known whether the server that had the feed
// last has died, that takes up to Lease to find out. The run ends with ctx and with Run.
func (r *Runner) RunNow(ctx context.Context, feedID string) (Report, error) {
	feed, ok := r.feed(feedID)
	if !ok {
		return Report{Feed: feedID}, fmt.Errorf("feed %s: %w", feedID, ErrNoFeed)
	}
	if server := r.planContext(); server != nil {
		var release func()
		ctx, release = endingWith(ctx, server)
		defer release()
	}
	return r.run(ctx, feed, r.await)
}

func (r *Runner) feed(id string) (Feed, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	feed, ok := r.feeds[id]
	return feed, ok
}

// sorted returns the feeds by ascending id, so that lists and plans have one order everywhere.
func (r *Runner) sorted() []Feed {
	r.mu.Lock()
	defer r.mu.Unlock()
	feeds := slices.Collect(maps.Values(r.feeds))
	slices.SortFunc(feeds, func(a, b Feed) int { return strings.Compare(a.ID, b.ID) })
	return feeds
}
