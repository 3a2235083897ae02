package collectors_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/google/go-cmp/cmp"
)

func TestServersRunAFeedThatIsDueOnce(t *testing.T) {
	for _, lasts := range []time.Duration{0, 5 * time.Minute} {
		t.Run(lasts.String(), func(t *testing.T) {
			inBubble(t, func(t *testing.T, s store.Store) {
				var all []*server
				for _, name := range []string{"web1", "web2", "web3"} {
					sv := newServer(t, s, name, takes(lasts, "1", "192.0.2.1"))
					sv.serve()
					all = append(all, sv)
				}
				time.Sleep(13 * time.Hour)
				runs := 0
				for _, sv := range all {
					sv.stop()
					runs += len(sv.runs)
				}
				if runs != 3 {
					t.Errorf("%d runs in 13 hours of every six, want 3", runs)
				}
				wantOnce(t, s, 1)
			})
		})
	}
}

// skewed is a clock that is wrong by d.
func skewed(d time.Duration) func(*collectors.RunnerConfig) {
	return func(cfg *collectors.RunnerConfig) {
		cfg.Now = func() time.Time { return time.Now().Add(d) }
	}
}

// A server dies with one batch written and another held back. The other one goes on within a
// minute, whatever time it has.
func TestServerTakesOverFromOneThatDied(t *testing.T) {
	list := strings.Fields(addresses(400))
	for name, skew := range map[string]time.Duration{
		"clocks agree": 0, "an hour ahead": time.Hour, "an hour behind": -time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s store.Store) {
				died := make(chan time.Time, 1)
				var dead *server
				var bury func()
				dead = newServer(t, s, "web1", func(
					ctx context.Context, tools collectors.Tools, emit func(stix.Object) error,
				) (string, error) {
					time.Sleep(47 * time.Second)
					if err := emitAll(shared(), tools, emit, list[:200]...); err != nil {
						return "", err
					}
					bury = dead.wire.freeze()
					died <- time.Now()
					return "1", emitAll(shared(), tools, emit, list[200:]...)
				})
				dead.serve()
				<-dead.runs
				other := newServer(t, s, "web2", takes(time.Second, "1", list...), skewed(skew))
				other.serve()
				death := <-died
				if gone := (<-other.runs).Sub(death); gone > time.Minute {
					t.Errorf("taken over after %v, want a minute at most", gone)
				}
				time.Sleep(time.Hour)
				bury()
				other.stop()
				dead.stop()
				if n := len(other.runs) + len(dead.runs); n != 0 {
					t.Errorf("%d more runs", n)
				}
				wantOnce(t, s, 400)
			})
		})
	}
}

// standing is a server whose clock stands still until it wakes, a day later.
func standing(asleep *atomic.Bool) func(*collectors.RunnerConfig) {
	began := time.Now()
	return func(cfg *collectors.RunnerConfig) {
		cfg.Lease = 24 * time.Hour // so that its timers stand still, too
		cfg.Now = func() time.Time {
			if asleep.Load() {
				return began
			}
			return time.Now().Add(24 * time.Hour)
		}
	}
}

func TestServerThatWakesAfterATakeoverWritesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, s store.Store) {
		var asleep atomic.Bool
		asleep.Store(true)
		wake := make(chan struct{})
		frozen := newServer(t, s, "web1", func(
			_ context.Context, tools collectors.Tools, emit func(stix.Object) error,
		) (string, error) {
			<-wake
			return "stale", emitAll(shared(), tools, emit, "192.0.2.1", "192.0.2.99")
		}, standing(&asleep))
		ended := frozen.begin()
		var cursors []string
		other := newServer(t, s, "web2", takes(time.Second, "fresh", "192.0.2.1"), keepCursors(&cursors))
		if _, err := other.RunNow(t.Context(), "list"); err != nil {
			t.Fatal(err)
		}
		asleep.Store(false)
		close(wake)
		late := <-ended
		if !errors.Is(late.err, store.ErrConflict) || !strings.Contains(late.err.Error(), "web2") {
			t.Errorf("the run that was late: %v, want %v and the name of the other",
				late.err, store.ErrConflict)
		}
		if n := frozen.wire.calls["add"]; n != 0 {
			t.Errorf("%d writes of the run that was late", n)
		}
		wantOnce(t, s, 1)
		if _, err := other.RunNow(t.Context(), "list"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"", "fresh"}, cursors); diff != "" {
			t.Errorf("cursors (-want +got):\n%s", diff)
		}
	})
}

// keepCursors notes with which cursor each run begins.
func keepCursors(cursors *[]string) func(*collectors.RunnerConfig) {
	return func(cfg *collectors.RunnerConfig) {
		kind := cfg.Kinds[0]
		cfg.Kinds = []collectors.Kind{{Name: kind.Name, New: func(
			f collectors.Feed, tools collectors.Tools,
		) (collectors.Collector, error) {
			c, err := kind.New(f, tools)
			return noting{c, cursors}, err
		}}}
	}
}

type noting struct {
	collectors.Collector
	cursors *[]string
}

func (n noting) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	*n.cursors = append(*n.cursors, cursor)
	return n.Collector.Collect(ctx, cursor, emit)
}

// inFlight is a store that a request reaches although its sender gave up.
type inFlight struct{ store.Store }

func (f inFlight) Add(
	ctx context.Context, collection string, objects []store.Incoming,
) ([]store.Added, error) {
	return f.Store.Add(context.WithoutCancel(ctx), collection, objects)
}

// overtaken has a server die whose last write is under way, and another take over. The write
// arrives at the first call of that kind that the other makes once it has read what is stored.
func overtaken(t *testing.T, s store.Store, arrival string, do step) {
	t.Helper()
	arrive := make(chan struct{})
	dead := newServer(t, inFlight{s}, "web1", takes(0, "1", "192.0.2.1", "192.0.2.2"))
	var bury func()
	dead.wire.before = func(call string) {
		if call == "add" {
			bury = dead.wire.freeze()
			<-arrive
		}
	}
	ended := dead.begin()

	other := newServer(t, s, "web2", do)
	land := sync.OnceFunc(func() {
		close(arrive)
		synctest.Wait()
	})
	var compared atomic.Bool
	other.wire.before = func(call string) {
		if call == "page" {
			compared.Store(true)
		} else if call == arrival && compared.Load() {
			land()
		}
	}
	if _, err := other.RunNow(t.Context(), "list"); err != nil {
		t.Error(err)
	}
	bury()
	if late := <-ended; late.New != 9 && late.New != 0 {
		t.Errorf("%d objects were new, want all or none", late.New)
	}
}

func TestWriteThatArrivesAfterATakeoverIsNoSecondVersion(t *testing.T) {
	for name, arrival := range map[string]string{
		"before the other's": "add", "after the other's": "put",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s store.Store) {
				overtaken(t, s, arrival, takes(time.Second, "1", "192.0.2.1", "192.0.2.2"))
				wantOnce(t, s, 2)
			})
		})
	}
}

// The source has changed between the two runs. What the second read stands in the end.
func TestWriteThatArrivesAfterATakeoverHidesNoNews(t *testing.T) {
	for name, arrival := range map[string]string{
		"before the other's": "add", "after the other's": "put",
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s store.Store) {
				overtaken(t, s, arrival, func(
					_ context.Context, tools collectors.Tools, emit func(stix.Object) error,
				) (string, error) {
					f := shared()
					f.STIX.Labels = []string{"botnet"}
					return "1", emitAll(f, tools, emit, "192.0.2.1", "192.0.2.2")
				})
				page, err := s.Page(t.Context(), "r/c", store.Query{Types: []string{"indicator"}})
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range page.Entries {
					if !strings.Contains(string(e.Raw), "botnet") {
						t.Errorf("the newest version is the older content: %s", e.Raw)
					}
				}
			})
		})
	}
}
