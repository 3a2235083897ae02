package mutants

import (
	"encoding/json"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// document is a JSON object under construction: its members in the order in which they are
// written. The value of a member is a string, bool, int, []string, *document, []*document,
// jsontext.Value or []jsontext.Value, or anything else that encoding/json takes. Values of
// jsontext are written byte for byte, which keeps stored objects as they arrived.
type document struct {
	members []member
}

type member struct {
	name  string
	value any
}

// newDocument takes names and values in turn.
func newDocument(pairs ...any) *document {
	d := new(document)
	for pair := range slices.Chunk(pairs, 2) {
		d.add(pair[0].(string), pair[1])
	}
	return d
}

// add appends a member, even when there is one of this name already.
func (d *document) add(name string, value any) {
	d.members = append(d.members, member{name, value})
}

// set replaces the value of a member, or appends the member.
func (d *document) set(name string, value any) {
	if i := d.find(name); i >= 0 {
		d.members[i].value = value
		return
	}
	d.add(name, value)
}

// drop removes a member, if it is there.
func (d *document) drop(name string) {
	d.members = slices.DeleteFunc(d.members, func(m member) bool { return m.name == name })
}

// rename changes the name of a member, if it is there.
func (d *document) rename(from, to string) {
	if i := d.find(from); i >= 0 {
		d.members[i].name = to
	}
}

// get returns the value of a member, or nil.
func (d *document) get(name string) any {
	if i := d.find(name); i >= 0 {
		return d.members[i].value
	}
	return nil
}

// rows returns the documents of a member that is a list of them; they may be changed in place.
func (d *document) rows(name string) []*document {
	rows, _ := d.get(name).([]*document)
	return rows
}

func (d *document) find(name string) int {
	return slices.IndexFunc(d.members, func(m member) bool { return m.name == name })
}

// bytes renders the document.
func (d *document) bytes() []byte { return appendDocument(nil, d) }

func appendDocument(out []byte, d *document) []byte {
	out = append(out, '{')
	for i, m := range d.members {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendValue(out, m.name)
		out = append(out, ':')
		out = appendValue(out, m.value)
	}
	return append(out, '}')
}

// appendValue never fails: what encoding/json does not take is written as null.
func appendValue(out []byte, value any) []byte {
	switch v := value.(type) {
	case *document:
		return appendDocument(out, v)
	case []*document:
		return appendList(out, v, appendDocument)
	case jsontext.Value:
		return append(out, v...)
	case []jsontext.Value:
		return appendList(out, v, func(out []byte, v jsontext.Value) []byte {
			return append(out, v...)
		})
	case string:
		// Invalid UTF-8 becomes U+FFFD, so that an echo of a client's bytes is still JSON.
		out, _ = jsontext.AppendQuote(out, v)
		return out
	}
	text, err := json.Marshal(value)
	if err != nil {
		return append(out, "null"...)
	}
	return append(out, text...)
}

func appendList[T any](out []byte, list []T, add func([]byte, T) []byte) []byte {
	out = append(out, '[')
	for i, v := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = add(out, v)
	}
	return append(out, ']')
}
