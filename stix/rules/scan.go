package rules

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// scanner walks text that has been read as JSON before, so that it need not check the grammar.
// On any other text its answers mean nothing, but it stays within the text and comes to an end.
type scanner struct {
	text string
	pos  int
}

// kind skips white space and returns the first byte of what follows, or 0 at the end.
func (s *scanner) kind() byte {
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; c {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return c
		}
	}
	return 0
}

// str reads a string and returns what stands between its quotes, escapes and all.
func (s *scanner) str() string {
	s.pos++
	start := s.pos
	for s.pos < len(s.text) {
		n := strings.IndexByte(s.text[s.pos:], '"')
		if n < 0 {
			break
		}
		s.pos += n + 1
		if !escapedAt(s.text[start:], s.pos-1-start) {
			return s.text[start : s.pos-1]
		}
	}
	s.pos = len(s.text)
	return s.text[min(start, len(s.text)):]
}

// escapedAt reports whether an odd number of backslashes stands before text[i].
func escapedAt(text string, i int) bool {
	n := 0
	for n < i && text[i-1-n] == '\\' {
		n++
	}
	return n%2 == 1
}

// name reads the name of a member and the colon behind it.
func (s *scanner) name() string {
	name := decode(s.str())
	if s.kind() == ':' {
		s.pos++
	}
	return name
}

// more passes the comma behind a value, or the closing bracket, and reports whether it was a
// comma.
func (s *scanner) more() bool {
	comma := s.kind() == ','
	if s.pos < len(s.text) {
		s.pos++
	}
	return comma
}

// open passes an opening bracket and reports whether anything stands in the brackets. If not,
// it passes the closing one.
func (s *scanner) open() bool {
	s.pos++
	switch s.kind() {
	case '}', ']':
		s.pos++
		return false
	case 0:
		return false
	}
	return true
}

// literal reads a number, true, false or null.
func (s *scanner) literal() string {
	start := s.pos
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return s.text[start:s.pos]
		}
		s.pos++
	}
	return s.text[start:]
}

// skip passes one value of any kind, however deep.
func (s *scanner) skip() {
	depth := 0
	for {
		switch s.kind() {
		case 0:
			return
		case '"':
			s.str()
		case '{', '[':
			depth++
			s.pos++
		case '}', ']':
			depth--
			s.pos++
		case ',', ':':
			s.pos++
			continue
		default:
			if s.literal() == "" {
				s.pos++
			}
		}
		if depth <= 0 {
			return
		}
	}
}

// decode resolves the escapes of a string. Most have none.
func decode(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw
	}
	text, _ := jsontext.AppendUnquote(nil, `"`+raw+`"`) // bad UTF-8 becomes U+FFFD
	return string(text)
}

// kindName says what kind of value begins with c.
func kindName(c byte) string {
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
