package rules

import (
	"cmp"
	"strings"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/schema"
)

// frame is what is known of one JSON object when its last member has been read.
type frame struct {
	shape   *schema.Shape
	start   int        // of its brace
	first   int        // of its members in checker.members
	present schema.Set // the properties that are there
	truth   schema.Set // those of them that are true
	strange bool       // others are there, too
}

// member is one property of an object: where its value begins and ends.
type member struct {
	property *schema.Property
	at, end  int
}

// readMembers reads an object whose opening brace is next and checks its members one by one. The
// caller judges the frame and drops it.
func (c *checker) readMembers(shape *schema.Shape) frame {
	f := frame{shape: shape, start: c.Pos, first: len(c.members)}
	for going := c.Open(); going && c.Kind() == '"'; going = c.More() {
		at := c.Pos
		name := c.Name()
		c.Kind()
		c.push(name)
		if p, i := shape.Property(name); p != nil {
			f.present |= 1 << i
			if c.value(p) {
				f.truth |= 1 << i
			}
		} else {
			f.strange = true
			c.strange(shape, name, at)
		}
		c.pop()
	}
	return f
}

// drop forgets the members of an object that has been judged.
func (c *checker) drop(f frame) { c.members = c.members[:f.first] }

// get returns the text between the quotes of a string property of the object, resolved.
func (c *checker) get(f frame, name string) (text string, at int, ok bool) {
	for _, m := range c.members[f.first:] {
		if m.property.Name == name && m.end > m.at+1 && c.Text[m.at] == '"' {
			return scan.Decode(c.Text[m.at+1 : m.end-1]), m.at, true
		}
	}
	return "", 0, false
}

// value checks the value of a property and reports whether it is true.
func (c *checker) value(p *schema.Property) (truth bool) {
	c.Kind()
	at := c.Pos
	if p.Deprecated && !marking.IsFixed(c.object) {
		c.violate("S21-3.1-07", at, "the standard deprecates this property")
	}
	if p.List {
		c.list(p)
	} else {
		truth = c.single(p)
	}
	c.members = append(c.members, member{p, at, c.Pos})
	return truth
}

const emptyList = "a list must not be empty; leave the property out"

// list checks a property that is a list, and each element by its place.
func (c *checker) list(p *schema.Property) {
	at := c.Pos
	if k := c.Kind(); k != '[' {
		c.violate("S21-2.12-01", at, "expected a list, found "+scan.KindName(k))
		c.Skip()
		return
	}
	if !c.Open() {
		c.violate("S21-2.12-01", at, emptyList)
		return
	}
	for i, going := 0, true; going && c.Kind() != 0; i++ {
		c.pushIndex(i)
		c.single(p)
		c.pop()
		going = c.More()
	}
}

// single checks one value, of a property or of an element of its list.
func (c *checker) single(p *schema.Property) (truth bool) {
	k, at := c.Kind(), c.Pos
	form := forms[p.Type]
	if p.Type == schema.AnyObject {
		c.Skip() // judged by itself
		return false
	}
	if !fits(k, form.kind) {
		c.violate(cmp.Or(p.Rule, form.kindRule), at, "expected "+form.wanted+", found "+scan.KindName(k))
		c.Skip()
		return false
	}
	switch form.kind {
	case '"':
		c.word(p, form, at)
	case '0':
		c.number(p, form, at)
	case 't':
		c.Literal()
		return k == 't'
	case '{':
		c.braces(p, at)
	}
	return false
}

// fits reports whether a value that begins with k is of the kind that want stands for.
func fits(k, want byte) bool {
	switch want {
	case 't':
		return k == 't' || k == 'f'
	case '0':
		return k == '-' || '0' <= k && k <= '9'
	}
	return k == want
}

// word checks a string.
func (c *checker) word(p *schema.Property, form *form, at int) {
	raw := c.Str()
	if form.check == nil && p.Type == schema.String {
		return
	}
	text := scan.Decode(raw)
	if c.local != nil && p.Type == schema.Hex {
		text = strings.ToLower(text) // STIX 2.0 took either case
	}
	switch p.Type {
	case schema.Timestamp, schema.Seconds:
		c.timestamp(p, text, at)
	case schema.Identifier:
		c.reference(p, text, at)
	case schema.Enum:
		if !p.Words.Has(text) {
			c.violate("S21-2.4-01", at,
				scan.Quote(text)+" is not in "+p.Words.Name+"; it has no other words")
		}
	case schema.OpenVocab:
		if c.warns() && !p.Words.Has(text) {
			c.violate("S21-2.14-01", at, scan.Quote(text)+" is not in "+p.Words.Name)
		}
	default:
		if fault := form.check(text); fault != "" {
			c.violate(cmp.Or(p.Rule, form.rule), at, scan.Quote(text)+" "+fault)
		}
	}
}
