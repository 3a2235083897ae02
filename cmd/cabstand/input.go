package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
)

// input is a file of objects, or standard input.
type input struct {
	*bufio.Reader
	name  string
	size  int64 // in bytes; -1 if it is not known
	close func() error
}

// Close closes the file. It was only read, so that nothing can have gone wrong.
func (in *input) Close() { _ = in.close() }

// open returns a file, or standard input for the name -, unpacked if it is gzip. Memory stays
// bounded: those who read on bound what they hold.
func (c *cli) open(name string) (*input, error) {
	in, err := c.openPacked(name)
	if err != nil {
		return nil, err
	}
	if err := in.unpack(); err != nil {
		in.Close()
		return nil, fmt.Errorf("%s: %w", in.name, err)
	}
	return in, nil
}

func (c *cli) openPacked(name string) (*input, error) {
	if name == "-" {
		nothing := func() error { return nil }
		return &input{bufio.NewReaderSize(c.in, peeked), "standard input", -1, nothing}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = fmt.Errorf("%s is a folder; name a file, or send several through standard input (-)", name)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &input{bufio.NewReaderSize(f, peeked), name, info.Size(), f.Close}, nil
}

// peeked is how much of a file is looked at before it is read.
const peeked = 4096

// unpack also tells a file without anything in it, which is hardly what was meant.
func (in *input) unpack() error {
	magic, err := in.Peek(2)
	switch {
	case len(magic) == 0 && errors.Is(err, io.EOF):
		return errors.New("nothing in it")
	case len(magic) == 0:
		return err
	case !bytes.Equal(magic, []byte{0x1f, 0x8b}):
		return nil
	}
	packed, err := gzip.NewReader(in.Reader)
	if err != nil {
		return unpackError(err)
	}
	in.Reader, in.size = bufio.NewReaderSize(unpacked{packed}, peeked), -1
	return nil
}

// unpacked says of a stream that was cut what it is: its reader only says that there is an
// end, and ends of texts are many.
type unpacked struct{ stream *gzip.Reader }

func (u unpacked) Read(b []byte) (int, error) {
	n, err := u.stream.Read(b)
	return n, unpackError(err)
}

func unpackError(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the gzip stream breaks off")
	}
	return err
}

// dated reports whether a file begins like one of export --with-dates.
func (in *input) dated() bool {
	const record = `^\s*\{\s*"date_added"\s*:\s*"[^"]*"\s*,\s*"object"\s*:`
	start, _ := in.Peek(peeked) // shorter files give what they have
	found, _ := regexp.Match(record, start)
	return found
}
