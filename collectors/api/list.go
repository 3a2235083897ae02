package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/go-json-experiment/json/jsontext"
)

// List is a list in an answer that was found to be whole.
type List struct{ text []byte }

// Open finds the list that is a member of an answer, and decodes the other members into rest. It
// reads the answer to its end, so that half of one is an error before anything is made of it. A
// member that is null is an empty list. The error wraps [collectors.ErrFormat].
func (s Source) Open(answer []byte, name string, rest any) (List, error) {
	list, others, err := split(answer, name)
	if err == nil {
		err = json.Unmarshal(others, rest)
	}
	if err != nil {
		return List{}, fmt.Errorf("read the answer: %w: %w", err, s.Refuse(collectors.ErrFormat))
	}
	return list, nil
}

var (
	errNoObject = errors.New("it is no JSON object")
	errNoList   = errors.New("it is no list")
	errMore     = errors.New("text after the JSON object")
)

// lenient lets pass what encoding/json lets pass: one element must not spoil the others.
func lenient(text []byte) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(text),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
}

// split returns the list under a name and an object of the other members.
func split(answer []byte, name string) (List, []byte, error) {
	dec := lenient(answer)
	if begin, err := dec.ReadToken(); err != nil {
		return List{}, nil, notJSON(err)
	} else if begin.Kind() != '{' {
		return List{}, nil, errNoObject
	}
	var list []byte
	others := []byte{'{'}
	for dec.PeekKind() == '"' {
		label, err := dec.ReadValue()
		if err != nil {
			return List{}, nil, notJSON(err)
		}
		label = bytes.Clone(label) // the next read may write over it
		value, err := dec.ReadValue()
		if err != nil {
			return List{}, nil, notJSON(err)
		}
		if called(label, name) {
			end := int(dec.InputOffset())
			list = answer[end-len(value) : end]
			continue
		}
		if len(others) > 1 {
			others = append(others, ',')
		}
		others = append(append(append(others, label...), ':'), value...)
	}
	if _, err := dec.ReadToken(); err != nil {
		return List{}, nil, notJSON(err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return List{}, nil, errMore
	}
	elements, err := listOf(list, name)
	return elements, append(others, '}'), err
}

func notJSON(err error) error { return fmt.Errorf("not JSON: %w", err) }

// listOf takes the text of a member for a list.
func listOf(text []byte, name string) (List, error) {
	switch {
	case bytes.Equal(text, []byte("null")):
		return List{[]byte("[]")}, nil
	case len(text) == 0:
		return List{}, fmt.Errorf("%s is missing", name)
	case text[0] != '[':
		return List{}, fmt.Errorf("%s: %w", name, errNoList)
	}
	return List{text}, nil
}

// called reports whether a quoted name is the one that is looked for.
func called(quoted jsontext.Value, name string) bool {
	text, err := jsontext.AppendUnquote(nil, quoted)
	return err == nil && string(text) == name
}

// Each calls f with the text of every element, in their order, until f returns an error. The
// text must not be kept.
func (l List) Each(f func(element []byte) error) error {
	dec := lenient(l.text)
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != ']' {
		element, err := dec.ReadValue()
		if err != nil {
			return err
		}
		if err := f(element); err != nil {
			return err
		}
	}
	return nil
}

// maxNext bounds the address of a page, in bytes.
const maxNext = 8 << 10

// Next returns the address of the page that an answer from an address calls the next one, "" if
// it names none. One on another host is an error that wraps [collectors.ErrFormat]: whoever can change an
// answer must not choose where the run goes. Scheme and port stay those of the page before. One that
// is too long to be kept in a cursor is an error, too.
func (s Source) Next(from, next string) (string, error) {
	if next == "" {
		return "", nil
	}
	if len(next) > maxNext {
		return "", fmt.Errorf("the address of the next page is longer than %d bytes: %w",
			maxNext, s.Refuse(collectors.ErrFormat))
	}
	here, err := url.Parse(from)
	if err != nil {
		return "", fmt.Errorf("the page's own address: %w", err)
	}
	there, err := here.Parse(next)
	if err != nil || !strings.EqualFold(there.Hostname(), here.Hostname()) {
		return "", fmt.Errorf("the next page is not on the same host: %w", s.Refuse(collectors.ErrFormat))
	}
	there.Scheme, there.Host, there.User = here.Scheme, here.Host, here.User
	if there.String() == here.String() {
		return "", fmt.Errorf("the next page is the same one again: %w", s.Refuse(collectors.ErrFormat))
	}
	return there.String(), nil
}
