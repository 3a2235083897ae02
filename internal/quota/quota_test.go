package quota_test

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/quota"
	"github.com/cabstand/cabstand/store"
)

// plenty is more than any limit of these tests but the largest.
const plenty = 10_000

// One server lets exactly the limit through, asks the store a few times whatever the limit, and
// not at all about what it refuses.
func TestAllow_LetsTheLimitThroughInFewLeases(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	for _, limit := range []int{1, 2, 9, 10, 11, 15, 19, 60, 99, 100, 101, 1000, 6007, 100_000} {
		q := quota.New(docs, limit, quota.Options{Now: c.Now})
		want(t, fmt.Sprintf("limit %d: allowed", limit), spend(t, q, limit+plenty), limit)
		puts, gets := docs.calls()
		if puts > 14 || gets > 0 {
			t.Errorf("limit %d: %d puts and %d gets, want up to 14 and none", limit, puts, gets)
		}
		want(t, "allowed after that", spend(t, q, plenty), 0)
		puts, gets = docs.calls()
		want(t, "calls for refusals", puts+gets, 0)
		c.pass(time.Minute) // a window for the next limit
	}
}

func TestAllow_ServersUnderLoadShareTheLimitExactly(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	const limit = 1000
	var allowed atomic.Int64
	var all sync.WaitGroup
	for range 3 {
		q := quota.New(docs, limit, quota.Options{Now: c.Now})
		for range 8 {
			all.Go(func() { allowed.Add(int64(spend(t, q, plenty))) })
		}
	}
	all.Wait()
	want(t, "allowed by all servers", int(allowed.Load()), limit)
}

// What one server leased and does not use is all that the others go short of.
func TestAllow_AnIdleServerKeepsATenthAtMost(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	idle := quota.New(docs, 100, quota.Options{Now: c.Now})
	busy := quota.New(docs, 100, quota.Options{Now: c.Now})
	want(t, "allowed by the idle server", spend(t, idle, 1), 1)
	want(t, "allowed by the busy one", spend(t, busy, plenty), 90)
	docs.calls()
	want(t, "the rest of the idle one", spend(t, idle, plenty), 9)
	want(t, "allowed after all that", spend(t, busy, plenty), 0)
}

// Near the limit portions get smaller, so that an idle server keeps less of the rest.
func TestAllow_PortionsHalveNearTheLimit(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	idle := quota.New(docs, 100, quota.Options{Now: c.Now})
	busy := quota.New(docs, 100, quota.Options{Now: c.Now})
	want(t, "allowed", spend(t, busy, 90), 90)
	want(t, "allowed by the idle server", spend(t, idle, 1), 1)
	want(t, "allowed by the busy one", spend(t, busy, plenty), 5)
	want(t, "the rest of the idle one", spend(t, idle, plenty), 4)
}

// One user is one sender to a server, too, and not as many as there are addresses.
func TestAllow_UserOfManyNetworksHasOneLease(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	q := quota.New(docs, 100, quota.Options{Now: c.Now})
	for n := range byte(10) { // a portion
		network := netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, n}), 32)
		if ok, _ := q.Allow(t.Context(), "kim", network); !ok {
			t.Errorf("request %d was refused", n)
		}
	}
	puts, gets := docs.calls()
	want(t, "calls", puts+gets, 1)
}

// A small limit is handed out one by one: whichever servers are asked, it is met.
func TestAllow_SmallLimitIsExact(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	servers := make([]*quota.Quota, 4)
	for i := range servers {
		servers[i] = quota.New(docs, 10, quota.Options{Now: c.Now})
	}
	allowed := 0
	for i := range 100 {
		allowed += spend(t, servers[i%len(servers)], 1)
	}
	want(t, "allowed in turn", allowed, 10)
	// Each portion is a conflict, a look and a put at most, and each server looks once more.
	puts, gets := docs.calls()
	if puts > 2*10+4 || gets > 10+4 {
		t.Errorf("%d puts and %d gets, want up to 24 and 14", puts, gets)
	}
}

func TestAllow_NextMinuteIsAnother(t *testing.T) {
	c := newClock() // at 18.5 seconds
	docs, _ := newDocuments(t, c)
	q := quota.New(docs, 20, quota.Options{Now: c.Now})
	spend(t, q, plenty)
	ok, retryAfter := q.Allow(t.Context(), "kim", kim)
	if ok || retryAfter != 41_500*time.Millisecond {
		t.Errorf("allowed %v, to be asked again in %v, want false and 41.5s", ok, retryAfter)
	}
	c.pass(retryAfter - time.Nanosecond)
	want(t, "allowed a moment before", spend(t, q, plenty), 0)
	c.pass(time.Nanosecond)
	want(t, "allowed in the next minute", spend(t, q, plenty), 20)
}

// A clock that is set back finds what was handed out in the minute that comes again.
func TestAllow_ClockSetBack(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	q := quota.New(docs, 20, quota.Options{Now: c.Now})
	want(t, "allowed", spend(t, q, 20), 20)
	c.pass(time.Minute)
	want(t, "allowed in the next minute", spend(t, q, 5), 5)
	c.pass(-time.Minute)
	want(t, "allowed in the first again", spend(t, q, plenty), 0)
}

func TestAllow_SendersAreToldApart(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	q := quota.New(docs, 1, quota.Options{Now: c.Now})
	one, two := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("2001:db8::/64")
	for _, from := range []struct {
		user    string
		network netip.Prefix
		want    bool
	}{
		{"kim", one, true}, {"lee", one, true}, {"", one, true}, {"", two, true},
		{one.String(), one, true}, // a user of that name
		{"kim", two, false},       // from elsewhere
		{"", one, false}, {"", two, false},
	} {
		if got, _ := q.Allow(t.Context(), from.user, from.network); got != from.want {
			t.Errorf("user %q from %v: allowed %v, want %v", from.user, from.network, got, from.want)
		}
	}
}

// Senders without a name are told apart up to a number, which is free again in the next minute.
func TestAllow_NetworksBeyondTheMostShareOneCount(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	q := quota.New(docs, 3, quota.Options{Now: c.Now, MaxNetworks: 2})
	network := func(n byte) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{192, 0, 2, n}), 32)
	}
	for minute := range 2 {
		first := byte(100 * minute)
		var got []int
		for n := first; n < first+5; n++ {
			allowed := 0
			for range 2 {
				if ok, _ := q.Allow(t.Context(), "", network(n)); ok {
					allowed++
				}
			}
			got = append(got, allowed)
		}
		if fmt.Sprint(got) != "[2 2 2 1 0]" { // the last three share
			t.Errorf("minute %d: allowed %v of two requests each, want [2 2 2 1 0]", minute, got)
		}
		want(t, "allowed for a user", spend(t, q, plenty), 3)
		c.pass(time.Minute)
	}
}

// Users are told apart up to a number, too, whatever networks there are.
func TestAllow_UsersBeyondTheMostShareOneCount(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	q := quota.New(docs, 3, quota.Options{Now: c.Now, MaxNetworks: 1, MaxUsers: 2})
	network := netip.MustParsePrefix("192.0.2.1/32")
	for minute := range 2 {
		var got []int
		for n := range 5 {
			allowed := 0
			for range 2 {
				if ok, _ := q.Allow(t.Context(), fmt.Sprintf("oidc:%d-%d", minute, n), network); ok {
					allowed++
				}
			}
			got = append(got, allowed)
		}
		if fmt.Sprint(got) != "[2 2 2 1 0]" { // the last three share
			t.Errorf("minute %d: allowed %v of two requests each, want [2 2 2 1 0]", minute, got)
		}
		if ok, _ := q.Allow(t.Context(), "", network); !ok {
			t.Error("a network has no room because users have none")
		}
		c.pass(time.Minute)
	}
}

// The store gets to keep a number for two minutes, and not whose it is.
func TestAllow_DocumentsNameNobodyAndExpire(t *testing.T) {
	c := newClock()
	docs, s := newDocuments(t, c)
	q := quota.New(docs, 100, quota.Options{Now: c.Now})
	spend(t, q, 11)
	got, err := s.List(t.Context(), "quota", "", "", 0)
	if err != nil || len(got) != 1 {
		t.Fatalf("documents %v, %v", got, err)
	}
	d := got[0]
	window := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	if !d.Expires.Equal(window.Add(2*time.Minute)) || string(d.Value) != "20" ||
		!strings.HasPrefix(d.Key, "2026-11-22T12:00Z/") || strings.Contains(d.Key, "kim") {
		t.Errorf("document %s with %s until %v", d.Key, d.Value, d.Expires)
	}
}

// Whatever a document turns into, a server does not hand out more than it knows to be left.
func TestAllow_DamagedDocument(t *testing.T) {
	for _, text := range []string{
		"", "many", "-5", "0", "10.5", strings.Repeat("9", 40), strconv.Itoa(plenty), "\xff",
	} {
		c := newClock()
		docs, s := newDocuments(t, c)
		q := quota.New(docs, 100, quota.Options{Now: c.Now})
		allowed := spend(t, q, 25)
		damage(t, s, text)
		allowed += spend(t, q, plenty)
		if full := text != strconv.Itoa(plenty); full && allowed != 100 || !full && allowed != 30 {
			t.Errorf("value %q: allowed %d", text, allowed)
		}
	}
}

// damage changes the one document there is.
func damage(t *testing.T, s store.Store, text string) {
	t.Helper()
	list, err := s.List(t.Context(), "quota", "", "", 0)
	if err != nil || len(list) != 1 {
		t.Fatalf("documents %v, %v", list, err)
	}
	d := list[0]
	d.Value, d.Revision = []byte(text), store.AnyRevision
	if _, err := s.Put(t.Context(), d); err != nil {
		t.Fatal(err)
	}
}

// A document that is gone early, because the store's clock is ahead, does not begin anew.
func TestAllow_DocumentGone(t *testing.T) {
	c := newClock()
	docs, s := newDocuments(t, c)
	q := quota.New(docs, 100, quota.Options{Now: c.Now})
	allowed := 0
	for range 50 {
		allowed += spend(t, q, 10)
		list, err := s.List(t.Context(), "quota", "", "", 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			if err := s.Remove(t.Context(), d.Kind, d.Key); err != nil {
				t.Fatal(err)
			}
		}
	}
	want(t, "allowed", allowed, 100)
}

func BenchmarkAllow(b *testing.B) {
	c := newClock()
	docs, _ := newDocuments(b, c)
	q := quota.New(docs, 1<<40, quota.Options{Now: c.Now})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if ok, _ := q.Allow(b.Context(), "kim", kim); !ok {
				b.Error("refused")
			}
		}
	})
}
