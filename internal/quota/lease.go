package quota

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/store"
)

const (
	// leaseWithin bounds how long requests wait for a lease.
	leaseWithin = 2 * time.Second
	// pause is how long the store is left alone after it has failed. A store in trouble gets one
	// more call a second from each server, however many senders there are.
	pause = time.Second

	// maxConflicts bounds how often a lease begins anew because another server was faster. Each
	// time, that server got a portion, and a limit has fewer portions than this.
	maxConflicts = 20
	// maxJitter is the longest wait before a lease begins anew.
	maxJitter = 20 * time.Millisecond
)

var (
	errSlow   = errors.New("no answer from the store in time")
	errBroken = errors.New("the store panicked")
)

// next is how much a bucket is to be given: what it has spent already and a portion.
func (q *Quota) next(b *bucket) int64 { return q.owing(b.ledger, max(-b.left, 0)) }

func (q *Quota) owing(l ledger, debt int64) int64 {
	l.owed += debt
	return debt + q.portion(l)
}

// portion returns how many units to hand out at once: a tenth of the limit, or half of what
// is left when that is less, so that little is lost with servers that lease and do not spend,
// but a hundredth at least, so that the last of it takes few leases.
func (q *Quota) portion(l ledger) int64 {
	left := max(q.limit-l.handed(), 0)
	most, least := ceil(q.limit, 10), ceil(q.limit, 100)
	return min(max(min(most, left/2), least), left)
}

func ceil(n, parts int64) int64 { return n/parts + min(n%parts, 1) }

// grant gives a server units without asking the store, which is away.
func (b *bucket) grant(n int64) {
	b.left += n
	b.ledger.owed += n
}

// outcome is how a lease ended: what is known of the document now, and the portion.
type outcome struct {
	ledger  ledger
	portion int64
	err     error
}

// lease asks the store for the next portion of a bucket, over its debt, and lets those go on who
// wait for it. A lease that ends with its context yields nothing: one of the others makes the next.
func (q *Quota) lease(ctx context.Context, b *bucket, debt int64) {
	within, cancel := context.WithTimeoutCause(ctx, leaseWithin, errSlow)
	defer cancel()
	o := outcome{ledger: b.ledger, err: errBroken}
	// Deferred, so that a panic in the store ends one request and not all of the sender's.
	defer func() { q.settle(ctx, b, o) }()
	o = q.claim(within, b, debt)
}

// claim raises what the document says was handed out by a debt and a portion, unless there is
// neither.
func (q *Quota) claim(ctx context.Context, b *bucket, debt int64) outcome {
	o := outcome{ledger: b.ledger}
	// The first document of a window is new, unless it is that of the windows before, too.
	if q.carries && o.ledger.revision == 0 {
		if o.ledger, o.err = q.read(ctx, b, o.ledger); o.err != nil {
			return o
		}
	}
	for conflicts := 0; ; conflicts++ {
		n := q.owing(o.ledger, debt)
		if n == 0 {
			return o
		}
		handed := min(o.ledger.handed()+n, q.most())
		revision, err := q.docs.Put(ctx, q.document(b, o.ledger, handed))
		switch {
		case err == nil:
			o.portion = n
			o.ledger.stored, o.ledger.owed, o.ledger.revision = handed, 0, revision
			return o
		case !errors.Is(err, store.ErrConflict) || conflicts == maxConflicts:
			o.err = fmt.Errorf("lease %s: %w", q.unit, err)
			return o
		}
		// The first conflict only tells that another server serves the sender, too.
		if conflicts > 0 {
			q.jitter(ctx)
		}
		if o.ledger, o.err = q.read(ctx, b, o.ledger); o.err != nil {
			return o
		}
	}
}

// read brings a ledger up to what the store has. What was handed out never gets less, not even
// when the document is gone or unreadable: it has expired for a server whose clock is wrong.
func (q *Quota) read(ctx context.Context, b *bucket, l ledger) (ledger, error) {
	found, err := q.docs.Get(ctx, kind, q.keyOf(b))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return l, fmt.Errorf("read what was handed out: %w", err)
	}
	l.revision = found.Revision
	seen, ok := q.parse(string(found.Value), b.window)
	if !ok {
		return l, nil
	}
	l, seen = l.at(seen.window, q.limit), seen.at(l.window, q.limit)
	l.stored = min(max(l.stored, seen.stored), q.most())
	return l, nil
}

// jitter waits a little, so that servers that met at a document come back apart.
func (q *Quota) jitter(ctx context.Context) {
	t := time.NewTimer(time.Duration(q.opts.Random() * float64(maxJitter)))
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// settle enters how a lease ended. After an error of the store the server goes on by itself; after
// one of the client, who went away, nothing has changed.
func (q *Quota) settle(ctx context.Context, b *bucket, o outcome) {
	q.mu.Lock()
	wasAway := q.away()
	b.ledger = o.ledger
	b.left += o.portion
	switch {
	case o.err == nil:
		q.awayUntil = time.Time{}
	case ctx.Err() == nil:
		q.awayUntil = q.opts.Now().Add(pause)
		b.grant(q.next(b))
	}
	isAway := q.away()
	close(b.leasing)
	b.leasing = nil
	q.mu.Unlock()
	switch {
	case isAway && !wasAway:
		q.opts.Logger.Warn("limit counted by this server alone", "of", q.unit, "err", o.err)
	case wasAway && !isAway:
		q.opts.Logger.Info("limit counted with all servers again", "of", q.unit)
	}
}
