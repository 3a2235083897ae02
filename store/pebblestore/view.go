package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cabstand/cabstand/store"
)

// view is a state of the store that readers may see: everything in it survives a crash. It
// lives until it has been replaced and its last reader has left.
type view struct {
	gen  *generation
	snap *pebble.Snapshot
	refs int // the published view itself and its readers; guarded by views.mu
}

// views hands out the published view. The zero value has none.
type views struct {
	mu      sync.Mutex
	current *view
	closing sync.WaitGroup
	errs    []error // of closing databases
}

// publish makes the present state of a database what readers see from now on. No database
// means that there will be no more readers.
func (vs *views) publish(gen *generation) {
	var next *view
	if gen != nil {
		next = &view{gen: gen, snap: gen.db.NewSnapshot(), refs: 1}
	}
	vs.mu.Lock()
	last := vs.current
	vs.current = next
	if next != nil {
		gen.views++
	}
	vs.mu.Unlock()
	if last != nil {
		vs.release(last)
	}
}

func (vs *views) acquire() *view {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	vs.current.refs++
	return vs.current
}

// release gives a view back. With the last view of a database the database is closed; by
// then a newer one has been published, or none.
func (vs *views) release(v *view) {
	vs.mu.Lock()
	v.refs--
	unused := v.refs == 0
	if unused {
		v.gen.views--
	}
	abandoned := unused && v.gen.views == 0
	vs.mu.Unlock()
	if unused {
		vs.keep(v.snap.Close())
	}
	if abandoned {
		vs.closing.Go(func() { vs.keep(v.gen.close()) })
	}
}

func (vs *views) keep(err error) {
	if err != nil {
		vs.mu.Lock()
		defer vs.mu.Unlock()
		vs.errs = append(vs.errs, err)
	}
}

// wait returns when every database that was given up is closed, with what went wrong.
func (vs *views) wait() error {
	vs.closing.Wait()
	return errors.Join(vs.errs...)
}

// read calls f with the published view. When f fails because its database was given up in the
// meantime, its files may be gone: f is called again with the newer one.
func (s *Store) read(ctx context.Context, f func(*view) error) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.calls.RUnlock()
	for {
		v := s.views.acquire()
		err := f(v)
		s.views.release(v)
		switch {
		case err == nil, errors.Is(err, store.ErrNotFound), errors.Is(err, store.ErrBadCursor):
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case s.views.generation() == v.gen:
			return fmt.Errorf("%w: %w", store.ErrUnavailable, err)
		}
	}
}

func (vs *views) generation() *generation {
	vs.mu.Lock()
	defer vs.mu.Unlock()
	return vs.current.gen
}

// get calls f with the value under a key, which f must not keep, and reports whether there
// is one.
func get(r pebble.Reader, key []byte, f func(value []byte) error) (bool, error) {
	value, closer, err := r.Get(key)
	if errors.Is(err, pebble.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, errors.Join(f(value), closer.Close())
}

func getCollection(r pebble.Reader, name string) (record collectionRecord, ok bool, err error) {
	ok, err = get(r, appendCollectionKey(nil, name), func(value []byte) (err error) {
		record, err = decodeCollection(value)
		return err
	})
	return record, ok, err
}

func getHeads(r pebble.Reader, key []byte) (h heads, ok bool, err error) {
	ok, err = get(r, key, func(value []byte) (err error) {
		h, err = decodeHeads(value)
		return err
	})
	return h, ok, err
}
