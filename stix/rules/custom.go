package rules

import (
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// strange checks a property that its object does not have by the standard. What may add it is
// known only when the extensions have been read.
func (c *checker) strange(shape *schema.Shape, name string, at int) {
	top := len(c.path) == 1
	switch {
	case top && reserved(name):
		c.violate("S21-3.8-01", at, reservedName)
	case shape.Section == "ACS":
		c.violate("ACS-01", at, "the specification of ACS markings does not have this member, "+
			"and allows no others")
	case !isPropertyName(name):
		c.violate(ruleName, at, nameForm)
	case top && name == "defanged" && c.shape != schema.CustomSCO:
		c.violate("S21-3.2-11", at, "only observables can be defanged")
	case top && shape.Name == "marking-definition" && isVersioning(name):
		c.violate("S21-7.2.1-01", at, "a marking-definition has no "+name)
	case !top && c.local == nil:
		c.violate("S21-11.1-01", at, "the type does not have this property")
	case top && c.warns() && shape.Kind != stix.Custom:
		c.addUnknown(name, at)
	}
	c.suffixed(name)
}

// addUnknown keeps a property until the extensions have been read. Names that begin with x_ are
// told together, as the standard once recommended them; another one may be a slip.
func (c *checker) addUnknown(name string, at int) {
	if strings.HasPrefix(name, "x_") {
		if c.custom++; c.custom > 1 {
			return
		}
	}
	if len(c.unknown) < maxViolations {
		c.unknown = append(c.unknown, nameAt{name, at})
	}
}

// isVersioning reports whether a property is a common one that markings do not have (§3.2).
func isVersioning(name string) bool {
	switch name {
	case "modified", "revoked", "labels", "confidence", "lang":
		return true
	}
	return false
}

const (
	nameForm = "a property name is 3 to 250 of the characters a-z, 0-9 and _ " +
		"and begins with a letter"
	reservedName = "the name is reserved and must not be used"
)

// reserved names are kept for later versions of the standard (§3.8).
func reserved(name string) bool {
	switch name {
	case "severity", "username", "phone_number", "action":
		return true
	}
	return false
}

// isPropertyName reports whether name has the form that §3.1 and §7.3.3 give new properties.
func isPropertyName(name string) bool {
	const shortest, longest = 3, 250
	if name == "id" {
		return true // the one shorter name that the standard has
	}
	return len(name) >= shortest && len(name) <= longest && isLower(name[0]) &&
		every(name, func(c byte) bool { return isLower(c) || isDigit(c) || c == '_' })
}

// suffixed checks a value whose type is known by the end of its name alone (§3.1).
func (c *checker) suffixed(name string) {
	k, at := c.Kind(), c.Pos
	switch {
	case strings.HasSuffix(name, "_bin"):
		c.single(&binaryProperty)
	case strings.HasSuffix(name, "_hex"):
		c.single(&hexProperty)
	case strings.HasSuffix(name, "_ref") && k != 'n':
		c.lenientReference()
	case strings.HasSuffix(name, "_refs") && k == '[':
		c.lenientReferences()
	case strings.HasSuffix(name, "_refs") && k != 'n':
		c.violate("S21-3.1-03", at, "a property whose name ends in _refs holds a list of identifiers")
		c.anyValue()
	default:
		c.anyValue()
	}
}

// lenientReference checks a reference in a property of another's making.
func (c *checker) lenientReference() {
	k, at := c.Kind(), c.Pos
	if k == '"' && stix.CheckID(scan.Decode(c.Str())) == nil {
		return
	}
	if k != '"' {
		c.anyValue()
	}
	c.violate("S21-3.1-03", at, "a property whose name ends in _ref holds an identifier")
}

// lenientReferences checks a list of references in such a property.
func (c *checker) lenientReferences() {
	at := c.Pos
	if !c.Open() {
		c.violate(ruleList, at, emptyList)
		return
	}
	for i, going := 0, true; going && c.Kind() != 0; i++ {
		c.pushIndex(i)
		c.lenientReference()
		c.pop()
		going = c.More()
	}
}

var (
	binaryProperty = schema.Property{Type: schema.Binary}
	hexProperty    = schema.Property{Type: schema.Hex}
)

// typeName checks what the type of an object of another's making is called.
func (c *checker) typeName() {
	switch {
	case c.object.Type == "action":
		c.violateMember("S21-3.8-01", "type", c.find("type"), reservedName)
	case !isLower(c.object.Type[0]):
		c.violateMember("S21-3.1-02", "type", c.find("type"), "a type name begins with a letter")
	}
}

// customProperties warns of properties that no extension brings, and of a type that none does.
func (c *checker) customProperties() {
	kinds := c.extensions
	if c.shape.Kind == stix.Custom {
		c.typeName()
		if kinds&newDomainObject != 0 && c.shape == schema.CustomSCO {
			c.violateMember("S21-3.2-10", "created", 0, missingProperty)
			c.violateMember("S21-3.2-10", "modified", 0, missingProperty)
		}
		if kinds&(newDomainObject|newObservable) == 0 {
			c.violateMember("S21-11.2-01", "type", c.find("type"), "no extension defines this type; "+
				"custom types without one are deprecated")
		}
		return
	}
	if kinds&toplevelAddition != 0 {
		return
	}
	for _, u := range c.unknown {
		message := "the type does not have this property, and there is no " +
			"toplevel-property-extension that might bring it"
		if strings.HasPrefix(u.name, "x_") && c.custom > 1 {
			message = strconv.Itoa(c.custom) + " properties that begin with x_ and that no " +
				"toplevel-property-extension brings"
		}
		c.violateMember("S21-11.1-01", u.name, u.at, message)
	}
}
