package mongostore

import (
	"context"
	"errors"
	"slices"
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

// change is something to write.
type change interface {
	// apply makes the change.
	apply(context.Context, *writer) error
}

// request is a change and the caller waiting for it.
type request struct {
	change change
	gone   atomic.Bool // the caller, before the change was begun
	err    error       // read after done is closed
	done   chan struct{}
}

// writer makes the changes of this process to one collection, in the order in which they
// queue up. Additions that wait together are made together.
type writer struct {
	store *Store
	name  string
	queue chan *request

	// record is the one that this writer believes to be there, with nothing left to do; nil
	// when it has to be read. That it is out of date shows at the latest at the commit.
	record *record
	// wanted says that another process waits for a turn.
	wanted bool
	// untidy says that the stored record still names something to do that has been done.
	untidy bool
}

var errTooLong = errors.New("the collection was too busy, or MongoDB too slow")

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
			r.gone.Store(true)
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
		for first != nil {
			var group []*request
			group, first = w.gather(first)
			group = slices.DeleteFunc(group, func(r *request) bool { return r.gone.Load() })
			if len(group) > 0 {
				w.make(group)
			}
		}
		if len(w.queue) == 0 {
			w.tidy()
		}
	}
}

// tidy spares others from doing again what has been done. When the next change is waiting
// already, its commit does that.
func (w *writer) tidy() {
	if w.record == nil || !w.untidy {
		return
	}
	if err := w.store.tidy(context.Background(), *w.record); err != nil {
		w.store.opts.Logger.Debug("record not tidied", "collection", w.name, "err", err)
	}
	w.untidy = false
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

// make makes a group of changes and lets their callers go on.
func (w *writer) make(group []*request) {
	// A deadline of the context would take the place of that of each command.
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	overdue := time.AfterFunc(groupTime, func() { cancel(errTooLong) })
	defer overdue.Stop()
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
	if _, ok := group[0].change.(*addition); !ok {
		return group[0].change.apply(ctx, w)
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

// current returns the record to build a change on. There is nothing left to do from earlier
// changes then. Without a record it makes one, or returns false.
func (w *writer) current(ctx context.Context, create bool) (record, bool, error) {
	for w.record == nil || w.record.Todo != nil {
		if w.record != nil {
			if err := w.catchUp(ctx); err != nil {
				return record{}, false, err
			}
			continue
		}
		r, ok, err := w.store.readRecord(ctx, w.name, true)
		if err == nil && !ok {
			if !create {
				return record{}, false, nil
			}
			err = w.store.makeRecord(ctx, w.name)
		}
		if err != nil {
			return record{}, false, err
		}
		if ok {
			w.record = &r
		}
	}
	return *w.record, true, nil
}

// catchUp does what the last commit has left to do.
func (w *writer) catchUp(ctx context.Context) error {
	if w.record.Todo == nil {
		return nil
	}
	current, err := w.store.carryOut(ctx, *w.record)
	if err != nil {
		return err
	}
	if !current {
		w.record = nil
		return nil
	}
	w.record.Todo, w.untidy = nil, true
	return nil
}

// commit replaces the record on which next was built, and reports whether it was still there.
// If not, nothing has happened, and the change has to be built anew.
func (w *writer) commit(ctx context.Context, next record) (bool, error) {
	wanted, done, err := w.store.replace(ctx, next)
	if err != nil || !done {
		w.record = nil
		return false, err
	}
	next.Wanted = wanted
	w.record, w.untidy = &next, next.Todo != nil
	w.wanted = wanted != 0 && wanted != w.store.instance
	return true, nil
}

// follow returns the record that comes after r.
func (s *Store) follow(r record) record {
	r.Revision++
	r.By = s.token()
	r.Todo = nil
	return r
}

// transact builds a change on the current record, if there is one or create says so, and
// commits it, as often as it takes. Build returns the record that follows, or false if there
// is nothing to change. The record is read anew: no commit would show that it was out of date
// when there is nothing to change.
func (w *writer) transact(
	ctx context.Context, create bool, build func(record) (next record, change bool, err error),
) error {
	w.record = nil
	for {
		r, ok, err := w.current(ctx, create)
		if err != nil || !ok {
			return err
		}
		next, change, err := build(r)
		if w.overtaken(ctx, r, err) {
			continue
		}
		if err != nil || !change {
			return err
		}
		if done, err := w.commit(ctx, next); err != nil {
			return err
		} else if done {
			return w.catchUp(ctx)
		}
	}
}

// overtaken reports whether an error may come of building on a record that has been replaced:
// what it names may be gone. The record is read anew then.
func (w *writer) overtaken(ctx context.Context, base record, err error) bool {
	if err == nil {
		return false
	}
	now, ok, failed := w.store.readRecord(ctx, w.name, false)
	if failed != nil || ok && now.Revision == base.Revision {
		return false
	}
	w.record = nil
	return true
}

// confirmed reports whether a record that was remembered is the current one. No commit tells
// when there is nothing to change.
func (w *writer) confirmed(ctx context.Context, base record) bool {
	now, ok, err := w.store.readRecord(ctx, w.name, false)
	if err == nil && ok && now.Revision == base.Revision {
		return true
	}
	w.record = nil
	return false
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
