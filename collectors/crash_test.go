package collectors_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/store"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// brittle is a store that fails at the n-th call of one of its methods: once, or at the next
// few calls as well.
type brittle struct {
	store.Store
	add, put, more int
}

var errDisk = fmt.Errorf("%w: the disk is full", store.ErrUnavailable)

func (b *brittle) Add(ctx context.Context, collection string, objects []store.Incoming) ([]store.Added, error) {
	if b.add--; b.add == 0 {
		return nil, errDisk
	}
	return b.Store.Add(ctx, collection, objects)
}

// Page returns short pages, as a store may.
func (b *brittle) Page(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	q.Limit = 100
	return b.Store.Page(ctx, collection, q)
}

func (b *brittle) Put(ctx context.Context, d store.Document) (uint64, error) {
	if b.put--; b.put <= 0 && b.put >= -b.more {
		return 0, errDisk
	}
	return b.Store.Put(ctx, d)
}

func addresses(n int) string {
	var list strings.Builder
	for i := range n {
		fmt.Fprintln(&list, net.IPv4(198, 51, byte(i>>8), byte(i)))
	}
	return list.String()
}

func TestRunCutOffIsRepeatedAndWritesNothingTwice(t *testing.T) {
	const n = 400
	for name, b := range map[string]*brittle{
		"in the second batch":        {add: 2},
		"before the state was kept":  {put: 2, more: 2},
		"before anything was begun":  {put: 1},
		"in the last batch of three": {add: 3},
	} {
		t.Run(name, func(t *testing.T) {
			server := collectortest.Serve(t, collectortest.Tagged(`"1"`, addresses(n)))
			w := newWorld(t)
			b.Store = w.store
			cfg := w.config(feed(server.URL))
			cfg.Store, cfg.Documents = b, b
			var err error
			if w.runner, err = collectors.New(cfg); err != nil {
				t.Fatal(err)
			}
			first, err := w.runner.RunNow(t.Context(), "list")
			if !errors.Is(err, store.ErrUnavailable) {
				t.Fatalf("error = %v, want %v", err, store.ErrUnavailable)
			}
			if due := w.status().NextRun; !due.Equal(now) {
				t.Errorf("due again at %v, want at once: the source did nothing wrong", due)
			}
			w.clock.move(time.Hour)
			second := w.run("list")
			if got := first.New + second.New; got != 3*n+3 {
				t.Errorf("%d objects written as new, want %d", got, 3*n+3)
			}
			if got := len(w.versions()); got != 3*n+3 {
				t.Errorf("%d versions in the collection, want %d", got, 3*n+3)
			}
		})
	}
}

func TestRunIsCounted(t *testing.T) {
	server := collectortest.Serve(t,
		collectortest.Tagged(`"1"`, "192.0.2.1 bad"), collectortest.Tagged(`"1"`, ""), collectortest.Status(500))
	registry := prometheus.NewRegistry()
	w := newWorld(t)
	cfg := w.config(feed(server.URL))
	cfg.Registerer = registry
	runner, err := collectors.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		_, _ = runner.RunNow(t.Context(), "list") // the last one fails
	}
	const want = `
# HELP cabstand_feed_last_success_timestamp_seconds When the last good run of a feed finished, in seconds since 1970.
# TYPE cabstand_feed_last_success_timestamp_seconds gauge
cabstand_feed_last_success_timestamp_seconds{feed="list"} 1.772600767e+09
# HELP cabstand_feed_objects_total Objects of a feed by outcome: new, changed, revoked, unchanged, skipped, invalid or refused.
# TYPE cabstand_feed_objects_total counter
cabstand_feed_objects_total{feed="list",outcome="changed"} 0
cabstand_feed_objects_total{feed="list",outcome="invalid"} 0
cabstand_feed_objects_total{feed="list",outcome="new"} 6
cabstand_feed_objects_total{feed="list",outcome="refused"} 0
cabstand_feed_objects_total{feed="list",outcome="revoked"} 0
cabstand_feed_objects_total{feed="list",outcome="skipped"} 1
cabstand_feed_objects_total{feed="list",outcome="unchanged"} 0
# HELP cabstand_feed_runs_total Runs of a feed by outcome: changed, unchanged or error.
# TYPE cabstand_feed_runs_total counter
cabstand_feed_runs_total{feed="list",outcome="changed"} 1
cabstand_feed_runs_total{feed="list",outcome="error"} 1
cabstand_feed_runs_total{feed="list",outcome="unchanged"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want),
		"cabstand_feed_last_success_timestamp_seconds", "cabstand_feed_objects_total",
		"cabstand_feed_runs_total"); err != nil {
		t.Error(err)
	}
	if _, err := collectors.New(cfg); err == nil {
		t.Error("the same figures were registered twice")
	}
}

// What was emitted before the source said that it has nothing new is to be written all the same.
func TestRunThatCannotWriteIsNotGoodBecauseNothingElseIsNew(t *testing.T) {
	b := &brittle{add: 1}
	w, _ := played(t, func(cfg *collectors.RunnerConfig) {
		b.Store = cfg.Store.(store.Store)
		cfg.Store = b
	}, both(lists("192.0.2.1"), end("", collectors.ErrNotModified)))
	report, err := w.runner.RunNow(t.Context(), "list")
	if !errors.Is(err, store.ErrUnavailable) || report.Trouble != collectors.TroubleStore {
		t.Errorf("error %v, trouble %q; want that it cannot be written", err, report.Trouble)
	}
}
