package relay_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
)

// failing is a store that is away from the n-th write on, as for a server that is killed there.
type failing struct {
	store.Store
	writes int // that are left

	mu sync.Mutex
}

func (f *failing) spend() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.writes == 0 {
		return fmt.Errorf("%w: %w", store.ErrUnavailable, errStore)
	}
	f.writes--
	return nil
}

func (f *failing) Put(ctx context.Context, d store.Document) (uint64, error) {
	if err := f.spend(); err != nil {
		return 0, err
	}
	return f.Store.Put(ctx, d)
}

func (f *failing) Remove(ctx context.Context, kind, key string) error {
	if err := f.spend(); err != nil {
		return err
	}
	return f.Store.Remove(ctx, kind, key)
}

func (f *failing) Add(ctx context.Context, c string, o []store.Incoming) ([]store.Added, error) {
	if err := f.spend(); err != nil {
		return nil, err
	}
	return f.Store.Add(ctx, c, o)
}

const mixed = `{"type":"identity",SDO,"id":"identity--9","name":"Kolibri","identity_class":"organization"}
{"type":"campaign",SDO,"id":"campaign--1","name":"a","created_by_ref":"identity--9"}
{"type":"malware",SDO,"id":"malware--2","is_family":false,"description":"a@b.example"}
{"type":"relationship",SDO,"id":"relationship--3","relationship_type":"uses","source_ref":"campaign--1","target_ref":"malware--2"}
{"type":"process","spec_version":"2.1","id":"process--4","pid":5}`

// play pushes, decides, and returns what comes of it.
func (b *bench) play(work func()) string {
	b.push(long(mixed))
	work()
	queue := b.queueText()
	b.decide(long("malware--2"), relay.Approved)
	work()
	return b.sharedText(false) + "--\n" + queue + "--\n" + b.queueText()
}

// On a shared store the same comes out, whichever of two servers has the relay.
func TestWork_OnMongoDB(t *testing.T) {
	calm := newBench(t, relay.Settings{})
	want := calm.play(calm.work)
	var stores []store.Store
	uri := mongotest.Start(t).Database(t)
	for range 2 {
		s, err := mongostore.Open(t.Context(), uri, mongostore.Options{})
		check(t, err)
		t.Cleanup(func() { check(t, s.Close()) })
		stores = append(stores, s)
	}
	b := newBenchOn(t, stores[0], relay.Settings{})
	shared := func(c *relay.Config) { c.Alone = false }
	servers := []*relay.Relays{b.open(stores[0], shared), b.open(stores[1], shared)}
	turn := 0
	got := b.play(func() {
		check(t, servers[turn%2].Work(t.Context()))
		turn++
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// A server that dies between any two writes loses nothing and doubles nothing: another one does
// the rest, and in the end all is as if nobody had died.
func TestWork_SurvivesDeathBetweenAnyTwoWrites(t *testing.T) {
	calm := newBench(t, relay.Settings{})
	want := calm.play(calm.work)
	deaths := 0
	for writes := 0; ; writes++ {
		b := newBench(t, relay.Settings{})
		died := false
		got := b.play(func() {
			dying := &failing{Store: b.store, writes: writes}
			if b.open(dying, nil).Work(t.Context()) != nil {
				died = true
				deaths++
			}
			b.work()
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("death after %d writes (-want +got):\n%s", writes, diff)
		}
		if !died {
			break
		}
	}
	if deaths < 10 {
		t.Errorf("only %d deaths", deaths)
	}
}

// A decision that was made before the page was read again is not asked for again.
func TestWork_RemembersDecisions(t *testing.T) {
	b := newBench(t, relay.Settings{})
	b.push(long(`{"type":"malware",SDO,"id":"malware--2","is_family":false,"description":"a@b.example"}`))
	b.work()
	doc, err := b.store.Get(t.Context(), "relaystate", "share")
	check(t, err)
	b.decide(long("malware--2"), relay.Rejected)
	b.work()
	doc.Value = []byte(strings.Replace(string(doc.Value), `"cursor"`, `"x"`, 1)) // as before the page
	doc.Revision = store.AnyRevision
	_, err = b.store.Put(t.Context(), doc)
	check(t, err)
	b.work()
	if got := b.queueText() + b.sharedText(false); got != "" {
		t.Errorf("asked again, or released: %s", got)
	}
}

// What is in the queue already takes no more room when its page is read again.
func TestWork_WhatWaitsTakesItsRoomOnce(t *testing.T) {
	for writes := range 5 {
		b := newBench(t, relay.Settings{Queue: 1})
		b.push(long(fmt.Sprintf(flagged, 1)))
		dying := &failing{Store: b.store, writes: writes}
		_ = b.open(dying, nil).Work(t.Context()) // dies, or does not get to it
		b.work()
		if s := b.status(); s.Waiting != 1 || s.State != "up to date" {
			t.Errorf("after %d writes: %+v", writes, s)
		}
	}
}

func TestWork_TwiceIsOnce(t *testing.T) {
	b := newBench(t, relay.Settings{})
	b.push(long(mixed))
	b.work()
	before, err := b.store.Stats(t.Context(), to)
	check(t, err)
	doc, err := b.store.Get(t.Context(), "relaystate", "share")
	check(t, err)
	doc.Value = []byte(strings.Replace(string(doc.Value), `"cursor"`, `"x"`, 1))
	_, err = b.store.Put(t.Context(), doc)
	check(t, err)
	b.work()
	after, err := b.store.Stats(t.Context(), to)
	check(t, err)
	if diff := cmp.Diff(before, after); diff != "" || before.Objects < 3 {
		t.Error(diff)
	}
}

// Two servers that do not know of each other's claim, since both take it for dead, write the same.
func TestWork_TwoServersAtOnceWriteTheSame(t *testing.T) {
	b := newBench(t, relay.Settings{})
	calm := newBench(t, relay.Settings{})
	var lines strings.Builder
	for n := range 1200 {
		fmt.Fprintf(&lines, `{"type":"campaign",SDO,"id":"campaign--%08d-aaaa-4aaa-8aaa-aaaaaaaaaaaa","name":"n"}`+"\n", n)
	}
	for _, b := range []*bench{calm, b} {
		b.push(long(lines.String()))
	}
	calm.work()
	ended := make(chan error)
	for range 2 {
		go func() { ended <- b.open(b.store, nil).Work(t.Context()) }()
	}
	check(t, <-ended)
	check(t, <-ended)
	b.work()
	if diff := cmp.Diff(calm.sharedText(false), b.sharedText(false)); diff != "" {
		t.Error(diff)
	}
}

// A server leaves a relay to the one that has claimed it, until nothing is heard of that for the
// length of a claim.
func TestWork_LeavesARelayToWhoeverHasClaimedIt(t *testing.T) {
	b := newBench(t, relay.Settings{})
	b.push(long(`{"type":"campaign",SDO,"id":"campaign--1","name":"a"}`))
	dying := &failing{Store: b.store, writes: 1} // claims, and no more
	if b.open(dying, nil).Work(t.Context()) == nil {
		t.Fatal("it did not die")
	}
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	other := b.open(b.store, func(c *relay.Config) {
		c.Alone, c.Now = false, func() time.Time { return now }
	})
	for range 2 {
		check(t, other.Work(t.Context()))
	}
	if got := b.sharedText(false); got != "" {
		t.Errorf("took over at once: %s", got)
	}
	now = now.Add(time.Minute)
	check(t, other.Work(t.Context()))
	if got := b.sharedText(false); got == "" {
		t.Error("did not take over")
	}
}
