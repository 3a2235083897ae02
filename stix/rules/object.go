package rules

import (
	"cmp"
	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// topLevel checks the object as a whole.
func (c *checker) topLevel() {
	c.shape = shapeOf(c.object)
	f := c.readMembers(c.shape)
	c.judge(f)
	c.identifier(f)
	c.versions()
	c.customProperties()
	switch c.object.Type {
	case "indicator":
		c.indicator(f)
	case "relationship":
		c.relationship(f)
	case "marking-definition":
		c.markingDefinition(f)
	case "extension-definition":
		c.extensionDefinition(f)
	case "observed-data":
		c.observedData(f)
	case "network-traffic":
		c.networkTraffic(f)
	case "location":
		c.location(f)
	}
	if c.markings {
		c.selectors()
	}
	c.drop(f)
}

// versions compares created and modified where the table does not: an observable may have them
// as properties of another's making (§3.6.2), and they order its versions all the same.
func (c *checker) versions() {
	if c.shape.Kind != stix.SCO {
		return
	}
	created, err := stix.ParseTimestamp(c.object.Created)
	modified, err2 := stix.ParseTimestamp(c.object.Modified)
	if err == nil && err2 == nil && modified.Compare(created) < 0 {
		c.violateMember("S21-3.6-02", "modified", c.find("modified"), "modified is before created")
	}
}

// find returns where the value of a top-level property stands, one that the type does not have
// included.
func (c *checker) find(name string) int {
	s := scan.Scanner{Text: c.Text}
	s.Kind()
	for going := s.Open(); going && s.Kind() == '"'; going = s.More() {
		found := s.Name() == name
		if s.Kind(); found {
			return s.Pos
		}
		s.Skip()
	}
	return 0
}

// shapeOf returns the shape of an object's type. A type that the standard does not define has
// the common properties of an SCO if it has neither created nor modified, as no SDO or SRO is
// without them, else those of an SDO.
func shapeOf(o stix.Object) *schema.Shape {
	if shape := schema.Of(o.Type); shape != nil {
		return shape
	}
	if o.Created == "" && o.Modified == "" {
		return schema.CustomSCO
	}
	return schema.CustomSDO
}

// reference checks an identifier that names another object.
func (c *checker) reference(p *schema.Property, id string, at int) {
	if p.Name == "id" {
		return // that of the object itself, see identifier
	}
	if c.local != nil && p.Name != "object_marking_refs" && p.Name != "marking_ref" {
		c.localReference(p, id, at)
		return
	}
	rule, typ := cmp.Or(p.Rule, ruleReference), stix.TypeOfID(id)
	fault := idFault(id)
	switch {
	case fault != "" && c.shape.Kind == stix.SCO && p.Rule == "" && stix.CheckType(typ) == nil:
		c.violate("S21-3.3-03", at, scan.Quote(id)+" "+fault)
	case fault != "":
		c.violate(rule, at, scan.Quote(id)+" "+fault)
	}
	if p.Refs != nil && stix.CheckType(typ) == nil && !p.Refs.Allow(typ) {
		c.violate(rule, at, "a reference to "+typ+" is not allowed here")
	}
}

// idFault says what keeps text from being an identifier (§2.9), or "".
func idFault(text string) string {
	if stix.CheckID(text) != nil {
		return "is not an identifier: a type name, two hyphens and a UUID"
	}
	return uuidFault(text)
}

// uuidFault says what keeps the UUID of an identifier from being one by RFC 4122, or "".
func uuidFault(text string) string {
	version, variant := text[len(text)-22], text[len(text)-17]
	if version < '1' || version > '5' || variantOf(variant) != rfc4122 {
		return "has a UUID that is not one by RFC 4122: version 1 to 5, variant 8, 9, a or b"
	}
	return ""
}

const rfc4122 = 0b10

// variantOf returns the two bits of a UUID that tell its variant (RFC 4122 §4.1.1).
func variantOf(digit byte) int {
	if isDigit(digit) {
		return int(digit-'0') >> 2
	}
	return int(digit|0x20-'a'+10) >> 2
}

// identifier checks the UUID of the object's own id.
func (c *checker) identifier(f frame) {
	id, at, ok := c.get(f, "id")
	if !ok || stix.CheckID(id) != nil {
		return // told by Parse
	}
	if fault := uuidFault(id); fault != "" {
		c.violateMember("S21-2.9-01", "id", at, scan.Quote(id)+" "+fault)
		return
	}
	switch version := id[len(id)-22]; {
	case stix.KindOf(c.object.Type) == stix.SCO && !c.contributes(f):
		if version != '4' {
			c.violateMember("S21-2.9-06", "id", at,
				"nothing is there that the identifier would follow from, so it must be a random one (UUIDv4)")
		}
	case c.shape.Kind == stix.SCO:
		if version != '5' {
			c.violateMember("S21-2.9-05", "id", at, "the identifier of an SCO should be a UUIDv5")
		}
	case version != '4' && c.shape != schema.CustomSCO:
		c.violateMember("S21-2.9-03", "id", at, "the UUID should be a random one (UUIDv4)")
	}
}

// contributes reports whether one of the properties is there that a deterministic identifier
// follows from (§2.9), or should be.
func (c *checker) contributes(f frame) bool {
	for _, name := range stix.Contributing(c.object.Type) {
		p, i := f.shape.Property(name)
		if p != nil && (p.Required || f.present.Has(i)) {
			return true
		}
	}
	return false
}
