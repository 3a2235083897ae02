package quota

import (
	"context"
	"net/netip"
	"time"
)

// maxCarried is how many windows a sender waits at most for what one answer took.
const maxCarried = 60

// maxBytes bounds a limit on bytes, so that no sum of it overflows.
const maxBytes = 1 << 50

// Bytes is the limit of one server on bytes. How many a request takes shows when it has been
// answered; so what goes over the limit is let through, and paid for by waiting afterwards. It is
// safe for concurrent use.
type Bytes struct{ quota *Quota }

// NewBytes returns a quota of perMinute bytes a minute for every sender, 1 at least. It asks
// nothing of docs before there is a request.
func NewBytes(docs Documents, perMinute int64, o Options) *Bytes {
	q := newQuota(docs, "bytes", min(perMinute, maxBytes), o)
	q.carries = true
	return &Bytes{q}
}

// Within reports whether a user, or a network if user is "", has any bytes left in this minute. If
// not, retryAfter is how long it is until there are, more than zero and about an hour at most: each
// minute pays for as many bytes as the limit has. A store that does not answer is given up after
// 2 seconds, and a request whose context ends is refused, as by [Quota.Allow].
func (b *Bytes) Within(
	ctx context.Context, user string, network netip.Prefix,
) (ok bool, retryAfter time.Duration) {
	return b.quota.take(ctx, senderOf(user, network), 0)
}

// Charge counts n bytes of a user, or of a network if user is "", whether or not there are so many
// left. When it returns all servers of the store know of them, but for a portion that this one had
// leased; a store that does not answer is given up after 2 seconds. It makes no difference whether
// ctx has ended: what a client took counts when it has gone, too.
func (b *Bytes) Charge(ctx context.Context, user string, network netip.Prefix, n int64) {
	b.quota.charge(ctx, senderOf(user, network), n)
}

func (q *Quota) charge(ctx context.Context, from sender, n int64) {
	q.mu.Lock()
	b := q.bucket(q.opts.Now(), from)
	b.left -= min(n, q.most())
	q.mu.Unlock()
	for {
		s := q.cover(b)
		switch {
		case s.lease != nil:
			q.lease(context.WithoutCancel(ctx), s.lease, s.debt)
			return // what others spent meanwhile they cover
		case s.wait != nil:
			<-s.wait
		default:
			return
		}
	}
}

// cover sees to it that what a bucket has spent is handed out to it. The bucket may be of a window
// that has gone.
func (q *Quota) cover(b *bucket) spent {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.opts.Now()
	switch {
	case b.left >= 0:
		return spent{ok: true}
	case b.leasing != nil:
		return spent{wait: b.leasing}
	case now.Before(q.awayUntil):
		b.grant(q.next(b))
		return spent{ok: true}
	}
	return q.lead(b, now)
}
