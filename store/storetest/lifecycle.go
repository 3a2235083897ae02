package storetest

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cabstand/cabstand/store"
)

// testLifecycle is about the ends of calls and of stores.
func testLifecycle(t *testing.T, at placer) {
	t.Run("EndedContext", func(t *testing.T) { endedContext(t, at) })
	t.Run("NothingAfterClose", func(t *testing.T) { nothingAfterClose(t, at) })
	t.Run("CloseWaits", func(t *testing.T) { closeWaits(t, at) })
	t.Run("OthersGoOn", func(t *testing.T) { othersGoOn(t, at) })
	t.Run("EverythingAtOnce", func(t *testing.T) { everythingAtOnce(t, at) })
}

// calls is every method of a store but Close.
func calls(s store.Store) map[string]func(ctx context.Context) error {
	const c = "collection"
	o := shape{name: "a", modified: version(1)}.object()
	return map[string]func(ctx context.Context) error{
		"Add":  func(ctx context.Context) error { _, err := s.Add(ctx, c, incoming(o)); return err },
		"Page": func(ctx context.Context) error { _, err := s.Page(ctx, c, store.Query{}); return err },
		"Delete": func(ctx context.Context) error {
			_, err := s.Delete(ctx, c, o.ID, store.Choice{})
			return err
		},
		"Has":   func(ctx context.Context) error { _, err := s.Has(ctx, c, o.ID, nil); return err },
		"Stats": func(ctx context.Context) error { _, err := s.Stats(ctx, c); return err },
		"Drop":  func(ctx context.Context) error { return s.Drop(ctx, c) },
		"Collections": func(ctx context.Context) error {
			_, err := s.Collections(ctx, "", 0)
			return err
		},
		"Kinds":   func(ctx context.Context) error { _, err := s.Kinds(ctx); return err },
		"Advance": func(ctx context.Context) error { return s.Advance(ctx, c, time.Unix(1, 0)) },
		"Ping":    s.Ping,
		"Put": func(ctx context.Context) error {
			_, err := s.Put(ctx, store.Document{Kind: "k", Key: "k", Revision: store.AnyRevision})
			return err
		},
		"Get":    func(ctx context.Context) error { _, err := s.Get(ctx, "k", "k"); return err },
		"List":   func(ctx context.Context) error { _, err := s.List(ctx, "k", "", "", 0); return err },
		"Remove": func(ctx context.Context) error { return s.Remove(ctx, "k", "k") },
	}
}

func endedContext(t *testing.T, at placer) {
	s := open(t, at).store
	cause := errors.New("the caller went home")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	for name, call := range calls(s) {
		if err := call(ctx); !errors.Is(err, cause) {
			t.Errorf("%s with an ended context: %v", name, err)
		}
	}
	if err := s.Ping(context.Background()); err != nil {
		t.Errorf("Ping: %v", err)
	}
}

func nothingAfterClose(t *testing.T, at placer) {
	f := open(t, at)
	f.close(t)
	for name, call := range calls(f.store) {
		if err := call(context.Background()); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
}

// closeWaits closes a store while it is written: what was acknowledged is there afterwards,
// what came too late is told so.
func closeWaits(t *testing.T, at placer) {
	f := open(t, at)
	ctx := context.Background()
	var wg sync.WaitGroup
	var mu sync.Mutex
	acked, begun := map[string]bool{}, make(chan struct{})
	begin := sync.OnceFunc(func() { close(begun) })
	for w := range 4 {
		wg.Go(func() {
			defer begin()
			for i := 0; ; i++ {
				o := numbered(strconv.Itoa(w)+"/"+strconv.Itoa(i)+"/", 1)[0]
				_, err := f.store.Add(ctx, "c", incoming(o))
				if err != nil {
					if !errors.Is(err, store.ErrUnavailable) {
						t.Errorf("Add while the store closes: %v", err)
					}
					return
				}
				mu.Lock()
				acked[o.ID] = true
				if len(acked) > 20 {
					begin()
				}
				mu.Unlock()
			}
		})
	}
	<-begun
	f.close(t)
	wg.Wait()
	f.start(t)
	for id := range acked {
		if ok, err := f.store.Has(ctx, "c", id, nil); !ok || err != nil {
			t.Fatalf("%s was acknowledged and is gone: %v", id, err)
		}
	}
}

// othersGoOn closes the store of one process after another: those that are left work on. Where
// there is one process alone, it closes its only store and opens it again.
func othersGoOn(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	for i := range 3 {
		c.put(numbered(strconv.Itoa(i)+"/", 2)...)
		f.swap(t)
		c.put(numbered(strconv.Itoa(i)+"/other/", 2)...)
		f.reopen(t)
		c.put(numbered(strconv.Itoa(i)+"/again/", 2)...)
		f.swap(t)
		c.walk(store.Query{Limit: 5})
		c.check()
	}
}

// everythingAtOnce calls everything from everywhere, for the race detector to watch.
func everythingAtOnce(t *testing.T, at placer) {
	f, ctx := open(t, at), context.Background()
	var wg sync.WaitGroup
	for w := range 6 {
		s := f.handle(t)
		wg.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(w)))
			for range 15 {
				objects := numbered("", 1+random.IntN(5))
				if _, err := s.Add(ctx, "collection", incoming(objects...)); err != nil {
					t.Errorf("Add: %v", err)
				}
				for name, call := range calls(s) {
					if err := call(ctx); err != nil && !errors.Is(err, store.ErrNotFound) {
						t.Errorf("%s: %v", name, err)
					}
				}
			}
		})
	}
	wg.Wait()
	s := f.store
	if err := s.Drop(ctx, "collection"); err != nil {
		t.Fatalf("Drop: %v", err)
	}
	stats, err := s.Stats(ctx, "collection")
	if err != nil {
		t.Fatalf("Stats: %v", err)
	}
	want := store.Stats{LastAdded: stats.LastAdded, Revision: stats.Revision}
	equal(t, "Stats of an empty collection", want, stats)
}
