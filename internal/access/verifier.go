package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/cabstand/cabstand/taxii/server"
)

// A verifier checks passwords. A hash costs tens of milliseconds, so that passwords found
// right are remembered for a short while, equal questions at one time are asked once, and
// only so many hashes are computed at a time. What it remembers is a MAC under a key of this
// process, of no use to whoever finds it in a memory dump.
type verifier struct {
	now   func() time.Time
	wait  time.Duration // how long a check may wait for its turn
	turns chan struct{}
	check func(h passwordHash, password string) bool
	key   [32]byte
	// throttle says which passwords are looked at; those known to be right are not asked about.
	throttle *throttle

	asking singleflight.Group
	mu     sync.Mutex
	known  map[string]time.Time // until when a password is known to be right
}

const (
	knownFor  = 30 * time.Second
	maxKnown  = 10_000
	hashTurns = 4 // at once: 4 * 19 MiB
	turnWait  = 2 * time.Second
)

func newVerifier(now func() time.Time, turns int, wait time.Duration, t *throttle) *verifier {
	v := &verifier{
		now:      now,
		wait:     wait,
		turns:    make(chan struct{}, turns),
		check:    passwordHash.matches,
		throttle: t,
		known:    map[string]time.Time{},
	}
	rand.Read(v.key[:]) // never fails: crypto/rand stops the process instead
	return v
}

// nobody is checked in place of a user who is unknown or has no password, so that the time
// of the answer does not tell.
var nobody = passwordHash{
	memory: hashMemory, time: hashTime, lanes: hashLanes,
	salt: make([]byte, saltLen), sum: make([]byte, sumLen),
}

// verify reports whether password is the right one of a user with this PHC string. network is
// where it comes from. The error is a [server.ThrottledError] or [server.ErrTryLater]. There is
// no context: the answer is for everyone who waits for it.
func (v *verifier) verify(
	user, encoded, password string, network netip.Prefix,
) (bool, error) {
	mark := v.mark(user, encoded, password)
	if v.remembers(mark) {
		return true, nil
	}
	right, err, _ := v.asking.Do(mark+network.String(), func() (any, error) {
		guess, err := v.throttle.begin(user, network, mark)
		if err != nil {
			return false, err
		}
		return v.compute(guess, mark, encoded, password)
	})
	if err != nil {
		return false, err
	}
	return right.(bool), nil
}

func (v *verifier) compute(guess *attempt, mark, encoded, password string) (bool, error) {
	if !v.takeTurn() {
		guess.undecided()
		return false, server.ErrTryLater
	}
	defer func() { <-v.turns }()
	h, err := parseHash(encoded)
	if err != nil {
		h = nobody
	}
	if right := v.check(h, password); !right || err != nil {
		guess.wrong()
		return false, nil
	}
	guess.right()
	v.remember(mark)
	return true, nil
}

// takeTurn reports whether a hash may be computed now, after waiting a little if need be.
func (v *verifier) takeTurn() bool {
	select {
	case v.turns <- struct{}{}:
		return true
	default:
	}
	patience := time.NewTimer(v.wait)
	defer patience.Stop()
	select {
	case v.turns <- struct{}{}:
		return true
	case <-patience.C:
		return false
	}
}

// mark stands for one user, hash and password. The hash is in it, so that a changed password
// is forgotten at once.
func (v *verifier) mark(parts ...string) string {
	mac := hmac.New(sha256.New, v.key[:])
	writeParts(mac, parts)
	return string(mac.Sum(nil))
}

// writeParts writes each part after its length, so that no two lists read the same.
func writeParts(mac hash.Hash, parts []string) {
	for _, p := range parts {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(p)))
		mac.Write(length[:])
		mac.Write([]byte(p))
	}
}

func (v *verifier) remembers(mark string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	until, ok := v.known[mark]
	return ok && v.now().Before(until)
}

// remember makes room by forgetting what has expired; a full memory only costs time.
func (v *verifier) remember(mark string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	if len(v.known) >= maxKnown {
		for m, until := range v.known {
			if !now.Before(until) {
				delete(v.known, m)
			}
		}
	}
	if len(v.known) < maxKnown {
		v.known[mark] = now.Add(knownFor)
	}
}
