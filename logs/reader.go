package logs

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Counts are how many lines a Reader has seen so far. Every line is in one of the last four.
type Counts struct {
	Lines      int64 `json:"lines"`
	Events     int64 `json:"events"`
	Nothing    int64 `json:"nothing"`    // lines that are well and no evidence
	Unreadable int64 `json:"unreadable"` // lines that gave a LineError
	TooLong    int64 `json:"too_long"`   // lines of more than MaxLine, which gave one too
}

// Reader reads the events of a log, one after the other. It keeps one line at a time.
type Reader struct {
	in     *bufio.Reader
	parser *Parser
	line   []byte
	counts Counts
}

// readAhead is how much of a log is read at once, and what Detect gets to see by Peek.
const readAhead = 64 << 10

// Unpack returns what r has, unpacked if it is compressed with gzip, in one part or several. Peek
// at it to [Detect] the format, then give it to [NewReader]. How much comes out has no limit; use
// an io.LimitReader if the log is a stranger's.
func Unpack(r io.Reader) (*bufio.Reader, error) {
	in := bufio.NewReaderSize(r, readAhead)
	magic, err := in.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	if len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b {
		return in, nil
	}
	unpacked, err := gzip.NewReader(in)
	if err != nil {
		return nil, fmt.Errorf("unpack the log: %w", err)
	}
	return bufio.NewReaderSize(unpacked, readAhead), nil
}

// NewReader reads the lines of r, compressed or not, with p, which must not be used elsewhere.
func NewReader(r io.Reader, p *Parser) (*Reader, error) {
	in, err := Unpack(r)
	if err != nil {
		return nil, err
	}
	return &Reader{in: in, parser: p}, nil
}

// Counts returns how many lines there were.
func (r *Reader) Counts() Counts { return r.counts }

// Line returns the line of the event that Next returned last, without its end. It is valid until
// Next is called again.
func (r *Reader) Line() []byte { return r.line }

// Next returns the next event. A *[LineError] is that of one line, and Next goes on behind it; a
// line longer than [MaxLine] is such an error and is passed over to its end. Lines that say
// nothing are passed over and counted. io.EOF is the end; any other error is of the reading, and
// comes again. A last line without a line feed is a line.
func (r *Reader) Next() (Event, error) {
	for {
		long, err := r.fetch()
		if err != nil {
			return Event{}, err
		}
		r.counts.Lines++
		if long {
			r.counts.TooLong++
			return Event{}, r.place(r.parser.blame(fault(-1, "the line is longer than %d bytes", MaxLine)))
		}
		e, err := r.parser.Parse(r.line)
		switch {
		case err == nil:
			r.counts.Events++
			e.Line = r.counts.Lines
			return e, nil
		case errors.Is(err, ErrNothing):
			r.counts.Nothing++
		default:
			r.counts.Unreadable++
			return Event{}, r.place(err)
		}
	}
}

// place puts the number of the line to an error.
func (r *Reader) place(err error) error {
	var line *LineError
	if errors.As(err, &line) {
		line.Line = r.counts.Lines
	}
	return err
}

// fetch reads a line into r.line, or passes a long one.
func (r *Reader) fetch() (long bool, err error) {
	r.line = r.line[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		long = long || len(r.line)+len(part) > MaxLine+2
		if !long {
			r.line = append(r.line, part...)
		}
		switch {
		case err == nil, errors.Is(err, io.EOF) && (long || len(r.line) > 0):
			r.line = bytes.TrimRight(r.line, "\r\n")
			return long || len(r.line) > MaxLine, nil
		case errors.Is(err, io.EOF):
			return false, io.EOF
		case !errors.Is(err, bufio.ErrBufferFull):
			return false, fmt.Errorf("read the log: %w", err)
		}
	}
}
