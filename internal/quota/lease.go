package quota

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/cabstand/cabstand/store"
)

const (
	// kind of the documents. Their keys are the beginning of the window and the hash of the
	// sender, their values the number of requests handed out, in decimal digits.
	kind = "quota"
	// keptFor is how long a document lasts from the beginning of its window. The second minute
	// is for servers whose clocks are behind that of the store.
	keptFor = 2 * time.Minute

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

// ledger is how much of a sender's limit is gone.
type ledger struct {
	stored   int    // handed out to all servers when the document was seen last
	owed     int    // granted by this server on its own and not in the document yet
	revision uint64 // of the document; 0 if it was not there
}

func (l ledger) handed() int { return l.stored + l.owed }

// portion returns how many requests to hand out at once: a tenth of the limit, or half of what
// is left when that is less, so that little is lost with servers that lease and do not spend,
// but a hundredth at least, so that the last of it takes few leases.
func (q *Quota) portion(l ledger) int {
	left := max(q.limit-l.handed(), 0)
	most, least := ceil(q.limit, 10), ceil(q.limit, 100)
	return min(max(min(most, left/2), least), left)
}

func ceil(n, parts int) int { return n/parts + min(n%parts, 1) }

// grant gives a server requests without asking the store, which is away.
func (b *bucket) grant(n int) {
	b.left += n
	b.ledger.owed += n
}

// outcome is how a lease ended: what is known of the document now, and the portion.
type outcome struct {
	ledger  ledger
	portion int
	err     error
}

// lease asks the store for the next portion of a bucket and lets those go on who wait for it.
// A lease that ends with its context yields nothing: one of the others makes the next.
func (q *Quota) lease(ctx context.Context, b *bucket) {
	within, cancel := context.WithTimeoutCause(ctx, leaseWithin, errSlow)
	defer cancel()
	o := outcome{ledger: b.ledger, err: errBroken}
	// Deferred, so that a panic in the store ends one request and not all of the sender's.
	defer func() { q.settle(ctx, b, o) }()
	o = q.claim(within, b)
}

// claim raises what the document says was handed out by a portion, unless nothing is left.
func (q *Quota) claim(ctx context.Context, b *bucket) outcome {
	o := outcome{ledger: b.ledger}
	for conflicts := 0; ; conflicts++ {
		n := q.portion(o.ledger)
		if n == 0 {
			return o
		}
		d := b.document(o.ledger, n)
		revision, err := q.docs.Put(ctx, d)
		switch {
		case err == nil:
			o.portion = n
			o.ledger = ledger{stored: o.ledger.handed() + n, revision: revision}
			return o
		case !errors.Is(err, store.ErrConflict) || conflicts == maxConflicts:
			o.err = fmt.Errorf("lease requests: %w", err)
			return o
		}
		// The first conflict only tells that another server serves the sender, too.
		if conflicts > 0 {
			q.jitter(ctx)
		}
		if o.ledger, o.err = q.read(ctx, d, o.ledger); o.err != nil {
			return o
		}
	}
}

// document is what the store gets to keep when another n requests are handed out.
func (b *bucket) document(l ledger, n int) store.Document {
	text := "network " + b.sender.network.String()
	if b.sender.user != "" {
		text = "user " + b.sender.user
	}
	// A hash, so that the store does not keep who came from where, and so that any name will do.
	sum := sha256.Sum256([]byte(text))
	return store.Document{
		Kind:     kind,
		Key:      b.window.Format("2006-01-02T15:04Z") + "/" + hex.EncodeToString(sum[:16]),
		Value:    strconv.AppendInt(nil, int64(l.handed()+n), 10),
		Revision: l.revision,
		Expires:  b.window.Add(keptFor),
	}
}

// read brings a ledger up to what the store has. What was handed out never gets less, not even
// when the document is gone or unreadable: it has expired for a server whose clock is wrong.
func (q *Quota) read(ctx context.Context, d store.Document, l ledger) (ledger, error) {
	found, err := q.docs.Get(ctx, d.Kind, d.Key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return l, fmt.Errorf("read what was handed out: %w", err)
	}
	l.revision = found.Revision
	if stored, err := strconv.Atoi(string(found.Value)); err == nil {
		l.stored = min(max(l.stored, stored), q.limit)
	}
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
		b.grant(q.portion(b.ledger))
	}
	isAway := q.away()
	close(b.leasing)
	b.leasing = nil
	q.mu.Unlock()
	switch {
	case isAway && !wasAway:
		q.opts.Logger.Warn("requests counted by this server alone", "err", o.err)
	case wasAway && !isAway:
		q.opts.Logger.Info("requests counted with all servers again")
	}
}
