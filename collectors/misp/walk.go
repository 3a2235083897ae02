package misp

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/cabstand/cabstand/collectors"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var errNotObject = errors.New("an object is expected")

// eachMember calls visit for every member of an object. The values lie in the text and must not
// be modified. null has no members, and neither has an empty list, which is how PHP writes an
// empty object.
func eachMember(text []byte, visit func(name string, value jsontext.Value) error) error {
	if isEmpty(text) {
		return nil
	}
	dec := newDecoder(text)
	if dec.PeekKind() != '{' {
		return errNotObject
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := visit(name, value); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// eachItem calls visit for every item of a list. PHP writes a list of which items were taken out
// as an object with numbers for names; its values are the items.
func eachItem(text []byte, visit func(value jsontext.Value) error) error {
	if isEmpty(text) {
		return nil
	}
	dec := newDecoder(text)
	switch dec.PeekKind() {
	case '{':
		return eachMember(text, func(_ string, value jsontext.Value) error { return visit(value) })
	case '[':
	default:
		return errors.New("a list is expected")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := visit(value); err != nil {
			return err
		}
	}
	_, err := dec.ReadToken()
	return err
}

// newDecoder reads a text where it lies.
func newDecoder(text []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(text), lenient())
}

// lenient lets half a character pass, as Python writes it when it has cut a comment. It is no
// reason to lose an event.
func lenient() jsontext.Options { return jsontext.AllowInvalidUTF8(true) }

// isEmpty reports whether a value is absent, null, {} or [].
func isEmpty(text []byte) bool {
	switch string(bytes.TrimSpace(text)) {
	case "", "null", "{}", "[]":
		return true
	}
	return false
}

// list is a list as eachItem reads it. An item of another form spoils the list: a tag that
// nobody can read may be the one that says who may see the rest.
type list[T any] []T

// maxItems bounds a list. What has more tags or sightings is no work of people.
const maxItems = 100_000

// UnmarshalJSON takes a list, an object of items, or null.
func (l *list[T]) UnmarshalJSON(text []byte) error {
	return eachItem(text, func(value jsontext.Value) error {
		if len(*l) == maxItems {
			return fmt.Errorf("a list of more than %d items", maxItems)
		}
		var item T
		if err := decode(value, &item); err != nil {
			return err
		}
		*l = append(*l, item)
		return nil
	})
}

// formError is the place of a value of another form than MISP gives it, as a JSON Pointer.
type formError string

// Error names the member and not its value: values are strangers' and logs are read by operators.
func (e formError) Error() string {
	if e == "" {
		return "not in the form of MISP"
	}
	return "member " + string(e) + " is not in the form of MISP"
}

// decode reads one value into a struct. The names of its members count exactly as they are
// written: events have both Object and object.
func decode(text []byte, into any) error {
	if err := collectors.CheckJSONSize(text); err != nil {
		return err
	}
	err := json.Unmarshal(text, into, lenient())
	fault, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return err
	}
	inner, _ := errors.AsType[formError](fault.Err)
	return formError(fault.JSONPointer) + inner
}
