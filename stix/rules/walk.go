package rules

import (
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// frame is what is known of one JSON object when its last member has been read.
type frame struct {
	shape   *schema.Shape
	start   int        // of its brace
	first   int        // of its members in checker.members
	present schema.Set // the properties that are there
	truth   schema.Set // those of them that are true
}

// member is one property of an object: where its value begins and ends.
type member struct {
	property *schema.Property
	at, end  int
}

// readMembers reads an object whose opening brace is next and checks its members one by one. The
// caller judges the frame and drops it.
func (c *checker) readMembers(shape *schema.Shape) frame {
	f := frame{shape: shape, start: c.pos, first: len(c.members)}
	for going := c.open(); going && c.kind() == '"'; going = c.more() {
		at := c.pos
		name := c.name()
		c.kind()
		c.push(name)
		if p, i := shape.Property(name); p != nil {
			f.present |= 1 << i
			if c.value(p) {
				f.truth |= 1 << i
			}
		} else {
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
		if m.property.Name == name && m.end > m.at+1 && c.text[m.at] == '"' {
			return decode(c.text[m.at+1 : m.end-1]), m.at, true
		}
	}
	return "", 0, false
}

// value checks the value of a property and reports whether it is true.
func (c *checker) value(p *schema.Property) (truth bool) {
	c.kind()
	at := c.pos
	if p.Deprecated && !stix.IsFixedMarking(c.object) {
		c.violate("S21-3.1-07", at, "the standard deprecates this property")
	}
	if p.List {
		c.list(p)
	} else {
		truth = c.single(p)
	}
	c.members = append(c.members, member{p, at, c.pos})
	return truth
}

const emptyList = "a list must not be empty; leave the property out"

func (c *checker) list(p *schema.Property) {
	at := c.pos
	if k := c.kind(); k != '[' {
		c.violate("S21-2.12-01", at, "expected a list, found "+kindName(k))
		c.skip()
		return
	}
	if !c.open() {
		c.violate("S21-2.12-01", at, emptyList)
		return
	}
	for i, going := 0, true; going && c.kind() != 0; i++ {
		c.pushIndex(i)
		c.single(p)
		c.pop()
		going = c.more()
	}
}

// single checks one value, of a property or of an element of its list.
func (c *checker) single(p *schema.Property) (truth bool) {
	k, at := c.kind(), c.pos
	form := forms[p.Type]
	if p.Type == schema.AnyObject {
		c.skip() // judged by itself
		return false
	}
	if !fits(k, form.kind) {
		c.violate(cmpRule(p.Rule, form.kindRule), at, "expected "+form.wanted+", found "+kindName(k))
		c.skip()
		return false
	}
	switch form.kind {
	case '"':
		c.word(p, form, at)
	case '0':
		c.number(p, form, at)
	case 't':
		c.literal()
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

// cmpRule returns the rule of the property if it has one of its own.
func cmpRule(own, general string) string {
	if own != "" {
		return own
	}
	return general
}

// word checks a string.
func (c *checker) word(p *schema.Property, form *form, at int) {
	raw := c.str()
	if form.check == nil && p.Type == schema.String {
		return
	}
	text := decode(raw)
	switch p.Type {
	case schema.Timestamp, schema.Seconds:
		c.timestamp(p, text, at)
	case schema.Identifier:
		c.reference(p, text, at)
	case schema.Enum:
		if !p.Words.Has(text) {
			c.violate("S21-2.4-01", at, quote(text)+" is not in "+p.Words.Name+"; it has no other words")
		}
	case schema.OpenVocab:
		if c.warns() && !p.Words.Has(text) {
			c.violate("S21-2.14-01", at, quote(text)+" is not in "+p.Words.Name)
		}
	default:
		if fault := form.check(text); fault != "" {
			c.violate(cmpRule(p.Rule, form.rule), at, quote(text)+" "+fault)
		}
	}
}

// quote makes text fit for a message, however long or odd it is.
func quote(text string) string {
	const most = 60
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strconv.Quote(strings.ToValidUTF8(text, "\uFFFD"))
}
