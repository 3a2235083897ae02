package collectors_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// inBubble runs a test of several servers on one store, in time that passes by itself.
func inBubble(t *testing.T, test func(t *testing.T, s store.Store)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, err := pebblestore.Open("db", pebblestore.Options{FS: vfs.NewMem()})
		if err != nil {
			t.Fatal(err)
		}
		test(t, s)
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}

var errAway = fmt.Errorf("%w: no route to the store", store.ErrUnavailable)

// wire is what lies between one server and the store.
type wire struct {
	store.Store
	mu     sync.Mutex
	err    error         // answers every call
	frozen chan struct{} // holds every call back until it is closed
	before func(call string)
	after  func(call string, err error) error // what is heard of the answer
	calls  map[string]int
}

// set changes the wire.
func (w *wire) set(change func(w *wire)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

func (w *wire) down() { w.set(func(w *wire) { w.err = errAway }) }
func (w *wire) up()   { w.set(func(w *wire) { w.err = nil }) }

// freeze stops everything on the wire, deadlines too, until the returned function is called.
func (w *wire) freeze() (thaw func()) {
	frozen := make(chan struct{})
	w.set(func(w *wire) { w.frozen = frozen })
	return func() {
		w.set(func(w *wire) { w.frozen = nil })
		close(frozen)
	}
}

func (w *wire) through(call string, do func() error) error {
	w.mu.Lock()
	w.calls[call]++
	frozen, err, before, after := w.frozen, w.err, w.before, w.after
	w.mu.Unlock()
	if before != nil {
		before(call)
	}
	if frozen != nil {
		<-frozen
	}
	if err != nil {
		return err
	}
	err = do()
	if after != nil {
		return after(call, err)
	}
	return err
}

func (w *wire) Add(
	ctx context.Context, collection string, objects []store.Incoming,
) (added []store.Added, err error) {
	err = w.through("add", func() (err error) {
		added, err = w.Store.Add(ctx, collection, objects)
		return err
	})
	return added, err
}

func (w *wire) Page(
	ctx context.Context, collection string, q store.Query,
) (page store.Page, err error) {
	err = w.through("page", func() (err error) {
		page, err = w.Store.Page(ctx, collection, q)
		return err
	})
	return page, err
}

func (w *wire) Get(ctx context.Context, kind, key string) (doc store.Document, err error) {
	err = w.through("get", func() (err error) {
		doc, err = w.Store.Get(ctx, kind, key)
		return err
	})
	return doc, err
}

func (w *wire) List(
	ctx context.Context, kind, prefix, after string, limit int,
) (docs []store.Document, err error) {
	err = w.through("list", func() (err error) {
		docs, err = w.Store.List(ctx, kind, prefix, after, limit)
		return err
	})
	return docs, err
}

func (w *wire) Put(ctx context.Context, d store.Document) (revision uint64, err error) {
	err = w.through("put", func() (err error) {
		revision, err = w.Store.Put(ctx, d)
		return err
	})
	return revision, err
}

// server is a runner with a wire of its own, and what its collector does in each run.
type server struct {
	*collectors.Runner
	t    *testing.T
	wire *wire
	runs chan time.Time // when each run began
	stop func()
}

// newServer returns a server with one feed, "list", whose collector does what do says.
func newServer(
	t *testing.T, s store.Store, name string, do step, change ...func(*collectors.RunnerConfig),
) *server {
	t.Helper()
	sv := &server{
		t: t, wire: &wire{Store: s, calls: map[string]int{}}, runs: make(chan time.Time, 1000),
	}
	kind := &script{steps: []step{func(
		ctx context.Context, tools collectors.Tools, emit func(stix.Object) error,
	) (string, error) {
		sv.runs <- time.Now()
		return do(ctx, tools, emit)
	}}}
	cfg := collectors.RunnerConfig{
		Store: sv.wire, Documents: sv.wire, Kinds: []collectors.Kind{kind.kind()},
		Feeds: []collectors.Feed{shared()}, Server: name, Rand: func() float64 { return 0 },
	}
	for _, c := range change {
		c(&cfg)
	}
	var err error
	if sv.Runner, err = collectors.New(cfg); err != nil {
		t.Fatal(err)
	}
	return sv
}

// shared is the feed that all servers have.
func shared() collectors.Feed {
	f := feed("https://feed.example/")
	f.Kind, f.Schedule, f.STIX.TTL = "script", "@every 6h", 720*time.Hour
	return f
}

// serve runs the schedule until stop is called, at the latest at the end of the test.
func (sv *server) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- sv.Run(ctx) }()
	sv.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			sv.t.Errorf("Run: %v", err)
		}
	})
	synctest.Wait()
}

// result is what a run in the background came to.
type result struct {
	collectors.Report
	err error
}

// begin runs the feed in the background and returns when its collector is at work.
func (sv *server) begin() <-chan result {
	done := make(chan result, 1)
	go func() {
		report, err := sv.RunNow(context.Background(), "list")
		done <- result{report, err}
	}()
	synctest.Wait()
	return done
}

// takes is a step that lasts for a time and emits the addresses at the end of it.
func takes(d time.Duration, next string, list ...string) step {
	return func(
		ctx context.Context, tools collectors.Tools, emit func(stix.Object) error,
	) (string, error) {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(d):
		}
		return next, emitAll(shared(), tools, emit, list...)
	}
}

func emitAll(
	f collectors.Feed, tools collectors.Tools, emit func(stix.Object) error, list ...string,
) error {
	b, err := collectors.NewBuilder(f, tools.Now())
	if err != nil {
		return err
	}
	for _, address := range list {
		if err := emitAddress(b, address, emit); err != nil {
			return err
		}
	}
	return nil
}

// wantOnce checks that the collection has one version of every object of n addresses, and of
// the identity and the two markings.
func wantOnce(t *testing.T, s store.Store, n int) {
	t.Helper()
	w := &world{t: t, store: s}
	versions := map[string]int{}
	for _, o := range w.versions() {
		versions[o.ID]++
		if versions[o.ID] == 2 {
			t.Errorf("%s was written twice: %s", o.ID, o.Raw)
		}
	}
	if len(versions) != 3*n+3 {
		t.Errorf("%d objects in the collection, want %d", len(versions), 3*n+3)
	}
}
