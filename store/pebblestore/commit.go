package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/cabstand/cabstand/store"
)

// Bounds of one group of changes, which shares a batch and a sync. A single change may be
// larger.
const (
	queueLen      = 256
	maxGroupBytes = 8 << 20
)

// change is something to write.
type change interface {
	// apply puts the change into a batch, on top of those that are in it. An error that is
	// refused concerns this change alone, which then has left the batch as it was.
	apply(*batch) error
	// size is about how many bytes that takes.
	size() int
	// alone reports whether the change must have a group of its own.
	alone() bool
}

// request is a change and the caller waiting for it.
type request struct {
	change change
	err    error // read after done is closed
	done   chan struct{}
}

// committer makes all changes, in the order in which they queue up.
type committer struct {
	store   *Store
	gen     *generation
	queue   chan *request
	stopped chan struct{}
	failed  atomic.Pointer[error] // why changes are refused at present
	retry   *time.Timer           // runs while they are
	pause   time.Duration         // before the next attempt to recover

	collections map[string]*collectionState
	// swept is how far documents were swept: an expiry key without its tag. The keys that a
	// sweep removed stay in the way of an iterator until pebble compacts them, so that to
	// begin at the first key each time would cost more with every document.
	swept []byte
}

func startCommitter(s *Store, gen *generation) *committer {
	c := &committer{
		store:       s,
		gen:         gen,
		queue:       make(chan *request, queueLen),
		stopped:     make(chan struct{}),
		collections: make(map[string]*collectionState),
	}
	c.retry = time.NewTimer(time.Hour)
	c.retry.Stop()
	go c.run()
	return c
}

// stop makes the changes that are queued up and ends the committer. There must be no more
// calls of do.
func (c *committer) stop() {
	close(c.queue)
	<-c.stopped
}

// failure says why changes are refused at present, or nil.
func (c *committer) failure() error {
	if err := c.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// do has a change made and waits until it is durable and published.
func (s *Store) do(ctx context.Context, ch change) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.calls.RUnlock()
	r := &request{change: ch, done: make(chan struct{})}
	select {
	case s.committer.queue <- r:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *committer) run() {
	defer close(c.stopped)
	defer c.retry.Stop()
	for {
		select {
		case first, ok := <-c.queue:
			if !ok {
				return
			}
			for first != nil {
				first = c.commitGroup(first)
			}
		case <-c.tripped():
			c.fail(c.gen.fence.err())
		case <-c.retry.C:
			c.recover()
		}
	}
}

// commitGroup makes a change and those that have queued up behind it. It returns the change
// that must come next, if it took one from the queue.
func (c *committer) commitGroup(first *request) (next *request) {
	var group []*request
	group, next = c.gather(first)
	c.commit(group)
	for _, r := range group {
		close(r.done)
	}
	return next
}

// gather takes the changes that can share a batch with the first one.
func (c *committer) gather(first *request) (group []*request, next *request) {
	group = []*request{first}
	for size := first.change.size(); size < maxGroupBytes && !first.change.alone(); {
		select {
		case r := <-c.queue:
			if r == nil || r.change.alone() {
				return group, r
			}
			group = append(group, r)
			size += r.change.size()
		default:
			return group, nil
		}
	}
	return group, nil
}

// forget drops what the committer remembers, which may be ahead of what was kept.
func (c *committer) forget() {
	clear(c.collections)
	c.swept = nil
}

// commit makes a group of changes and sets their errors.
func (c *committer) commit(group []*request) {
	err := c.failure()
	if err == nil {
		err = c.tryCommit(group)
	}
	if err == nil {
		return
	}
	c.forget()
	for _, r := range group {
		r.err = err
		if !errors.Is(err, store.ErrUnavailable) {
			r.err = fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		}
	}
}

func (c *committer) tryCommit(group []*request) (err error) {
	if err := c.store.checkSpace(); err != nil {
		return err
	}
	b := newBatch(c)
	defer b.close()
	for _, r := range group {
		r.err = r.change.apply(b)
		if r.err != nil && !refused(r.err) {
			return r.err
		}
	}
	if b.documents != nil {
		if err := b.sweep(); err != nil {
			return err
		}
	}
	if b.finish(); b.empty() {
		return nil
	}
	if err := b.commit(); err != nil {
		c.gen.fence.trip(err)
		c.fail(err)
		return err
	}
	c.store.views.publish(c.gen)
	return nil
}
