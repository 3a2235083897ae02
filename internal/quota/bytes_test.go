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
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/quota"
)

// within reports whether kim has bytes left, and if not, when.
func within(t testing.TB, q *quota.Bytes) (bool, time.Duration) {
	t.Helper()
	return q.Within(t.Context(), "kim", kim)
}

// take lets kim ask for answers of a size until one is refused or n were given.
func take(t testing.TB, q *quota.Bytes, size int64, n int) (answers int) {
	t.Helper()
	for answers < n {
		if ok, _ := within(t, q); !ok {
			return answers
		}
		q.Charge(t.Context(), "kim", kim, size)
		answers++
	}
	return answers
}

// The answer that goes over is given. What it took over the limit is paid for in the minutes after,
// and Retry-After says how many those are.
func TestBytes_OneAnswerGoesOverAndIsPaidFor(t *testing.T) {
	for _, test := range []struct {
		size    int64
		answers int
		wait    time.Duration // from 18.5 seconds on
	}{
		{100, 10, 41_500 * time.Millisecond},
		{999, 2, 41_500 * time.Millisecond}, // 1,998 bytes: 998 of them in the next minute
		{1000, 1, 41_500 * time.Millisecond},
		{1999, 1, 41_500 * time.Millisecond},
		{2000, 1, 101_500 * time.Millisecond},
		{3500, 1, 161_500 * time.Millisecond},
		{math.MaxInt64, 1, 60*time.Minute + 41_500*time.Millisecond}, // nobody waits for ever
	} {
		c := newClock()
		docs, _ := newDocuments(t, c)
		q := quota.NewBytes(docs, 1000, quota.Options{Now: c.Now})
		want(t, fmt.Sprintf("answers of %d", test.size), take(t, q, test.size, plenty), test.answers)
		ok, retryAfter := within(t, q)
		if ok || retryAfter != test.wait {
			t.Errorf("answers of %d: allowed %v, to be asked again in %v, want false and %v",
				test.size, ok, retryAfter, test.wait)
		}
		c.pass(retryAfter - time.Nanosecond)
		if ok, _ := within(t, q); ok {
			t.Errorf("answers of %d: allowed a moment before", test.size)
		}
		c.pass(time.Nanosecond)
		if ok, _ := within(t, q); !ok {
			t.Errorf("answers of %d: refused when the time has come", test.size)
		}
	}
}

// What is carried over counts against the limit of the minute in which it ends.
func TestBytes_RestOfADebtCounts(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	q := quota.NewBytes(docs, 1000, quota.Options{Now: c.Now})
	take(t, q, 2700, 1)
	c.pass(2 * time.Minute)
	want(t, "answers when 700 bytes are left to pay", take(t, q, 100, plenty), 3)
	c.pass(time.Minute)
	want(t, "answers in the next minute", take(t, q, 100, plenty), 10)
	c.pass(time.Hour)
	want(t, "answers after an idle hour", take(t, q, 100, plenty), 10)
}

// All servers count together, also those that have not seen the sender, and one that starts anew.
func TestBytes_ServersShareLimitAndDebt(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	newServer := func() *quota.Bytes { return quota.NewBytes(docs, 1000, quota.Options{Now: c.Now}) }
	one, two := newServer(), newServer()
	want(t, "answers of the first", take(t, one, 50, 10), 10)
	want(t, "answers of the second", take(t, two, 50, plenty), 10)
	c.pass(time.Minute)
	want(t, "large answers of the first", take(t, one, 3000, plenty), 1)
	for minute := range 3 {
		for name, q := range map[string]*quota.Bytes{"first": one, "second": two, "third": newServer()} {
			if ok, _ := within(t, q); ok {
				t.Errorf("allowed by the %s server after %d minutes", name, minute)
			}
		}
		c.pass(time.Minute)
	}
	want(t, "answers of the second when it is paid", take(t, two, 100, plenty), 10)
}

func TestBytes_ServersUnderLoadLoseNothing(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	const servers, callers, each, size = 3, 4, 25, 7
	var all sync.WaitGroup
	for range servers {
		q := quota.NewBytes(docs, 1000, quota.Options{Now: c.Now})
		for range callers {
			all.Go(func() {
				for range each {
					q.Charge(t.Context(), "kim", kim, size)
				}
			})
		}
	}
	all.Wait()
	// 2,100 bytes, and what servers leased and did not spend: a tenth of the limit each.
	q := quota.NewBytes(docs, 1000, quota.Options{Now: c.Now})
	if _, retryAfter := within(t, q); retryAfter != 101_500*time.Millisecond {
		t.Errorf("to be asked again in %v, want 101.5s", retryAfter)
	}
}

// Small answers cost the store little: the bytes of many are leased at once.
func TestBytes_AsksTheStoreSeldom(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	q := quota.NewBytes(docs, 1_000_000, quota.Options{Now: c.Now})
	want(t, "answers", take(t, q, 100, 20_000), 10_000)
	puts, gets := docs.calls()
	if puts > 14 || gets != 1 {
		t.Errorf("%d puts and %d gets, want up to 14 and 1", puts, gets)
	}
	want(t, "answers after that", take(t, q, 100, 100), 0)
	puts, gets = docs.calls()
	want(t, "calls for refusals", puts+gets, 0)
}

// Requests and bytes of one sender are counted apart, and so are senders.
func TestBytes_DoNotMixWithRequestsOrOthers(t *testing.T) {
	c := newClock()
	docs, s := newDocuments(t, c)
	requests := quota.New(docs, 5, quota.Options{Now: c.Now})
	q := quota.NewBytes(docs, 1000, quota.Options{Now: c.Now})
	take(t, q, 5000, 1)
	want(t, "requests", spend(t, requests, plenty), 5)
	network := netip.MustParsePrefix("192.0.2.1/32")
	for _, user := range []string{"", "lee", network.String()} {
		if ok, _ := q.Within(t.Context(), user, network); !ok {
			t.Errorf("user %q is refused for what kim took", user)
		}
	}
	q.Charge(t.Context(), "", network, 1000)
	if ok, _ := q.Within(t.Context(), "", network); ok {
		t.Error("a network has taken its limit and is allowed")
	}
	list, err := s.List(t.Context(), "quota", "bytes/", "", 0)
	if err != nil || len(list) != 4 {
		t.Fatalf("documents %v, %v; want 4", list, err)
	}
	for _, d := range list {
		if strings.Contains(d.Key, "kim") || d.Expires.IsZero() {
			t.Errorf("document %s until %v", d.Key, d.Expires)
		}
	}
}

// What a client took counts although it has gone.
func TestBytes_ChargeOfAClientThatWentAway(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	q := quota.NewBytes(docs, 1000, quota.Options{Now: c.Now})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	q.Charge(ctx, "kim", kim, 1000)
	other := quota.NewBytes(docs, 1000, quota.Options{Now: c.Now})
	if ok, _ := within(t, other); ok {
		t.Error("the bytes were not counted")
	}
}

// Whatever a document turns into, its sender is neither barred for long nor is what a server
// knows of forgotten.
func TestBytes_DamagedDocument(t *testing.T) {
	for _, text := range []string{
		"", "many", "12", "2026-11-22T12:00Z", "2026-11-22T12:00Z ", "2026-11-22T12:00Z -5",
		"2026-11-22T12:00Z 0", "2026-11-22T12:00Z 10.5", "9999-11-22T12:00Z 1000",
		"0001-01-01T00:00Z 1000", "2026-11-22T12:00Z " + strings.Repeat("9", 40),
		"2026-11-22T13:00Z 0", "2026-11-22T12:00Z " + strconv.Itoa(math.MaxInt64), "\xff",
	} {
		c := newClock()
		docs, s := newDocuments(t, c)
		q := quota.NewBytes(docs, 100, quota.Options{Now: c.Now})
		take(t, q, 50, 1)
		damage(t, s, text)
		if answers := take(t, q, 10, plenty); answers > 5 {
			t.Errorf("value %q: %d answers after half of the limit was taken", text, answers)
		}
		c.pass(2*time.Hour + time.Minute)
		for name, q := range map[string]*quota.Bytes{
			"same": q, "other": quota.NewBytes(docs, 100, quota.Options{Now: c.Now}),
		} {
			if ok, wait := within(t, q); !ok {
				t.Errorf("value %q: the %s server refuses for %v after two hours", text, name, wait)
			}
		}
	}
}

// A server whose clock is behind counts in the minute that another one has begun.
func TestBytes_ClockBehind(t *testing.T) {
	c, late := newClock(), newClock()
	c.pass(time.Minute)
	docs, _ := newDocuments(t, c)
	ahead := quota.NewBytes(docs, 100, quota.Options{Now: c.Now})
	behind := quota.NewBytes(docs, 100, quota.Options{Now: late.Now})
	want(t, "answers of the server ahead", take(t, ahead, 10, 5), 5)
	want(t, "answers of the server behind", take(t, behind, 10, plenty), 5)
	want(t, "answers of the server ahead after that", take(t, ahead, 10, plenty), 0)
}

// Without the store each server goes on by itself, remembers debts over the minutes, and tells of
// them when the store is back.
func TestBytes_DebtsOutliveAnAbsenceOfTheStore(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	var log bytes.Buffer
	q := quota.NewBytes(docs, 1000, quota.Options{
		Now: c.Now, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	docs.fail(unavailable)
	want(t, "answers without the store", take(t, q, 3300, plenty), 1)
	c.pass(time.Minute)
	if ok, wait := within(t, q); ok || wait != 101_500*time.Millisecond {
		t.Errorf("in the next minute: allowed %v, in %v, want false and 101.5s", ok, wait)
	}
	c.pass(2 * time.Minute)
	docs.fail(nil)
	want(t, "answers when it is paid and the store is back", take(t, q, 100, 5), 5)
	other := quota.NewBytes(docs, 1000, quota.Options{Now: c.Now})
	want(t, "answers of another server", take(t, other, 100, plenty), 2)
	if text := log.String(); !strings.Contains(text, `msg="limit counted by this server alone" of=bytes err=`) ||
		!strings.Contains(text, `msg="limit counted with all servers again" of=bytes`) {
		t.Errorf("the log:\n%s", text)
	}
}

// A panic of the store ends one request. Those who wait for its lease go on.
func TestBytes_PanicInTheStore(t *testing.T) {
	c := newClock()
	docs, _ := newDocuments(t, c)
	q := quota.NewBytes(docs, 1000, quota.Options{Now: c.Now})
	docs.fail(func(context.Context) error { panic("told to") })
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		q.Charge(t.Context(), "kim", kim, 1000)
	}()
	docs.fail(nil)
	c.pass(time.Second)
	want(t, "answers after it", take(t, q, 100, plenty), 0)
}

// Charges and looks of many requests at a store that hangs end within its time.
func TestBytes_StoreThatHangsIsGivenUp(t *testing.T) {
	inBubble(t, func(t *testing.T, docs *documents) {
		q := quota.NewBytes(docs, 1000, quota.Options{})
		docs.fail(hang)
		start := time.Now()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				within(t, q)
				q.Charge(t.Context(), "kim", kim, 100)
			})
		}
		all.Wait()
		if got := time.Since(start); got > 4*time.Second {
			t.Errorf("waited %v, want 4s at most", got)
		}
		if ok, _ := within(t, q); ok {
			t.Error("2,000 bytes were not counted")
		}
	})
}

func BenchmarkBytes(b *testing.B) {
	c := newClock()
	docs, _ := newDocuments(b, c)
	q := quota.NewBytes(docs, 1<<50, quota.Options{Now: c.Now})
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if ok, _ := q.Within(b.Context(), "kim", kim); !ok {
				b.Error("refused")
			}
			q.Charge(b.Context(), "kim", kim, 1000)
		}
	})
}
