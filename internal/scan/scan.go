// Package scan steps over JSON that has been read before, without checking its grammar or
// decoding it again. Of any other text its answers mean nothing, but it stays within the text and
// comes to an end.
package scan

import (
	"strconv"
	"strings"
	"unsafe"

	"github.com/go-json-experiment/json/jsontext"
)

// Scanner walks a text. Copying one remembers a place.
type Scanner struct {
	Text string
	Pos  int // of the next byte to look at
}

// Of returns a Scanner at the start of raw, which must not change while it is in use: its text,
// and every string that comes of it, are the bytes of raw and no copies.
func Of(raw []byte) Scanner {
	return Scanner{Text: unsafe.String(unsafe.SliceData(raw), len(raw))}
}

// Kind skips white space and returns the first byte of what follows, or 0 at the end.
func (s *Scanner) Kind() byte {
	for s.Pos < len(s.Text) {
		switch c := s.Text[s.Pos]; c {
		case ' ', '\t', '\r', '\n':
			s.Pos++
		default:
			return c
		}
	}
	return 0
}

// Str reads a string and returns what stands between its quotes, escapes and all.
func (s *Scanner) Str() string {
	s.Pos++
	start := s.Pos
	for s.Pos < len(s.Text) {
		n := strings.IndexByte(s.Text[s.Pos:], '"')
		if n < 0 {
			break
		}
		s.Pos += n + 1
		if !escapedAt(s.Text[start:], s.Pos-1-start) {
			return s.Text[start : s.Pos-1]
		}
	}
	s.Pos = len(s.Text)
	return s.Text[min(start, len(s.Text)):]
}

// escapedAt reports whether an odd number of backslashes stands before text[i].
func escapedAt(text string, i int) bool {
	n := 0
	for n < i && text[i-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// Name reads the name of a member and the colon behind it.
func (s *Scanner) Name() string {
	name := Decode(s.Str())
	if s.Kind() == ':' {
		s.Pos++
	}
	return name
}

// More passes the comma behind a value, or the closing bracket, and reports whether it was a
// comma.
func (s *Scanner) More() bool {
	comma := s.Kind() == ','
	if s.Pos < len(s.Text) {
		s.Pos++
	}
	return comma
}

// Open passes an opening bracket and reports whether anything stands in the brackets. If not,
// it passes the closing one.
func (s *Scanner) Open() bool {
	s.Pos++
	switch s.Kind() {
	case '}', ']':
		s.Pos++
		return false
	case 0:
		return false
	}
	return true
}

// Literal reads a number, true, false or null.
func (s *Scanner) Literal() string {
	start := s.Pos
	for s.Pos < len(s.Text) {
		switch s.Text[s.Pos] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return s.Text[start:s.Pos]
		}
		s.Pos++
	}
	return s.Text[start:]
}

// Skip passes one value of any kind, however deep.
func (s *Scanner) Skip() {
	depth := 0
	for {
		switch s.Kind() {
		case 0:
			return
		case '"':
			s.Str()
		case '{', '[':
			depth++
			s.Pos++
		case '}', ']':
			depth--
			s.Pos++
		case ',', ':':
			s.Pos++
			continue
		default:
			if s.Literal() == "" {
				s.Pos++
			}
		}
		if depth <= 0 {
			return
		}
	}
}

// Decode resolves the escapes of a string. Most have none.
func Decode(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	text, _ := jsontext.AppendUnquote(nil, `"`+raw+`"`) // bad UTF-8 becomes U+FFFD
	return string(text)
}

// KindName says what kind of value begins with c.
func KindName(c byte) string {
	switch c {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a boolean"
	case 'n':
		return "null"
	}
	return "a number"
}

// Quote makes text from elsewhere fit for a message, however long or odd it is.
func Quote(text string) string {
	const most = 60
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strconv.Quote(strings.ToValidUTF8(text, "\uFFFD"))
}
