package syslog

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path"
	"sync"
	"time"
)

// Bounds of the files.
const (
	maxFile     = 16 << 20  // bytes, before a file is rotated
	maxBuffer   = 256 << 10 // bytes of a file that are not written yet
	senderShare = 4         // a sender may have one of so many of all files
	rewatch     = time.Minute
	maxOld      = 4096           // rotated files
	silence     = 24 * time.Hour // after which a file may make room for another program's
)

// spool is the folder of what was received. Its methods may be called from several goroutines.
type spool struct {
	root     *os.Root // nothing in the folder leads out of it
	maxBytes int64
	maxFile  int64
	maxFiles int
	now      func() time.Time
	metrics  *metrics

	mu      sync.Mutex
	files   map[string]*file // that are written to, by their paths within the folder
	old     []rotated        // oldest first
	total   int64            // bytes of all files
	watched time.Time
	closed  bool
}

// file is one that is written to.
type file struct {
	name  string
	f     *os.File // nil until something is written
	size  int64
	buf   []byte // what follows
	dirty bool   // written, and perhaps not on the disk
	used  time.Time
}

// rotated is a file that is complete.
type rotated struct {
	name string
	size int64
	at   time.Time
}

func openSpool(cfg Config, m *metrics) (*spool, error) {
	if cfg.Folder == "" {
		return nil, errors.New("none is given")
	}
	if err := os.MkdirAll(cfg.Folder, 0o750); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(cfg.Folder)
	if err != nil {
		return nil, err
	}
	s := &spool{
		root: root, maxBytes: cfg.MaxBytes, maxFile: min(maxFile, max(cfg.MaxBytes/8, 4<<10)),
		maxFiles: cfg.MaxFiles, now: cfg.Now, metrics: m, files: map[string]*file{},
	}
	if err := s.survey(); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

// write adds a line to the file of a sender's program, or returns why it did not.
func (s *spool) write(sender netip.Addr, app, line string) (reason string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return notStored
	}
	f := s.fileFor(folderOf(sender), fileOf(app))
	if f == nil {
		return noFile
	}
	if len(f.buf)+len(line) >= maxBuffer && (s.flush(f) != nil || len(f.buf) > 0) {
		return notStored
	}
	if size := f.size + int64(len(f.buf)); size > 0 && size+int64(len(line)) >= s.maxFile {
		if err := s.rotate(f); err != nil {
			return notStored
		}
	}
	f.buf = append(append(f.buf, line...), '\n')
	f.used = s.now()
	s.total += int64(len(line)) + 1
	s.makeRoom()
	return ""
}

// fileFor finds the file of a program. Beyond its share a sender has one for all other programs.
func (s *spool) fileFor(folder, name string) *file {
	if f := s.files[path.Join(folder, name)]; f != nil {
		return f
	}
	n := 0
	for other := range s.files {
		if path.Dir(other) == folder {
			n++
		}
	}
	if (n >= max(1, s.maxFiles/senderShare) || len(s.files) >= s.maxFiles) && !s.retire() {
		name = other + ".log"
	}
	name = path.Join(folder, name)
	if f := s.files[name]; f != nil {
		return f
	}
	if len(s.files) >= s.maxFiles+s.maxFiles/senderShare && !s.retire() {
		return nil
	}
	f := &file{name: name}
	s.files[name] = f
	return f
}

// flush hands what a file has to the system. What was not taken stays.
func (s *spool) flush(f *file) error {
	if len(f.buf) == 0 {
		return nil
	}
	if err := s.open(f); err != nil {
		return err
	}
	n, err := f.f.Write(f.buf)
	f.buf = append(f.buf[:0], f.buf[n:]...)
	f.size += int64(n)
	f.dirty = true
	if err != nil {
		return fmt.Errorf("write %s: %w", f.name, err)
	}
	return nil
}

// open opens the file of a path, and ends a line that a crash has left without its end.
func (s *spool) open(f *file) error {
	if f.f != nil {
		return nil
	}
	if err := s.root.MkdirAll(path.Dir(f.name), 0o750); err != nil {
		return err
	}
	opened, err := s.root.OpenFile(f.name, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o640)
	if err != nil {
		return err
	}
	info, err := opened.Stat()
	if err != nil {
		return errors.Join(err, opened.Close())
	}
	s.total += info.Size() - f.size
	f.f, f.size = opened, info.Size()
	var end [1]byte
	if _, err := opened.ReadAt(end[:], f.size-1); f.size > 0 && err == nil && end[0] != '\n' {
		f.buf = append([]byte("\n"), f.buf...)
		s.total++
	}
	return nil
}

// sync has everything on the disk when it returns.
func (s *spool) sync() error {
	s.mu.Lock()
	var all []*os.File
	var errs []error
	for _, f := range s.files {
		errs = append(errs, s.flush(f))
		if f.dirty {
			all = append(all, f.f)
			f.dirty = false
		}
	}
	if now := s.now(); now.Sub(s.watched) >= rewatch {
		s.watched = now
		s.watch()
	}
	s.mu.Unlock()
	for _, f := range all { // without the lock, so that nobody waits for a disk
		if err := f.Sync(); !errors.Is(err, os.ErrClosed) { // rotation has synced what it closed
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// close writes what is left. It may be called again.
func (s *spool) close() error {
	err := s.sync()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	for _, f := range s.files {
		if f.f != nil {
			err = errors.Join(err, f.f.Close())
		}
	}
	return errors.Join(err, s.root.Close())
}
