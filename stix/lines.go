package stix

import (
	"bytes"
	"errors"
	"io"
)

// begin reads what it takes to tell the shape of the file.
func (r *Reader) begin() error {
	first, err := r.readLine()
	if errors.Is(err, errLong) {
		return r.tooLong() // it may as well be the whole text
	}
	if err != nil {
		return err
	}
	r.ahead = []Text{first}
	text := bytes.TrimPrefix(first.Bytes, []byte(byteOrderMark))
	complete, broken := extent(text)
	switch {
	case CheckEncoding(text) != nil: // lines of UTF-16 cannot be told
	case complete && isObject(text):
		r.lines = true
	case complete:
		r.ended = r.skipSpace()
		r.lines = r.ended == nil
	case broken >= 0:
		r.beginBroken(first.Bytes)
	default:
		return r.beginUnfinished()
	}
	return nil
}

func isObject(text []byte) bool {
	shape, err := ShapeOf(text)
	return err == nil && shape == ObjectShape
}

// beginUnfinished goes on where the first line is the beginning of a JSON value: either the
// file is one text, or the line has lost its end.
func (r *Reader) beginUnfinished() error {
	text := r.ahead[0].Bytes
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
		marked := bytes.TrimPrefix(text, []byte(byteOrderMark))
		if _, broken := extent(marked); broken < 0 {
			r.ahead[0].Bytes, err = r.takeAll(text)
			return err
		}
		second := Text{Bytes: alone, Line: line, Column: 1 + len(part) - len(alone)}
		r.ahead = append(r.ahead, second)
		r.beginBroken(text)
		return nil
	}
}

// How far the lines after a broken one are looked at: whoever pipes lines waits for that many,
// and they are held in memory.
const (
	linesAhead = 20
	bytesAhead = 1 << 20
)

// beginBroken tells whether the file, whose beginning up to the end of a line is text and not
// the beginning of JSON, is one text or lines, of which some may have been read.
func (r *Reader) beginBroken(text []byte) {
	size := 0
	for len(r.ahead) <= linesAhead && size < bytesAhead {
		var line Text
		if line, r.ended = r.nextLine(); r.ended != nil {
			break
		}
		size += len(line.Bytes)
		r.ahead = append(r.ahead, line)
	}
	if r.lines = areObjects(r.ahead[1:]); !r.lines {
		r.ahead, r.ended = r.ahead[:1], nil
		r.ahead[0].Bytes = text
	}
}

// areObjects reports whether at least half of the lines are objects, and at least one is. A
// bracket that closes has been opened on another line, so that these are not JSON Lines.
func areObjects(lines []Text) bool {
	objects := 0
	for _, line := range lines {
		switch line.Bytes[0] {
		case ']', '}':
			return false
		case '{':
			if complete, _ := extent(line.Bytes); complete {
				objects++
			}
		}
	}
	return objects > 0 && 2*objects >= len(lines)
}
