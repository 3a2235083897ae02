package stix

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json/jsontext"
)

// Reader reads objects from a file of any common shape: JSON Lines with one object a line, an
// envelope, a bundle, or a single object. JSON Lines is read line by line in bounded memory;
// the other shapes are one JSON text and are held whole.
type Reader struct {
	in     *bufio.Reader
	most   int
	line   int
	lines  bool
	began  bool
	loaded []Element
}

// NewReader returns a Reader of r. A line, or the whole text if it is not JSON Lines, may have
// up to most bytes.
func NewReader(r io.Reader, most int) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 64<<10), most: most}
}

// Next returns the next object. Its error is io.EOF at the end, Violations for an object that
// must not be stored (Next can be called again), a *SyntaxError for a line that is not JSON
// (likewise, in JSON Lines), and anything else for a text that cannot be read on.
func (r *Reader) Next() (Object, error) {
	if !r.began {
		r.began = true
		if err := r.begin(); err != nil {
			return Object{}, err
		}
	}
	if len(r.loaded) > 0 {
		e := r.loaded[0]
		r.loaded = r.loaded[1:]
		return e.Object, e.Err
	}
	if !r.lines {
		return Object{}, io.EOF
	}
	line, err := r.readLine()
	if err != nil {
		return Object{}, err
	}
	return Parse(line)
}

// Line returns the number of the line that Next returned last, in JSON Lines, else 0.
func (r *Reader) Line() int {
	if !r.lines {
		return 0
	}
	return r.line
}

// begin tells the shape by the first line that is not blank: a complete object that is no
// envelope or bundle begins JSON Lines.
func (r *Reader) begin() error {
	first, err := r.readLine()
	if err != nil {
		return err
	}
	if jsontext.Value(first).IsValid(lenient()) {
		r.loaded, err = Split(first)
		r.lines = errors.Is(err, ErrNoObjects)
		if r.lines {
			o, err := Parse(first)
			r.loaded = []Element{{Object: o, Err: err}}
			return nil
		}
		if err == nil {
			return r.nothingMore()
		}
		return err
	}
	rest, err := io.ReadAll(io.LimitReader(r.in, int64(r.most-len(first)+1)))
	if err != nil {
		return err
	}
	text := append(append(first, '\n'), rest...)
	if len(text) > r.most {
		return fmt.Errorf("more than %d bytes in one JSON text; write it as JSON Lines", r.most)
	}
	r.loaded, err = Split(text)
	if errors.Is(err, ErrNoObjects) {
		o, err := Parse(text)
		r.loaded = []Element{{Object: o, Err: err}}
		return nil
	}
	return err
}

// nothingMore makes sure that an envelope on one line is the whole text.
func (r *Reader) nothingMore() error {
	if _, err := r.readLine(); !errors.Is(err, io.EOF) {
		return errors.New("more after the first envelope; write one envelope, or one object a line")
	}
	return nil
}

// readLine returns the next line that is not blank, in memory of its own.
func (r *Reader) readLine() ([]byte, error) {
	for {
		var line []byte
		for {
			part, err := r.in.ReadSlice('\n')
			line = append(line, part...)
			if len(line) > r.most {
				return nil, fmt.Errorf("line %d has more than %d bytes", r.line+1, r.most)
			}
			if errors.Is(err, bufio.ErrBufferFull) {
				continue
			}
			if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
				return nil, err
			}
			break
		}
		r.line++
		if line = bytes.TrimSpace(line); len(line) > 0 {
			return line, nil
		}
	}
}
