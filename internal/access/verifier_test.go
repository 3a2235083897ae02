package access

import (
	"errors"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cabstand/cabstand/taxii/server"
)

// The tests of this file count hashes, which nobody outside the package can see.

// counting returns a verifier with a clock that the test moves, whose hashes cost nothing.
func counting(turns int) (v *verifier, clock *atomic.Int64, hashes *atomic.Int64) {
	clock, hashes = new(atomic.Int64), new(atomic.Int64)
	now := func() time.Time { return time.Unix(clock.Load(), 0) }
	v = newVerifier(now, turns, 0, unlimited(now))
	v.check = func(_ passwordHash, password string) bool {
		hashes.Add(1)
		return password == "right"
	}
	return v, clock, hashes
}

// unlimited is a throttle with the default limits, which are wide for most tests.
func unlimited(now func() time.Time) *throttle {
	t, err := newThrottle(now, LoginLimits{}, slog.New(slog.DiscardHandler), nil)
	if err != nil {
		panic(err) // only registering metrics can fail
	}
	return t
}

// home is where most log-ins of the tests come from.
var home = netip.MustParsePrefix("192.0.2.1/32")

var someHash = nobody.String()

func TestVerifier_RemembersRightPasswordsForAWhile(t *testing.T) {
	v, clock, hashes := counting(1)
	for _, step := range []struct {
		at                   int64
		user, hash, password string
		want                 bool
		hashes               int64
		what                 string
	}{
		{0, "alice", someHash, "right", true, 1, "the first time"},
		{29, "alice", someHash, "right", true, 1, "remembered"},
		{29, "alice", someHash, "wrong", false, 2, "another password"},
		{29, "alice", someHash, "wrong", false, 3, "wrong ones are not remembered"},
		{29, "bob", someHash, "right", true, 4, "another user"},
		{29, "alice", someHash + "A", "right", true, 5, "the password was changed"},
		{30, "alice", someHash, "right", true, 6, "forgotten after 30 seconds"},
	} {
		clock.Store(step.at)
		got, err := v.verify(step.user, step.hash, step.password, home)
		if err != nil || got != step.want || hashes.Load() != step.hashes {
			t.Errorf("%s: %v, %v after %d hashes; want %v after %d",
				step.what, got, err, hashes.Load(), step.want, step.hashes)
		}
	}
}

func TestVerifier_UnknownUserCostsAHash(t *testing.T) {
	v, _, hashes := counting(1)
	for i, encoded := range []string{"", "not a hash"} {
		right, err := v.verify("mallory", encoded, "right", home)
		if right || err != nil || hashes.Load() != int64(i+1) {
			t.Errorf("hash %q: %v, %v after %d hashes; want a refusal after %d",
				encoded, right, err, hashes.Load(), i+1)
		}
	}
}

func TestVerifier_BoundsHashesAtOnce(t *testing.T) {
	v, _, _ := counting(2)
	started, release := make(chan struct{}), make(chan struct{})
	v.check = func(passwordHash, string) bool {
		started <- struct{}{}
		<-release
		return true
	}
	var group sync.WaitGroup
	for _, user := range []string{"alice", "bob"} {
		group.Go(func() { _, _ = v.verify(user, someHash, "right", home) })
		<-started
	}
	if _, err := v.verify("carol", someHash, "right", home); !errors.Is(err, server.ErrTryLater) {
		t.Errorf("the third at once: %v, want ErrTryLater", err)
	}
	close(release)
	group.Wait()
	go func() { <-started }()
	if right, err := v.verify("carol", someHash, "right", home); !right || err != nil {
		t.Errorf("afterwards: %v, %v; want true", right, err)
	}
}

func TestVerifier_MemoryIsBounded(t *testing.T) {
	v, clock, _ := counting(1)
	soon := v.now().Add(30 * time.Second)
	for i := range maxKnown + 10 {
		v.right.remember(v.right.mark(time.Duration(i).String()), struct{}{}, soon)
	}
	if got := len(v.right.known); got != maxKnown {
		t.Errorf("remembers %d, want at most %d", got, maxKnown)
	}
	clock.Store(31)
	v.right.remember("new", struct{}{}, soon)
	if got := len(v.right.known); got != 1 {
		t.Errorf("remembers %d after the others expired, want 1", got)
	}
}

func TestHash_RoundTrip(t *testing.T) {
	encoded := HashPassword("correct horse")
	if !CheckPassword(encoded, "correct horse") || CheckPassword(encoded, "correct horsf") {
		t.Errorf("%s does not tell the right password from another", encoded)
	}
	h, err := parseHash(encoded)
	if err != nil || h.String() != encoded {
		t.Errorf("parsed and written again: %v, %v; want %s", h, err, encoded)
	}
	if HashPassword("correct horse") == encoded {
		t.Error("two hashes of one password are equal: the salt is not random")
	}
}

// A hash by another implementation: the reference one's command line, with the salt "somesalt".
func TestHash_OfTheReferenceImplementation(t *testing.T) {
	const encoded = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if !CheckPassword(encoded, "password") {
		t.Error("the password is not recognised")
	}
}

func TestHash_Refusals(t *testing.T) {
	for name, encoded := range map[string]string{
		"empty":             "",
		"another algorithm": "$argon2i$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"another version":   "$argon2id$v=16$m=19456,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"no passes":         "$argon2id$v=19$m=19456,t=0,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"too much memory":   "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"too many passes":   "$argon2id$v=19$m=19456,t=1000,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"trailing words":    "$argon2id$v=19$m=19456,t=2,p=1,x=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"no salt":           "$argon2id$v=19$m=19456,t=2,p=1$$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"no sum":            "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$",
	} {
		if _, err := parseHash(encoded); err == nil {
			t.Errorf("%s: %s is accepted", name, encoded)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	encoded := HashPassword("right")
	b.Run("hashed", func(b *testing.B) {
		for b.Loop() {
			CheckPassword(encoded, "right")
		}
	})
	b.Run("remembered", func(b *testing.B) {
		v := newVerifier(time.Now, 1, time.Second, unlimited(time.Now))
		for b.Loop() {
			if right, err := v.verify("alice", encoded, "right", home); !right || err != nil {
				b.Fatal(right, err)
			}
		}
	})
}
