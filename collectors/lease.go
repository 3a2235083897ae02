package collectors

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cabstand/cabstand/store"
)

// defaultLease is for runners that set no Lease.
const defaultLease = 30 * time.Second

// errLost is why a run had to end that could no longer be sure to be the only one.
var errLost = errors.New("the run lost its lease on the feed")

// lease is the right to run one feed, for as long as it is renewed. It is a part of the feed's
// state: taking, renewing and giving it back are writes by compare-and-swap of that one
// document, so that nobody can save the state of a feed that somebody else has taken since.
//
// The clocks of servers need not agree. Whoever waits for a lease takes it when the document
// stayed as it was for the whole validity by the waiting server's clock. Whoever holds it
// counts from before the last renewal was sent, and gives up a sixth of the validity early.
type lease struct {
	documents store.Documents
	now       func() time.Time
	valid     time.Duration
	log       *slog.Logger

	doc     store.Document // as written last; after acquire only keep and then release use it
	stop    chan struct{}  // closed to end keep
	stopped chan struct{}  // closed when keep has ended

	mu      sync.Mutex
	sent    time.Time // before the last renewal that succeeded was sent
	expiry  *time.Timer
	trouble error                   // of the renewals since then
	lost    error                   // why the lease is no more, which stays
	end     context.CancelCauseFunc // ends what depends on the lease
}

// acquire begins a run: it writes the state that says so in the place of the one that was
// read. The context it returns has the values of ctx and ends with the lease, not with ctx:
// what a run has read is written also when the run is told to stop.
func (r *Runner) acquire(
	ctx context.Context, feed Feed, st *state,
) (held context.Context, l *lease, err error) {
	sent := r.cfg.Now()
	st.begin(feed, sent.UTC(), r.id, r.cfg.Server)
	value, err := json.Marshal(st)
	if err != nil {
		return nil, nil, fmt.Errorf("write the state of feed %s: %w", feed.ID, err)
	}
	l = &lease{
		documents: r.cfg.Documents, now: r.cfg.Now, valid: r.cfg.Lease,
		log: r.cfg.Logger.With("feed", feed.ID), sent: sent,
		doc:  store.Document{Kind: stateKind, Key: feed.ID, Value: value, Revision: st.revision},
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	r.hold(feed.ID)
	if err := l.swap(ctx, value); errors.Is(err, store.ErrConflict) {
		return nil, nil, fmt.Errorf("feed %s: %w: another server was faster", feed.ID, ErrRunning)
	} else if err != nil {
		return nil, nil, fmt.Errorf("write the state of feed %s: %w", feed.ID, err)
	}
	held, l.end = context.WithCancelCause(context.WithoutCancel(ctx))
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expiry = time.AfterFunc(l.left(), l.expire)
	go l.keep(held)
	return held, l, nil
}

// left is how long the lease can be relied on still. It goes by the clock that never jumps
// and also by the one that does, because the first stands still while a machine sleeps.
func (l *lease) left() time.Duration {
	now := l.now()
	gone := max(now.Sub(l.sent), now.Round(0).Sub(l.sent.Round(0)))
	return l.valid - l.valid/6 - gone
}

// holds returns nil while no other server can have taken the feed over. It asks the clock, for
// a process that stood still may get here before its timers do.
func (l *lease) holds() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left() <= 0 {
		l.lose(l.lapsed())
	}
	return l.lost
}

// expire ends the lease when its time is over, unless a renewal came at the same moment.
func (l *lease) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if left := l.left(); left > 0 {
		l.expiry.Reset(left)
		return
	}
	l.lose(l.lapsed())
}

func (l *lease) lapsed() error {
	if l.trouble == nil {
		return fmt.Errorf("%w: this server stood still for too long", errLost)
	}
	return fmt.Errorf("%w: it could not be renewed in time: %w", errLost, l.trouble)
}

// lose ends the run. The caller holds mu.
func (l *lease) lose(why error) {
	if l.lost == nil {
		l.lost = why
		l.end(why)
	}
}
