package quota_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cabstand/cabstand/internal/quota"
	"github.com/cabstand/cabstand/store"
)

func unavailable(context.Context) error {
	return fmt.Errorf("put document: %w", store.ErrUnavailable)
}

// hang is a store that does not answer.
func hang(ctx context.Context) error {
	<-ctx.Done()
	return context.Cause(ctx)
}

// A store that is away is asked once a second, however many senders and requests there are.
func TestAway_StoreIsAskedOnceASecond(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	docs.fail(unavailable)
	q := quota.New(docs, 1000, quota.Options{Now: c.Now})
	for range 5 {
		for n := range 50 {
			network := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), 32)
			for range 150 { // more than a portion
				if ok, _ := q.Allow(t.Context(), "", network); !ok {
					t.Fatalf("network %v was refused", network)
				}
			}
		}
		puts, gets := docs.calls()
		want(t, "calls in a second", puts+gets, 1)
		c.pass(time.Second)
	}
}

// Without the store each server still keeps to the limit, and when it is back the others learn
// what was used up meanwhile.
func TestAway_RequestsAreCountedAndToldLater(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	var log bytes.Buffer
	q := quota.New(docs, 100, quota.Options{
		Now: c.Now, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	other := quota.New(docs, 100, quota.Options{Now: c.Now})
	docs.fail(unavailable)
	want(t, "allowed without the store", spend(t, q, 60), 60)
	docs.fail(nil)
	c.pass(time.Second)
	want(t, "allowed when it is back", spend(t, q, 5), 5) // and 5 more in this portion
	want(t, "allowed by another server", spend(t, other, plenty), 30)
	want(t, "the rest", spend(t, q, plenty), 5)
	text := log.String()
	if strings.Count(text, "\n") != 2 ||
		!strings.Contains(text, `msg="limit counted by this server alone" of=requests err=`) ||
		!strings.Contains(text, `msg="limit counted with all servers again" of=requests`) {
		t.Errorf("the log:\n%s", text)
	}

	c.pass(time.Minute)
	docs.fail(unavailable)
	want(t, "allowed in a minute without the store", spend(t, q, plenty), 100)
}

// What was counted without the store and a document of the largest number add up to no less.
func TestAway_DamagedDocument(t *testing.T) {
	c := newClock()
	docs, s := newDocuments(t, c)
	q := quota.New(docs, 100, quota.Options{Now: c.Now})
	other := quota.New(docs, 100, quota.Options{Now: c.Now})
	spend(t, other, 1)
	damage(t, s, strconv.Itoa(math.MaxInt))
	docs.fail(unavailable)
	want(t, "allowed without the store", spend(t, q, 10), 10)
	docs.fail(nil)
	c.pass(time.Second)
	want(t, "allowed when it is back", spend(t, q, plenty), 0)
}

// inBubble runs a test in a time of its own, in which waiting takes none.
func inBubble(t *testing.T, test func(*testing.T, *documents)) {
	synctest.Test(t, func(t *testing.T) { test(t, &documents{Documents: &shelf{}}) })
}

// shelf is a store of one document.
type shelf struct {
	mu  sync.Mutex
	doc store.Document
}

func (s *shelf) Get(context.Context, string, string) (store.Document, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doc.Revision == 0 {
		return store.Document{}, store.ErrNotFound
	}
	return s.doc, nil
}

func (s *shelf) Put(_ context.Context, d store.Document) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d.Revision != s.doc.Revision {
		return 0, store.ErrConflict
	}
	d.Revision++
	s.doc = d
	return d.Revision, nil
}

// A request waits two seconds for a store that hangs, and then for one that hangs on not again
// within a second.
func TestAway_StoreThatHangsIsGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T, docs *documents) {
		var log bytes.Buffer
		q := quota.New(docs, 100, quota.Options{Logger: slog.New(slog.NewTextHandler(&log, nil))})
		docs.fail(hang)
		start := time.Now()
		want(t, "allowed", spend(t, q, 50), 50)
		if got := time.Since(start); got != 2*time.Second {
			t.Errorf("waited %v, want 2s", got)
		}
		if !strings.Contains(log.String(), "no answer from the store in time") {
			t.Errorf("the log:\n%s", log.String())
		}
	})
}

// Once the store has failed, one request of one sender finds out whether it is back. All others
// go on without waiting for that.
func TestAway_OneRequestAsksForAll(t *testing.T) {
	inBubble(t, func(t *testing.T, docs *documents) {
		q := quota.New(docs, 100, quota.Options{})
		docs.fail(unavailable)
		spend(t, q, 1)
		docs.fail(hang)
		time.Sleep(time.Second)
		docs.calls()
		start := time.Now()
		var all sync.WaitGroup
		var waited atomic.Int64
		for n := range 50 {
			all.Go(func() {
				network := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, byte(n)}), 32)
				if ok, _ := q.Allow(t.Context(), "", network); !ok {
					t.Errorf("network %v was refused", network)
				}
				if time.Since(start) > 0 {
					waited.Add(1)
				}
			})
		}
		all.Wait()
		puts, gets := docs.calls()
		want(t, "calls", puts+gets, 1)
		want(t, "requests that waited", int(waited.Load()), 1)
	})
}

func TestAllow_BurstMakesOneLease(t *testing.T) {
	inBubble(t, func(t *testing.T, docs *documents) {
		q := quota.New(docs, 100, quota.Options{})
		answer := make(chan struct{})
		docs.fail(func(context.Context) error { <-answer; return nil })
		var all sync.WaitGroup
		for range 10 { // a portion
			all.Go(func() { want(t, "allowed", spend(t, q, 1), 1) })
		}
		synctest.Wait() // until all wait for the store
		close(answer)
		all.Wait()
		puts, gets := docs.calls()
		want(t, "calls", puts+gets, 1)
	})
}

// The client whose request asks the store goes away: it is refused, and the others are not.
func TestAllow_ContextEnds(t *testing.T) {
	inBubble(t, func(t *testing.T, docs *documents) {
		q := quota.New(docs, 100, quota.Options{})
		docs.fail(hang)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		gone := func() {
			if ok, _ := q.Allow(ctx, "kim", kim); ok {
				t.Error("a request whose context had ended was allowed")
			}
		}
		all.Go(gone)
		synctest.Wait()
		all.Go(gone) // waits for the first
		all.Go(func() { want(t, "allowed", spend(t, q, 1), 1) })
		synctest.Wait()
		docs.fail(nil)
		cancel()
		all.Wait()
		puts, _ := docs.calls()
		want(t, "leases", puts, 2)
		want(t, "allowed after that", spend(t, q, plenty), 99)
	})
}

// contended is a store in which others are always faster.
type contended struct{ shelf }

func (c *contended) Put(context.Context, store.Document) (uint64, error) {
	return 0, store.ErrConflict
}

// Others can be faster only as often as there are portions. A store that goes on saying so is
// as good as away.
func TestAway_EndlessConflictsAreGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T, docs *documents) {
		docs.Documents = &contended{}
		waits := 0 // before all but the first look
		q := quota.New(docs, 100, quota.Options{Random: func() float64 { waits++; return 0.5 }})
		want(t, "allowed", spend(t, q, 50), 50)
		puts, gets := docs.calls()
		want(t, "puts", puts, 21)
		want(t, "gets", gets, 20)
		want(t, "waits", waits, 19)
	})
}

// A panic of the store is one request's.
func TestAllow_PanicInTheStore(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	q := quota.New(docs, 100, quota.Options{Now: c.Now})
	docs.fail(func(context.Context) error { panic("told to") })
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		spend(t, q, 1)
	}()
	docs.fail(nil)
	want(t, "allowed after it", spend(t, q, plenty), 100)
}
