package pattern

import (
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// content is what values a property may have, as far as constants tell them apart.
type content uint8

const (
	someText content = 1 << iota
	someNumber
	someTruth
	someTime
	someOctets
	someID
	someAddress // in addition to someText
	someMembers // an object or a dictionary
)

// contentOf returns what a type of the tables holds, or 0 for one of several kinds.
func contentOf(t schema.Type) content {
	switch t {
	case schema.Integer, schema.Float:
		return someNumber
	case schema.Boolean:
		return someTruth
	case schema.Timestamp, schema.Millis, schema.Seconds:
		return someTime
	case schema.Binary, schema.Hex:
		return someOctets
	case schema.Identifier:
		return someID
	case schema.IPv4, schema.IPv6:
		return someText | someAddress
	case schema.Object, schema.Extensions, schema.Hashes, schema.Dictionary, schema.Strings,
		schema.StringLists, schema.Headers, schema.Integers, schema.Scalars:
		return someMembers
	case schema.ObservableContainer, schema.Definition, schema.Contents, schema.AnyObject:
		return 0
	}
	return someText
}

// comparable returns what a constant can be compared with. Timestamps and identifiers are text
// in the data, and octets stand for the code points up to U+00FF (§9.2).
func (k LiteralKind) comparable() content {
	switch k {
	case Integer, Float:
		return someNumber
	case Boolean:
		return someTruth
	case Timestamp:
		return someText | someTime
	}
	return someText | someTime | someOctets | someID
}

// fit checks that the value at the end of a path can be what the constants are. What is only
// ever unequal is no fault where the pattern asks for that.
func (c *checker) fit(x *Compared, at place) {
	if at.list {
		path := shortPath(&x.Path)
		c.should(x.Path.Start, "%s is a list, expected %s[*] for its elements", path, path)
		return
	}
	switch {
	case at.holds == someMembers:
		c.should(x.Path.Start, "%s has no value of its own, expected one of its members",
			shortPath(&x.Path))
	case x.Op >= IsSubset:
		c.block(x, at)
	case at.holds != 0 && x.Not == (x.Op == NotEqual):
		c.constants(x, at)
	}
}

// constants reports the first constant that the value never compares true with. Of a set of
// several types enough has been said.
func (c *checker) constants(x *Compared, at place) {
	if otherType(x.Values) > 0 {
		return
	}
	exact := x.Op == Equal || x.Op == NotEqual || x.Op == In
	for i := range x.Values {
		v := &x.Values[i]
		form := true
		if exact && v.Kind == String {
			form = at.holds.admits(v.Text)
		}
		if at.holds&v.Kind.comparable() == 0 || !form {
			c.should(v.Start, "nothing in %s compares true with this, as it is %s",
				shortPath(&x.Path), at.holds)
			return
		}
	}
}

// admits reports whether text has the form that all such values have.
func (h content) admits(text string) bool {
	switch h {
	case someTime:
		_, err := stix.ParseTimestamp(text)
		return err == nil
	case someID:
		return stix.CheckID(text) == nil
	}
	return true
}

// block checks the operand and the constant of ISSUBSET and ISSUPERSET.
func (c *checker) block(x *Compared, at place) {
	v := &x.Values[0]
	typ := blockType(v.Text)
	alone := len(x.Path.Steps) == 1 && at.holds&someAddress != 0
	switch {
	case at.holds != 0 && at.holds&someAddress == 0:
		c.should(x.Path.Start, "%s is for IP addresses, and %s is none", x.Op, shortPath(&x.Path))
	case typ == "":
		c.should(v.Start, "%s is neither an IP address nor a CIDR block", shorten(v.Text))
	case alone && typ != x.Path.Type && !x.Not:
		c.should(v.Start, "nothing in %s compares true with an address of the other family",
			shortPath(&x.Path))
	}
}

// String says what such a value is, for a message.
func (h content) String() string {
	var words []string
	for i, word := range [...]string{
		"text", "a number", "true or false", "a timestamp", "binary data", "an identifier",
	} {
		if h&(1<<i) != 0 {
			words = append(words, word)
		}
	}
	return strings.Join(words, " or ")
}
