package storetest

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cabstand/cabstand/store"
)

// testPollers has writers meet the loops of real clients. Every object that was acknowledged
// reaches every one of them.
func testPollers(t *testing.T, at placer) {
	t.Run("StillClock", func(t *testing.T) { newTraffic(t, at).run() })
	t.Run("JumpingClock", func(t *testing.T) {
		traffic := newTraffic(t, at)
		traffic.jump = true
		traffic.run()
	})
	t.Run("ChangingMarks", func(t *testing.T) {
		for _, r := range []store.Released{released("a"), released("a", "b")} {
			traffic := newTraffic(t, at)
			traffic.released = r
			traffic.run()
		}
	})
	t.Run("CutDatesReadNothingTwice", func(t *testing.T) { cutDatesReadNothingTwice(t, at) })
	t.Run("CutDatesGetOn", func(t *testing.T) { cutDatesGetOn(t, at) })
}

// loop is how one kind of client goes from page to page.
type loop struct {
	name  string
	first store.Query
	// then returns the query that follows q and its page p, when the newest date that the
	// client was ever given is seen.
	then func(q store.Query, p store.Page, seen time.Time) store.Query
	// rereads says that the client itself asks for objects again that it has.
	rereads bool
}

// clientLoops are the loops of clients in the field.
func clientLoops() []loop {
	all := store.Query{Versions: store.Versions{All: true}, Limit: 4}
	wide := all
	wide.Limit = 2 * maxBatch
	return []loop{
		{name: "next, then the last date", first: store.Query{Limit: 3},
			then: func(q store.Query, p store.Page, seen time.Time) store.Query {
				if q.Cursor = p.Next; !p.More {
					q.AddedAfter = seen
				}
				return q
			}},
		{name: "last date of every page", first: store.Query{Limit: 2},
			then: func(q store.Query, _ store.Page, seen time.Time) store.Query {
				q.AddedAfter = seen
				return q
			}},
		{name: "next with the last date in milliseconds", first: all, rereads: true,
			then: func(q store.Query, p store.Page, seen time.Time) store.Query {
				q.AddedAfter, q.Cursor = seen.Truncate(time.Millisecond), p.Next
				return q
			}},
		{name: "last date of every page in milliseconds", first: wide, rereads: true,
			then: func(q store.Query, _ store.Page, seen time.Time) store.Query {
				q.AddedAfter = seen.Truncate(time.Millisecond)
				return q
			}},
		{name: "next without filters, then the last date", first: all,
			then: func(_ store.Query, p store.Page, seen time.Time) store.Query {
				if p.More {
					return store.Query{Cursor: p.Next, Limit: all.Limit}
				}
				again := all
				again.AddedAfter = seen
				return again
			}},
		{name: "a next that is never forgotten", first: all, rereads: true,
			then: func(q store.Query, p store.Page, _ time.Time) store.Query {
				if p.More {
					q.Cursor = p.Next
				}
				return q
			}},
	}
}

const (
	writerCount = 4
	batchCount  = 25
	maxBatch    = 7
)

// traffic is one run of writers against pollers.
type traffic struct {
	t     *testing.T
	f     *fixture
	jump  bool // the clock
	done  atomic.Bool
	mu    sync.Mutex
	acked map[string]bool
	// released is who polls. With it every object has two versions with marks of their own, the
	// second of which arrives while the first is read.
	released store.Released
}

func newTraffic(t *testing.T, at placer) *traffic {
	return &traffic{t: t, f: open(t, at), acked: map[string]bool{}}
}

// run starts everybody, waits for the writers and then for the pollers to get to the end.
func (r *traffic) run() {
	var writers, pollers sync.WaitGroup
	for i := range writerCount {
		s := r.f.handle(r.t)
		writers.Go(func() { r.write(s, i) })
	}
	for _, l := range clientLoops() {
		s := r.f.handle(r.t)
		pollers.Go(func() { r.poll(s, l) })
	}
	writers.Wait()
	r.done.Store(true)
	pollers.Wait()
}

// write adds batches of new objects, and now and then one that it deletes again at once.
func (r *traffic) write(s store.Store, writer int) {
	ctx, random := context.Background(), rand.New(rand.NewPCG(1, uint64(writer)))
	for b := range r.batches() {
		prefix := strconv.Itoa(writer) + "/" + strconv.Itoa(b) + "/"
		objects := numbered(prefix, 1+random.IntN(maxBatch))
		if r.jump {
			r.f.clock.move(time.Duration(random.IntN(4000)-2000) * time.Millisecond / 3)
		}
		batch := incoming(objects...)
		if r.released != nil {
			r.mark(batch, random)
		}
		if _, err := s.Add(ctx, "c", batch); err != nil {
			r.t.Errorf("Add: %v", err)
			return
		}
		r.acknowledge(batch)
		if r.released != nil {
			r.remark(s, prefix, random)
		}
		if b%5 == 0 {
			r.addAndDelete(s, prefix+"gone")
		}
	}
}

// batches is how many each writer adds. A server that reads everything for each query gets fewer:
// its time grows with the square of them, and on a busy machine writers would run out of it.
func (r *traffic) batches() int {
	switch {
	case r.f.place.Scans && r.released != nil:
		return batchCount / 3
	case r.f.place.Scans:
		return batchCount * 3 / 5
	}
	return batchCount
}

func (r *traffic) acknowledge(batch []store.Incoming) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, in := range batch {
		if r.released == nil || r.released(in.Marks) {
			r.acked[in.Object.ID] = true
		}
	}
}

func (r *traffic) mark(batch []store.Incoming, random *rand.Rand) {
	for i := range batch {
		batch[i].Marks = []string{"a", "b", "c"}[random.IntN(3)]
	}
}

// remark adds a newer version, with marks of its own, of some of the objects of a batch.
func (r *traffic) remark(s store.Store, prefix string, random *rand.Rand) {
	var batch []store.Incoming
	for n := range 1 + random.IntN(maxBatch) {
		name := prefix + strconv.Itoa(n)
		batch = append(batch, incoming(shape{name: name, modified: version(100)}.object())...)
	}
	r.mark(batch, random)
	if _, err := s.Add(context.Background(), "c", batch); err != nil {
		r.t.Errorf("Add: %v", err)
		return
	}
	r.acknowledge(batch)
}

func (r *traffic) addAndDelete(s store.Store, name string) {
	o := shape{name: name, modified: version(1)}.object()
	if _, err := s.Add(context.Background(), "c", incoming(o)); err != nil {
		r.t.Errorf("Add: %v", err)
	}
	if _, err := s.Delete(context.Background(), "c", o.ID, store.Choice{}); err != nil {
		r.t.Errorf("Delete: %v", err)
	}
}

// poll follows a loop until a page asked for after the last write says that nothing follows,
// and checks that all has been seen.
func (r *traffic) poll(s store.Store, l loop) {
	seen := map[string]int{}
	var newest time.Time
	rest := 0 // pages after the last write
	for q := l.first; ; {
		done := r.done.Load()
		if done {
			rest++
		}
		if rest > 10_000 {
			r.t.Errorf("%s: gets no further than %v", l.name, newest)
			return
		}
		q.Released = r.released
		p, err := s.Page(context.Background(), "c", q)
		if err != nil {
			r.t.Errorf("%s: %v", l.name, err)
			return
		}
		for _, e := range p.Entries {
			seen[e.ID]++
			if !l.rereads && !e.DateAdded.After(newest) {
				r.t.Errorf("%s: an entry of %v follows one of %v", l.name, e.DateAdded, newest)
				return
			}
			newest = later(newest, e.DateAdded)
		}
		if done && !p.More {
			break
		}
		if len(p.Entries) == 0 {
			time.Sleep(r.f.moment())
		}
		q = l.then(q, p, newest)
	}
	r.checkSeen(l, seen)
}

func (r *traffic) checkSeen(l loop, seen map[string]int) {
	lost, again := 0, 0
	for id := range r.acked {
		switch n := seen[id]; {
		case n == 0:
			lost++
		case n > 1 && !l.rereads && r.released == nil:
			again++
		}
	}
	if lost > 0 || again > 0 {
		r.t.Errorf("%s: of %d acknowledged objects %d were lost and %d read twice",
			l.name, len(r.acked), lost, again)
	}
}

// cutDatesReadNothingTwice polls between batches with the last date cut to milliseconds.
func cutDatesReadNothingTwice(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	var after time.Time
	for i, n := range []int{1, 3, 1500, 1, 999, 1000, 1001, 2} {
		f.clock.move(time.Duration(i%3-1) * 300 * time.Microsecond)
		c.put(numbered(strconv.Itoa(i)+"/", n)...)
		got := c.walk(store.Query{AddedAfter: after, Limit: 700})
		equal(t, "number of entries that are new to the poller", n, len(got))
		after = got[n-1].DateAdded.Truncate(time.Millisecond)
	}
}

// cutDatesGetOn polls by the last date cut to milliseconds alone, in pages that are shorter
// than the batches. Such a client reads some objects twice, but it gets to the end.
func cutDatesGetOn(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	for i, n := range []int{700, 1, 49, 1300} {
		c.put(numbered(strconv.Itoa(i)+"/", n)...)
		f.clock.move(time.Duration(i*137) * time.Microsecond)
	}
	for _, limit := range []int{store.MaxPerMillisecond, store.MaxPerMillisecond + 1, 333} {
		seen, after := map[string]bool{}, time.Time{}
		for {
			q := store.Query{AddedAfter: after, Limit: limit}
			p := c.page(q, q, 0)
			before := len(seen)
			for _, e := range p.Entries {
				seen[e.ID] = true
			}
			if !p.More {
				break
			}
			if len(seen) == before {
				t.Fatalf("pages of %d: nothing new after %v", limit, after)
			}
			after = last(p).DateAdded.Truncate(time.Millisecond)
		}
		equal(t, "number of objects seen", 2050, len(seen))
	}
}
