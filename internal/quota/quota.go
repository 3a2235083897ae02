package quota

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/cabstand/cabstand/store"
)

// Documents is what a quota needs of [store.Documents].
type Documents interface {
	Get(ctx context.Context, kind, key string) (store.Document, error)
	Put(ctx context.Context, d store.Document) (revision uint64, err error)
}

// Options change how a quota works; the zero value is right for a server.
type Options struct {
	// MaxNetworks is how many networks of senders without a name are told apart in a minute; 0
	// is 100,000, which take about 20 MiB. The networks beyond share one count, so that nobody
	// fills the memory from many addresses.
	MaxNetworks int
	// MaxUsers is the same for users; 0 is 100,000. There can be more of them than were declared:
	// tokens of an OpenID provider make users, of whom it may name any number.
	MaxUsers int
	Logger   *slog.Logger     // nil discards
	Now      func() time.Time // nil is time.Now
	// Random returns numbers from 0 up to but not including 1, to several goroutines at once;
	// nil is math/rand.
	Random func() float64
}

// Quota is the limit of one server on requests. It is safe for concurrent use.
type Quota struct {
	docs  Documents
	unit  string // what is counted
	limit int64  // units of a sender in a window
	// carries is whether a sender may take more than the limit and begins the next windows with
	// the rest of it.
	carries bool
	opts    Options

	mu       sync.Mutex
	window   time.Time // its beginning
	buckets  map[sender]*bucket
	networks int // among buckets
	users    int // among buckets
	// awayUntil is when a store that failed may be asked again; zero while it works.
	awayUntil time.Time
}

// sender is whom a limit is for: a user, or else a network. That of the zero value is shared by
// all networks that cannot be told apart, and that of otherUsers by all such users.
type sender struct {
	user    string
	network netip.Prefix
}

// otherUsers is no name that a user can have: that of a record has no colon, and that of one
// whom a token makes has more than a colon.
const otherUsers = ":"

// bucket is what a server knows of a sender in a window.
type bucket struct {
	sender sender
	window time.Time
	ledger ledger
	// left is what this server may spend of what was handed out to it. Below zero, it has spent
	// more, and that has to be handed out to it yet.
	left int64
	// leasing is closed when the lease under way ends; nil without one. Whoever made it is the
	// only one to change the ledger until then.
	leasing chan struct{}
}

// New returns a quota of perMinute requests a minute for every sender, 1 at least. It asks
// nothing of docs before there is a request.
func New(docs Documents, perMinute int, o Options) *Quota {
	return newQuota(docs, "requests", int64(perMinute), o)
}

func newQuota(docs Documents, unit string, perMinute int64, o Options) *Quota {
	o.MaxNetworks = cmp.Or(o.MaxNetworks, 100_000)
	o.MaxUsers = cmp.Or(o.MaxUsers, 100_000)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	return &Quota{docs: docs, unit: unit, limit: max(perMinute, 1), opts: o}
}

// Allow counts a request of a user, or of a network if user is "", and reports whether it is
// within the limit. If not, retryAfter is how long it is until there is room again, more than
// zero and a minute at most. A store that does not answer is given up after 2 seconds. A request
// whose context ends meanwhile is refused: let through uncounted it might still have an effect.
func (q *Quota) Allow(
	ctx context.Context, user string, network netip.Prefix,
) (ok bool, retryAfter time.Duration) {
	return q.take(ctx, senderOf(user, network), 1)
}

func senderOf(user string, network netip.Prefix) sender {
	if user != "" {
		network = netip.Prefix{}
	}
	return sender{user, network}
}

// take spends n units of a sender who has any left.
func (q *Quota) take(ctx context.Context, from sender, n int64) (bool, time.Duration) {
	for {
		s := q.spend(from, n)
		switch {
		case s.ok:
			return true, 0
		case s.lease != nil:
			q.lease(ctx, s.lease, s.debt)
		case s.wait != nil:
			select {
			case <-s.wait:
			case <-ctx.Done():
			}
		default:
			return false, s.retryAfter
		}
		if ctx.Err() != nil {
			return false, s.retryAfter
		}
	}
}

// spent is what became of an attempt to spend: it is ok, or a lease is to be made that covers a
// debt, too, or one that is under way is to be awaited, or else there is nothing left.
type spent struct {
	ok         bool
	lease      *bucket
	debt       int64
	wait       <-chan struct{}
	retryAfter time.Duration
}

// spend takes n units out of a sender's bucket. A burst of requests that finds it empty makes
// one lease: the first of them makes it, the others wait.
func (q *Quota) spend(from sender, n int64) spent {
	q.mu.Lock()
	defer q.mu.Unlock()
	// Under the lock, or a request that took its time before an earlier one could turn the
	// window back.
	now := q.opts.Now()
	b := q.bucket(now, from)
	if b.left <= 0 && b.leasing == nil && now.Before(q.awayUntil) {
		b.grant(q.next(b))
	}
	switch {
	case b.left > 0:
		b.left -= n
		return spent{ok: true}
	case b.leasing != nil:
		return spent{wait: b.leasing}
	case b.ledger.handed() < q.limit:
		return q.lead(b, now)
	}
	windows := max(b.ledger.handed()/q.limit, 1)
	until := b.ledger.window.Add(time.Duration(windows) * time.Minute)
	return spent{retryAfter: until.Sub(now)}
}

// lead begins a lease, which the caller makes.
func (q *Quota) lead(b *bucket, now time.Time) spent {
	if q.away() { // one sender's request finds out whether it still is; the rest go on
		q.awayUntil = now.Add(leaseWithin)
	}
	b.leasing = make(chan struct{})
	return spent{lease: b, debt: max(-b.left, 0)}
}

func (q *Quota) away() bool { return !q.awayUntil.IsZero() }

// bucket returns the bucket of a sender in the window of now.
func (q *Quota) bucket(now time.Time, from sender) *bucket {
	if window := now.UTC().Truncate(time.Minute); !window.Equal(q.window) || q.buckets == nil {
		q.turn(window)
	}
	b := q.buckets[from]
	if b == nil {
		from = q.toldApart(from)
		b = q.buckets[from]
	}
	if b == nil {
		b = &bucket{sender: from, window: q.window, ledger: ledger{window: q.window}}
		q.keep(b)
	}
	return b
}

// toldApart returns a sender that has no bucket yet as the one that it counts as.
func (q *Quota) toldApart(from sender) sender {
	switch {
	case from.user == "" && q.networks >= q.opts.MaxNetworks:
		return sender{}
	case from.user != "" && q.users >= q.opts.MaxUsers:
		return sender{user: otherUsers}
	}
	return from
}

// turn begins another window. Buckets go, but for those of senders who have taken more than the
// limit where that counts in the next windows.
func (q *Quota) turn(window time.Time) {
	before := q.buckets
	q.window, q.buckets = window, make(map[sender]*bucket)
	q.networks, q.users = 0, 0
	if !q.carries {
		return
	}
	for from, b := range before {
		l := b.ledger.at(window, q.limit)
		if l.window.Equal(window) && l.handed() > 0 {
			q.keep(&bucket{sender: from, window: window, ledger: l})
		}
	}
}

func (q *Quota) keep(b *bucket) {
	q.buckets[b.sender] = b
	if b.sender.user == "" {
		q.networks++
	} else {
		q.users++
	}
}
