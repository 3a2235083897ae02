package collectors_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

func TestStatusTurnsStaleWhenRunsAreMissed(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*collectors.Feed)
		after  time.Duration
	}{
		"three runs":       {func(f *collectors.Feed) { f.Schedule = "@every 6h" }, 18 * time.Hour},
		"a day by default": {nil, 72 * time.Hour},
		"at least an hour": {func(f *collectors.Feed) { f.Schedule = "@every 1m" }, time.Hour},
		"by min_interval":  {func(f *collectors.Feed) { f.Schedule, f.MinInterval = "@every 1m", time.Hour }, 3 * time.Hour},
		"as the feed says": {func(f *collectors.Feed) { f.StaleAfter = 90 * time.Minute }, 90 * time.Minute},
		"by the calendar":  {func(f *collectors.Feed) { f.Schedule = "0 6 * * 3" }, 14*24*time.Hour + 53*time.Minute + 53*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			f := feed(collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1")).URL)
			if tc.change != nil {
				tc.change(&f)
			}
			w := newWorld(t, f)
			w.run("list")
			w.clock.move(tc.after - time.Second)
			if s := w.status(); s.Stale || s.State != "good" {
				t.Errorf("%s a second before it is due, stale at %v", s.State, s.StaleAt)
			}
			w.clock.move(time.Second)
			if s := w.status(); !s.Stale || s.State != "stale" || !s.StaleAt.Equal(w.clock.now()) {
				t.Errorf("%s at %v, stale at %v", s.State, w.clock.now(), s.StaleAt)
			}
			w.run("list")
			if s := w.status(); s.Stale {
				t.Error("still stale after a good run")
			}
		})
	}
}

func TestStatusOfAFeedThatNeverSucceededTurnsStaleToo(t *testing.T) {
	w := newWorld(t, feed(collectortest.Serve(t, collectortest.Status(500)).URL))
	if s := w.status(); s.State != "waiting" {
		t.Errorf("state %s before the first run", s.State)
	}
	_, _ = w.runner.RunNow(t.Context(), "list")
	w.clock.move(71 * time.Hour)
	_, _ = w.runner.RunNow(t.Context(), "list")
	if s := w.status(); s.State != "failing" || s.Failures != 2 {
		t.Errorf("state %s after %d failures", s.State, s.Failures)
	}
	w.clock.move(time.Hour)
	if s := w.status(); s.State != "stale" {
		t.Errorf("state %s after three days", s.State)
	}
}

func TestStatusIsQuietWhenNothingNewComes(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1"))
	f := feed(server.URL)
	f.QuietAfter = 48 * time.Hour
	w := newWorld(t, f)
	w.run("list")
	w.clock.move(24 * time.Hour)
	w.run("list")
	if s := w.status(); s.State != "good" || !s.LastNew.Equal(now) {
		t.Errorf("state %s, last new %v", s.State, s.LastNew)
	}
	w.clock.move(24 * time.Hour)
	w.run("list")
	if s := w.status(); s.State != "quiet" || s.Stale {
		t.Errorf("state %s, stale %v", s.State, s.Stale)
	}
}

func TestRunCountsRowsAndTraffic(t *testing.T) {
	const text = "192.0.2.1\nbad\n192.0.2.2\n"
	server := collectortest.Serve(t, collectortest.Gzipped(text), collectortest.Status(503))
	w := newWorld(t, feed(server.URL))
	report := w.run("list")
	if want := (collectors.Rows{Read: 3, Kept: 2}); report.Rows != want || w.status().LastRows != want {
		t.Errorf("rows %+v, in the status %+v, want %+v", report.Rows, w.status().LastRows, want)
	}
	got := report.Traffic
	if got.Requests != 1 || got.Unpacked != int64(len(text)) || got.Received <= int64(len(text)) {
		t.Errorf("traffic %+v of %d bytes, packed and with headers", got, len(text))
	}
	_, _ = w.runner.RunNow(t.Context(), "list")
	if s := w.status(); s.LastTraffic.Unpacked != 0 || s.LastTraffic.Requests != 1 {
		t.Errorf("traffic of a run that got nothing: %+v", s.LastTraffic)
	}
}

// What is told about the feeds goes by the clock also where nothing runs.
func TestHealthIsMeasured(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1 bad"), collectortest.Status(401))
	registry := prometheus.NewRegistry()
	w := newWorld(t)
	cfg := w.config(feed(server.URL))
	cfg.Registerer = registry
	var err error
	if w.runner, err = collectors.New(cfg); err != nil {
		t.Fatal(err)
	}
	w.run("list")
	_, _ = w.runner.RunNow(t.Context(), "list")
	w.clock.move(72 * time.Hour)
	const want = `
# HELP cabstand_feed_errors_total Runs of a feed that ended early, by what kind of trouble it was.
# TYPE cabstand_feed_errors_total counter
cabstand_feed_errors_total{feed="list",trouble="key"} 1
# HELP cabstand_feed_failures Runs of a feed in a row that failed, until now.
# TYPE cabstand_feed_failures gauge
cabstand_feed_failures{feed="list"} 1
# HELP cabstand_feed_requests_total Requests that were made for a feed.
# TYPE cabstand_feed_requests_total counter
cabstand_feed_requests_total{feed="list"} 2
# HELP cabstand_feed_rows_total Rows of the source of a feed by outcome: kept or dropped.
# TYPE cabstand_feed_rows_total counter
cabstand_feed_rows_total{feed="list",outcome="dropped"} 1
cabstand_feed_rows_total{feed="list",outcome="kept"} 1
# HELP cabstand_feed_stale 1 if the last good run of a feed is longer ago than it may be, else 0.
# TYPE cabstand_feed_stale gauge
cabstand_feed_stale{feed="list"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want),
		"cabstand_feed_errors_total", "cabstand_feed_failures", "cabstand_feed_requests_total",
		"cabstand_feed_rows_total", "cabstand_feed_stale"); err != nil {
		t.Error(err)
	}
	if err := w.runner.Replace(nil); err != nil {
		t.Fatal(err)
	}
	if n, err := testutil.GatherAndCount(registry, "cabstand_feed_stale"); n != 0 || err != nil {
		t.Errorf("%d figures of a feed that is no more, error %v", n, err)
	}
}

func TestRunLeavesOneLineInTheLog(t *testing.T) {
	log := &logged{}
	w, _ := played(t, func(cfg *collectors.RunnerConfig) { cfg.Logger = textLogger(log) },
		skips("no address", "no time"), end("", collectors.ErrKey))
	w.run("list")
	_, _ = w.runner.RunNow(t.Context(), "list")
	if len(log.lines) != 2 {
		t.Fatalf("%d lines of two runs: %s", len(log.lines), log.lines)
	}
	for i, want := range []string{
		`read=2 kept=0 .*left_out_1="1: no address (line 1)" left_out_2="1: no time (line 2)"`,
		`trouble=key .*advice="the feed names no key`,
	} {
		for part := range strings.SplitSeq(want, ".*") {
			if !strings.Contains(log.lines[i], part) {
				t.Errorf("no %s in %s", part, log.lines[i])
			}
		}
	}
}

// The log is told of a feed that became stale, once each time.
func TestServerTellsOnceThatAFeedIsStale(t *testing.T) {
	inBubble(t, func(t *testing.T, s store.Store) {
		log := &logged{}
		var failing atomic.Bool
		sv := newServer(t, s, "web1", func(
			context.Context, collectors.Tools, func(stix.Object) error,
		) (string, error) {
			if failing.Load() {
				return "", collectors.ErrQuota
			}
			return "", nil
		}, func(cfg *collectors.RunnerConfig) { cfg.Logger = textLogger(log) })
		sv.serve()
		for range 2 {
			time.Sleep(24 * time.Hour)
			failing.Store(true)
			time.Sleep(48 * time.Hour)
			failing.Store(false)
		}
		time.Sleep(24 * time.Hour)
		sv.stop()
		var alarms []string
		for _, line := range log.lines {
			if strings.Contains(line, "feed is stale") {
				alarms = append(alarms, line)
			}
		}
		if len(alarms) != 2 || !strings.Contains(alarms[0], "trouble=quota") {
			t.Errorf("alarms of two outages: %s", alarms)
		}
	})
}

// A server whose clock was wrong for a while has runs of the future on record.
func TestFeedIsNotSilentAfterItsClockWasAhead(t *testing.T) {
	const year = 365 * 24 * time.Hour
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1"),
		collectortest.Status(500))
	f := feed(server.URL)
	f.Enabled = true
	w := newWorld(t, f)
	w.clock.move(year)
	w.run("list")
	w.clock.move(-year)
	if next := w.status().NextRun; !next.Equal(now) {
		t.Errorf("the next run is at %v, want at once, at %v", next, now)
	}
	_, _ = w.runner.RunNow(t.Context(), "list") // the source fails
	w.clock.move(7 * 24 * time.Hour)
	if s := w.status(); !s.Stale {
		t.Errorf("not stale a week after the clock was set right: stale at %v", s.StaleAt)
	}
}
