package stix

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/internal/scan"
)

// MaxDepth is how deep an object may nest, itself included. STIX needs fewer than ten.
const MaxDepth = 100

// Parse reads the header of one object and checks what storing it needs: I-JSON (UTF-8,
// unique names), depth, type, id, spec_version, created, modified and the forms of the
// references in the header. White space around the object is dropped, every other byte kept.
//
// The error is a [*SyntaxError] when text is not one JSON value, else [Violations]. An object
// with violations has as much of its header as could be read, for messages.
func Parse(text []byte) (Object, error) {
	p := newParser(text)
	e, err := p.element()
	if err != nil {
		return Object{}, err
	}
	if err := p.end(); err != nil {
		return Object{}, err
	}
	return e.Object, e.Err
}

// end makes sure that only white space follows what has been read.
func (p *parser) end() error {
	rest := bytes.TrimLeft(p.text[p.dec.InputOffset():], white)
	if len(rest) == 0 {
		return nil
	}
	what := "value"
	if bytes.HasPrefix(bytes.TrimLeft(p.text, white), []byte("{")) {
		what = "object"
	}
	return &SyntaxError{len(p.text) - len(rest), "more after the end of the " + what}
}

// parser walks a text once. It lets jsontext check the grammar and checks names and UTF-8
// itself, because an object that breaks those must fail without its neighbours.
type parser struct {
	dec   *jsontext.Decoder
	text  []byte
	start int // offset of the current object in text
	found Violations
	names nameSets

	unplaced []int // which of found have no pointer yet
}

func newParser(text []byte) *parser {
	return &parser{
		text:  text,
		names: nameSets{stack: make([][]byte, 0, fewNames)},
		dec:   jsontext.NewDecoder(bytes.NewBuffer(text), lenient()),
	}
}

// lenient lets pass what spoils only one object of many.
func lenient() jsontext.Options {
	return json.JoinOptions(
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// element reads the next value, which should be an object. Only a text that is not JSON is an
// error of element itself.
func (p *parser) element() (Element, error) {
	p.found, p.unplaced = nil, p.unplaced[:0]
	if p.dec.PeekKind() != '{' {
		value, err := p.dec.ReadValue()
		if err != nil {
			return Element{}, syntaxError(err)
		}
		p.start = int(p.dec.InputOffset()) - len(value)
		p.violate(ruleNotObject, "", p.start, "expected a STIX object, found "+scan.KindName(byte(value.Kind())))
		return Element{Object{Raw: value}, p.found, p.start}, nil
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return Element{}, syntaxError(err)
	}
	p.start = int(p.dec.InputOffset()) - 1
	var h header
	if err := p.members(1, &h); err != nil {
		return Element{}, syntaxError(err)
	}
	h.fill()
	o := h.object
	o.Raw = p.text[p.start:p.dec.InputOffset():p.dec.InputOffset()]
	p.checkUnicode(o.Raw)
	p.checkHeader(&o, &h)
	if len(p.found) == 0 {
		return Element{o, nil, p.start}, nil
	}
	p.place(o.Raw)
	slices.SortStableFunc(p.found, func(a, b Violation) int { return cmp.Compare(a.Offset, b.Offset) })
	return Element{o, p.found, p.start}, nil
}

// members reads the rest of an object whose brace has been read. h is nil below the top.
func (p *parser) members(depth int, h *header) error {
	set := p.names.open()
	defer p.names.close(set)
	for p.dec.PeekKind() != '}' {
		name, err := p.dec.ReadValue()
		if err != nil {
			return err
		}
		offset := int(p.dec.InputOffset()) - len(name)
		key := unquote(name)
		if !set.add(key) {
			p.violateAt(ruleJSON, offset, "the name "+scan.Quote(string(key))+" stands twice")
		}
		if err := p.value(depth, h, key); err != nil {
			return err
		}
	}
	_, err := p.dec.ReadToken()
	return err
}

// value reads one value, taking it into the header if its name belongs there.
func (p *parser) value(depth int, h *header, key []byte) error {
	if h != nil {
		if field, ok := fieldOf(key); ok {
			return p.headerValue(depth, h, field)
		}
	}
	return p.skip(depth)
}

// skip reads one value for its names and depth alone.
func (p *parser) skip(depth int) error {
	switch p.dec.PeekKind() {
	case '{':
		if err := p.enter(depth); err != nil {
			return err
		}
		return p.members(depth+1, nil)
	case '[':
		if err := p.enter(depth); err != nil {
			return err
		}
		for p.dec.PeekKind() != ']' {
			if err := p.skip(depth + 1); err != nil {
				return err
			}
		}
		_, err := p.dec.ReadToken()
		return err
	}
	_, err := p.dec.ReadValue()
	return err
}

func (p *parser) enter(depth int) error {
	_, err := p.dec.ReadToken()
	if err == nil && depth == MaxDepth {
		p.violate(ruleDepth, "", int(p.dec.InputOffset())-1, "nested deeper than 100 levels")
	}
	return err
}

// checkUnicode finds what AllowInvalidUTF8 let through: bytes that are not UTF-8 and escapes
// of lone surrogates (RFC 7493 §2.1).
func (p *parser) checkUnicode(raw []byte) {
	if !utf8.Valid(raw) {
		i := 0
		for i < len(raw) {
			r, n := utf8.DecodeRune(raw[i:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			i += n
		}
		p.violate(ruleJSON, "", p.start+i, "not UTF-8")
		return
	}
	if i := loneSurrogate(raw); i >= 0 {
		p.violate(ruleJSON, "", p.start+i, "an escaped surrogate without its other half")
	}
}

// maxViolations keeps a hostile object from growing its report beyond its size.
const maxViolations = 20

func (p *parser) violate(rule, pointer string, offset int, message string) {
	if len(p.found) == maxViolations {
		return
	}
	p.found = append(p.found, Violation{
		Rule: rule, Level: Must, Pointer: pointer, Offset: offset - p.start, Message: message,
	})
}

// violateAt is violate for a value or member whose pointer has to be found yet. A report has few
// of them, so that finding them afterwards beats keeping the way to every value.
func (p *parser) violateAt(rule string, offset int, message string) {
	if len(p.found) < maxViolations {
		p.unplaced = append(p.unplaced, len(p.found))
	}
	p.violate(rule, "", offset, message)
}

// place finds the pointers that violateAt left out.
func (p *parser) place(raw []byte) {
	for _, i := range p.unplaced {
		p.found[i].Pointer = pointerTo(scan.Of(raw).Text, p.found[i].Offset)
	}
}

func syntaxError(err error) error {
	var done *SyntaxError
	if errors.As(err, &done) {
		return done
	}
	var syntactic *jsontext.SyntacticError
	if errors.As(err, &syntactic) {
		msg := "invalid text"
		if syntactic.Err != nil {
			msg = syntactic.Err.Error()
		}
		return &SyntaxError{int(syntactic.ByteOffset), msg}
	}
	if errors.Is(err, io.EOF) {
		return &SyntaxError{0, "nothing there"}
	}
	return &SyntaxError{0, err.Error()}
}

// unquote returns the text of a JSON string; without escapes it aliases quoted.
func unquote(quoted []byte) []byte {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, quoted) // bad UTF-8 becomes U+FFFD
	return text
}

// loneSurrogate returns the offset of an escape \uD800-\uDFFF that is not half of a pair, or -1.
func loneSurrogate(raw []byte) int {
	for i := 0; ; {
		n := bytes.IndexByte(raw[i:], '\\')
		if n < 0 {
			return -1
		}
		i += n
		switch half := surrogate(raw[i:]); {
		case half == 'H' && surrogate(raw[i+6:]) == 'L':
			i += 12
		case half != 0:
			return i
		default:
			i += 2 // the escaped character may itself be a backslash
		}
	}
}

// surrogate returns H or L if b begins with an escape of a high or low surrogate, else 0.
func surrogate(b []byte) byte {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' || b[2]|0x20 != 'd' {
		return 0
	}
	switch c := b[3] | 0x20; {
	case c == '8', c == '9', c == 'a', c == 'b':
		return 'H'
	case 'c' <= c && c <= 'f':
		return 'L'
	}
	return 0
}
