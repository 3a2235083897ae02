package conformance

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// check compares a body with the table. It reads the body as a stream: whatever a server sends,
// no more is kept than a bounded number of flaws.
func (r resource) check(body []byte) flaws {
	i := &inspection{counts: map[flawKind]int{}}
	plain := i.wire(r, body)
	if kind := jsontext.Value(plain).Kind(); i.counts[flawRoot] == 0 && kind != '{' {
		i.add(flaw{flawRoot, r.name, "", "a JSON object, the resource " + r.name,
			"the body is " + describe(plain)})
	}
	if i.counts[flawRoot] == 0 {
		i.object(r, "", plain)
	}
	return i.found
}

// inspection is one check at work.
type inspection struct {
	found  flaws
	counts map[flawKind]int
}

// add keeps a flaw unless there are many of its kind; each kind is counted on its own so that a
// flood of one does not hide another.
func (i *inspection) add(f flaw) {
	if i.counts[f.kind]++; i.counts[f.kind] <= maxFindings {
		i.found = append(i.found, f)
	}
}

// maxStrangers is how many names of one JSON object that its table does not have are looked at.
const maxStrangers = 200

// object compares one JSON object with a table; at is where it stands in the body.
func (i *inspection) object(r resource, at string, text []byte) {
	// The members are taken as they come, doubles included; wire has told of those.
	seen, strangers := map[string]bool{}, 0
	in := lenient(text)
	for in.PeekKind() == '"' {
		token, err := in.ReadToken()
		if err != nil {
			return
		}
		name := token.String()
		value, err := in.ReadValue()
		if err != nil {
			return
		}
		if p, ok := r.property(name); ok {
			seen[name] = true
			i.value(r, p, at+"/"+name, value)
			continue
		}
		// Each name costs some time to compare; a server may send millions.
		if strangers++; strangers > maxStrangers {
			continue
		}
		if like, ok := r.misspelt(name); ok {
			seen[like] = true
			i.add(flaw{flawSpelling, r.name, at + "/" + name, strconv.Quote(like),
				fmt.Sprintf("%q in %s", excerpt([]byte(name)), place(at))})
			continue
		}
		i.custom(r, at, name)
	}
	// A name in another spelling counts as there, or else one slip would fail two cases.
	for _, p := range r.properties {
		if p.required && !seen[p.name] {
			i.add(flaw{flawMissing, r.name, at + "/" + p.name,
				fmt.Sprintf("%q, which every %s must have", p.name, r.name), "it is not in " + place(at)})
		}
	}
}

func (r resource) property(name string) (property, bool) {
	for _, p := range r.properties {
		if p.name == name {
			return p, true
		}
	}
	return property{}, false
}

// misspelt returns the property that a name means that differs from it in case, or in how its
// words are parted: "canRead" and "Can-Read" for "can_read".
func (r resource) misspelt(name string) (string, bool) {
	bare := strings.NewReplacer("_", "", "-", "", " ", "")
	for _, p := range r.properties {
		if strings.EqualFold(bare.Replace(p.name), bare.Replace(name)) {
			return p.name, true
		}
	}
	return "", false
}

// place names a place in the body in a sentence.
func place(at string) string {
	if at == "" {
		return "the body"
	}
	return excerpt([]byte(at))
}

// custom judges a name that the table does not have (section 7.1.1).
func (i *inspection) custom(r resource, at, name string) {
	short := strconv.Quote(excerpt([]byte(name)))
	switch {
	case !isCustomName(name):
		i.add(flaw{flawName, r.name, at + "/" + name, "a custom property named with a-z, 0-9 and _ " +
			"alone, 3 to 250 of them", fmt.Sprintf("%s in %s, %d characters", short, place(at),
			utf8.RuneCountInString(name))})
	case !strings.HasPrefix(name, "x_"):
		i.add(flaw{flawPrefix, r.name, at + "/" + name, "a property of the resource " +
			r.name + ", or a custom one whose name begins with x_", short + " in " + place(at)})
	}
}

func isCustomName(name string) bool {
	return 3 <= len(name) && len(name) <= 250 &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}
