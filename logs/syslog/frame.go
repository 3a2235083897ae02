package syslog

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Frames takes a connection apart into messages (RFC 6587 §3.4). A message either has its length
// before it or ends with a line feed; each is told from the other by how it begins.
type Frames struct {
	in  *bufio.Reader
	max int
}

// ErrFrame says that a sender announces a message of a length that no program has to send.
var ErrFrame = errors.New("the length before a message is out of all bounds")

// maxFrame is how much of a message is passed over, and maxDigits how many its length has.
const (
	maxFrame  = 16 << 20
	maxDigits = 8
)

// NewFrames reads messages of at most max bytes. Of longer ones the beginning is read.
func NewFrames(r io.Reader, max int) *Frames {
	return &Frames{in: bufio.NewReaderSize(r, 16<<10), max: max}
}

// Wait returns when a message begins, or with the error of the connection.
func (f *Frames) Wait() error {
	for {
		first, err := f.in.Peek(1)
		if err != nil {
			return err
		}
		if bytes.IndexByte([]byte("\r\n\x00"), first[0]) < 0 {
			return nil
		}
		if _, err := f.in.Discard(1); err != nil { // what some write behind a message with a length
			return err
		}
	}
}

// Next returns the next message, and whether it was cut. It is the caller's. The error is io.EOF
// between messages, io.ErrUnexpectedEOF within one that has a length, ErrFrame, or that of the
// connection. What stands before the end without a line feed is a message.
func (f *Frames) Next() (message []byte, cut bool, err error) {
	if err := f.Wait(); err != nil {
		return nil, false, err
	}
	length, counted, err := f.length()
	switch {
	case err != nil:
		return nil, false, err
	case counted:
		return f.counted(length)
	}
	return f.line()
}

// length reads the length before a message. It has one if digits, a blank and < begin it.
func (f *Frames) length() (n int, counted bool, err error) {
	for i := range maxDigits + 1 {
		head, err := f.in.Peek(i + 1)
		if len(head) <= i {
			if errors.Is(err, io.EOF) {
				err = nil // too short to have one
			}
			return 0, false, err
		}
		switch c := head[i]; {
		case '0' <= c && c <= '9' && (c != '0' || i > 0):
			n = n*10 + int(c-'0')
			continue
		case c != ' ' || i == 0:
			return 0, false, nil
		}
		if head, _ = f.in.Peek(i + 2); len(head) < i+2 || head[i+1] != '<' {
			return 0, false, nil
		}
		if n > maxFrame {
			return 0, false, fmt.Errorf("%w: %d bytes", ErrFrame, n)
		}
		_, err = f.in.Discard(i + 1)
		return n, true, err
	}
	return 0, false, nil
}

func (f *Frames) counted(n int) (message []byte, cut bool, err error) {
	message = make([]byte, min(n, f.max))
	if _, err := io.ReadFull(f.in, message); err != nil {
		return nil, false, err
	}
	_, err = f.in.Discard(n - len(message))
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return message, n > len(message), err
}

func (f *Frames) line() (message []byte, cut bool, err error) {
	for {
		part, err := f.in.ReadSlice('\n')
		ended := err == nil
		text := bytes.TrimRight(part, "\n")
		room := f.max - len(message)
		cut = cut || len(text) > room
		message = append(message, text[:min(len(text), room)]...)
		switch {
		case ended, errors.Is(err, io.EOF):
			return message, cut, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, false, err
		}
	}
}
