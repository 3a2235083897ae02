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

// pieces gathers a text of unknown length. A buffer that grows would hold a large text several
// times over; here it is in memory once until it is known to keep to its bound.
type pieces struct {
	list [][]byte
	size int // in bytes
}

const largestPiece = 1 << 20

// add adds a copy of part.
func (p *pieces) add(part []byte) {
	p.size += len(part)
	if last := len(p.list) - 1; last >= 0 {
		n := min(len(part), cap(p.list[last])-len(p.list[last]))
		p.list[last] = append(p.list[last], part[:n]...)
		part = part[n:]
	}
	if len(part) > 0 {
		piece := make([]byte, 0, max(len(part), min(p.size-len(part), largestPiece)))
		p.list = append(p.list, append(piece, part...))
	}
}

// join returns the text.
func (p *pieces) join() []byte {
	if len(p.list) == 1 {
		return p.list[0]
	}
	return bytes.Join(p.list, nil)
}

// takeAll returns text and what comes after it.
func (r *Reader) takeAll(text []byte) ([]byte, error) {
	all := pieces{[][]byte{text}, len(text)}
	part := make([]byte, readSize)
	for {
		n, err := r.in.Read(part)
		all.add(part[:n])
		switch {
		case all.size > r.most:
			return nil, r.tooLong()
		case errors.Is(err, io.EOF):
			return all.join(), nil
		case err != nil:
			return nil, err
		}
	}
}

func (r *Reader) tooLong() error {
	return fmt.Errorf("more than %s in one JSON text; write it as JSON Lines", amount(r.most))
}

// amount writes a number of bytes.
func amount(n int) string {
	if n > 0 && n%(1<<20) == 0 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}

var errLong = errors.New("the line is too long")

// readLine returns the next line that is not blank, from its first byte that is not, or errLong.
func (r *Reader) readLine() (Text, error) {
	if err := r.skipSpace(); err != nil {
		return Text{}, err
	}
	text := Text{Line: r.line, Column: r.column}
	var err error
	text.Bytes, err = r.take(r.most)
	return text, err
}

// nextLine is readLine for a line that is known to be one among lines.
func (r *Reader) nextLine() (Text, error) {
	line, err := r.readLine()
	if errors.Is(err, errLong) {
		return Text{}, fmt.Errorf("line %d has more than %s", r.line, amount(r.most))
	}
	return line, err
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

// take returns the rest of a line with its end, io.EOF if there is none, or errLong.
func (r *Reader) take(most int) ([]byte, error) {
	var line pieces
	for {
		part, err := r.in.ReadSlice('\n')
		line.add(part)
		if line.size > most {
			return nil, errLong
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || line.size == 0) {
			return nil, err
		}
		r.line++
		r.column = 1
		return line.join(), nil
	}
}
