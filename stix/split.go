package stix

import (
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// Element is one member of the objects of an envelope or a bundle. Err is nil or the
// [Violations] that keep the object from being stored.
type Element struct {
	Object Object
	Err    error
}

// ErrNoObjects says that a text is JSON but neither an envelope nor a bundle: not an object,
// or one without a list named objects.
var ErrNoObjects = errors.New(`neither an envelope nor a bundle: expected {"objects":[...]}`)

// MaxFaulty is how many objects with violations Split returns.
const MaxFaulty = 100_000

// ErrTooManyFaults says that more than MaxFaulty objects have violations.
var ErrTooManyFaults = errors.New("more than 100000 of the objects have faults")

// Split reads a TAXII envelope (TAXII 2.1 §3.7) or a STIX bundle (STIX 2.1 §8) and returns
// the members of objects in their order, in one pass over the text. Other members of the
// envelope are ignored. Objects with violations are returned with them and do not disturb the
// others; the error is a [*SyntaxError], [ErrNoObjects] or [ErrTooManyFaults].
func Split(text []byte) ([]Element, error) {
	p := newParser(text)
	if kind := p.dec.PeekKind(); kind != '{' {
		if _, err := p.dec.ReadValue(); err != nil {
			return nil, syntaxError(err)
		}
		return nil, ErrNoObjects
	}
	elements, found, err := p.envelope()
	if errors.Is(err, ErrTooManyFaults) {
		return nil, err
	}
	if err != nil {
		return nil, syntaxError(err)
	}
	if err := p.end("envelope"); err != nil {
		return nil, err
	}
	if !found {
		return nil, ErrNoObjects
	}
	return elements, nil
}

func (p *parser) envelope() (elements []Element, found bool, err error) {
	if _, err := p.dec.ReadToken(); err != nil {
		return nil, false, err
	}
	for p.dec.PeekKind() != '}' {
		name, err := p.dec.ReadValue()
		if err != nil {
			return nil, false, err
		}
		objects := string(unquote(name)) == "objects"
		if objects && found {
			offset := p.dec.InputOffset()
			return nil, false, &jsontext.SyntacticError{ByteOffset: offset, Err: errTwoLists}
		}
		if !objects || p.dec.PeekKind() != '[' {
			if err := p.dec.SkipValue(); err != nil {
				return nil, false, err
			}
			continue
		}
		found = true
		if elements, err = p.list(); err != nil {
			return nil, false, err
		}
	}
	_, err = p.dec.ReadToken()
	return elements, found, err
}

var errTwoLists = errors.New("the name objects stands twice in the envelope")

func (p *parser) list() ([]Element, error) {
	if _, err := p.dec.ReadToken(); err != nil {
		return nil, err
	}
	var elements []Element
	faulty := 0
	for p.dec.PeekKind() != ']' {
		e, err := p.element()
		if err != nil {
			return nil, err
		}
		if e.Err != nil {
			faulty++
		}
		if faulty > MaxFaulty { // each takes hundreds of bytes, and perhaps two of text
			return nil, ErrTooManyFaults
		}
		elements = append(elements, e)
	}
	_, err := p.dec.ReadToken()
	return elements, err
}
