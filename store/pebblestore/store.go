package pebblestore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/store"
)

// Options are the choices of Open. The zero value works.
type Options struct {
	// Logger gets what an operator should know; nil discards it.
	Logger *slog.Logger
	// FS is where the files are; nil is the file system of the machine.
	FS vfs.FS
	// Now is the clock behind dates added and expiry; nil is time.Now.
	Now func() time.Time
	// CacheBytes bounds the memory for blocks read from files; 0 is 128 MiB.
	CacheBytes int64
	// MinFreeBytes is the free space below which changes are refused, so that the disk is
	// never quite full; 0 is 64 MiB. A file system that cannot tell counts as empty.
	MinFreeBytes uint64
	// RetryAfter is the pause before the first attempt to open the database again after the
	// disk failed. It doubles up to a hundred times itself; 0 is 100 ms.
	RetryAfter time.Duration

	memTableBytes uint64 // small in tests, so that little fills a log
	maxShades     int    // and few of these
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.FS == nil {
		o.FS = vfs.Default
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.CacheBytes <= 0 {
		o.CacheBytes = 128 << 20
	}
	if o.MinFreeBytes == 0 {
		o.MinFreeBytes = 64 << 20
	}
	if o.RetryAfter <= 0 {
		o.RetryAfter = 100 * time.Millisecond
	}
	if o.maxShades == 0 {
		o.maxShades = maxShades
	}
	if o.memTableBytes == 0 {
		o.memTableBytes = 64 << 20
	}
	return o
}

// Store is a store.Store in one folder.
type Store struct {
	opts  Options
	dir   string
	lock  folderLock
	cache *pebble.Cache

	// calls is held for reading by every call, and for writing by Close.
	calls  sync.RWMutex
	closed bool

	views     views
	committer *committer
}

var _ store.Store = (*Store)(nil)

// Open opens the store in dir and makes the folder if there is none. The error wraps
// store.ErrLocked when another process, or this one, has it open.
func Open(dir string, opts Options) (*Store, error) {
	s := &Store{opts: opts.withDefaults(), dir: dir}
	var err error
	if s.lock, err = lockFolder(s.opts.FS, dir); err != nil {
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	s.cache = pebble.NewCache(s.opts.CacheBytes)
	gen, err := s.openGeneration()
	if err == nil {
		err = gen.checkForm()
	}
	if err != nil {
		if gen != nil {
			err = errors.Join(err, gen.close())
		}
		s.cache.Unref()
		return nil, fmt.Errorf("open store %s: %w", dir, errors.Join(err, s.lock.Close()))
	}
	s.views.publish(gen)
	s.committer = startCommitter(s, gen)
	return s, nil
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

// Close implements store.Store. Changes that were accepted are made before it returns. A
// second Close does nothing.
func (s *Store) Close() error {
	s.calls.Lock()
	defer s.calls.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	s.committer.stop()
	s.views.publish(nil)
	err := s.views.wait()
	s.cache.Unref()
	if err = errors.Join(err, s.lock.Close()); err != nil {
		return fmt.Errorf("close store %s: %w", s.dir, err)
	}
	return nil
}

// Ping implements store.Store.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	defer s.calls.RUnlock()
	if err := s.committer.failure(); err != nil {
		return err
	}
	return s.checkSpace()
}

// Has implements store.Store.
func (s *Store) Has(
	ctx context.Context, collection, id string, released store.Released,
) (bool, error) {
	found := false
	err := s.read(ctx, func(v *view) error {
		record, ok, err := getCollection(v.snap, collection)
		if err != nil || !ok {
			return err
		}
		h, ok, err := getHeads(v.snap, appendHeadKey(nil, record.number, id))
		if err != nil || !ok {
			return err
		}
		p, _, err := v.gen.palettes.of(v.snap, record)
		found = p.released(released)&(h[spec20].marks()|h[spec21].marks()) != 0
		return err
	})
	return found, err
}

// Stats implements store.Store.
func (s *Store) Stats(ctx context.Context, collection string) (store.Stats, error) {
	var stats store.Stats
	err := s.read(ctx, func(v *view) error {
		record, _, err := getCollection(v.snap, collection)
		if err != nil || record.last == 0 {
			return err
		}
		stats = store.Stats{
			Entries:   record.entries,
			Objects:   record.pairs,
			Bytes:     record.bytes,
			LastAdded: store.DateOf(record.last),
		}
		return nil
	})
	return stats, err
}

// Metrics returns what pebble counts about itself, for operators.
func (s *Store) Metrics(ctx context.Context) (*pebble.Metrics, error) {
	var metrics *pebble.Metrics
	err := s.read(ctx, func(v *view) error {
		metrics = v.gen.db.Metrics()
		return nil
	})
	return metrics, err
}
