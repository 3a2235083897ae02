package stix

import "errors"

// Element is one member of the objects of an envelope or a bundle. Err is nil or the
// [Violations] that keep the object from being stored.
type Element struct {
	Object Object
	Err    error
	Offset int // of the object in the text that was split
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
	var elements []Element
	faulty := 0
	err := Walk(text, func(e Element) error {
		if e.Err != nil {
			faulty++
		}
		if faulty > MaxFaulty { // each takes hundreds of bytes, and perhaps two of text
			return ErrTooManyFaults
		}
		elements = append(elements, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return elements, nil
}

// Walk is [Split] for those who need one object at a time and do not mind how many have faults.
// It calls each for the objects in their order and ends with its first error. A text that is
// not JSON ends in a [*SyntaxError], after the objects that stand before the fault.
func Walk(text []byte, each func(Element) error) error {
	p := newParser(text)
	if kind := p.dec.PeekKind(); kind != '{' {
		if _, err := p.dec.ReadValue(); err != nil {
			return syntaxError(err)
		}
		if err := p.end(); err != nil {
			return err
		}
		return ErrNoObjects
	}
	found, err := p.envelope(each)
	if err != nil {
		return err
	}
	if err := p.end(); err != nil {
		return err
	}
	if !found {
		return ErrNoObjects
	}
	return nil
}

// envelope reads the whole of an envelope and reports whether it has a list of objects.
func (p *parser) envelope(each func(Element) error) (found bool, err error) {
	if _, err := p.dec.ReadToken(); err != nil {
		return false, syntaxError(err)
	}
	for p.dec.PeekKind() != '}' {
		name, err := p.dec.ReadValue()
		if err != nil {
			return false, syntaxError(err)
		}
		objects := string(unquote(name)) == "objects"
		if objects && found {
			return false, p.twoLists()
		}
		if !objects || p.dec.PeekKind() != '[' {
			if err := p.dec.SkipValue(); err != nil {
				return false, syntaxError(err)
			}
			continue
		}
		found = true
		if err := p.list(each); err != nil {
			return false, err
		}
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return false, syntaxError(err)
	}
	return found, nil
}

// twoLists is about a name objects that has just been read, after a list of that name.
func (p *parser) twoLists() error {
	return &SyntaxError{int(p.dec.InputOffset()), "the name objects stands twice in the envelope"}
}

func (p *parser) list(each func(Element) error) error {
	if _, err := p.dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	for p.dec.PeekKind() != ']' {
		e, err := p.element()
		if err != nil {
			return err
		}
		if err := each(e); err != nil {
			return err
		}
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return syntaxError(err)
	}
	return nil
}
