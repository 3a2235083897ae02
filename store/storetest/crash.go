package storetest

import (
	"context"
	"maps"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/store"
)

// testCrash stops stores abruptly (points 2 and 3 of the contract).
func testCrash(t *testing.T, at placer) {
	t.Run("EverythingAcknowledgedSurvives", func(t *testing.T) { everythingSurvives(t, at) })
	f := open(t, at)
	if f.place.Crash == nil {
		return // a stop in good order is Lifecycle/CloseWaits
	}
	t.Run("InTheMiddleOfWriting", func(t *testing.T) {
		for round := range 6 {
			newWreck(t, f, strconv.Itoa(round)).run()
		}
	})
}

// everythingSurvives does each kind of change and crashes at once.
func everythingSurvives(t *testing.T, at placer) {
	f := open(t, at)
	c, dropped := f.twin(t), f.twin(t)
	ctx := context.Background()
	step := func(change func()) {
		t.Helper()
		change()
		f.crash(t)
		for _, c := range []*twin{c, dropped} {
			c.check()
			c.walk(store.Query{Versions: store.Versions{All: true}, Limit: 5})
			c.walk(store.Query{})
		}
	}
	step(func() { c.put(numbered("", 7)...) })
	step(func() { dropped.put(numbered("", 7)...) })
	step(func() { c.put(shape{name: "1", modified: version(50)}.object()) })
	step(func() { c.delete(shape{name: "1"}.identifier(), store.Versions{Last: true}) })
	step(func() { dropped.drop() })
	step(func() { dropped.put(numbered("", 2)...) })
	d := store.Document{Kind: "thing", Key: "k", Value: []byte("v")}
	var err error
	step(func() { d.Revision, err = f.store.Put(ctx, d) })
	if err != nil {
		t.Fatalf("Put: %v", err)
	}
	got, err := f.store.Get(ctx, "thing", "k")
	if diff := cmp.Diff(d, got); diff != "" || err != nil {
		t.Fatalf("document after a crash, error %v (-want +got):\n%s", err, diff)
	}
	step(func() { err = f.store.Remove(ctx, "thing", "k") })
	if _, gone := f.store.Get(ctx, "thing", "k"); err != nil || gone == nil {
		t.Fatalf("Remove: %v; and Get after a crash: %v", err, gone)
	}
}

// wreck is a crash of a store that is being written and read.
type wreck struct {
	t          *testing.T
	f          *fixture
	collection string

	mu        sync.Mutex
	attempted map[string]string      // bytes by object id
	acked     map[string]store.Added // by object id
	seen      map[string]store.Entry // by object id
	count     atomic.Int64           // of calls of Add
	over      atomic.Bool            // the crash has begun: what fails now may
	enough    chan struct{}          // closed when there were so many that the crash may come
}

func newWreck(t *testing.T, f *fixture, collection string) *wreck {
	return &wreck{
		t: t, f: f, collection: collection,
		attempted: map[string]string{}, acked: map[string]store.Added{},
		seen: map[string]store.Entry{}, enough: make(chan struct{}),
	}
}

func (w *wreck) run() {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	s := w.f.store
	var work sync.WaitGroup
	for i := range 3 {
		work.Go(func() { w.write(ctx, s, strconv.Itoa(i)) })
	}
	work.Go(func() { w.read(ctx, s) })
	<-w.enough
	w.mu.Lock()
	acked, seen := maps.Clone(w.acked), maps.Clone(w.seen)
	w.mu.Unlock()
	w.over.Store(true)
	w.f.crash(w.t)
	stop()
	work.Wait()
	if w.t.Failed() {
		return
	}
	w.compare(acked, seen)
}

// write goes on until the process is gone.
func (w *wreck) write(ctx context.Context, s store.Store, writer string) {
	for b := 0; ctx.Err() == nil; b++ {
		batch := incoming(numbered(writer+"/"+strconv.Itoa(b)+"/", 4)...)
		w.mu.Lock()
		for _, in := range batch {
			w.attempted[in.Object.ID] = string(in.Object.Raw)
		}
		w.mu.Unlock()
		added, err := s.Add(ctx, w.collection, batch)
		if err != nil && !w.over.Load() {
			w.t.Errorf("Add: %v", err)
		}
		w.mu.Lock()
		for i, a := range added {
			w.acked[batch[i].Object.ID] = a
		}
		w.mu.Unlock()
		if w.count.Add(1) == 40 {
			close(w.enough)
		}
	}
}

// read remembers every entry that some page has shown.
func (w *wreck) read(ctx context.Context, s store.Store) {
	var q store.Query
	for ctx.Err() == nil {
		p, err := s.Page(ctx, w.collection, q)
		if err != nil {
			if !w.over.Load() {
				w.t.Errorf("Page: %v", err)
			}
			return
		}
		w.mu.Lock()
		for _, e := range p.Entries {
			w.seen[e.ID] = e
			q.AddedAfter = e.DateAdded
		}
		w.mu.Unlock()
	}
}

// compare holds what is left against what was promised before the crash, and goes on.
func (w *wreck) compare(acked map[string]store.Added, seen map[string]store.Entry) {
	w.t.Helper()
	c := w.f.adopt(w.t, w.collection)
	c.check()
	left := map[string]store.Entry{}
	for _, e := range c.walk(store.Query{}) {
		equal(w.t, "bytes of a survivor", w.attempted[e.ID], string(e.Raw))
		left[e.ID] = e
	}
	for id, a := range acked {
		e := left[id]
		got := store.Added{Version: e.Version, Position: e.Position, DateAdded: e.DateAdded, New: true}
		equal(w.t, "acknowledged entry after the crash", a, got)
	}
	newest := uint64(0)
	for id, e := range seen {
		equal(w.t, "entry that was seen before the crash", e, left[id])
		newest = max(newest, e.Position)
	}
	for id, e := range left {
		if _, ok := seen[id]; !ok && e.Position < newest {
			w.t.Fatalf("an entry appears at %d after a reader has seen one at %d", e.Position, newest)
		}
	}
	c.put(numbered("after the crash", 3)...)
	c.walk(store.Query{})
}
