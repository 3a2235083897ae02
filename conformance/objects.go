package conformance

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// stixObject is an object that the suite has made.
type stixObject struct {
	id      string
	version string // modified, or else created; "" for observables
	raw     []byte
}

// kind is the object's type.
func (o stixObject) kind() string {
	kind, _, _ := strings.Cut(o.id, "--")
	return kind
}

// Times in the suite's objects. They have nothing to do with when an object is added.
const (
	born = "2024-05-01T10:00:00.000Z"
	old  = "1999-12-31T23:59:59.000Z" // before anything that is on the server
)

// nthVersion is the modified of the nth version of an object, n from 1 to 59.
func nthVersion(n int) string { return fmt.Sprintf("2024-05-01T10:%02d:00.000Z", n) }

// freshID returns an id that no object has.
func freshID(kind string) string { return kind + "--" + uuid.NewString() }

// indicator returns an indicator nobody knows yet. Members, name and JSON value in turn, are
// added behind the usual ones, or replace them.
func (w *world) indicator(name string, members ...string) stixObject {
	return w.version(freshID("indicator"), name, nthVersion(1), members...)
}

// version returns one version of the object of an id: an indicator, a malware or an identity.
func (w *world) version(id, name, modified string, members ...string) stixObject {
	kind, _, _ := strings.Cut(id, "--")
	pairs := []string{
		"type", quote(kind), "spec_version", `"2.1"`, "id", quote(id),
		"created", quote(min(born, modified)), "modified", quote(modified),
		"name", quote(name + " of the conformance run " + w.run),
	}
	switch kind {
	case "indicator":
		pairs = append(pairs, "pattern", `"[ipv4-addr:value = '192.0.2.1']"`,
			"pattern_type", `"stix"`, "valid_from", quote(modified))
	case "malware":
		pairs = append(pairs, "is_family", "false")
	}
	return stixObject{id, modified, join(pairs, members)}
}

// domain returns an observable; it has no times. Its id is the one that STIX 2.1 section 2.9
// recommends.
func (w *world) domain(name string) stixObject {
	value := fmt.Sprintf("%s.%s.example.com", name, strings.ToLower(w.run))
	space := uuid.MustParse("00abedb4-aa42-466c-9c01-fed23315a9b7")
	id := "domain-name--" + uuid.NewSHA1(space, []byte(`{"value":`+quote(value)+`}`)).String()
	return stixObject{id: id, raw: join([]string{
		"type", `"domain-name"`, "spec_version", `"2.1"`, "id", quote(id), "value", quote(value),
	}, nil)}
}

// statement returns a marking-definition, which has created and no modified.
func (w *world) statement(text string) stixObject {
	id := freshID("marking-definition")
	return stixObject{id, born, join([]string{
		"type", `"marking-definition"`, "spec_version", `"2.1"`, "id", quote(id),
		"created", quote(born), "definition_type", `"statement"`,
		"definition", `{"statement":` + quote(text+" of the conformance run "+w.run) + `}`,
	}, nil)}
}

// envelope wraps objects for a POST.
func envelope(objects ...stixObject) []byte {
	raws := make([]string, len(objects))
	for i, o := range objects {
		raws[i] = string(o.raw)
	}
	return []byte(`{"objects":[` + strings.Join(raws, ",") + `]}`)
}

// join writes a JSON object; members of extra replace those of the same name.
func join(pairs, extra []string) []byte {
	for i := 0; i < len(extra); i += 2 {
		replaced := false
		for j := 0; j < len(pairs); j += 2 {
			if pairs[j] == extra[i] {
				pairs[j+1], replaced = extra[i+1], true
			}
		}
		if !replaced {
			pairs = append(pairs, extra[i], extra[i+1])
		}
	}
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		b.WriteString(map[bool]string{true: "{", false: ","}[i == 0])
		b.WriteString(quote(pairs[i]) + ":" + pairs[i+1])
	}
	return []byte(b.String() + "}")
}

// quote writes a JSON string.
func quote(s string) string {
	b, _ := json.Marshal(s) // a string always marshals
	return string(b)
}

// idsOf lists the ids of objects.
func idsOf(objects []stixObject) []string {
	ids := make([]string, len(objects))
	for i, o := range objects {
		ids[i] = o.id
	}
	return ids
}
