package collectors

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Property is one property of an object that is being built.
type Property struct {
	Name  string
	Value any
}

// P returns a property. A time becomes a STIX timestamp in milliseconds; anything else is
// written as encoding/json writes it. STIX knows neither null nor empty lists, so a property
// whose value is nil, "", an empty list or map, or a zero time is left out.
func P(name string, value any) Property { return Property{name, value} }

// stixTime is the form of every timestamp we make: as precise as a version needs.
const stixTime = "2006-01-02T15:04:05.000Z"

func formatTime(t time.Time) string { return t.UTC().Format(stixTime) }

// appendObject writes properties as one object in their order.
func appendObject(properties []Property) ([]byte, error) {
	out := []byte{'{'}
	for _, p := range properties {
		if isEmpty(p.Value) {
			continue
		}
		value, err := appendValue(nil, p.Value)
		if err != nil {
			return nil, fmt.Errorf("property %s: %w", p.Name, err)
		}
		out = appendMember(out, p.Name, value)
	}
	return append(out, '}'), nil
}

// appendMember adds a member whose value is JSON already.
func appendMember(out []byte, name string, value []byte) []byte {
	if len(out) > 1 {
		out = append(out, ',')
	}
	quoted, _ := jsontext.AppendQuote(nil, name)
	out = append(append(out, quoted...), ':')
	return append(out, value...)
}

// appendValue adds a value as P describes it.
func appendValue(out []byte, value any) ([]byte, error) {
	if t, ok := value.(time.Time); ok {
		value = formatTime(t)
	}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false) // URLs are full of ampersands, and people read these files
	if err := enc.Encode(value); err != nil {
		return nil, err
	}
	return append(out, bytes.TrimRight(buf.Bytes(), "\n")...), nil
}

// isEmpty is false for zero and for false, which are statements.
func isEmpty(value any) bool {
	if t, ok := value.(time.Time); ok {
		return t.IsZero()
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.String, reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Pointer, reflect.Interface:
		return v.IsNil()
	}
	return false
}

// setMembers returns the object with the string members of values put in place of its own, at
// the same place and otherwise byte for byte. A member that the object lacks is not added.
func setMembers(raw []byte, values map[string]string) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw))
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	out, copied := make([]byte, 0, len(raw)+16), 0
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		text, wanted := values[name.String()]
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		if !wanted {
			continue
		}
		end := int(dec.InputOffset())
		out = append(out, raw[copied:end-len(value)]...)
		if out, err = jsontext.AppendQuote(out, text); err != nil {
			return nil, err
		}
		copied = end
	}
	return append(out, raw[copied:]...), nil
}
