package collectors_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
)

// nextRun runs the feed once and returns how long after the start of that run the next is due.
func nextRun(t *testing.T, answer collectortest.Answer, change func(*collectors.Feed)) time.Duration {
	t.Helper()
	f := feed(collectortest.Serve(t, answer).URL)
	change(&f)
	w := newWorld(t, f)
	_, _ = w.runner.RunNow(t.Context(), "list") // some of them fail, and are due again
	return w.status().NextRun.Sub(now)
}

func TestNextRun(t *testing.T) {
	good := collectortest.Body("text/plain", "192.0.2.1")
	for name, tc := range map[string]struct {
		answer collectortest.Answer
		change func(*collectors.Feed)
		want   time.Duration
	}{
		"by default":              {good, func(f *collectors.Feed) {}, 24 * time.Hour},
		"every six hours":         {good, func(f *collectors.Feed) { f.Schedule = "@every 6h" }, 6 * time.Hour},
		"at a quarter past, UTC":  {good, func(f *collectors.Feed) { f.Schedule = "15 * * * *" }, 9*time.Minute - 7*time.Second},
		"in another zone":         {good, func(f *collectors.Feed) { f.Schedule = "CRON_TZ=Asia/Kolkata 45 * * * *" }, 9*time.Minute - 7*time.Second},
		"not below min_interval":  {good, func(f *collectors.Feed) { f.Schedule, f.MinInterval = "@every 1m", time.Hour }, time.Hour},
		"sooner after a failure":  {collectortest.Status(500), func(f *collectors.Feed) {}, 15 * time.Minute},
		"a failure, min_interval": {collectortest.Status(500), func(f *collectors.Feed) { f.MinInterval = 2 * time.Hour }, 2 * time.Hour},
		"as the source asks":      {collectortest.Throttle(429, "7200"), func(f *collectors.Feed) { f.Schedule = "@every 5m" }, 2 * time.Hour},
		"never, if not enabled":   {good, func(f *collectors.Feed) { f.Enabled = false }, time.Time{}.Sub(now)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := nextRun(t, tc.answer, tc.change); got != tc.want {
				t.Errorf("due again after %v, want %v", got, tc.want)
			}
		})
	}
}

func TestNextRunOfANewOrChangedFeedIsNow(t *testing.T) {
	f := feed(collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1")).URL)
	w := newWorld(t, f)
	if got := w.status().NextRun; !got.Equal(now) {
		t.Errorf("new feed: due at %v, want %v", got, now)
	}
	w.run("list")
	f.STIX.Labels = nil
	w.restart(f)
	if got := w.status().NextRun; !got.Equal(now) {
		t.Errorf("changed feed: due at %v, want %v", got, now)
	}
}

// start runs the schedule until the test ends or the returned function is called.
func (w *world) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.runner.Run(ctx) }()
	stopped := false
	stop = func() {
		cancel()
		if !stopped {
			stopped = true
			if err := <-done; err != nil {
				w.t.Errorf("Run: %v", err)
			}
		}
	}
	w.t.Cleanup(stop)
	return stop
}

// source is a feed whose requests arrive at a channel.
func source(t *testing.T, id string) (collectors.Feed, chan struct{}) {
	asked := make(chan struct{}, 100)
	server := collectortest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("192.0.2.1"))
		asked <- struct{}{}
	})
	f := feed(server.URL)
	f.ID, f.Schedule = id, "@every 6h"
	return f, asked
}

func TestScheduleRunsWhatIsDueAndNothingElse(t *testing.T) {
	recent, recentAsked := source(t, "recent")
	fresh, freshAsked := source(t, "fresh")
	off, offAsked := source(t, "off")
	off.Enabled = false
	w := newWorld(t, recent, fresh, off)
	w.run("recent")
	<-recentAsked

	stop := w.start()
	<-freshAsked
	added, addedAsked := source(t, "added")
	if err := w.runner.Replace([]collectors.Feed{recent, fresh, off, added}); err != nil {
		t.Fatal(err)
	}
	<-addedAsked
	stop()
	if n := len(recentAsked) + len(offAsked) + len(freshAsked) + len(addedAsked); n != 0 {
		t.Errorf("%d runs that were not due", n)
	}
}

func TestScheduleRepeats(t *testing.T) {
	f, asked := source(t, "often")
	f.Schedule = "@every 1s"
	w := newWorld(t)
	cfg := w.config(f)
	cfg.Now = time.Now
	var err error
	if w.runner, err = collectors.New(cfg); err != nil {
		t.Fatal(err)
	}
	w.start()
	<-asked
	<-asked
}

func TestScheduleStopsRunsUnderWay(t *testing.T) {
	started := make(chan struct{})
	drip := collectortest.Drip()
	server := collectortest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		close(started)
		drip(w, r)
	})
	w := newWorld(t, feed(server.URL))
	stop := w.start()
	<-started
	stop()
	status := w.status()
	if status.Running || status.LastError == "" {
		t.Errorf("status = %+v, want a run that ended with an error", status)
	}
}

func TestScheduleLeavesToOthersWhatTheyRan(t *testing.T) {
	f, asked := source(t, "shared")
	w := newWorld(t, f)
	other, err := collectors.New(w.config(f)) // another process with the same store
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.RunNow(t.Context(), "shared"); err != nil {
		t.Fatal(err)
	}
	<-asked
	if got, want := w.status().NextRun, now.Add(6*time.Hour); !got.Equal(want) {
		t.Errorf("due at %v, want %v", got, want)
	}
}

func TestScheduleOnlyOnce(t *testing.T) {
	f, asked := source(t, "list")
	w := newWorld(t, f)
	w.start()
	<-asked
	if err := w.runner.Run(t.Context()); err == nil {
		t.Error("a second Run at the same time succeeded")
	}
}
