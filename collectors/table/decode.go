package table

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// decode reads one JSON value. Numbers keep all their digits.
func decode(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	dec.UseNumber()
	var value any
	if err := dec.Decode(&value); err != nil {
		return nil, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("not JSON: more after the end of the document")
	}
	return tame(value), nil
}

// maxDigits bounds numbers that keep all their digits. Arithmetic on a number of a million
// digits takes longer than any context can stop; identifiers have twenty.
const maxDigits = 40

// tame makes floating-point numbers of those that are too long, in place.
func tame(value any) any {
	switch v := value.(type) {
	case json.Number:
		if len(v) > maxDigits {
			f, _ := v.Float64() // out of range is infinity
			return f
		}
	case []any:
		for i := range v {
			v[i] = tame(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = tame(v[name])
		}
	}
	return value
}
