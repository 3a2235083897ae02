package pdftext

import (
	"bytes"
	"errors"
	"strconv"
)

// The sorts of objects (§7.3). A number is a float64, an array a []any; anything else that is
// written without a mark, such as an operator, is a keyword.
type (
	name    string
	str     string
	keyword string
	ref     int
	dict    map[name]any
)

// Bounds of one object.
const (
	maxDepth    = 32
	maxElements = 400_000
	maxString   = 1 << 20 // bytes
	maxWord     = 128     // bytes of a name or keyword
)

var (
	errEnd     = errors.New("the end")
	errTooDeep = errors.New("nested too deeply")
	errTooLong = errors.New("too long")
)

// lexer reads objects one after the other. It moves on with every call that gives no errEnd, also
// where there is none.
type lexer struct {
	in   []byte
	pos  int
	left int // elements that may yet be read
	refs bool
}

func newLexer(in []byte, at int) *lexer {
	return &lexer{in: in, pos: min(max(at, 0), len(in)), left: maxElements, refs: true}
}

// next returns the next object or keyword.
func (l *lexer) next() (any, error) { return l.object(0) }

func (l *lexer) object(depth int) (any, error) {
	l.skip()
	if l.pos >= len(l.in) {
		return nil, errEnd
	}
	if l.left--; l.left < 0 {
		return nil, errTooLong
	}
	c := l.in[l.pos]
	switch {
	case c == '/':
		l.pos++
		return l.name()
	case c == '(':
		l.pos++
		return l.literal()
	case c == '<' && l.pos+1 < len(l.in) && l.in[l.pos+1] == '<':
		l.pos += 2
		return l.dict(depth + 1)
	case c == '<':
		l.pos++
		return l.hex()
	case c == '[':
		l.pos++
		return l.array(depth + 1)
	case c == '>' && l.pos+1 < len(l.in) && l.in[l.pos+1] == '>':
		l.pos += 2
		return keyword(">>"), nil
	case c == ']' || c == '{' || c == '}' || c == ')' || c == '>':
		l.pos++
		return keyword(c), nil
	}
	return l.word()
}

// skip goes over white space and comments (§7.2.2, §7.2.3).
func (l *lexer) skip() {
	for l.pos < len(l.in) {
		switch c := l.in[l.pos]; {
		case isSpace(c):
			l.pos++
		case c == '%':
			end := bytes.IndexAny(l.in[l.pos:], "\r\n")
			if end < 0 {
				l.pos = len(l.in)
				return
			}
			l.pos += end
		default:
			return
		}
	}
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool { return isSpace(c) || bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

// regular returns the bytes up to the next delimiter.
func (l *lexer) regular() []byte {
	start := l.pos
	for l.pos < len(l.in) && !isDelimiter(l.in[l.pos]) {
		l.pos++
	}
	return l.in[start:l.pos]
}

// name reads a name, and what is written in it as # and two digits (§7.3.5).
func (l *lexer) name() (any, error) {
	text := l.regular()
	if len(text) > maxWord {
		return nil, errTooLong
	}
	if bytes.IndexByte(text, '#') < 0 {
		return name(text), nil
	}
	var out []byte
	for i := 0; i < len(text); i++ {
		if text[i] == '#' && i+2 < len(text) {
			if c, err := strconv.ParseUint(string(text[i+1:i+3]), 16, 8); err == nil {
				out, i = append(out, byte(c)), i+2
				continue
			}
		}
		out = append(out, text[i])
	}
	return name(out), nil
}

// word reads a number, a reference or a keyword.
func (l *lexer) word() (any, error) {
	text := l.regular()
	if len(text) > maxWord {
		return nil, errTooLong
	}
	if c := text[0]; c != '+' && c != '-' && c != '.' && (c < '0' || c > '9') {
		switch string(text) {
		case "null":
			return nil, nil
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return keyword(text), nil
	}
	number, err := strconv.ParseFloat(string(text), 64)
	if err != nil || number > 1e9 || number < -1e9 || number != number {
		return 0.0, nil // as readers do
	}
	if l.refs && number >= 0 && number == float64(int(number)) {
		if end := reference(l.in[l.pos:]); end > 0 {
			l.pos += end
			return ref(number), nil
		}
	}
	return number, nil
}

// reference returns where a generation and an R end, 0 if they do not follow (§7.3.10).
func reference(in []byte) int {
	i, digits := 0, 0
	for i < len(in) && i < 8 && isSpace(in[i]) {
		i++
	}
	for ; i < len(in) && digits < 6 && in[i] >= '0' && in[i] <= '9'; i++ {
		digits++
	}
	spaces := i
	for i < len(in) && i < spaces+8 && isSpace(in[i]) {
		i++
	}
	if digits == 0 || i == spaces || i >= len(in) || in[i] != 'R' ||
		i+1 < len(in) && !isDelimiter(in[i+1]) {
		return 0
	}
	return i + 1
}

// array reads up to the bracket that closes it.
func (l *lexer) array(depth int) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	var all []any
	for {
		v, err := l.object(depth)
		if err != nil {
			return nil, err
		}
		if v == keyword("]") {
			return all, nil
		}
		all = append(all, v)
	}
}

// dict reads up to the brackets that close it. What is no name with a value is left out.
func (l *lexer) dict(depth int) (any, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	d := dict{}
	for {
		key, err := l.object(depth)
		if err != nil {
			return nil, err
		}
		if key == keyword(">>") {
			return d, nil
		}
		n, ok := key.(name)
		if !ok {
			continue
		}
		v, err := l.object(depth)
		if err != nil {
			return nil, err
		}
		if v == keyword(">>") {
			return d, nil
		}
		d[n] = v
	}
}
