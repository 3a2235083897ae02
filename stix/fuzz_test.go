package stix_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
)

// Split must agree with encoding/json on what is JSON and on what the members of objects are,
// and never call an object good that jsontext refuses as I-JSON.
func FuzzSplit(f *testing.F) {
	good := bytes.TrimSpace(casefile.Read(f, "testdata/valid/indicator.json"))
	for _, text := range []string{
		`{"objects":[]}`, `{"objects":[1,"a",null,[],{}]}`, `{"objects":{},"a":[{"b":1}]}`, `[]`, `{`,
		`{"objects":[{}],"objects":[]}`, `{"more":true,"next":"a","objects":[` + string(good) + `]}`,
		`{"\u006fbjects":[{"a":"\ud800"}]}`, `{"objects":[{"a":1,"a":2}]} `, "\n{\"objects\" : [ {\t} ] }\r\n",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		elements, err := stix.Split(text)
		var syntax *stix.SyntaxError
		if errors.As(err, &syntax) {
			if syntax.Offset < 0 || syntax.Offset > len(text) || syntax.Message == "" {
				t.Errorf("incomplete error %+v", syntax)
			}
			return
		}
		if !json.Valid(text) {
			t.Fatalf("%q is not JSON, but: %v", text, err)
		}
		for _, e := range elements {
			if at := text[e.Offset:]; !bytes.HasPrefix(at, e.Object.Raw) {
				t.Errorf("the object is not at its offset %d: %q", e.Offset, e.Object.Raw)
			}
			if e.Err == nil && !jsontext.Value(e.Object.Raw).IsValid() {
				t.Errorf("accepted what is not I-JSON: %q", e.Object.Raw)
			}
		}
		if err == nil {
			sameMembers(t, text, elements)
		}
	})
}

// sameMembers compares the elements with what encoding/json finds.
func sameMembers(t *testing.T, text []byte, elements []stix.Element) {
	t.Helper()
	var envelope map[string]json.RawMessage
	var members []json.RawMessage
	if json.Unmarshal(text, &envelope) != nil || json.Unmarshal(envelope["objects"], &members) != nil {
		return // a name of objects that only encoding/json reads as another
	}
	if len(members) != len(elements) {
		t.Fatalf("%d elements of %d members", len(elements), len(members))
	}
	for i, m := range members {
		if !bytes.Equal(m, elements[i].Object.Raw) {
			t.Errorf("element %d: %q, want %q", i, elements[i].Object.Raw, m)
		}
	}
}
