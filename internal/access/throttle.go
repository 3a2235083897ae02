package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"math"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cabstand/cabstand/taxii/server"
)

// LoginLimits say how many log-ins may go wrong in an hour. Above a limit credentials are not
// looked at for a while, at first a second and twice as long after each further failure. Zero
// means the default.
type LoginLimits struct {
	Pair    int // of one user name from one address; 10
	Address int // from one address, whatever the user names; 100
	User    int // of one user name, from all addresses without a right log-in lately; 50
	// LongestWait bounds the while; 15 minutes.
	LongestWait time.Duration
}

func (l LoginLimits) withDefaults() LoginLimits {
	or := func(n *int, otherwise int) {
		if *n == 0 {
			*n = otherwise
		}
	}
	or(&l.Pair, 10)
	or(&l.Address, 100)
	or(&l.User, 50)
	if l.LongestWait == 0 {
		l.LongestWait = 15 * time.Minute
	}
	return l
}

// A throttle bounds how fast passwords can be guessed. A guess counts three times: for its user
// name and address together, for the address, and for the user name, which need not be one of a
// user. It counts before it is judged, so that many guesses at one time are no way around it,
// and is taken back if it was right.
//
// Nobody can lock out a user whose tools work: a password that was right within a day passes
// whatever was counted, and where a user has logged in rightly within a day the limits of the
// address and of the user name do not hold for that user.
type throttle struct {
	now    func() time.Time
	limits LoginLimits
	told   *loginNews
	key    [32]byte

	mu        sync.Mutex
	pairs     *failures
	addresses *failures
	users     *failures
	// rightly holds what has logged in rightly: users at addresses, and marks of passwords.
	rightly *recent
}

// digest stands for a user name, an address or both in a table: as short as any other, whoever
// chose the name, and not to be steered.
type digest [16]byte

const (
	maxFailures = 50_000  // of each of the three tables; some 5 MB
	maxRightly  = 100_000 // some 10 MB
	rightlyFor  = 24 * time.Hour
)

func newThrottle(
	now func() time.Time, l LoginLimits, log *slog.Logger, r prometheus.Registerer,
) (*throttle, error) {
	l = l.withDefaults()
	told, err := newLoginNews(now, log, r)
	if err != nil {
		return nil, err
	}
	t := &throttle{
		now: now, limits: l, told: told,
		pairs:     newFailures(l.Pair, l.LongestWait),
		addresses: newFailures(l.Address, l.LongestWait),
		users:     newFailures(l.User, l.LongestWait),
		rightly:   newRecent(rightlyFor, maxRightly),
	}
	rand.Read(t.key[:]) // never fails: crypto/rand stops the process instead
	return t, nil
}

// attempt is one guess that is being judged.
type attempt struct {
	t       *throttle
	user    string
	network netip.Prefix
	pair    digest
	mark    digest
	counted []counted // none for a password that has been right before
}

// begin counts a guess at a user's password, or returns a [server.ThrottledError]. mark stands
// for the user with that password and the hash it is compared with.
func (t *throttle) begin(user string, network netip.Prefix, mark string) (*attempt, error) {
	a := &attempt{
		t: t, user: user, network: network,
		pair: t.digest("pair", user, network.String()), mark: t.digest("password", mark),
	}
	if wait, by := a.count(); wait > 0 {
		t.told.throttled(user, network, by)
		return nil, &server.ThrottledError{RetryAfter: wait}
	}
	return a, nil
}

// count counts the guess unless it has to wait, and says by which of the counts.
func (a *attempt) count() (wait time.Duration, by string) {
	t := a.t
	address, name := t.digest("address", a.network.String()), t.digest("user", a.user)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if t.rightly.has(a.mark, now) {
		return 0, ""
	}
	wait, by = t.pairs.wait(a.pair, now), byPair
	if !t.rightly.has(a.pair, now) {
		wait, by = longer(wait, by, t.addresses.wait(address, now), byAddress)
		wait, by = longer(wait, by, t.users.wait(name, now), byUser)
	}
	if wait > 0 {
		return wait, by
	}
	a.counted = []counted{
		t.pairs.count(a.pair, now), t.addresses.count(address, now), t.users.count(name, now),
	}
	return 0, ""
}

// beginToken counts a token that is no right one. Nobody guesses one in time; the count keeps
// a tool with an old token from filling the log, which is told why if that is known.
func (t *throttle) beginToken(network netip.Prefix, why string) error {
	if wait := t.countToken(t.digest("tokens", network.String())); wait > 0 {
		t.told.throttled("", network, byToken)
		return &server.ThrottledError{RetryAfter: wait}
	}
	t.told.wrong("", network, why)
	return nil
}

func (t *throttle) countToken(key digest) (wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if wait = t.pairs.wait(key, now); wait <= 0 {
		t.pairs.count(key, now)
	}
	return wait
}

// right takes the guess back and remembers that the user logs in from there.
func (a *attempt) right() {
	t := a.t
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	for _, c := range a.counted {
		c.takeBack()
	}
	t.pairs.forget(a.pair) // only who knows the password gets here
	t.rightly.note(a.pair, now)
	t.rightly.note(a.mark, now)
}

// wrong leaves the guess counted.
func (a *attempt) wrong() { a.t.told.wrong(a.user, a.network, "") }

// undecided takes back a guess that was not looked at.
func (a *attempt) undecided() {
	a.t.mu.Lock()
	defer a.t.mu.Unlock()
	for _, c := range a.counted {
		c.takeBack()
	}
}

func longer(a time.Duration, byA string, b time.Duration, byB string) (time.Duration, string) {
	if b > a {
		return b, byB
	}
	return a, byA
}

func (t *throttle) digest(kind string, parts ...string) (d digest) {
	mac := hmac.New(sha256.New, t.key[:])
	writeParts(mac, append([]string{kind}, parts...))
	copy(d[:], mac.Sum(nil))
	return d
}

// waitAfter is how long nothing is looked at after so many failures above a limit.
func waitAfter(excess float64, longest time.Duration) time.Duration {
	doublings := min(math.Ceil(excess)-1, 30) // a second, 30 times doubled, is more than a year
	return min(time.Duration(math.Exp2(doublings))*time.Second, longest)
}
