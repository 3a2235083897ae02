package pebblestore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/store"
)

// folderLock keeps other stores out of a folder.
type folderLock struct{ io.Closer }

// LockFile is the file that every folder with a store has, and no other.
const LockFile = "STORE-LOCK"

func lockFolder(fsys vfs.FS, dir string) (folderLock, error) {
	if err := fsys.MkdirAll(dir, 0o755); err != nil {
		return folderLock{}, err
	}
	lock, err := fsys.Lock(fsys.PathJoin(dir, LockFile))
	var path *fs.PathError
	switch {
	case err == nil:
		return folderLock{lock}, nil
	case errors.As(err, &path): // the lock file cannot be opened
		return folderLock{}, err
	}
	return folderLock{}, fmt.Errorf("%w (%w)", store.ErrLocked, err)
}

// generation is one open database. A disk failure ends it, and the next one takes over.
type generation struct {
	db    *pebble.DB
	fence *fence
	room  *room
	views int // views that are open on it; guarded by views.mu
	// palettes are kept as long as what they were read from: numbers may be given out anew by
	// a database that is opened after a failure.
	palettes palettes
}

// openGeneration opens the database. When it returns one, all that the log held is flushed
// and synced.
func (s *Store) openGeneration() (*generation, error) {
	f, r, scheduler := newFence(s.opts.FS), newRoom(s.opts.memTableBytes), newCompactions()
	db, err := pebble.Open(s.dir, s.pebbleOptions(f, r, scheduler))
	if err != nil {
		return nil, errors.Join(f.err(), err)
	}
	gen := &generation{db: db, fence: f, room: r}
	if f.err() != nil {
		return nil, errors.Join(f.err(), gen.close())
	}
	f.serving.Store(true)
	scheduler.serve()
	return gen, nil
}

// checkForm refuses a folder with keys of another form: to misread them would be worse.
func (g *generation) checkForm() error {
	_, err := get(g.db, []byte{tagMeta}, func(value []byte) error {
		d := decoder{rest: value}
		d.uvarint()
		d.uvarint()
		if got := d.byte(); d.bad || got != form {
			return fmt.Errorf("%w than this Cabstand reads; export the collections with the "+
				"Cabstand that wrote them (cabstand export --with-dates) and import them into a "+
				"new folder (cabstand import --keep-dates)", store.ErrForm)
		}
		return nil
	})
	return err
}

// close closes the database. Of one that the disk failed no more can be expected than that
// its goroutines end.
func (g *generation) close() error {
	err := g.db.Close()
	if g.fence.err() != nil {
		return nil
	}
	return err
}

func (s *Store) pebbleOptions(
	f *fence, r *room, scheduler pebble.CompactionScheduler,
) *pebble.Options {
	opts := &pebble.Options{
		Logger:                      pebbleLog{s.opts.Logger, f},
		Cache:                       s.cache,
		FS:                          f,
		FormatMajorVersion:          pebble.FormatNewest,
		MemTableSize:                s.opts.memTableBytes,
		MemTableStopWritesThreshold: 1000, // see room
		L0CompactionThreshold:       2,
		L0StopWritesThreshold:       1000, // likewise
		LBaseMaxBytes:               64 << 20,
	}
	opts.EventListener = &pebble.EventListener{
		WALCreated:      r.walCreated,
		FlushEnd:        r.flushEnd,
		BackgroundError: func(err error) { opts.Logger.Errorf("background: %v", err) },
		DataCorruption: func(info pebble.DataCorruptionInfo) {
			opts.Logger.Errorf("%v", info)
		},
	}
	opts.Experimental.CompactionScheduler = scheduler
	for i := range opts.Levels {
		opts.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	opts.EnsureDefaults()
	return opts
}
