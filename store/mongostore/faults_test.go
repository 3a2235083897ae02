package mongostore_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
)

// many are n objects.
func many(t *testing.T, prefix string, n int) (batch []store.Incoming) {
	for i := range n {
		batch = append(batch, sighting(t, fmt.Sprint(prefix, "/", i), 1))
	}
	return batch
}

func TestFaults(t *testing.T) {
	server := mongotest.Start(t)
	for name, test := range map[string]func(*testing.T, *site){
		"SlowAnswers":       isSlow,
		"NarrowWire":        isNarrow,
		"CutInTheMiddle":    cutsInTheMiddle,
		"HalfOpen":          isHalfOpen,
		"StuckCommand":      isStuck,
		"GoneForAWhile":     goesAndComesBack,
		"CutsDuringTraffic": cutsTraffic,
	} {
		t.Run(name, func(t *testing.T) { test(t, newSite(t, server)) })
	}
}

func isSlow(t *testing.T, s *site) {
	w, l := s.wire(t), ledger{}
	p := s.startAt(t, w.url, mongostore.Options{})
	w.poison(t, "latency", answers, `"latency": 50`)
	l.add(t, p, sighting(t, "x", 1), sighting(t, "y", 1))
	l.add(t, p, sighting(t, "x", 2), sighting(t, "x", 0))
	id := stix.MintID("x-sighting", "y")
	if n, err := p.Delete(t.Context(), "c", id, store.Choice{}); n != 1 || err != nil {
		t.Errorf("Delete: %d, %v", n, err)
	}
	delete(l, id)
	if got := walk(t, p, store.Query{}); len(got) != 1 {
		t.Errorf("%d entries, want 1", len(got))
	}
	l.check(t, s.start(t))
}

func isNarrow(t *testing.T, s *site) {
	w, l := s.wire(t), ledger{}
	p := s.startAt(t, w.url, mongostore.Options{})
	w.poison(t, "bandwidth", requests, `"rate": 100`) // in KB a second
	w.poison(t, "bandwidth", answers, `"rate": 100`)
	batch := many(t, "x", 150)
	l.add(t, p, batch...)
	if got := walk(t, p, store.Query{}); len(got) != len(batch) {
		t.Errorf("%d entries, want %d", len(got), len(batch))
	}
}

// cutsInTheMiddle breaks a connection when a part of a large insert has gone through, and when
// a part of a large page has.
func cutsInTheMiddle(t *testing.T, s *site) {
	w, l := s.wire(t), ledger{}
	p := s.startAt(t, with(t, w.url, "timeoutMS", "1500"), mongostore.Options{})
	l.add(t, p, sighting(t, "x", 1))
	batch := many(t, "y", 150)
	for _, direction := range []string{requests, answers} {
		cure := w.poison(t, "limit_data", direction, `"bytes": 20000`)
		call := func() (err error) {
			if direction == requests {
				_, err = p.Add(t.Context(), "c", batch)
			} else {
				_, err = p.Page(t.Context(), "c", store.Query{})
			}
			return err
		}
		if err := call(); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s cut: %v, want store.ErrUnavailable", direction, err)
		}
		cure()
		insist(t, call)
		if direction == requests {
			l.note(batch...)
			s.holdsOnly(t, l, 0)
		}
	}
	l.check(t, p)
}

// calls are all calls of a store that MongoDB is asked for.
func calls(t *testing.T, s store.Store) map[string]func() error {
	ctx := t.Context()
	id := stix.MintID("x-sighting", "x")
	return map[string]func() error{
		"Add": func() error {
			_, err := s.Add(ctx, "c", []store.Incoming{sighting(t, "x", 2)})
			return err
		},
		"Add of nothing": func() error { _, err := s.Add(ctx, "c", nil); return err },
		"Page":           func() error { _, err := s.Page(ctx, "c", store.Query{}); return err },
		"Delete": func() error {
			_, err := s.Delete(ctx, "d", id, store.Choice{})
			return err
		},
		"Drop":        func() error { return s.Drop(ctx, "e") },
		"Advance":     func() error { return s.Advance(ctx, "f", time.Now()) },
		"Has":         func() error { _, err := s.Has(ctx, "c", id, nil); return err },
		"Stats":       func() error { _, err := s.Stats(ctx, "c"); return err },
		"Collections": func() error { _, err := s.Collections(ctx, "", 0); return err },
		"Kinds":       func() error { _, err := s.Kinds(ctx); return err },
		"Get":         func() error { _, err := s.Get(ctx, "user", "ann"); return err },
		"List":        func() error { _, err := s.List(ctx, "user", "", "", 0); return err },
		"Put": func() error {
			_, err := s.Put(ctx, store.Document{Kind: "user", Key: "bob", Revision: store.AnyRevision})
			return err
		},
		"Remove": func() error { return s.Remove(ctx, "user", "none") },
		"Ping":   func() error { return s.Ping(ctx) },
	}
}

// allFail makes calls at once. Each ends, by the timeouts of the URL, as the contract says.
func allFail(t *testing.T, calls map[string]func() error) {
	t.Helper()
	var running sync.WaitGroup
	for name, call := range calls {
		running.Go(func() {
			if err := call(); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("%s: %v, want store.ErrUnavailable", name, err)
			}
		})
	}
	done := make(chan struct{})
	go func() {
		running.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Error("calls hang")
		<-done
	}
}

// allWork makes all calls until they work.
func allWork(t *testing.T, s store.Store) {
	t.Helper()
	for name, call := range calls(t, s) {
		eventually(t, name+" works again", func() bool {
			err := call()
			return err == nil || errors.Is(err, store.ErrNotFound)
		})
	}
}

// quick makes a client give up soon.
func quick(t *testing.T, url string) string {
	return with(t, url,
		"timeoutMS", "500", "connectTimeoutMS", "500", "serverSelectionTimeoutMS", "500")
}

// isHalfOpen has the wire swallow everything, as when a firewall forgets a connection.
func isHalfOpen(t *testing.T, s *site) {
	w, l := s.wire(t), ledger{}
	p := s.startAt(t, quick(t, w.url), mongostore.Options{})
	l.add(t, p, sighting(t, "x", 1))
	for _, direction := range []string{requests, answers} {
		cure := w.poison(t, "timeout", direction, `"timeout": 0`)
		allFail(t, calls(t, p))
		cure()
		allWork(t, p)
	}
	l.note(sighting(t, "x", 2))
	l.check(t, s.start(t))
	s.holdsOnly(t, l, 0)
}

// isStuck has MongoDB never answer some commands, while it answers all others.
func isStuck(t *testing.T, s *site) {
	l := ledger{}
	p := s.startAt(t, quick(t, s.url), mongostore.Options{})
	l.add(t, p, sighting(t, "x", 1))
	for version, m := range []moment{at("find", "entries_"), inserting(), committing()} {
		batch := []store.Incoming{sighting(t, "y", version)}
		add := func() error { _, err := p.Add(t.Context(), "c", batch); return err }
		g := s.hold(t, m)
		allFail(t, map[string]func() error{"Add": add})
		g.open()
		insist(t, add)
		l.note(batch...)
	}
	l.check(t, s.start(t))
	s.holdsOnly(t, l, 0)
}

func goesAndComesBack(t *testing.T, s *site) {
	l := ledger{}
	p := s.startAt(t, quick(t, s.url), mongostore.Options{SweepEvery: 10 * time.Millisecond})
	l.add(t, p, sighting(t, "x", 1))
	s.server.Gone(t)
	for range 2 {
		allFail(t, calls(t, p))
	}
	s.server.Back(t)
	allWork(t, p)
	l.note(sighting(t, "x", 2))
	l.check(t, p)
	s.holdsOnly(t, l, 0)
}

// cutsTraffic breaks connections at any moment while several processes write and read. Every
// write is repeated until it succeeds, as clients do.
func cutsTraffic(t *testing.T, s *site) {
	const writers, pollers, batches = 3, 2, 10
	var wires []*wire
	lay := func() *process {
		w := s.wire(t)
		w.poison(t, "slow_close", answers, `"delay": 30`)
		wires = append(wires, w)
		return s.startAt(t, w.url, mongostore.Options{})
	}
	var mu sync.Mutex // guards l
	l := ledger{}
	var writing, polling sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	for n := range pollers {
		p := lay()
		polling.Go(func() { pollThroughCuts(t, ctx, p, n, l, &mu) })
	}
	for n := range writers {
		p := lay()
		writing.Go(func() {
			for b := range batches {
				batch := append(many(t, fmt.Sprint(n, "/", b), 2), sighting(t, "shared", n*batches+b))
				persist(t, func() error { _, err := p.Add(t.Context(), "c", batch); return err })
				mu.Lock()
				l.note(batch...)
				mu.Unlock()
			}
		})
	}
	cutting, end := context.WithCancel(t.Context())
	var sabotage sync.WaitGroup
	sabotage.Go(func() { cutAtRandom(t, cutting, wires) })
	writing.Wait()
	end()
	sabotage.Wait()
	stop()
	polling.Wait()
	l.check(t, s.start(t))
	s.holdsOnly(t, l, 0)
}

// cutAtRandom breaks the connections of one wire after the other.
func cutAtRandom(t *testing.T, ctx context.Context, wires []*wire) {
	random := rand.New(rand.NewPCG(1, 2))
	for ctx.Err() == nil {
		w := wires[random.IntN(len(wires))]
		direction := []string{requests, answers}[random.IntN(2)]
		cure := w.poison(t, "reset_peer", direction, `"timeout": 0`)
		time.Sleep(time.Duration(random.IntN(20)) * time.Millisecond)
		cure()
		time.Sleep(time.Duration(random.IntN(150)) * time.Millisecond)
	}
}

// persist makes a call until it works. What it says meanwhile is store.ErrUnavailable.
func persist(t *testing.T, call func() error) {
	for tries := 0; ; tries++ {
		err := call()
		if err == nil {
			return
		}
		if !errors.Is(err, store.ErrUnavailable) || tries == 100 {
			t.Errorf("after %d tries: %v", tries, err)
			return
		}
	}
}

// pollThroughCuts reads what is new until ctx has ended and nothing is. Then it has seen what
// was noted in the ledger, each version once.
func pollThroughCuts(
	t *testing.T, ctx context.Context, s store.Store, n int, l ledger, mu *sync.Mutex,
) {
	seen := map[string]int{}
	q := store.Query{Versions: store.Versions{All: true}, Limit: 5}
	for {
		last := ctx.Err() != nil
		var page store.Page
		persist(t, func() (err error) { page, err = s.Page(t.Context(), "c", q); return err })
		for _, e := range page.Entries {
			if !e.DateAdded.After(q.AddedAfter) {
				t.Errorf("poller %d: an entry of %v comes after %v", n, e.DateAdded, q.AddedAfter)
			}
			seen[e.ID+" "+e.Version]++
			q.AddedAfter = e.DateAdded
		}
		if last && !page.More {
			break
		}
	}
	mu.Lock()
	defer mu.Unlock()
	for _, line := range l.want(q.Versions) {
		if seen[line] != 1 {
			t.Errorf("poller %d has seen %s %d times", n, line, seen[line])
		}
	}
}
