package access

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/cabstand/cabstand/taxii/server"
)

// The tests of this file count hashes and move the clock of a throttle, as those of the verifier.

// network returns the n-th of many networks.
func network(n int) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}), 32)
}

// guess tries a password and returns how long it has to wait, in seconds; 0 if it was judged.
func guess(t *testing.T, v *verifier, user, password string, from netip.Prefix) int {
	t.Helper()
	right, err := v.verify(user, hashOf(user), password, from)
	var throttled *server.ThrottledError
	if errors.As(err, &throttled) {
		return int(throttled.RetryAfter / time.Second)
	}
	if err != nil || right != (password == "right" && hashOf(user) != "") {
		t.Fatalf("%s of %s: %v, %v", password, user, right, err)
	}
	return 0
}

// hashOf is the hash of every user but mallory, whom nobody knows.
func hashOf(user string) string {
	if user == "mallory" {
		return ""
	}
	return someHash
}

func TestThrottle_WaitsGrowAndAreBounded(t *testing.T) {
	v, clock, hashes := counting(1)
	for n := range 10 {
		if wait := guess(t, v, "alice", "wrong"+strconv.Itoa(n), home); wait != 0 {
			t.Fatalf("failure %d waits %d seconds", n+1, wait)
		}
	}
	var waits []int
	for n := range 14 {
		guess(t, v, "alice", fmt.Sprint("more", n), home) // one more is looked at
		before := hashes.Load()
		wait := guess(t, v, "alice", "right", home)
		if hashes.Load() != before {
			t.Fatal("a guess that has to wait costs a hash")
		}
		waits = append(waits, wait)
		clock.Add(int64(wait))
	}
	// From here on the count sinks as fast as it is let grow.
	want := []int{1, 2, 4, 8, 16, 32, 64, 128, 256}
	if diff := cmp.Diff(want, waits[:len(want)]); diff != "" || slices.Max(waits) > 900 {
		t.Errorf("waits %v (-want +got):\n%s", waits, diff)
	}
	if got := waitAfter(1e9, time.Minute); got != time.Minute {
		t.Errorf("after very many: %v, want the longest", got)
	}
}

// What happens to guesses says nothing of whether there is such a user.
func TestThrottle_TreatsUnknownUsersAlike(t *testing.T) {
	waits := map[string][]int{}
	hashed := map[string]int64{}
	for _, user := range []string{"alice", "mallory"} {
		v, clock, hashes := counting(1)
		for n := range 100 {
			clock.Add(3)
			waits[user] = append(waits[user], guess(t, v, user, fmt.Sprint("wrong", n), network(n%4)))
		}
		hashed[user] = hashes.Load()
	}
	if diff := cmp.Diff(waits["alice"], waits["mallory"]); diff != "" || hashed["alice"] != hashed["mallory"] {
		t.Errorf("%v hashes, waits (-alice +mallory):\n%s", hashed, diff)
	}
}

func TestThrottle_GuessesFromManyAddressesCountForTheUser(t *testing.T) {
	v, _, hashes := counting(1)
	for n := range 51 {
		if wait := guess(t, v, "alice", "wrong", network(n)); wait != 0 {
			t.Fatalf("guess %d waits", n+1)
		}
	}
	before := hashes.Load()
	if wait := guess(t, v, "alice", "wrong", network(999)); wait != 1 || hashes.Load() != before {
		t.Errorf("from one more address: waits %d seconds, want 1 and no hash", wait)
	}
	if wait := guess(t, v, "bob", "wrong", network(999)); wait != 0 {
		t.Error("another user has to wait")
	}
}

func TestThrottle_NobodyLocksOutAUserWhoLogsInRightly(t *testing.T) {
	v, clock, _ := counting(1)
	guess(t, v, "alice", "right", home)
	clock.Add(3600) // no longer among the passwords that are known to be right
	for n := range 51 {
		guess(t, v, "alice", fmt.Sprint("wrong", n), network(n))
	}
	if wait := guess(t, v, "alice", "wrong", home); wait != 0 {
		t.Error("where alice logs in rightly a guess has to wait for what happened elsewhere")
	}
	for n := range 11 { // the attacker shares the address
		guess(t, v, "alice", fmt.Sprint("near", n), home)
	}
	if wait := guess(t, v, "alice", "near", home); wait == 0 {
		t.Error("guesses from alice's address are not bounded")
	}
	for name, from := range map[string]netip.Prefix{"home": home, "new address": network(1000)} {
		if wait := guess(t, v, "alice", "right", from); wait != 0 {
			t.Errorf("%s: the right password has to wait", name)
		}
	}
}

// A password that was changed is new, but not the address that its user logs in from.
func TestThrottle_NewPasswordPassesAtKnownAddress(t *testing.T) {
	v, clock, _ := counting(1)
	guess(t, v, "alice", "right", home)
	clock.Add(60)
	for n := range 51 {
		guess(t, v, "alice", fmt.Sprint("wrong", n), network(n))
	}
	changed := passwordHash{memory: 8, time: 1, lanes: 1, salt: make([]byte, 8), sum: make([]byte, 16)}
	if right, err := v.verify("alice", changed.String(), "right", home); !right || err != nil {
		t.Errorf("at home: %v, %v", right, err)
	}
	changed.time = 2
	var throttled *server.ThrottledError
	if _, err := v.verify("alice", changed.String(), "right", network(2000)); !errors.As(err, &throttled) {
		t.Errorf("elsewhere: %v, want it to wait", err)
	}
}

// Whoever has a password of his own cannot use it to have his guesses at others forgotten.
func TestThrottle_OwnPasswordHidesNoGuesses(t *testing.T) {
	v, clock, _ := counting(1)
	judged := 0
	for n := range 400 {
		clock.Add(1)
		if guess(t, v, "bob", "right", home) != 0 {
			t.Fatal("bob has to wait")
		}
		if guess(t, v, fmt.Sprint("victim", n), "wrong", home) == 0 {
			judged++
		}
	}
	if judged > 120 {
		t.Errorf("%d guesses at others were judged, want hardly more than 100", judged)
	}
}

func TestThrottle_RightPasswordForgivesItsUserThere(t *testing.T) {
	v, clock, _ := counting(1)
	for range 5 {
		for n := range 10 {
			if guess(t, v, "alice", fmt.Sprint("typo", n), home) != 0 {
				t.Fatal("has to wait although the right password came between")
			}
		}
		guess(t, v, "alice", "right", home)
		clock.Add(60)
	}
}

func TestThrottle_CountsSinkWithinTheHour(t *testing.T) {
	v, clock, _ := counting(1)
	for n := range 12 {
		guess(t, v, "alice", fmt.Sprint("wrong", n), home)
	}
	clock.Add(7200)
	for n := range 10 {
		if guess(t, v, "alice", fmt.Sprint("again", n), home) != 0 {
			t.Fatalf("after two hours failure %d has to wait", n+1)
		}
	}
}

func TestThrottle_ManyGuessesAtOneTimeAreCountedBefore(t *testing.T) {
	v, _, hashes := counting(100)
	var group sync.WaitGroup
	for n := range 100 {
		group.Go(func() { _, _ = v.verify("alice", someHash, fmt.Sprint("wrong", n), home) })
	}
	group.Wait()
	if got := hashes.Load(); got > 11 {
		t.Errorf("%d hashes, want at most 11", got)
	}
}

func TestThrottle_WhatWasNotJudgedIsNotCounted(t *testing.T) {
	v, _, _ := counting(1)
	v.turns <- struct{}{}
	for n := range 30 {
		_, err := v.verify("alice", someHash, fmt.Sprint("wrong", n), home)
		if !errors.Is(err, server.ErrTryLater) {
			t.Fatalf("guess %d: %v, want ErrTryLater", n, err)
		}
	}
}

func TestThrottle_TokensThatAreWrongWaitToo(t *testing.T) {
	v, _, _ := counting(1)
	for n := range 11 {
		if err := v.throttle.beginToken(home, ""); err != nil {
			t.Fatalf("token %d: %v", n+1, err)
		}
	}
	var throttled *server.ThrottledError
	if err := v.throttle.beginToken(home, ""); !errors.As(err, &throttled) {
		t.Errorf("the twelfth: %v", err)
	}
	if guess(t, v, "alice", "right", home) != 0 {
		t.Error("wrong tokens keep passwords waiting")
	}
}

// A flood of small counts does not wash away a large one.
func TestFailures_LargeCountsOutliveManySmallOnes(t *testing.T) {
	f := newFailures(10, time.Minute)
	f.max = 200
	now := time.Unix(0, 0)
	key := func(n int) (d digest) { copy(d[:], strconv.Itoa(n)); return d }
	for range 15 {
		f.count(key(-1), now)
	}
	for n := range 100_000 {
		f.count(key(n), now)
		if len(f.counts) > f.max {
			t.Fatalf("%d counts, want at most %d", len(f.counts), f.max)
		}
	}
	if f.wait(key(-1), now) <= 0 {
		t.Error("the large count is forgotten")
	}
}

func TestRecent_IsBoundedAndKeepsTheNewest(t *testing.T) {
	r := newRecent(time.Hour, 100)
	now := time.Unix(0, 0)
	for n := range 10_000 {
		var d digest
		copy(d[:], strconv.Itoa(n))
		now = now.Add(time.Millisecond)
		r.note(d, now)
		if !r.has(d, now) || len(r.at) > 100 {
			t.Fatalf("%d: %d are remembered, the newest %v", n, len(r.at), r.has(d, now))
		}
	}
}

func TestLoginNews_IsClippedBoundedAndCounted(t *testing.T) {
	var log bytes.Buffer
	registry := prometheus.NewRegistry()
	now := time.Unix(0, 0)
	n, err := newLoginNews(func() time.Time { return now },
		slog.New(slog.NewTextHandler(&log, nil)), registry)
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		n.wrong(strings.Repeat("a", 63)+"é"+strings.Repeat("z", 10_000), home, "")
	}
	now = now.Add(time.Minute)
	n.throttled("bob\nuser=eve", home, byPair)
	text := log.String()
	for part, want := range map[string]int{
		"msg=\"wrong credentials\"": 60, "reason=wrong": 60, "zz": 0, `bob\nuser=eve`: 1,
		"left_out=40": 1, "address=192.0.2.1/32": 61, "\n": 62,
	} {
		if got := strings.Count(text, part); got != want {
			t.Errorf("%d times %q in the log, want %d:\n%.600s", got, part, want, text)
		}
	}
	for reason, want := range map[string]float64{reasonWrong: 100, byPair: 1, byUser: 0} {
		if got := testutil.ToFloat64(n.refused.WithLabelValues(reason)); got != want {
			t.Errorf("%s counted %v times, want %v", reason, got, want)
		}
	}
}
