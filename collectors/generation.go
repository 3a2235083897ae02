package collectors

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// maxGenerations bounds how often an object comes back. A source that has taken one back and
// listed it again so many times does not know either.
const maxGenerations = 100

var errFlapping = fmt.Errorf("the source has taken it back %d times", maxGenerations)

// nextGeneration is the id under which an object goes on that its source lists again after it
// was revoked: no version may follow one that is revoked (STIX 2.1 §3.6). It follows from the
// id before, so that every run and every server gives the same one.
func nextGeneration(id string) string {
	return stix.MintID(stix.TypeOfID(id), id, "again")
}

// resolve returns the objects of a batch as they are to be written, and the newest versions that
// the collection has of them. An object that was revoked goes on in its next generation, and
// what refers to it follows. One that has none any more has a zero object in its place.
//
// What an object becomes depends on what is stored and on nothing else. It is worked out from
// the beginning whenever one more generation has been looked up, so that it is the same in
// every run, however the objects are spread over batches.
func (w *writer) resolve(
	ctx context.Context, batch []stix.Object,
) (objects []stix.Object, stored map[string]stix.Object, err error) {
	if stored, err = w.stored(ctx, idsOf(batch)); err != nil {
		return nil, nil, err
	}
	looked := map[string]bool{}
	for _, o := range batch {
		looked[o.ID] = true
	}
	for range 3 * maxGenerations { // a chain of references may have as many each
		objects, changed, err := w.generations(batch, stored)
		if err != nil {
			return nil, nil, err
		}
		var missing []string
		for _, o := range objects {
			if o.ID != "" && !looked[o.ID] {
				looked[o.ID] = true
				missing = append(missing, o.ID)
			}
		}
		if len(missing) == 0 && !changed {
			return objects, stored, nil
		}
		if len(missing) > 0 {
			more, err := w.stored(ctx, missing)
			if err != nil {
				return nil, nil, err
			}
			maps.Copy(stored, more)
		}
	}
	return nil, nil, errors.New("objects that were taken back refer to each other in circles")
}

// generations returns what becomes of each object as far as it is known what is stored, and
// whether any became something else than before.
func (w *writer) generations(
	batch []stix.Object, stored map[string]stix.Object,
) (objects []stix.Object, changed bool, err error) {
	objects = make([]stix.Object, len(batch))
	for i, o := range batch {
		next, err := w.follow(o)
		if err != nil {
			return nil, false, fmt.Errorf("%s: %w", o.ID, err)
		}
		id, n := next.ID, 0
		for ; stored[id].Revoked && !o.Revoked && n < maxGenerations; n++ {
			id = nextGeneration(id)
		}
		if n == maxGenerations {
			continue
		}
		if id != next.ID {
			if next, err = withID(next, id); err != nil {
				return nil, false, err
			}
		}
		objects[i] = next
		if id != o.ID && w.renamed.set(o.ID, id) {
			changed = true
		}
	}
	return objects, changed, nil
}

func withID(o stix.Object, id string) (stix.Object, error) {
	raw, err := setMembers(o.Raw, map[string]string{"id": id})
	if err != nil {
		return stix.Object{}, err
	}
	return stix.Parse(raw)
}

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
