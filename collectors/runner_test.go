package collectors_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
)

// lines is a kind of collector: one address a line makes an indicator, an observable and what
// relates them. A line "panic" panics, "fail" ends the run, "bad" is a row without sense.
func lines() collectors.Kind {
	return collectors.Kind{Name: "lines", New: func(f collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
		return lineCollector{f, tools}, nil
	}}
}

type lineCollector struct {
	feed  collectors.Feed
	tools collectors.Tools
}

func (c lineCollector) Collect(ctx context.Context, cursor string, emit func(stix.Object) error) (string, error) {
	doc, err := c.tools.Fetch.Fetch(ctx, collectors.Request{})
	if err != nil {
		return "", err
	}
	b, err := collectors.NewBuilder(c.feed, c.tools.Now())
	if err != nil {
		return "", err
	}
	rows := strings.Fields(string(doc.Body))
	if err := c.tools.Rows(len(rows)); err != nil {
		return "", err
	}
	for i, row := range rows {
		switch row {
		case "panic":
			panic("row 3 of the source")
		case "fail":
			return "", errors.New("the source ends in the middle")
		case "bad":
			c.tools.Skip(fmt.Sprintf("line %d", i+1), errors.New("not an address"))
			continue
		}
		if err := emitAddress(b, row, emit); err != nil {
			return "", err
		}
	}
	return cursor + "+", nil
}

func emitAddress(b *collectors.Builder, address string, emit func(stix.Object) error) error {
	sco, err := b.SCO("ipv4-addr", collectors.P("value", address))
	if err != nil {
		return err
	}
	indicator, err := b.Indicator(collectors.Indicator{
		Pattern: collectors.Pattern(collectors.PatternEqual("ipv4-addr:value", address)),
		Name:    address,
	})
	if err != nil {
		return err
	}
	link, err := b.Relationship(indicator, "based-on", sco)
	if err != nil {
		return err
	}
	return errors.Join(emit(indicator), emit(sco), emit(link))
}

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a runner on a store in memory.
type world struct {
	t      testing.TB
	store  store.Store
	clock  *clock
	runner *collectors.Runner
}

func newWorld(t testing.TB, feeds ...collectors.Feed) *world {
	t.Helper()
	s, err := pebblestore.Open("db", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w := &world{t: t, store: s, clock: &clock{at: now}}
	w.restart(feeds...)
	return w
}

// restart makes another runner, as another process would.
func (w *world) restart(feeds ...collectors.Feed) {
	w.t.Helper()
	runner, err := collectors.New(w.config(feeds...))
	if err != nil {
		w.t.Fatal(err)
	}
	w.runner = runner
}

func (w *world) config(feeds ...collectors.Feed) collectors.RunnerConfig {
	return collectors.RunnerConfig{
		Store: w.store, Documents: w.store, Feeds: feeds, Kinds: []collectors.Kind{lines(), bundle()},
		Now: w.clock.now, Rand: func() float64 { return 0 },
		HTTP: collectors.ClientConfig{
			Attempts: 1, Sleep: func(context.Context, time.Duration) error { return nil },
		},
	}
}

func (w *world) run(id string) collectors.Report {
	w.t.Helper()
	report, err := w.runner.RunNow(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

// versions returns all versions of the objects of a type in the collection, oldest first.
func (w *world) versions(types ...string) []stix.Object {
	w.t.Helper()
	page, err := w.store.Page(w.t.Context(), "r/c", store.Query{
		Types: types, Versions: store.Versions{All: true}, SpecVersions: []string{"2.0", "2.1"},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	var objects []stix.Object
	for _, e := range page.Entries {
		o, err := stix.Parse(e.Raw)
		if err != nil {
			w.t.Fatal(err)
		}
		objects = append(objects, o)
	}
	return objects
}

func feed(url string) collectors.Feed {
	return collectors.Feed{
		ID: "list", Name: "A List", Kind: "lines", URL: url, Collection: "r/c", Enabled: true,
		Policy: collectors.Policy{TLP: "green", Redistribute: "members", Licence: "CC0-1.0"},
		STIX:   collectors.Output{TTL: 40 * time.Hour, Labels: []string{"scanner"}},
	}
}

func counts(n, changed, unchanged, skipped, invalid int) collectors.Counts {
	return collectors.Counts{New: n, Changed: changed, Unchanged: unchanged, Skipped: skipped, Invalid: invalid}
}

func wantCounts(t *testing.T, what string, want, got collectors.Counts) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestRunWritesOnceAndOnlyWhatChanged(t *testing.T) {
	server := collectortest.Serve(t,
		collectortest.Body("text/plain", "192.0.2.1\nbad\n192.0.2.2\n192.0.2.1\n"),
		collectortest.Body("text/plain", "192.0.2.1\nbad\n192.0.2.2\n192.0.2.1\n"),
		collectortest.Body("text/plain", "192.0.2.2\n192.0.2.1\n192.0.2.3"))
	w := newWorld(t, feed(server.URL))

	// Three objects for each of two addresses, the identity and two markings.
	wantCounts(t, "first run", counts(9, 0, 0, 1, 0), w.run("list").Counts)
	w.clock.move(time.Hour)
	second := w.run("list")
	wantCounts(t, "second run", counts(0, 0, 0, 0, 0), second.Counts)
	if !second.NotModified {
		t.Error("second run: the unchanged body was read again")
	}
	wantCounts(t, "status after a run without news", counts(9, 0, 0, 1, 0), w.status().LastCounts)
	w.clock.move(time.Hour)
	wantCounts(t, "third run", counts(3, 0, 9, 0, 0), w.run("list").Counts)
	if n := len(w.versions()); n != 12 {
		t.Errorf("%d versions in the collection, want 12", n)
	}
}

func TestRunAgainFromTheBeginningWritesNothing(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1 192.0.2.2"))
	f := feed(server.URL)
	w := newWorld(t, f)
	w.run("list")
	f.Settings = map[string]any{"another": "one"} // so that everything is read again
	w.restart(f)
	w.clock.move(time.Hour)
	wantCounts(t, "second run", counts(0, 0, 9, 0, 0), w.run("list").Counts)
}

func TestRunChangedContentIsANewVersion(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1"))
	f := feed(server.URL)
	w := newWorld(t, f)
	w.run("list")
	f.STIX.Labels = []string{"botnet"}
	w.restart(f)
	w.clock.move(-time.Hour) // and the clock is wrong, too
	wantCounts(t, "second run", counts(0, 1, 5, 0, 0), w.run("list").Counts)

	versions := w.versions("indicator")
	if len(versions) != 2 {
		t.Fatalf("%d versions, want 2", len(versions))
	}
	want := bytes.Replace(versions[0].Raw, []byte(`"labels":["scanner"]`), []byte(`"labels":["botnet"]`), 1)
	want = bytes.Replace(want, []byte(`"modified":"2026-03-04T05:06:07.000Z"`), []byte(`"modified":"2026-03-04T05:06:07.001Z"`), 1)
	want = bytes.Replace(want, []byte(`"valid_until":"2026-03-05T21:06:07.000Z"`), []byte(`"valid_until":"2026-03-05T20:06:07.000Z"`), 1)
	if diff := cmp.Diff(string(want), string(versions[1].Raw)); diff != "" {
		t.Errorf("second version (-want +got):\n%s", diff)
	}
}

func TestRunRenewsValidityBeforeItRunsOut(t *testing.T) {
	answers := []collectortest.Answer{}
	for i := range 4 { // the body differs, the addresses do not
		answers = append(answers, collectortest.Body("text/plain", "192.0.2.1"+strings.Repeat("\n", i)))
	}
	f := feed(collectortest.Serve(t, answers...).URL)
	f.Schedule = "@every 6h"
	w := newWorld(t, f)
	w.run("list")
	w.clock.move(29 * time.Hour) // eleven of forty hours left
	wantCounts(t, "with time left", counts(0, 0, 6, 0, 0), w.run("list").Counts)
	w.clock.move(2 * time.Hour) // nine
	wantCounts(t, "in the last quarter", counts(0, 1, 5, 0, 0), w.run("list").Counts)
	wantCounts(t, "renewed", counts(0, 0, 6, 0, 0), w.run("list").Counts)

	last := w.versions("indicator")[1].Raw
	for _, want := range []string{
		`"valid_from":"2026-03-04T05:06:07.000Z"`, `"valid_until":"2026-03-07T04:06:07.000Z"`,
	} {
		if !bytes.Contains(last, []byte(want)) {
			t.Errorf("renewed version lacks %s: %s", want, last)
		}
	}
}

func TestRunAfterAnErrorStartsFromTheSameCursor(t *testing.T) {
	for name, trouble := range map[string]string{
		"error": "the source ends in the middle",
		"panic": "the collector panicked: row 3 of the source",
	} {
		t.Run(name, func(t *testing.T) {
			word := map[string]string{"error": "fail", "panic": "panic"}[name]
			server := collectortest.Serve(t,
				collectortest.Tagged(`"1"`, "192.0.2.1 192.0.2.2 "+word),
				collectortest.Tagged(`"1"`, "192.0.2.1 192.0.2.2 192.0.2.3"))
			w := newWorld(t, feed(server.URL))
			report, err := w.runner.RunNow(t.Context(), "list")
			if err == nil || !strings.Contains(err.Error(), trouble) {
				t.Errorf("error = %v, want one with %q", err, trouble)
			}
			wantCounts(t, "first run", counts(9, 0, 0, 0, 0), report.Counts)
			if status := w.status(); !strings.Contains(status.LastError, trouble) || !status.LastSuccess.IsZero() {
				t.Errorf("status = %+v, want the error and no success", status)
			}
			// The ETag of the failed run is not kept, or this one would get a 304.
			wantCounts(t, "second run", counts(3, 0, 9, 0, 0), w.run("list").Counts)
			if status := w.status(); status.LastError != "" || !status.LastSuccess.Equal(now) {
				t.Errorf("status = %+v, want a success and no error", status)
			}
		})
	}
}

func (w *world) status() collectors.FeedStatus {
	w.t.Helper()
	all, err := w.runner.Status(w.t.Context())
	if err != nil || len(all) != 1 {
		w.t.Fatalf("status %v, error %v", all, err)
	}
	return all[0]
}

func TestRunGuards(t *testing.T) {
	server := collectortest.Serve(t,
		collectortest.Body("text/plain", "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4"),
		collectortest.Body("text/plain", "192.0.2.1"),
		collectortest.Body("text/plain", ""),
		collectortest.Body("text/plain", "192.0.2.1 192.0.2.2"))
	f := feed(server.URL)
	f.Guards = collectors.Guards{MinRows: 1, MaxDropPct: 50}
	w := newWorld(t, f)
	w.run("list")
	for _, want := range []string{"1 rows after 4 in the last good run", "0 rows, min_rows is 1"} {
		_, err := w.runner.RunNow(t.Context(), "list")
		if !errors.Is(err, collectors.ErrGuard) || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want one with %q", err, want)
		}
	}
	w.run("list") // half of four is allowed still
}

func TestRunTimeout(t *testing.T) {
	f := feed(collectortest.Serve(t, collectortest.Drip()).URL)
	f.Timeout = 50 * time.Millisecond
	w := newWorld(t, f)
	_, err := w.runner.RunNow(t.Context(), "list")
	if err == nil || !strings.Contains(err.Error(), "the run took longer than 50ms") {
		t.Errorf("error = %v, want one that names the timeout", err)
	}
}

func TestRunOfOneFeedDoesNotOverlap(t *testing.T) {
	entered, release := make(chan struct{}), make(chan struct{})
	server := collectortest.Serve(t, func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-release
	})
	w := newWorld(t, feed(server.URL))
	done := make(chan error)
	go func() {
		_, err := w.runner.RunNow(context.Background(), "list")
		done <- err
	}()
	<-entered
	if !w.status().Running {
		t.Error("status does not say that the feed is running")
	}
	if _, err := w.runner.RunNow(t.Context(), "list"); !errors.Is(err, collectors.ErrRunning) {
		t.Errorf("second run: %v, want %v", err, collectors.ErrRunning)
	}
	close(release)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if w.status().Running {
		t.Error("status still says that the feed is running")
	}
}

func TestRunUnknownFeed(t *testing.T) {
	w := newWorld(t)
	if _, err := w.runner.RunNow(t.Context(), "lists"); !errors.Is(err, collectors.ErrNoFeed) {
		t.Errorf("error = %v, want %v", err, collectors.ErrNoFeed)
	}
}
