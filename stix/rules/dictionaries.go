package rules

import "github.com/cabstand/cabstand/stix/schema"

// maxKey is how long a key of a dictionary may be (§2.3).
const maxKey = 250

// braces checks a value in braces.
func (c *checker) braces(p *schema.Property, at int) {
	switch p.Type {
	case schema.Object:
		c.embedded(p.Shape)
	case schema.Extensions:
		c.readExtensions(at)
	case schema.Hashes:
		c.hashes(at)
	case schema.ObservableContainer:
		c.container(at)
	case schema.Contents:
		c.contents(at)
	case schema.Definition:
		c.anyValue()
	case schema.Strings:
		c.dictionary(at, func() { c.single(&aString) })
	case schema.StringLists:
		if c.local != nil {
			c.dictionary(at, c.header) // STIX 2.0 had strings there
			return
		}
		c.dictionary(at, func() { c.list(&someStrings) })
	case schema.Headers:
		c.dictionary(at, c.header)
	case schema.Integers:
		c.dictionary(at, func() { c.single(&anInteger) })
	case schema.Scalars:
		c.dictionary(at, c.scalar)
	default:
		c.dictionary(at, c.anyValue)
	}
}

// embedded checks an object of an embedded type or a predefined extension.
func (c *checker) embedded(shape *schema.Shape) {
	f := c.readMembers(shape)
	c.judge(f)
	switch shape.Name {
	case "external-reference":
		c.externalReference(f)
	case "kill-chain-phase":
		c.killChainPhase(f)
	case "granular-marking":
		c.markings = true
		c.granularMarking(f)
	case schema.ACSScope:
		c.acsScope(f)
	}
	c.drop(f)
}

// dictionary checks the keys of a dictionary (§2.3), and its values with check.
func (c *checker) dictionary(at int, check func()) {
	if !c.Open() {
		c.violate(ruleDictionary, at, "a dictionary must not be empty; leave the property out")
		return
	}
	for going := true; going && c.Kind() == '"'; going = c.More() {
		at := c.Pos
		key := c.Name()
		c.push(key)
		c.key(key, at)
		c.Kind()
		check()
		c.pop()
	}
}

// key checks a key of a dictionary. That keys should be in lower case (§2.3) is not checked: all
// dictionaries of the standard keep the case that their source gives.
func (c *checker) key(key string, at int) {
	if key == "" || len(key) > maxKey || !every(key, isKeyChar) {
		c.violate(ruleDictionary, at, "a key is 1 to 250 of the characters a-z, A-Z, 0-9, _ and -")
	}
}

func isKeyChar(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c == '-' }

// anyValue checks a value of which only the rules for all values are known: no null, no empty
// list (§2.12). Names and depth are what Parse has checked.
func (c *checker) anyValue() {
	switch k, at := c.Kind(), c.Pos; k {
	case 'n':
		c.violate(ruleNull, at, "null is no value of STIX; leave the property out")
		c.Skip()
	case '[':
		if end := c.Pos; !c.Open() {
			c.violate(ruleList, end, emptyList)
			return
		}
		c.Pos = at
		c.Skip()
	default:
		c.Skip()
	}
}

// header checks the value of a header field: a list of strings by the text of §6.6, a string in
// the examples there.
func (c *checker) header() {
	if c.Kind() == '"' {
		c.Str()
		return
	}
	c.list(&someStrings)
}

// scalar checks a value that is a string or an integer.
func (c *checker) scalar() {
	if c.Kind() == '"' {
		c.Str()
		return
	}
	c.single(&anInteger)
}

// The values of dictionaries whose values have a type.
var (
	aString     = schema.Property{Type: schema.String}
	anInteger   = schema.Property{Type: schema.Integer}
	someStrings = schema.Property{Type: schema.String, List: true}
)
