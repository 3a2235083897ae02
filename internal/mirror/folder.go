package mirror

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/cabstand/cabstand/stix"
)

// folder keeps one file per version of an object.
type folder struct{ dir string }

// writers is how many files are synced at once; file systems commit them together.
const writers = 16

const (
	tempDir    = ".cabstand-tmp" // on the same file system as the objects, so that a rename is atomic
	invalidDir = "_invalid"
)

// open makes the folder and removes what a killed run left half-written.
func (f *folder) open(int64, bool) error {
	if err := os.RemoveAll(f.temp()); err != nil {
		return err
	}
	return os.MkdirAll(f.temp(), 0o700)
}

func (f *folder) temp() string  { return filepath.Join(f.dir, tempDir) }
func (f *folder) offset() int64 { return 0 }
func (f *folder) close() error  { return os.RemoveAll(f.temp()) }

// write puts every object into its file and makes files and folders durable. Objects that
// share a file are written in turn, so that the later one stays.
func (f *folder) write(elements []stix.Element, counts *Counts) error {
	byPath := make(map[string][]stix.Element, len(elements))
	dirs := map[string]bool{f.dir: true}
	for _, e := range elements {
		path := filepath.Join(f.dir, objectPath(e))
		byPath[path] = append(byPath[path], e)
		for dir := filepath.Dir(path); dir != filepath.Clean(f.dir); dir = filepath.Dir(dir) {
			dirs[dir] = true
		}
	}
	var mu sync.Mutex // guards counts
	err := each(byPath, func(path string, group []stix.Element) error {
		for _, e := range group {
			became, err := f.put(path, e)
			if err != nil {
				return err
			}
			mu.Lock()
			counts.add(became)
			mu.Unlock()
		}
		return nil
	})
	if err != nil {
		return err
	}
	// Also where nothing changed: a run that was killed may have left a rename unsynced.
	return each(dirs, func(dir string, _ bool) error { return syncDir(dir) })
}

// each calls do for every entry of a map, several at a time.
func each[T any](entries map[string]T, do func(string, T) error) error {
	var group errgroup.Group
	group.SetLimit(writers)
	for key, value := range entries {
		group.Go(func() error { return do(key, value) })
	}
	return group.Wait()
}

// outcome is what keeping one object came to.
type outcome int

const (
	becameNew outcome = iota
	wasKnown
	hasChanged
	isInvalid
)

func (c *Counts) add(o outcome) {
	switch o {
	case becameNew:
		c.New++
	case wasKnown:
		c.Known++
	case hasChanged:
		c.Changed++
	case isInvalid:
		c.Invalid++
	}
}

func (f *folder) put(path string, e stix.Element) (outcome, error) {
	there, err := os.ReadFile(path)
	result := becameNew
	switch {
	case err == nil && bytes.Equal(there, e.Object.Raw):
		result = wasKnown
	case err == nil:
		result = hasChanged
	case !errors.Is(err, fs.ErrNotExist):
		return 0, err
	}
	if result != wasKnown {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return 0, err
		}
		if err := replaceFile(f.temp(), path, e.Object.Raw); err != nil {
			return 0, err
		}
	}
	if e.Err == nil {
		return result, nil
	}
	return isInvalid, replaceFile(f.temp(), reasonPath(path), []byte(e.Err.Error()+"\n"))
}
