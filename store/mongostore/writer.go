package mongostore

import (
	"context"
)

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

// tidy spares others from doing again what has been done. When the next change is waiting
// already, its commit does that.
func (w *writer) tidy() {
	if w.record == nil || !w.untidy {
		return
	}
	ctx, cancel := overdue(w.store.opts.groupTime)
	defer cancel()
	if err := w.store.tidy(ctx, *w.record); err != nil {
		w.store.opts.Logger.Debug("record not tidied", "collection", w.name, "err", err)
	}
	w.untidy = false
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
		if err == nil && ok {
			r, err = w.store.leaveTodo(ctx, r)
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
