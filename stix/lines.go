package stix

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// white is the white space of JSON.
const white = " \t\r\n"

// begin reads what it takes to tell the shape of the file.
func (r *Reader) begin() error {
	first, err := r.readLine()
	if err != nil {
		return err
	}
	r.ahead = []Text{first}
	text := bytes.TrimPrefix(first.Bytes, []byte(byteOrderMark))
	complete, broken := extent(text)
	switch {
	case CheckEncoding(text) != nil: // lines of UTF-16 cannot be told
		return nil
	case complete && isObject(text):
		r.lines = true
		return nil
	case complete, broken >= 0:
		r.lines, err = r.more()
		return err
	}
	return r.beginUnfinished()
}

func isObject(text []byte) bool {
	shape, err := ShapeOf(text)
	return err == nil && shape == ObjectShape
}

// more reports whether there is anything but white space.
func (r *Reader) more() (bool, error) {
	err := r.skipSpace()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil, err
}

// beginUnfinished goes on where the first line is the beginning of a JSON value: either the
// file is one text, or the line has lost its end.
func (r *Reader) beginUnfinished() error {
	first := &r.ahead[0]
	text := first.Bytes
	for {
		line := r.line
		part, err := r.take(r.most - len(text))
		switch {
		case errors.Is(err, io.EOF):
			return nil // there is only one line
		case errors.Is(err, errLong):
			return r.tooLong()
		case err != nil:
			return err
		}
		text = append(text, part...)
		alone := bytes.TrimLeft(part, white)
		if len(alone) == 0 {
			continue
		}
		if standsAlone(text, len(text)-len(alone)) {
			second := Text{Bytes: bytes.Clone(alone), Line: line, Column: 1 + len(part) - len(alone)}
			r.ahead, r.lines = append(r.ahead, second), true
			return nil
		}
		first.Bytes, err = r.takeAll(text)
		return err
	}
}

// standsAlone reports whether text cannot go on at an offset, where a complete value begins.
func standsAlone(text []byte, offset int) bool {
	marked := bytes.TrimPrefix(text, []byte(byteOrderMark))
	if _, broken := extent(marked); broken != offset-(len(text)-len(marked)) {
		return false
	}
	complete, _ := extent(text[offset:])
	return complete
}

// takeAll returns text and what comes after it. It gathers pieces and joins them once: a buffer
// that grows would hold a large bundle three times over.
func (r *Reader) takeAll(text []byte) ([]byte, error) {
	pieces, size := [][]byte{text}, len(text)
	for size <= r.most {
		piece := make([]byte, min(1<<20, r.most-size+1))
		n, err := io.ReadFull(r.in, piece)
		pieces, size = append(pieces, piece[:n]), size+n
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return nil, err
		}
	}
	if size > r.most {
		return nil, r.tooLong()
	}
	return bytes.Join(pieces, nil), nil
}

func (r *Reader) tooLong() error {
	return fmt.Errorf("more than %d bytes in one JSON text; write it as JSON Lines", r.most)
}

// readLine returns the next line that is not blank, from its first byte that is not.
func (r *Reader) readLine() (Text, error) {
	if err := r.skipSpace(); err != nil {
		return Text{}, err
	}
	text := Text{Line: r.line, Column: r.column}
	var err error
	if text.Bytes, err = r.take(r.most); errors.Is(err, errLong) {
		return Text{}, fmt.Errorf("line %d has more than %d bytes", r.line, r.most)
	}
	return text, err
}

// skipSpace moves to the next byte that is not white space, without holding what it skips.
func (r *Reader) skipSpace() error {
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			return err
		}
		switch c {
		case '\n':
			r.line++
			r.column = 1
		case ' ', '\t', '\r':
			r.column++
		default:
			return r.in.UnreadByte()
		}
	}
}

var errLong = errors.New("the line is too long")

// take returns the rest of a line with its end, io.EOF if there is none, or errLong.
func (r *Reader) take(most int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.in.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > most {
			return nil, errLong
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0) {
			return nil, err
		}
		r.line++
		r.column = 1
		return line, nil
	}
}
