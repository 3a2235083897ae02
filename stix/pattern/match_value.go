package pattern

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/stix"
)

// value is a JSON value read for comparing. Objects are read once, when the evidence is built,
// because evidence is matched with many patterns and a walk over text would cost more each time.
type value struct {
	kind    valueKind
	text    string   // of aText unescaped, of someOctets the octets, of a number as written
	integer int64    // of anInteger
	float   float64  // of aFloat
	yes     bool     // of aBoolean
	items   []value  // of aList
	members []member // of anObject, sorted by name when there are more than fewMembers
}

// fewMembers is how many members are quicker to walk through than to search.
const fewMembers = 12

type member struct {
	name  string
	value value
}

type valueKind uint8

const (
	aNull valueKind = iota
	aBoolean
	anInteger
	aHugeInteger // written as an integer, outside the range of int64
	aFloat
	aText
	someOctets // a property whose name ends in _bin or _hex, decoded (§9.6.4)
	unreadable // such a property with a text that does not decode
	aList
	anObject
)

var errDeep = errors.New("nested deeper than 100 levels")

// readValue reads one JSON object. Its texts share one copy of raw.
func readValue(raw []byte) (*value, error) {
	r := valueReader{dec: jsontext.NewDecoder(bytes.NewBuffer(raw)), text: string(raw)}
	v := &value{}
	if err := r.read(v, 0, plain); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if v.kind != anObject {
		return nil, errors.New("read JSON: not an object")
	}
	return v, nil
}

type valueReader struct {
	dec  *jsontext.Decoder
	text string
}

func (r *valueReader) read(v *value, depth int, code encoding) error {
	switch kind := r.dec.PeekKind(); {
	case (kind == '{' || kind == '[') && depth == stix.MaxDepth:
		return errDeep
	case kind == '{':
		return r.object(v, depth)
	case kind == '[':
		return r.list(v, depth, code)
	}
	raw, err := r.dec.ReadValue()
	if err != nil {
		return err
	}
	switch raw.Kind() {
	case 't', 'f':
		v.kind, v.yes = aBoolean, raw.Kind() == 't'
	case '"':
		v.kind, v.text = code.decode(r.unquote(raw))
	case '0':
		v.number(r.slice(raw))
	}
	return nil
}

func (r *valueReader) object(v *value, depth int) error {
	v.kind = anObject
	v.members = make([]member, 0, fewMembers/2)
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	for r.dec.PeekKind() != '}' {
		raw, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		v.members = append(v.members, member{name: r.unquote(raw)})
		last := &v.members[len(v.members)-1]
		if err := r.read(&last.value, depth+1, encodingOf(last.name)); err != nil {
			return err
		}
	}
	if len(v.members) > fewMembers {
		slices.SortFunc(v.members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	}
	_, err := r.dec.ReadToken()
	return err
}

func (r *valueReader) list(v *value, depth int, code encoding) error {
	v.kind = aList
	if _, err := r.dec.ReadToken(); err != nil {
		return err
	}
	for r.dec.PeekKind() != ']' {
		v.items = append(v.items, value{})
		if err := r.read(&v.items[len(v.items)-1], depth+1, code); err != nil {
			return err
		}
	}
	_, err := r.dec.ReadToken()
	return err
}

// slice returns the text of the value just read as a part of the one copy, so that a value costs
// no allocation of its own.
func (r *valueReader) slice(raw jsontext.Value) string {
	end := int(r.dec.InputOffset())
	return r.text[end-len(raw) : end]
}

func (r *valueReader) unquote(raw jsontext.Value) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		quoted := r.slice(raw)
		return quoted[1 : len(quoted)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, raw)
	return string(text)
}

// number reads a number as STIX 2.1 §2 has it: an integer by how it is written, else a float.
func (v *value) number(text string) {
	v.text = text
	if strings.ContainsAny(text, ".eE") {
		v.kind = aFloat
		v.float, _ = strconv.ParseFloat(text, 64) // infinite beyond its range
		return
	}
	n, err := strconv.ParseInt(text, 10, 64)
	v.kind, v.integer = anInteger, n
	if err != nil {
		v.kind = aHugeInteger
	}
}

// member returns the member of that name, or nil.
func (v *value) member(name string) *value {
	if len(v.members) <= fewMembers {
		for i := range v.members {
			if v.members[i].name == name {
				return &v.members[i].value
			}
		}
		return nil
	}
	i, found := slices.BinarySearchFunc(v.members, name, func(m member, name string) int {
		return strings.Compare(m.name, name)
	})
	if !found {
		return nil
	}
	return &v.members[i].value
}

// textOf returns the string property of that name, or "". A property of another type counts as
// absent, since nothing that needs its text could use it.
func (v *value) textOf(name string) string {
	if m := v.member(name); m != nil && m.kind == aText {
		return m.text
	}
	return ""
}

// encoding is how a string property holds its value, which its name tells (§3.1).
type encoding uint8

const (
	plain encoding = iota
	base64Encoded
	hexEncoded
)

func encodingOf(name string) encoding {
	switch {
	case strings.HasSuffix(name, "_bin"):
		return base64Encoded
	case strings.HasSuffix(name, "_hex"):
		return hexEncoded
	}
	return plain
}

// decode returns the native form of a string, in which it must be compared (§9.6.4).
func (c encoding) decode(text string) (valueKind, string) {
	var octets []byte
	var err error
	switch c {
	case plain:
		return aText, text
	case base64Encoded:
		octets, err = base64.StdEncoding.DecodeString(text)
	case hexEncoded:
		octets, err = hex.DecodeString(text)
	}
	if err != nil {
		return unreadable, ""
	}
	return someOctets, string(octets)
}
