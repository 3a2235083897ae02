package stix

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// Reader reads a file of STIX content: one JSON text (a bundle, an envelope, a single object),
// or JSON Lines with one of these on every line. JSON Lines is read line by line in bounded
// memory; one JSON text is held whole.
//
// A text on several lines, such as a bundle with an object a line, is not JSON Lines, even if
// there is a fault in it. Lines that are blank count for nothing. A file is JSON Lines if its
// first line
//   - is one object, or another JSON value with more lines after it;
//   - is broken, by itself or by the second line, and at least half of the next 20 lines are
//     objects of their own, while none begins with a bracket that closes.
//
// Of any other file that is broken so early, only what shows the fault is read.
type Reader struct {
	in     *bufio.Reader
	most   int
	line   int // of the next byte, from 1
	column int // of the next byte, from 1, while no text has begun on the line
	began  bool
	lines  bool
	ahead  []Text    // read in order to tell the shape of the file
	ended  error     // why there is nothing after that, if it is known
	last   Text      // of which Next returns objects
	loaded []Element // of it, still to be returned
}

// Text is one JSON text of a file, as yet unjudged.
type Text struct {
	Bytes     []byte // from its first byte that is not white space to its last, or a fault
	Line      int    // where it begins in the file, from 1
	Column    int    // likewise, from 1, in characters
	JSONLines bool   // it is a line among lines, not the whole file
}

// readSize is how much is read at once, in bytes.
const readSize = 64 << 10

// NewReader returns a Reader of r. A line, or the whole text if it is not JSON Lines, may have
// up to most bytes.
func NewReader(r io.Reader, most int) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, readSize), most: most, line: 1, column: 1}
}

// Next returns the next object, be it a text of its own or in an envelope or a bundle. Its
// error is io.EOF at the end, Violations for an object that must not be stored (Next can be
// called again), a *SyntaxError for a text that is not JSON (likewise, in JSON Lines), and
// anything else for a file that cannot be read on.
func (r *Reader) Next() (Object, error) {
	for len(r.loaded) == 0 {
		var err error
		if r.last, err = r.NextText(); err != nil {
			return Object{}, err
		}
		if err := CheckEncoding(r.last.Bytes); err != nil {
			return Object{}, err
		}
		shape, err := ShapeOf(r.last.Bytes)
		if err != nil {
			return Object{}, err
		}
		if shape != ObjectShape {
			r.loaded, err = Split(r.last.Bytes)
		}
		if shape == ObjectShape || errors.Is(err, ErrNoObjects) {
			return Parse(r.last.Bytes)
		}
		if err != nil {
			return Object{}, err
		}
	}
	e := r.loaded[0]
	r.loaded = r.loaded[1:]
	return e.Object, e.Err
}

// Line returns the number of the line that Next returned last, in JSON Lines, else 0.
func (r *Reader) Line() int {
	if !r.last.JSONLines {
		return 0
	}
	return r.last.Line
}

// NextText returns the next line of JSON Lines that is not blank, in memory of its own, or the
// file as a whole. That need not be JSON, and it keeps a byte order mark. It is for those who
// judge texts themselves; the objects of a text that it returned are not returned by Next. Its
// error is io.EOF at the end, or why the file cannot be read on; a text that was cut by that
// is not returned.
func (r *Reader) NextText() (Text, error) {
	if !r.began {
		r.began = true
		if err := r.begin(); err != nil {
			return Text{}, err
		}
	}
	switch {
	case len(r.ahead) > 0:
	case r.ended != nil:
		return Text{}, r.ended
	case !r.lines:
		return Text{}, io.EOF
	default:
		line, err := r.nextLine()
		if err != nil {
			return Text{}, err
		}
		r.ahead = []Text{line}
	}
	text := r.ahead[0]
	r.ahead = r.ahead[1:]
	text.JSONLines = r.lines
	text.Bytes = bytes.TrimRight(text.Bytes, white)
	return text, nil
}
