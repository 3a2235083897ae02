package collectors

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/go-json-experiment/json/jsontext"
)

// prune takes references to objects that were held back out of an object. It is false for one
// that says nothing without them: a relationship without an end, a report without objects. What
// the object refers to has to come before it; what comes later is not known yet.
func (s *sieve) prune(o stix.Object) (stix.Object, bool) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(o.Raw))
	if _, err := dec.ReadToken(); err != nil {
		return o, true
	}
	out, changed := []byte{'{'}, false
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return o, true
		}
		name := token.String()
		value, err := dec.ReadValue()
		if err != nil {
			return o, true
		}
		kept, gone := s.references(name, value)
		switch {
		case !gone:
			out = appendMember(out, name, value)
			continue
		case len(kept) > 0:
			text, _ := json.Marshal(kept) // of strings, which are no error
			out = appendMember(out, name, text)
		case !strings.HasSuffix(name, "_refs"), name == "object_refs":
			return o, false
		}
		changed = true
	}
	if !changed {
		return o, true
	}
	pruned, err := stix.Parse(append(out, '}'))
	return pruned, err == nil
}

// references returns those of a member that are left, and whether any is gone. Of members
// that are no references none is.
func (s *sieve) references(name string, value []byte) (kept []string, gone bool) {
	switch {
	case strings.HasSuffix(name, "_ref"):
		var id string
		if json.Unmarshal(value, &id) == nil {
			_, gone = s.held[shortHash(id)]
		}
	case strings.HasSuffix(name, "_refs"):
		var ids []string
		if json.Unmarshal(value, &ids) != nil {
			return nil, false
		}
		for _, id := range ids {
			if _, held := s.held[shortHash(id)]; held {
				gone = true
			} else {
				kept = append(kept, id)
			}
		}
	}
	return kept, gone
}
