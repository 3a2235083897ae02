package collectors_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
	"github.com/google/go-cmp/cmp"
)

// step is what a collector of kind script does in one run.
type step func(ctx context.Context, tools collectors.Tools, emit func(stix.Object) error) (string, error)

// script is a kind whose collector does one step a run, and keeps the cursors it was given.
type script struct {
	mu      sync.Mutex
	steps   []step
	cursors []string
}

func (s *script) kind() collectors.Kind {
	return collectors.Kind{Name: "script", New: func(_ collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
		return scriptCollector{s, tools}, nil
	}}
}

type scriptCollector struct {
	script *script
	tools  collectors.Tools
}

func (c scriptCollector) Collect(ctx context.Context, cursor string, emit func(stix.Object) error) (string, error) {
	c.script.mu.Lock()
	c.script.cursors = append(c.script.cursors, cursor)
	do := c.script.steps[0]
	if len(c.script.steps) > 1 {
		c.script.steps = c.script.steps[1:]
	}
	c.script.mu.Unlock()
	return do(ctx, c.tools, emit)
}

// end is a step that ends at once.
func end(next string, err error) step {
	return func(context.Context, collectors.Tools, func(stix.Object) error) (string, error) {
		return next, err
	}
}

// played is a world with a feed of kind script.
func played(t *testing.T, change func(*collectors.RunnerConfig), steps ...step) (*world, *script) {
	t.Helper()
	w, s := newWorld(t), &script{steps: steps}
	f := feed("https://feed.example/")
	f.Kind = "script"
	cfg := w.config(f)
	cfg.Kinds = append(cfg.Kinds, s.kind())
	if change != nil {
		change(&cfg)
	}
	var err error
	if w.runner, err = collectors.New(cfg); err != nil {
		t.Fatal(err)
	}
	return w, s
}

// replace changes the settings of the only feed.
func (w *world) replace(f collectors.Feed) {
	w.t.Helper()
	if err := w.runner.Replace([]collectors.Feed{f}); err != nil {
		w.t.Fatal(err)
	}
}

func TestRunCursorIsThatOfTheLastGoodRun(t *testing.T) {
	w, s := played(t, nil, end("1", nil), end("", collectors.ErrNotModified),
		end("2", errors.New("broken off")), end("3", nil))
	for range 5 {
		_, _ = w.runner.RunNow(t.Context(), "list") // the third fails
	}
	if diff := cmp.Diff([]string{"", "1", "1", "1", "3"}, s.cursors); diff != "" {
		t.Errorf("cursors (-want +got):\n%s", diff)
	}
}

func TestRunStartsAnewOnlyIfWhatItMakesHasChanged(t *testing.T) {
	w, s := played(t, nil, end("1", nil))
	f := feed("https://feed.example/")
	f.Kind = "script"
	w.run("list")
	f.Schedule, f.MinInterval, f.Timeout = "@every 1h", time.Minute, time.Hour
	f.Guards.MaxRows = 5
	w.replace(f)
	w.run("list")
	f.STIX.Labels = nil
	w.replace(f)
	w.run("list")
	if diff := cmp.Diff([]string{"", "1", ""}, s.cursors); diff != "" {
		t.Errorf("cursors (-want +got):\n%s", diff)
	}
}

func TestRunWithOtherSettingsForgetsWhatTheServerSaid(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Tagged(`"1"`, "192.0.2.1 192.0.2.2"))
	f := feed(server.URL)
	f.Guards.MaxDropPct = 10
	w := newWorld(t, f)
	w.run("list")
	f.STIX.Labels = nil
	w.replace(f)
	if w.run("list").NotModified {
		t.Error("the document was not read again")
	}
	other := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1"))
	f.URL = other.URL // another list may be shorter
	w.replace(f)
	w.run("list")
}

func TestRunWritesWhatWasReadWhenItsTimeEnds(t *testing.T) {
	w, _ := played(t, nil, func(ctx context.Context, tools collectors.Tools, emit func(stix.Object) error) (string, error) {
		b, err := collectors.NewBuilder(feed(""), tools.Now())
		if err != nil {
			return "", err
		}
		if err := emitAddress(b, "192.0.2.1", emit); err != nil {
			return "", err
		}
		<-ctx.Done()
		if err := emitAddress(b, "192.0.2.2", emit); err == nil {
			return "", errors.New("emit took an object after the end of the run")
		}
		return "far", nil
	})
	f := feed("https://feed.example/")
	f.Kind, f.Timeout = "script", 20*time.Millisecond
	w.replace(f)
	wantCounts(t, "run", counts(6, 0, 0, 0, 0), w.run("list").Counts)
}

func TestRunFailuresDoubleTheWaitUntilASuccess(t *testing.T) {
	failed := errors.New("broken off")
	throttled := &collectors.StatusError{Status: 429, RetryAfter: 5 * time.Hour}
	w, _ := played(t, nil, end("", failed), end("", failed), end("", failed),
		end("", nil), end("", failed), end("", throttled), end("", failed))
	var got []string
	for range 7 {
		_, _ = w.runner.RunNow(t.Context(), "list")
		got = append(got, w.status().NextRun.Sub(now).String())
	}
	want := []string{"15m0s", "30m0s", "1h0m0s", "24h0m0s", "15m0s", "5h0m0s", "1h0m0s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
}

// logged counts the lines of a log.
type logged struct {
	mu    sync.Mutex
	lines []string
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, string(line))
	return len(line), nil
}

func textLogger(to io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(to, nil)) }

func TestRunBoundsWhatASourceCanSay(t *testing.T) {
	const much = 1 << 20
	log := &logged{}
	w, _ := played(t, func(cfg *collectors.RunnerConfig) { cfg.Logger = textLogger(log) },
		func(_ context.Context, tools collectors.Tools, _ func(stix.Object) error) (string, error) {
			reason := errors.New(strings.Repeat("ä", much))
			for i := range 1000 {
				tools.Skip(fmt.Sprint(i), reason)
			}
			return "", errors.New(strings.Repeat("ö", much))
		})
	report, _ := w.runner.RunNow(t.Context(), "list")
	if report.Skipped != 1000 {
		t.Errorf("%d rows skipped, want 1000", report.Skipped)
	}
	if n := len(log.lines); n != 1 {
		t.Errorf("%d lines logged, want 1", n)
	}
	for _, line := range append(log.lines, w.status().LastError) {
		if len(line) > 5000 {
			t.Errorf("%d bytes of one error", len(line))
		}
	}
}

func TestRunSurvivesAPanicOfAKind(t *testing.T) {
	w, _ := played(t, func(cfg *collectors.RunnerConfig) {
		calls := 0
		cfg.Kinds = []collectors.Kind{{Name: "script", New: func(collectors.Feed, collectors.Tools) (collectors.Collector, error) {
			if calls++; calls > 1 { // the first call checks the feed
				panic("settings that nobody thought of")
			}
			return nil, nil
		}}}
	}, end("", nil))
	if _, err := w.runner.RunNow(t.Context(), "list"); err == nil || !strings.Contains(err.Error(), "panicked") {
		t.Errorf("error = %v, want one about the panic", err)
	}
}

func TestRunWritesNothingOfAnUnchangedListUntilItIsAboutToLapse(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Tagged(`"1"`, "192.0.2.1"))
	for _, tc := range []struct {
		schedule string
		ttl      time.Duration
		renewed  int // the run that reads again
	}{
		{"@every 6h", 40 * time.Hour, 6},  // ten hours before the end, after 36
		{"@every 6h", 10 * time.Hour, 1},  // the second next run would come too late
		{"@every 6h", 240 * time.Hour, 0}, // not in the eight runs
	} {
		f := feed(server.URL)
		f.Schedule, f.STIX.TTL = tc.schedule, tc.ttl
		w := newWorld(t, f)
		w.run("list")
		renewed := 0
		for i := 1; i <= 8 && renewed == 0; i++ {
			w.clock.move(6 * time.Hour)
			if report := w.run("list"); !report.NotModified {
				renewed = i
				wantCounts(t, f.Schedule, counts(0, 1, 5, 0, 0), report.Counts)
			}
		}
		if renewed != tc.renewed {
			t.Errorf("TTL %v: renewed in run %d, want %d", tc.ttl, renewed, tc.renewed)
		}
	}
}

func TestRunDoesNotReadAgainForAnEndThatTheSourceSet(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Tagged(`"1"`, ""))
	w, _ := played(t, nil, func(ctx context.Context, tools collectors.Tools, emit func(stix.Object) error) (string, error) {
		if _, err := tools.Fetch.Fetch(ctx, collectors.Request{}); err != nil {
			return "", err
		}
		b, err := collectors.NewBuilder(feed(""), tools.Now())
		if err != nil {
			return "", err
		}
		o, err := b.Indicator(collectors.Indicator{
			Pattern: "[ipv4-addr:value = '192.0.2.1']", ValidUntil: now.Add(time.Hour),
		})
		if err != nil {
			return "", err
		}
		return "", emit(o)
	})
	f := feed(server.URL)
	f.Kind = "script"
	w.replace(f)
	w.run("list")
	w.clock.move(2 * time.Hour)
	if !w.run("list").NotModified {
		t.Error("an unchanged document was read again")
	}
}

func TestRunHoldsBackNoMoreThanABatch(t *testing.T) {
	var w *world
	written := 0
	w, _ = played(t, nil, func(_ context.Context, tools collectors.Tools, emit func(stix.Object) error) (string, error) {
		b, err := collectors.NewBuilder(feed(""), tools.Now())
		if err != nil {
			return "", err
		}
		for i := range 3 { // four MiB each, and the second fills the batch
			o, err := b.Object("tool", fmt.Sprint(i), collectors.P("name", strings.Repeat("x", 4<<20)))
			if err != nil {
				return "", err
			}
			if err := emit(o); err != nil {
				return "", err
			}
		}
		written = len(w.versions("tool"))
		return "", nil
	})
	w.run("list")
	if written != 2 {
		t.Errorf("%d objects were written before the end of the run, want 2", written)
	}
}

func TestRunOfAServerThatSaysNoForEver(t *testing.T) {
	drip := collectortest.Drip()
	server := collectortest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusNotFound)
		drip(w, r)
	})
	w := newWorld(t, feed(server.URL)) // whose time is ten minutes
	_, err := w.runner.RunNow(t.Context(), "list")
	if err == nil || !strings.Contains(err.Error(), "404 Not Found") {
		t.Errorf("error = %v, want one with the status", err)
	}
}

func TestRunLeavesOutWhatNoPollerCouldTake(t *testing.T) {
	log := &logged{}
	w, _ := played(t, func(cfg *collectors.RunnerConfig) { cfg.Logger = textLogger(log) },
		raw(tool(`,"name":"`+strings.Repeat("x", 17<<20)+`"`)))
	wantCounts(t, "run", counts(3, 0, 0, 0, 1), w.run("list").Counts)
	if len(log.lines) != 1 || !strings.Contains(log.lines[0], "an object of more than 16777216 bytes") {
		t.Errorf("log: %s", log.lines)
	}
}

// A list that grows does not renew the indicators that are on it still, so that the oldest
// decides when it has to be read again.
func TestRunReadsAgainForTheOldestIndicator(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Tagged(`"1"`, "192.0.2.1"),
		collectortest.Tagged(`"2"`, "192.0.2.1 192.0.2.2"))
	f := feed(server.URL)
	f.Schedule = "@every 6h"
	w := newWorld(t, f)
	w.run("list")
	w.clock.move(24 * time.Hour)
	wantCounts(t, "longer list", counts(3, 0, 6, 0, 0), w.run("list").Counts)
	w.clock.move(6 * time.Hour)
	if !w.run("list").NotModified {
		t.Error("the list was read again ten hours before its first indicator lapses")
	}
	w.clock.move(time.Hour)
	wantCounts(t, "nine hours before", counts(0, 1, 8, 0, 0), w.run("list").Counts)
}
