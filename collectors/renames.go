package collectors

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// renames tells as which objects those of a run go on. Only the UUIDs are kept, because a type
// stays: a run in which a million came back needs no more than 60 MiB for them.
type renames map[uuid.UUID]uuid.UUID

// set reports whether it is another one than before.
func (r renames) set(from, to string) bool {
	a, b := uuidOf(from), uuidOf(to)
	if r[a] == b {
		return false
	}
	r[a] = b
	return true
}

// of returns the id under which an object goes on, which may be its own.
func (r renames) of(id string) string {
	if next, ok := r[uuidOf(id)]; ok {
		return stix.TypeOfID(id) + "--" + next.String()
	}
	return id
}

// uuidOf is the zero UUID for what is no identifier. Nothing is ever renamed from it, because
// all objects of a run have passed [stix.Parse].
func uuidOf(id string) uuid.UUID {
	_, text, _ := strings.Cut(id, "--")
	u, err := uuid.Parse(text)
	if err != nil {
		return uuid.UUID{}
	}
	return u
}

// ends are the references that make a relationship object what it is.
func ends(typ string) []string {
	switch typ {
	case "relationship":
		return []string{"source_ref", "target_ref"}
	case "sighting":
		return []string{"sighting_of_ref"}
	}
	return nil
}

// follow returns an object with the references to those that go on under another id. A
// relationship object with another end is another one, and gets an id that follows from its own
// and its ends: the one before stays with the revoked object.
func (w *writer) follow(o stix.Object) (stix.Object, error) {
	if len(w.renamed) == 0 {
		return o, nil
	}
	raw, changed, err := w.renamed.references(o.Raw)
	if err != nil || len(changed) == 0 {
		return o, err
	}
	parts, moved := []string{o.ID}, false
	for _, end := range ends(o.Type) {
		moved = moved || changed[end] != ""
		parts = append(parts, changed[end])
	}
	if moved {
		id := stix.MintID(o.Type, parts...)
		if raw, err = setMembers(raw, map[string]string{"id": id}); err != nil {
			return o, err
		}
	}
	return stix.Parse(raw)
}

// references returns the object with the new ids in the members that end in _ref and _refs, and
// the single references that changed, by name. Lists that changed have "" there.
func (r renames) references(raw []byte) (out []byte, changed map[string]string, err error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw))
	if _, err := dec.ReadToken(); err != nil {
		return nil, nil, err
	}
	out = []byte{'{'}
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, nil, err
		}
		name := token.String()
		value, err := dec.ReadValue()
		if err != nil {
			return nil, nil, err
		}
		if next, single, ok := r.reference(name, value); ok {
			if changed == nil {
				changed = map[string]string{}
			}
			changed[name], value = single, next
		}
		out = appendMember(out, name, value)
	}
	return append(out, '}'), changed, nil
}

// reference returns the new value of a member if it is another one.
func (r renames) reference(name string, value []byte) (next []byte, single string, changed bool) {
	switch {
	case name == "created_by_ref": // which is the same in all versions (STIX 2.1 §3.6)
	case strings.HasSuffix(name, "_ref"):
		var id string
		if json.Unmarshal(value, &id) != nil || r.of(id) == id {
			return nil, "", false
		}
		next, _ = jsontext.AppendQuote(nil, r.of(id))
		return next, r.of(id), true
	case strings.HasSuffix(name, "_refs"):
		var ids []string
		if json.Unmarshal(value, &ids) != nil {
			return nil, "", false
		}
		for i, id := range ids {
			ids[i] = r.of(id)
			changed = changed || ids[i] != id
		}
		next, _ = json.Marshal(ids) // of strings, which are no error
	}
	return next, "", changed
}
