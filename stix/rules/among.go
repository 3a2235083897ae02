package rules

import (
	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
)

// What the objects of one bundle have to do with each other. It is warned of alone: each of them
// may be right by itself, and which of two is wrong nobody can tell.

// among is what has been seen of the objects of a bundle.
type among struct {
	versions map[[2]string]bool        // id and modified
	types    map[string]string         // by UUID, of what is no observable
	created  map[string]string         // by id
	creator  map[string]string         // by id, of what names one
	revoked  map[string]stix.Timestamp // by id, the earliest revocation
}

// sibling is the header of an object of a bundle, as far as it is compared.
type sibling struct {
	at                         int
	id, typ, created, modified string
	creator                    string
	revoked                    bool
}

// bundleObjects compares the objects of a bundle. It goes through them twice, since a revocation
// may stand behind the version that comes after it.
func (c *checker) bundleObjects() {
	seen := among{
		map[[2]string]bool{}, map[string]string{}, map[string]string{}, map[string]string{},
		map[string]stix.Timestamp{},
	}
	c.eachSibling(func(o sibling) { seen.revoke(o) })
	i := 0
	c.eachSibling(func(o sibling) {
		c.push("objects")
		c.pushIndex(i)
		c.compare(&seen, o)
		c.path = c.path[:0]
		i++
	})
}

// revoke remembers since when an object is revoked.
func (a *among) revoke(o sibling) {
	at, err := stix.ParseTimestamp(o.modified)
	if !o.revoked || err != nil {
		return
	}
	if since, ok := a.revoked[o.id]; !ok || at.Compare(since) < 0 {
		a.revoked[o.id] = at
	}
}

func (c *checker) compare(seen *among, o sibling) {
	if o.id == "" {
		return
	}
	version := [2]string{o.id, o.modified}
	if seen.versions[version] {
		c.violate("S21-8-03", o.at, "this version of "+scan.Quote(o.id)+" stands in the bundle twice")
	}
	seen.versions[version] = true
	if created, ok := seen.created[o.id]; ok && created != o.created {
		c.violate("S21-3.6-03", o.at, "another version of this object has created "+scan.Quote(created))
	}
	seen.created[o.id] = o.created
	if creator := seen.creator[o.id]; creator != "" && o.creator != "" && creator != o.creator {
		c.violate("S21-3.6-04", o.at, "another version of this object is by "+scan.Quote(creator))
	}
	seen.creator[o.id] = o.creator
	if since, ok := seen.revoked[o.id]; ok {
		if at, err := stix.ParseTimestamp(o.modified); err == nil && at.Compare(since) > 0 {
			c.violate("S21-3.6-05", o.at, "the object was revoked before this version")
		}
	}
	if stix.CheckID(o.id) != nil || stix.KindOf(o.typ) == stix.SCO {
		return // the UUID of an observable follows from its properties, whatever its type
	}
	uuid := o.id[len(o.typ)+len("--"):]
	if other, ok := seen.types[uuid]; ok && other != o.typ {
		c.violate("S21-2.9-02", o.at, "an object of type "+other+" in this bundle has the same UUID")
	}
	seen.types[uuid] = o.typ
}

// eachSibling calls f for the members of objects, with an empty one for what is no object.
func (c *checker) eachSibling(f func(sibling)) {
	s := scan.Scanner{Text: c.Text, Pos: c.find("objects")}
	if s.Kind() != '[' {
		return
	}
	for going := s.Open(); going && s.Kind() != 0; going = s.More() {
		f(readSibling(s))
		s.Skip()
	}
}

// readSibling reads the header of the object that is next, and leaves the scanner there.
func readSibling(s scan.Scanner) sibling {
	o := sibling{at: s.Pos}
	if s.Kind() != '{' {
		return o
	}
	for going := s.Open(); going && s.Kind() == '"'; going = s.More() {
		name, k := s.Name(), s.Kind()
		if k != '"' {
			o.revoked = o.revoked || name == "revoked" && k == 't'
			s.Skip()
			continue
		}
		switch text := scan.Decode(s.Str()); name {
		case "id":
			o.id, o.typ = text, stix.TypeOfID(text)
		case "created":
			o.created = text
		case "modified":
			o.modified = text
		case "created_by_ref":
			o.creator = text
		}
	}
	return o
}
