package storetest

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// shape is what an object of the suite is composed from.
type shape struct {
	typ  string // "indicator" if empty
	name string // what the identifier is minted from
	spec string // stix.Spec21 if empty
	// modified makes the version; "" composes an object without one, unless created is set.
	created, modified string
	note              string // tells bytes of the same version apart
}

// kind is the object type.
func (s shape) kind() string {
	if s.typ == "" {
		return "indicator"
	}
	return s.typ
}

func (s shape) identifier() string { return stix.MintID(s.kind(), s.name) }

// object composes an object.
func (s shape) object() stix.Object {
	if s.spec == "" {
		s.spec = stix.Spec21
	}
	if s.created == "" && s.modified != "" {
		s.created = "2000-01-01T00:00:00Z"
	}
	var b strings.Builder
	b.WriteByte('{')
	for _, p := range [][2]string{
		{"type", s.kind()}, {"spec_version", s.spec}, {"id", s.identifier()}, {"created", s.created},
		{"modified", s.modified}, {"x_note", s.note},
	} {
		if p[1] != "" {
			fmt.Fprintf(&b, "%q:%q,", p[0], p[1])
		}
	}
	return parse(strings.TrimSuffix(b.String(), ",") + "}")
}

// parse reads an object that the suite itself wrote.
func parse(text string) stix.Object {
	o, err := stix.Parse([]byte(text))
	if err != nil {
		panic(fmt.Sprintf("storetest composed an object with faults: %v in %s", err, text))
	}
	return o
}

// version is the text of the n-th of many versions, in their order.
func version(n int) string {
	return time.Date(2020, 1, 1, 0, 0, n, 0, time.UTC).Format("2006-01-02T15:04:05.000Z")
}

// exact selects versions by their texts.
func exact(texts ...string) store.Versions {
	var v store.Versions
	for _, text := range texts {
		t, err := stix.ParseTimestamp(text)
		if err != nil {
			panic(fmt.Sprintf("storetest named a version %q: %v", text, err))
		}
		v.Exact = append(v.Exact, t)
	}
	return v
}

// numbered composes n indicators of different ids, each with one version.
func numbered(prefix string, n int) []stix.Object {
	objects := make([]stix.Object, n)
	for i := range objects {
		objects[i] = shape{name: prefix + strconv.Itoa(i), modified: version(i)}.object()
	}
	return objects
}

func incoming(objects ...stix.Object) []store.Incoming { return marked("a", objects...) }

// marked composes a batch whose objects all have the same marks.
func marked(marks string, objects ...stix.Object) []store.Incoming {
	batch := make([]store.Incoming, len(objects))
	for i, o := range objects {
		batch[i] = store.Incoming{Object: o, Marks: marks}
	}
	return batch
}
