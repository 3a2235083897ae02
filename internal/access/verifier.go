package access

import (
	"net/netip"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/cabstand/cabstand/taxii/server"
)

// A verifier checks passwords. A hash costs tens of milliseconds, so that passwords found
// right are remembered for a short while, equal questions at one time are asked once, and
// only so many hashes are computed at a time.
type verifier struct {
	now   func() time.Time
	wait  time.Duration // how long a check may wait for its turn
	turns chan struct{}
	check func(h passwordHash, password string) bool
	// throttle says which passwords are looked at; those known to be right are not asked about.
	throttle *throttle

	asking singleflight.Group
	// right holds passwords that are right, each with its user and hash, so that a changed one
	// is forgotten at once.
	right *memory[struct{}]
}

const (
	knownFor  = 30 * time.Second
	hashTurns = 4 // at once: 4 * 19 MiB
	turnWait  = 2 * time.Second
)

func newVerifier(now func() time.Time, turns int, wait time.Duration, t *throttle) *verifier {
	return &verifier{
		now:      now,
		wait:     wait,
		turns:    make(chan struct{}, turns),
		check:    passwordHash.matches,
		throttle: t,
		right:    newMemory[struct{}](now),
	}
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
	mark := v.right.mark(user, encoded, password)
	if _, ok := v.right.recall(mark); ok {
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
	v.right.remember(mark, struct{}{}, v.now().Add(knownFor))
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
