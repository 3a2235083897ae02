package stix

import (
	"bytes"
	"errors"
	"io"
)

// Shape is what a JSON text of STIX content is to be read as.
type Shape uint8

// The shapes of a text.
const (
	ObjectShape   Shape = iota // one object, or what [Parse] will say is none
	EnvelopeShape              // {"objects":[...]} without a type
	BundleShape                // of type bundle, with or without objects
)

// ShapeOf tells an object from an envelope and a bundle. The type decides, so that an object
// of another type that has a list named objects stays an object; [Split] does not look at it.
// The error is a [*SyntaxError]. The text of an envelope or a bundle is read to its end and
// has no other, the text of an object only until its type is known.
func ShapeOf(text []byte) (Shape, error) {
	p := newParser(text)
	if p.dec.PeekKind() != '{' {
		return ObjectShape, nil
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return ObjectShape, syntaxError(err)
	}
	shape, err := p.shape()
	if err != nil {
		return ObjectShape, syntaxError(err)
	}
	return shape, nil
}

// shape reads the members of an object whose brace has been read.
func (p *parser) shape() (Shape, error) {
	shape, listed := ObjectShape, false
	for p.dec.PeekKind() != '}' {
		name, err := p.dec.ReadValue()
		if err != nil {
			return shape, err
		}
		switch key, kind := string(unquote(name)), p.dec.PeekKind(); {
		case key == "objects" && listed:
			return shape, p.twoLists()
		case key == "objects" && kind == '[':
			listed = true
		case key == "type" && kind == '"':
			value, err := p.dec.ReadValue()
			if err != nil || string(unquote(value)) != "bundle" {
				return ObjectShape, err
			}
			shape = BundleShape
			continue
		}
		if err := p.dec.SkipValue(); err != nil {
			return shape, err
		}
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return shape, err
	}
	if shape == ObjectShape && listed {
		shape = EnvelopeShape
	}
	return shape, p.end()
}

// byteOrderMark is U+FEFF in UTF-8. JSON texts must not begin with it (RFC 8259 §8.1), and
// some editors write it all the same.
const byteOrderMark = "\xef\xbb\xbf"

// CheckEncoding finds what shows in the first bytes of a file that is not plain UTF-8. Its
// error is a [*SyntaxError] that names the cause; a parser would call it an invalid character,
// which nobody can see.
func CheckEncoding(text []byte) error {
	switch {
	case bytes.HasPrefix(text, []byte(byteOrderMark)):
		return &SyntaxError{0, "a byte order mark; save the file as UTF-8 without one"}
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
		return &SyntaxError{0, "this is UTF-16; save the file as UTF-8"}
	}
	return nil
}

// extent says how far text is the beginning of one JSON value: complete if it is one, broken
// at the offset of the first byte that cannot stand there, or neither, if more must follow.
func extent(text []byte) (complete bool, broken int) {
	p := newParser(text)
	err := p.dec.SkipValue()
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return false, -1
	}
	if err != nil {
		err = syntaxError(err)
	} else {
		err = p.end()
	}
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		return false, syntax.Offset
	}
	return true, -1
}
