package match

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/stix"
)

var errDeep = errors.New("nested deeper than 100 levels")

// valueReader reads JSON objects and bounds how many values all of them have.
type valueReader struct {
	left int // values that there may still be
}

// read reads one JSON object. Its texts share one copy of raw.
func (r *valueReader) read(raw []byte) (*value, error) {
	held := countHeld(raw)
	for _, n := range held {
		r.left -= n
	}
	if r.left < 0 {
		return nil, fmt.Errorf("%w: evidence of more than %d values", ErrTooComplex, mostValues)
	}
	t := textReader{dec: jsontext.NewDecoder(bytes.NewBuffer(raw)), text: string(raw), held: held}
	v := &value{}
	if err := t.read(v, 0); err != nil {
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	if v.kind != anObject {
		return nil, errors.New("read JSON: not an object")
	}
	return v, nil
}

// countHeld returns how many values every list and object of a JSON text holds, in the order in
// which they begin, so that room for them is made once and of the right size. Of a text that is
// not JSON it returns numbers up to the fault.
func countHeld(raw []byte) []int {
	var held, open []int
	empty := false // nothing but white space since the last bracket opened
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			continue
		}
		if closing := c == ']' || c == '}'; empty && !closing {
			held[open[len(open)-1]]++
		}
		empty = false
		switch c {
		case '[', '{':
			if len(open) > stix.MaxDepth {
				return held // too deep to be read so far
			}
			open = append(open, len(held))
			held = append(held, 0)
			empty = true
		case ']', '}':
			open = open[:max(len(open)-1, 0)]
		case ',':
			if len(open) > 0 {
				held[open[len(open)-1]]++
			}
		case '"':
			for i++; i < len(raw) && raw[i] != '"'; i++ {
				if raw[i] == '\\' {
					i++
				}
			}
		}
	}
	return held
}

// textReader reads the values of one JSON text.
type textReader struct {
	dec  *jsontext.Decoder
	text string
	held []int // by the lists and objects that are still to begin
}

func (r *textReader) read(v *value, depth int) error {
	switch kind := r.dec.PeekKind(); {
	case (kind == '{' || kind == '[') && depth == stix.MaxDepth:
		return errDeep
	case kind == '{':
		return r.object(v, depth)
	case kind == '[':
		return r.list(v, depth)
	}
	raw, err := r.dec.ReadValue()
	if err != nil {
		return err
	}
	switch raw.Kind() {
	case 't':
		v.kind, v.bits = aBoolean, 1
	case 'f':
		v.kind = aBoolean
	case '"':
		v.kind, v.text = aText, r.unquote(raw)
	case '0':
		v.number(r.slice(raw))
	}
	return nil
}

func (r *textReader) object(v *value, depth int) error {
	v.kind = anObject
	n, err := r.begin()
	if err != nil {
		return err
	}
	members := make([]member, 0, n)
	for r.dec.PeekKind() != '}' {
		raw, err := r.dec.ReadValue()
		if err != nil {
			return err
		}
		members = append(members, member{name: r.unquote(raw)})
		if err := r.read(&members[len(members)-1].value, depth+1); err != nil {
			return err
		}
	}
	if len(members) > fewMembers {
		slices.SortFunc(members, func(a, b member) int { return strings.Compare(a.name, b.name) })
	}
	if n > 0 {
		v.under = &under{members: members}
	}
	_, err = r.dec.ReadToken()
	return err
}

func (r *textReader) list(v *value, depth int) error {
	v.kind = aList
	n, err := r.begin()
	if err != nil {
		return err
	}
	items := make([]value, 0, n)
	for r.dec.PeekKind() != ']' {
		items = append(items, value{})
		if err := r.read(&items[len(items)-1], depth+1); err != nil {
			return err
		}
	}
	if n > 0 {
		v.under = &under{items: items}
	}
	_, err = r.dec.ReadToken()
	return err
}

// begin steps into a list or an object and returns how many values it holds.
func (r *textReader) begin() (int, error) {
	if _, err := r.dec.ReadToken(); err != nil {
		return 0, err
	}
	n := r.held[0]
	r.held = r.held[1:]
	return n, nil
}

// slice returns the text of the value just read as a part of the one copy, so that a value costs
// no allocation of its own.
func (r *textReader) slice(raw jsontext.Value) string {
	end := int(r.dec.InputOffset())
	return r.text[end-len(raw) : end]
}

func (r *textReader) unquote(raw jsontext.Value) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		quoted := r.slice(raw)
		return quoted[1 : len(quoted)-1]
	}
	text, _ := jsontext.AppendUnquote(nil, raw)
	return string(text)
}

// number reads a number as STIX 2.1 §2 has it: an integer by how it is written, else a float.
func (v *value) number(text string) {
	if strings.ContainsAny(text, ".eE") {
		f, _ := strconv.ParseFloat(text, 64) // infinite beyond its range
		v.kind, v.bits = aFloat, math.Float64bits(f)
		return
	}
	n, err := strconv.ParseInt(text, 10, 64)
	v.kind, v.bits = anInteger, uint64(n)
	if err != nil {
		v.kind, v.text = aHugeInteger, text
	}
}
