package tail

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Line is a line of a log.
type Line struct {
	// At is the position of the line, and Next that of the one behind it. Positions rise from
	// line to line, and stay the same however often a line is read.
	At, Next int64
	// Text is the line without its end. It is overwritten by the next one.
	Text []byte
	// Long says that Text is only the beginning.
	Long bool
	// Part is the file that the line is in.
	Part Part
}

// ErrStop is what a callback of [Follower.Read] returns to read no further.
var ErrStop = errors.New("read no further")

// ErrChanged says that a file was emptied while it was read, so that what was read last may be
// half of one line and half of another. The next Poll tells what has become of it.
var ErrChanged = errChanged

// Read calls each with the lines of a log from a position on, as far as the last Poll saw them; 0 is
// its beginning. It returns the position of the next line that is to be read. The last line of a
// file that may still be written is left until its end is there. Files that have gone since are
// passed over, with a note. The error is that of each, unless it is ErrStop, that of the
// context, or of the file system.
func (f *Follower) Read(
	ctx context.Context, l *Log, from int64, each func(Line) error,
) (next int64, err error) {
	next = from
	for i, p := range l.Parts {
		if p.Done && (p.end() <= from || p.Size == 0) {
			continue
		}
		next = max(next, p.begin())
		s := l.open(i)
		if s == nil {
			if !p.Done {
				return next, nil // it may come back, or the next Poll gives it up
			}
			f.o.Note(p.Name, "has gone before all of it was read")
			next = p.end()
			continue
		}
		next, err = f.readPart(ctx, s, p, next, each)
		s.Close()
		if errors.Is(err, ErrStop) {
			return next, nil
		}
		if err != nil || !p.Done {
			return next, err
		}
	}
	return next, nil
}

func (f *Follower) readPart(
	ctx context.Context, s *source, p Part, from int64, each func(Line) error,
) (next int64, err error) {
	offset := min(max(0, from-p.begin()), p.Size)
	r := lines{max: f.o.MaxLine, done: p.Done}
	if offset > 0 {
		before, err := s.section(offset-1, offset)
		if err != nil {
			return from, err
		}
		var b [1]byte
		_, err = io.ReadFull(before, b[:])
		r.within = err == nil && b[0] != '\n' && b[0] != 0
	}
	in, err := s.section(offset, p.Size)
	if err != nil {
		return from, err
	}
	r.in, r.at = bufio.NewReaderSize(in, 64<<10), p.begin()+offset
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return from, context.Cause(ctx)
		}
		line, err := r.next()
		switch {
		case errors.Is(err, io.EOF):
			if !p.Done && !p.in(s) {
				return r.at, fmt.Errorf("%s: %w", s.name, ErrChanged)
			}
			return r.at, nil
		case err != nil:
			return r.at, fmt.Errorf("read %s: %w", s.name, err)
		}
		line.Part = p
		if err := each(line); err != nil {
			return line.Next, err
		}
	}
}

// lines takes a file apart.
type lines struct {
	in     *bufio.Reader
	at     int64 // position of what is read next
	max    int
	done   bool // the last line counts without its end
	within bool // a long line goes on, whose beginning was read
	line   []byte
}

// next returns the next line, or io.EOF if none is whole. The rest of a line that is too long is
// passed over, in this call or a later one.
func (r *lines) next() (Line, error) {
	start, pos := r.at, r.at
	r.line = r.line[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		pos += int64(len(part))
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) && !errors.Is(err, io.EOF) {
			return Line{}, err
		}
		ended := err == nil
		last := errors.Is(err, io.EOF)
		if len(r.line) == 0 && !r.within {
			// A program that does not notice that its file was emptied leaves a hole before its
			// next line.
			trimmed := bytes.TrimLeft(part, "\x00")
			start += int64(len(part) - len(trimmed))
			part = trimmed
		}
		if !r.within {
			r.line = append(r.line, part...)
		}
		text := bytes.TrimRight(r.line, "\r\n")
		switch {
		case r.within:
			r.at = pos
			r.within = !ended
			start = pos
			if last {
				return Line{}, io.EOF
			}
		case len(text) > r.max || len(r.line) > r.max+2:
			r.within, r.at = !ended, pos
			text = r.line[:min(len(r.line), r.max)]
			return Line{At: start, Next: pos, Text: text, Long: true}, nil
		case ended, last && r.done && len(r.line) > 0:
			r.at = pos
			return Line{At: start, Next: pos, Text: text}, nil
		case last:
			r.at = start
			return Line{}, io.EOF
		}
	}
}

// Forget drops what is known of the files before a position, from which nothing will be read
// again. The last one before the current one that has something in it is kept, because copies of it
// must not be taken for something new.
func (l *Log) Forget(before int64) {
	keep := len(l.Parts) - 1
	for keep > 0 {
		if keep--; l.Parts[keep].Size > 0 {
			break
		}
	}
	n := slices.IndexFunc(l.Parts, func(p Part) bool { return p.end() >= before || !p.Done })
	if n < 0 {
		n = len(l.Parts)
	}
	l.Parts = slices.Delete(l.Parts, 0, max(0, min(n, keep)))
}
