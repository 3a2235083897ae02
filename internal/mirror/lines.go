package mirror

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/cabstand/cabstand/stix"
)

// file keeps one line per object. Its state says how many bytes are accounted for, so that
// what a killed run wrote behind them is cut off and written again, once.
type file struct {
	path string
	f    *os.File
	at   int64
}

func (l *file) open(at int64, fresh bool) error {
	f, err := os.OpenFile(l.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := l.resume(f, at, fresh); err != nil {
		return errors.Join(err, f.Close())
	}
	l.f, l.at = f, at
	return nil
}

func (l *file) resume(f *os.File, at int64, fresh bool) error {
	info, err := f.Stat()
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s is not a regular file; write to standard output instead", l.path)
	case fresh && info.Size() > 0:
		return fmt.Errorf("%s is not empty and has no state beside it; choose another file", l.path)
	case info.Size() < at:
		return fmt.Errorf("%s has %d bytes and had %d when it was written last; remove its state "+
			"to start over in another file", l.path, info.Size(), at)
	}
	if err := f.Truncate(at); err != nil {
		return err
	}
	if _, err := f.Seek(at, io.SeekStart); err != nil {
		return err
	}
	return syncDir(filepath.Dir(l.path))
}

func (l *file) write(elements []stix.Element, counts *Counts) error {
	n, err := writeLines(l.f, elements, counts)
	l.at += n
	if err != nil {
		return err
	}
	return l.f.Sync()
}

func (l *file) offset() int64 { return l.at }
func (l *file) close() error  { return l.f.Close() }

// stream writes one line per object to where nothing can be taken back.
type stream struct{ w io.Writer }

func (s *stream) open(int64, bool) error { return nil }
func (s *stream) offset() int64          { return 0 }
func (s *stream) close() error           { return nil }

func (s *stream) write(elements []stix.Element, counts *Counts) error {
	_, err := writeLines(s.w, elements, counts)
	return err
}

// writeLines writes the valid objects and leaves out the others. A line break in an object
// can only be white space between its tokens; it becomes a blank, every other byte stays.
func writeLines(w io.Writer, elements []stix.Element, counts *Counts) (int64, error) {
	out := bufio.NewWriterSize(w, 64<<10)
	var written int64
	for _, e := range elements {
		if e.Err != nil {
			counts.Invalid++
			continue
		}
		line := make([]byte, 0, len(e.Object.Raw)+1)
		for _, c := range e.Object.Raw {
			if c == '\n' || c == '\r' {
				c = ' '
			}
			line = append(line, c)
		}
		n, err := out.Write(append(line, '\n'))
		written += int64(n)
		if err != nil {
			return written, err
		}
		counts.New++
	}
	return written, out.Flush()
}
