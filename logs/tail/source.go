package tail

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"
)

// source is an open file with a part of a log.
type source struct {
	*os.File
	name          string // without symbolic links
	device, inode uint64
	size          int64 // as it is on the disk
	changed       time.Time
	zipped        bool
}

var errIrregular = errors.New("is no regular file")

// openSource opens a file. Symbolic links are followed: what a log is, the operator said.
func openSource(path string) (*source, error) {
	name, err := filepath.EvalSymlinks(path)
	if err != nil {
		return nil, err
	}
	f, err := openFile(name)
	if err != nil {
		return nil, err
	}
	s := &source{File: f, name: name}
	if err := s.look(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

func (s *source) look() error {
	info, err := s.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s %w", s.name, errIrregular)
	}
	s.size, s.changed = info.Size(), info.ModTime().UTC()
	s.device, s.inode = place(info)
	var magic [2]byte
	n, _ := s.ReadAt(magic[:], 0) // a shorter file is not compressed
	s.zipped = n == 2 && magic == [2]byte{0x1f, 0x8b}
	return nil
}

// section returns the bytes from one offset to another, or as many as there are.
func (s *source) section(from, to int64) (io.Reader, error) {
	if !s.zipped {
		return io.NewSectionReader(s.File, from, to-from), nil
	}
	unpacked, err := gzip.NewReader(bufio.NewReader(io.NewSectionReader(s.File, 0, s.size)))
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", s.name, err)
	}
	if _, err := io.CopyN(io.Discard, unpacked, from); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("unpack %s: %w", s.name, err)
	}
	return io.LimitReader(unpacked, to-from), nil
}

// empty reports whether there is nothing in a file, compressed or not.
func (s *source) empty() bool {
	in, err := s.section(0, 1)
	if err != nil {
		return true
	}
	n, _ := io.ReadFull(in, make([]byte, 1)) // what cannot be read is as good as empty
	return n == 0
}
