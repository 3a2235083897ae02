package mongostore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"github.com/cabstand/cabstand/store"
)

// Options are the choices of Open. The zero value works.
type Options struct {
	// Logger gets what an operator should know; nil discards it.
	Logger *slog.Logger
	// Now is the clock behind dates added and expiry; nil is time.Now.
	Now func() time.Time
	// Monitor is told of every command that is sent to MongoDB; nil is nobody.
	Monitor *event.CommandMonitor
	// Patience is how long a writer of another process may stay between writing entries and
	// committing them before it is taken for dead; 0 is 5 s. To err costs time, nothing else.
	Patience time.Duration
	// SweepEvery is the pause between removals of expired documents and of what dead writers
	// have left to do; 0 is a minute.
	SweepEvery time.Duration

	dialer    options.ContextDialer // in tests, to cut connections
	groupTime time.Duration         // in tests, where a server is slow; 0 is groupTime
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Patience <= 0 {
		o.Patience = 5 * time.Second
	}
	if o.groupTime <= 0 {
		o.groupTime = groupTime
	}
	if o.SweepEvery <= 0 {
		o.SweepEvery = time.Minute
	}
	return o
}

// Store is a store.Store in a MongoDB database.
type Store struct {
	opts      Options
	client    *mongo.Client
	db        *mongo.Database
	records   *mongo.Collection
	documents *mongo.Collection
	instance  int64 // of this Store, among all that share the database: its first token
	tokens    atomic.Int64

	// calls is held for reading by every call, and for writing by Close.
	calls  sync.RWMutex
	closed bool

	writing sync.Mutex
	writers map[string]*writer // by collection; guarded by writing
	work    sync.WaitGroup     // the writers and the sweeper

	stopSweeping context.CancelFunc
}

var _ store.Store = (*Store)(nil)

// newInstance is the first of the tokens of one Store. They lie so far apart that tens of
// millions follow before they come near those of another one.
func newInstance() int64 { return (1 + rand.Int64N(1<<38)) << 24 }

// token returns a number that no other change has, of this Store or another one.
func (s *Store) token() int64 { return s.instance + s.tokens.Add(1) }

// mine reports whether a token is one of this Store.
func (s *Store) mine(token int64) bool {
	return token > s.instance && token <= s.instance+s.tokens.Load()
}

// errClosed is what calls after Close get.
var errClosed = fmt.Errorf("%w: closed", store.ErrUnavailable)

// enter begins a call, which must end with s.calls.RUnlock if there is no error.
func (s *Store) enter(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	s.calls.RLock()
	if s.closed {
		s.calls.RUnlock()
		return errClosed
	}
	return nil
}

// call makes one call of the contract: f, if the store is open, with its error in the words of
// the contract.
func (s *Store) call(ctx context.Context, f func() error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.calls.RUnlock()
	return unavailable(ctx, f())
}

// unavailable makes store.ErrUnavailable of whatever the contract has no error for.
func unavailable(ctx context.Context, err error) error {
	switch {
	case err == nil, errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrConflict),
		errors.Is(err, store.ErrBadCursor), errors.Is(err, store.ErrTooWide), errors.Is(err, store.ErrUnavailable):
		return err
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
}

// Close implements store.Store. Changes that were accepted are made before it returns. A
// second Close does nothing.
func (s *Store) Close() error {
	s.calls.Lock()
	defer s.calls.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.stopSweeping()
	s.writing.Lock()
	for _, w := range s.writers {
		close(w.queue)
	}
	s.writing.Unlock()
	s.work.Wait()
	return s.disconnect()
}

// Ping implements store.Store. A primary that has lost its majority steps down within
// seconds, so that there being one is a good enough sign.
func (s *Store) Ping(ctx context.Context) error {
	return s.call(ctx, func() error { return s.checkPrimary(ctx) })
}

// checkPrimary returns an error if what answers cannot be written to. The driver sees to that,
// but for a URL that ties it to one member.
func (s *Store) checkPrimary(ctx context.Context) error {
	var hello struct {
		Writable bool `bson:"isWritablePrimary"`
	}
	err := s.client.Database("admin").RunCommand(ctx, bson.D{equals("hello", 1)}).Decode(&hello)
	if err != nil {
		return fmt.Errorf("ask for the primary: %w", err)
	}
	if !hello.Writable {
		return faultf("the member that answers is no primary; name all members of the replica " +
			"set in the URL, and leave directConnection out of it")
	}
	return nil
}

// Has implements store.Store.
func (s *Store) Has(
	ctx context.Context, collection, id string, released store.Released,
) (found bool, err error) {
	v := newView(released)
	err = s.call(ctx, func() error {
		return s.look(ctx, collection, func(head record) (doubt, error) {
			found, err = s.holds(ctx, head, id, v.ask(head))
			return doubt{ifNewer: !found}, err
		})
	})
	return found, err
}

// Stats implements store.Store.
func (s *Store) Stats(ctx context.Context, collection string) (stats store.Stats, err error) {
	err = s.call(ctx, func() error {
		head, _, err := s.readRecord(ctx, collection, false)
		stats = head.stats()
		return err
	})
	return stats, err
}
