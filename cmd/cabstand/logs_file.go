package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/cabstand/cabstand/logs"
)

// logFile is a log that is read.
type logFile struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	SHA256 string `json:"sha256"`
	size   int64
}

// hashFile also learns how long a file is, in case that it still grows.
func hashFile(name string) (logFile, error) {
	f, err := os.Open(name)
	if err != nil {
		return logFile{}, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	return logFile{Name: name, SHA256: fmt.Sprintf("%x", sum.Sum(nil)), size: n}, err
}

// open opens a log as far as it was hashed, and finds out how its lines are written.
func (s *logShape) open(file *logFile) (*logs.Reader, func(), error) {
	f, err := os.Open(file.Name)
	if err != nil {
		return nil, nil, err
	}
	r, err := s.reader(f, file)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return r, func() { _ = f.Close() }, nil // it was only read
}

var errUnknownFormat = errors.New("no format fits nine of ten lines; say which it is with --format")

func (s *logShape) reader(f *os.File, file *logFile) (*logs.Reader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	in, err := logs.Unpack(io.LimitReader(f, file.size))
	if err != nil {
		return nil, err
	}
	format := logs.Format(s.format)
	if s.format == "auto" {
		sample, _ := in.Peek(in.Size()) // shorter files give what they have
		found, ok := logs.Detect(sample)
		if !ok {
			return nil, errUnknownFormat
		}
		format = found
	}
	file.Format = string(format)
	o, err := s.options(info.ModTime())
	if err != nil {
		return nil, err
	}
	parser, err := logs.NewParser(format, o)
	if err != nil {
		return nil, usageError{err}
	}
	return logs.NewReader(in, parser)
}
