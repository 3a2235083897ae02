package pebblestore

import (
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// fence is the file system of one open database. The first write, sync or creation that fails
// closes it: from then on nothing of that database reaches the disk, and what it was about is
// for the committer to find out. Reading goes on.
//
// A failed sync may have lost any part of what was written (the kernel drops the pages, and
// the next sync succeeds), so that a database which goes on after it cannot be trusted. And
// two databases can only be open on one folder if one of them cannot write.
//
// Pebble panics, in places where no one can recover it, when its log cannot be written, and its
// picture of the tables is out of joint when its manifest cannot be. Hence failures of all but
// tables are kept from it, and while it opens all failures, because it would try to flush its
// log for ever. What it believes to have written then is nowhere: a database that was opened
// and a batch that was committed count only if the fence is still open afterwards. Failures of
// tables it must know, or it would read from them what it has dropped from memory.
type fence struct {
	vfs.FS
	failure atomic.Pointer[error]
	tripped chan struct{} // closed with the fence
	running sync.RWMutex  // held for reading by changes under way
	serving atomic.Bool   // the database is open
}

func newFence(fsys vfs.FS) *fence {
	return &fence{FS: fsys, tripped: make(chan struct{})}
}

// err returns why the fence is closed, or nil.
func (f *fence) err() error {
	if err := f.failure.Load(); err != nil {
		return *err
	}
	return nil
}

// trip closes the fence.
func (f *fence) trip(err error) {
	if f.failure.CompareAndSwap(nil, &err) {
		close(f.tripped)
	}
}

// seal closes the fence and returns when no change is under way.
func (f *fence) seal() {
	f.trip(errors.New("sealed"))
	f.running.Lock()
	defer f.running.Unlock()
}

// do makes one change to the file system.
func (f *fence) do(change func() error) error {
	f.running.RLock()
	defer f.running.RUnlock()
	if err := f.err(); err != nil {
		return err
	}
	err := change()
	if err != nil {
		f.trip(err)
	}
	return err
}

// quietly makes one change and keeps its failure from a database that is being opened.
func (f *fence) quietly(change func() error) error {
	if err := f.do(change); f.serving.Load() {
		return err
	}
	return nil
}

// fencePause slows down what pebble tries again and again behind a closed fence.
const fencePause = 20 * time.Millisecond

// file returns a file that was opened for writing, or one that swallows all.
func (f *fence) file(name string, file vfs.File, err error) (vfs.File, error) {
	table := strings.HasSuffix(name, ".sst") || strings.HasSuffix(name, ".blob")
	switch {
	case err == nil:
		return &fencedFile{File: file, fence: f, quiet: !table}, nil
	case !table, !f.serving.Load():
		return &fencedFile{File: noFile{}, fence: f, quiet: true}, nil
	}
	time.Sleep(fencePause)
	return nil, err
}

func (f *fence) Create(name string, category vfs.DiskWriteCategory) (file vfs.File, err error) {
	err = f.do(func() (err error) {
		file, err = f.FS.Create(name, category)
		return err
	})
	return f.file(name, file, err)
}

func (f *fence) OpenReadWrite(
	name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption,
) (file vfs.File, err error) {
	err = f.do(func() (err error) {
		file, err = f.FS.OpenReadWrite(name, category, opts...)
		return err
	})
	return f.file(name, file, err)
}

func (f *fence) ReuseForWrite(
	oldname, newname string, category vfs.DiskWriteCategory,
) (file vfs.File, err error) {
	err = f.do(func() (err error) {
		file, err = f.FS.ReuseForWrite(oldname, newname, category)
		return err
	})
	return f.file(newname, file, err)
}

func (f *fence) OpenDir(name string) (vfs.File, error) {
	dir, err := f.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	return &fencedFile{File: dir, fence: f, quiet: true}, nil
}

func (f *fence) Link(oldname, newname string) error {
	return f.quietly(func() error { return f.FS.Link(oldname, newname) })
}

func (f *fence) Rename(oldname, newname string) error {
	return f.quietly(func() error { return f.FS.Rename(oldname, newname) })
}

func (f *fence) MkdirAll(dir string, perm os.FileMode) error {
	return f.quietly(func() error { return f.FS.MkdirAll(dir, perm) })
}

// Remove does not close the fence when it fails: a file too many does no harm.
func (f *fence) Remove(name string) (err error) {
	return errors.Join(f.do(func() error {
		err = f.FS.Remove(name)
		return nil
	}), err)
}

func (f *fence) RemoveAll(name string) (err error) {
	return errors.Join(f.do(func() error {
		err = f.FS.RemoveAll(name)
		return nil
	}), err)
}

// Lock does nothing: the store holds the lock, over all databases that it opens.
func (f *fence) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

func (f *fence) Unwrap() vfs.FS { return f.FS }

// fencedFile is a file that is open for writing, or a folder that is open for syncing.
type fencedFile struct {
	vfs.File
	fence *fence
	quiet bool // keep failures from pebble
}

func (f *fencedFile) do(change func() error) error {
	err := f.fence.quietly(change)
	if f.quiet {
		return nil
	}
	return err
}

func (f *fencedFile) Write(p []byte) (n int, err error) {
	size := len(p)
	if err = f.do(func() (err error) {
		n, err = f.File.Write(p)
		return err
	}); err == nil {
		n = size
	}
	return n, err
}

func (f *fencedFile) WriteAt(p []byte, offset int64) (n int, err error) {
	size := len(p)
	if err = f.do(func() (err error) {
		n, err = f.File.WriteAt(p, offset)
		return err
	}); err == nil {
		n = size
	}
	return n, err
}

func (f *fencedFile) Sync() error { return f.do(f.File.Sync) }

func (f *fencedFile) SyncData() error { return f.do(f.File.SyncData) }

func (f *fencedFile) SyncTo(length int64) (full bool, err error) {
	err = f.do(func() (err error) {
		full, err = f.File.SyncTo(length)
		return err
	})
	return full, err
}

// Close always closes the file, whatever has become of the fence.
func (f *fencedFile) Close() error {
	err := f.File.Close()
	if err != nil {
		f.fence.trip(err)
	}
	if f.quiet || !f.fence.serving.Load() {
		return nil
	}
	return err
}

// noFile stands for a file that could not be made.
type noFile struct{ vfs.File }

func (noFile) Close() error                      { return nil }
func (noFile) Preallocate(int64, int64) error    { return nil }
func (noFile) Fd() uintptr                       { return vfs.InvalidFd }
func (noFile) Stat() (vfs.FileInfo, error)       { return noInfo{}, nil }
func (noFile) Write(p []byte) (int, error)       { return len(p), nil }
func (noFile) Sync() error                       { return nil }
func (noFile) SyncData() error                   { return nil }
func (noFile) SyncTo(int64) (full bool, _ error) { return true, nil }

type noInfo struct{ vfs.FileInfo }

func (noInfo) Size() int64 { return 0 }
