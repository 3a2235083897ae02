package mongostore

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// Bounds of one group of additions, which shares the round trips. A larger one is divided.
const (
	queueLen      = 256
	maxGroupBytes = 8 << 20
	maxGroupItems = 10_000
)

// groupTime bounds how long a group of changes may take, waiting for others included. It is no
// caller's context that counts: the changes of several are made together.
const groupTime = 45 * time.Second

// change is something to write: an *addition, or a step.
type change any

// step is a change that is made alone.
type step interface {
	apply(context.Context, *writer) error
}

// request is a change and the caller waiting for it.
type request struct {
	change change
	taken  atomic.Bool // by the writer, or by a caller who has left; then there is no change
	err    error       // read after done is closed
	done   chan struct{}
}

// leave lets go of a change that has not been begun: what it holds may be large, and the queue
// long.
func (r *request) leave() {
	if !r.taken.Swap(true) {
		r.change = nil
	}
}

// begin reports whether the change is to be made.
func (r *request) begin() bool { return !r.taken.Swap(true) }

// do has a change made to a collection and waits until it is durable.
func (s *Store) do(ctx context.Context, collection string, ch change) error {
	return s.call(ctx, func() error {
		r := &request{change: ch, done: make(chan struct{})}
		select {
		case s.writer(collection).queue <- r:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		select {
		case <-r.done:
			return r.err
		case <-ctx.Done():
			r.leave()
			return context.Cause(ctx)
		}
	})
}

// writer returns the writer of a collection. It lives until the store is closed.
func (s *Store) writer(collection string) *writer {
	s.writing.Lock()
	defer s.writing.Unlock()
	w := s.writers[collection]
	if w == nil {
		w = &writer{store: s, name: collection, queue: make(chan *request, queueLen)}
		s.writers[collection] = w
		s.work.Go(w.run)
	}
	return w
}

func (w *writer) run() {
	for first := range w.queue {
		if !first.begin() {
			first = nil
		}
		for first != nil {
			var group []*request
			group, first = w.gather(first)
			w.make(group)
		}
		if len(w.queue) == 0 {
			w.tidy()
		}
	}
}

// make makes a group of changes and lets their callers go on.
func (w *writer) make(group []*request) {
	ctx, cancel := overdue(w.store.opts.groupTime)
	defer cancel()
	err := w.apply(ctx, group)
	if err != nil {
		w.record = nil // how far the change has come is not known
	}
	for _, r := range group {
		r.err = unavailable(ctx, err)
		close(r.done)
	}
}

func (w *writer) apply(ctx context.Context, group []*request) error {
	if alone, ok := group[0].change.(step); ok {
		return alone.apply(ctx, w)
	}
	if err := w.leaveTurn(ctx); err != nil {
		return err
	}
	var all additions
	for _, r := range group {
		all = append(all, r.change.(*addition).divide()...)
	}
	for len(all) > 0 {
		n := all.portion()
		if err := w.add(ctx, all[:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// pause waits, unless the context ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// gather takes the additions that can be made together with the first one. It returns the
// change that must come next, if it took one from the queue.
func (w *writer) gather(first *request) (group []*request, next *request) {
	group = []*request{first}
	a, ok := first.change.(*addition)
	if !ok {
		return group, nil
	}
	for items, size := len(a.items), a.bytes; items < maxGroupItems && size < maxGroupBytes; {
		select {
		case r := <-w.queue:
			if r == nil {
				return group, nil
			}
			if !r.begin() {
				continue
			}
			if a, ok = r.change.(*addition); !ok {
				return group, r
			}
			group = append(group, r)
			items, size = items+len(a.items), size+a.bytes
		default:
			return group, nil
		}
	}
	return group, nil
}

// overdue returns a context that ends after d. A deadline would take the place of that
// of each command.
func overdue(d time.Duration) (ctx context.Context, cancel func()) {
	ctx, end := context.WithCancelCause(context.Background())
	timer := time.AfterFunc(d, func() { end(errTooLong) })
	return ctx, func() {
		timer.Stop()
		end(nil)
	}
}

var errTooLong = errors.New("the collection was too busy, or MongoDB too slow")
