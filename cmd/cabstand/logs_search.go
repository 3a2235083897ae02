package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/cabstand/cabstand/logs/check"
)

// Bounds of what is looked through at a time. A text of JSON up to the first goes in one, because
// an object may be on many lines; a line up to the second, because what it says may be anywhere
// on it.
const (
	maxWhole = 16 << 20
	maxPiece = 4 << 20
)

// maxShown bounds the findings that are shown of a file.
const maxShown = 1000

// search is the look through one file.
type search struct {
	*check.Checker
	name  string
	lines int // before the piece
	total int
	found []logFinding
}

func (c *cli) searchFile(s *search) error {
	in, err := c.open(s.name)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := s.read(in.Reader); err != nil {
		return fmt.Errorf("%s: %w", in.name, err)
	}
	if s.total > len(s.found) {
		c.warn([]string{fmt.Sprintf("%s: more was found than is shown", in.name)})
	}
	return nil
}

// read looks through a whole text of JSON if it is short, and through anything else in pieces of
// whole lines.
func (s *search) read(in *bufio.Reader) error {
	start, _ := in.Peek(peeked) // shorter files give what they have
	size := maxPiece
	if isJSON(start) {
		size = maxWhole
	}
	for buffer := make([]byte, 0, peeked); ; {
		piece, err := readPiece(in, buffer, size)
		if len(piece) > 0 {
			s.look(piece)
		}
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		buffer = piece[:0]
	}
}

func isJSON(start []byte) bool {
	start = bytes.TrimLeft(start, " \t\r\n")
	return len(start) > 0 && (start[0] == '{' || start[0] == '[')
}

var errLongLine = fmt.Errorf("a line of more than %d bytes cannot be looked through", maxWhole)

// readPiece reads lines until there are so many bytes.
func readPiece(in *bufio.Reader, buffer []byte, size int) ([]byte, error) {
	for {
		part, err := in.ReadSlice('\n')
		buffer = append(buffer, part...)
		switch {
		case err == nil && len(buffer) >= size:
			return buffer, nil
		case len(buffer) > size+maxWhole:
			return nil, errLongLine
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return buffer, err
		}
	}
}

// look looks through a piece: as JSON, if it is, and else line by line, of which some may be.
func (s *search) look(piece []byte) {
	if isJSON(piece) {
		if r, err := s.JSON(piece); err == nil {
			s.keep(piece, r)
			return
		}
		for line := range bytes.Lines(piece) {
			s.line(line)
		}
		return
	}
	s.keep(piece, s.Text(string(piece)))
}

func (s *search) line(line []byte) {
	if r, err := s.JSON(line); err == nil {
		s.keep(line, r)
		return
	}
	s.keep(line, s.Text(string(line)))
}

// keep counts findings, and keeps those that are shown with the number of their line.
func (s *search) keep(piece []byte, r check.Report) {
	line, at := s.lines+1, 0
	for _, f := range r.Findings {
		end := min(int(f.Offset), len(piece))
		line, at = line+bytes.Count(piece[at:max(at, end)], []byte("\n")), max(at, end)
		if s.total++; len(s.found) < maxShown {
			name := s.name
			if name == "-" {
				name = "standard input"
			}
			s.found = append(s.found, logFinding{File: name, Line: line, Finding: f})
		}
	}
	if r.More {
		s.total++
	}
	s.lines += bytes.Count(piece, []byte("\n"))
}
