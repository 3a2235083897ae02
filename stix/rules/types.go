package rules

import (
	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// What single object types ask for beyond their tables.

// has reports whether a property is there, of whatever value.
func (c *checker) has(f frame, name string) bool {
	_, i := f.shape.Property(name)
	return i >= 0 && f.present.Has(i)
}

// relationship warns of relationships that the standard does not define (§3.7).
func (c *checker) relationship(f frame) {
	if !c.warns() {
		return
	}
	verb, at, ok := c.get(f, "relationship_type")
	source, _, ok1 := c.get(f, "source_ref")
	target, _, ok2 := c.get(f, "target_ref")
	if !ok || !ok1 || !ok2 {
		return
	}
	from, to := stix.TypeOfID(source), stix.TypeOfID(target)
	if schema.Of(from) != nil && schema.Of(to) != nil && !schema.RelationshipFits(from, verb, to) {
		c.violateMember("S21-3.7-01", "relationship_type", at,
			"the standard does not define that "+from+" "+scan.Quote(verb)+" "+to)
	}
}

// extensionDefinition checks that extension_properties stand beside the type that has them
// (§7.3).
func (c *checker) extensionDefinition(f frame) {
	if c.has(f, "extension_properties") && !c.lists("extension_types", "toplevel-property-extension") {
		c.violateMember("S21-7.3-04", "extension_properties", c.find("extension_properties"),
			"extension_properties are for a toplevel-property-extension alone")
	}
	c.newNames()
}

// newNames checks the names that an extension-definition announces (§7.3.2).
func (c *checker) newNames() {
	c.push("extension_properties")
	c.eachText("extension_properties", func(i, at int, text string, is bool) bool {
		if is && !isPropertyName(text) {
			c.pushIndex(i)
			c.violate("S21-7.3-05", at, nameForm)
			c.pop()
		}
		return true
	})
	c.pop()
}

// lists reports whether a top-level list of strings has that one.
func (c *checker) lists(name, word string) bool {
	found := false
	c.eachText(name, func(_, _ int, text string, is bool) bool {
		found = is && text == word
		return !found
	})
	return found
}

// eachText calls f for the items of a top-level list in their order, until f returns false: where
// the item stands, whether it is a string, and which. It reports whether there is a list.
func (c *checker) eachText(name string, f func(i, at int, text string, is bool) bool) bool {
	s := scan.Scanner{Text: c.Text, Pos: c.find(name)}
	if s.Kind() != '[' {
		return false
	}
	i := 0
	for going := s.Open(); going && s.Kind() != 0; going = s.More() {
		at, is, text := s.Pos, s.Kind() == '"', ""
		if is {
			text = scan.Decode(s.Str())
		} else {
			s.Skip()
		}
		if !f(i, at, text, is) {
			break
		}
		i++
	}
	return true
}

// valueOf returns the text of the value of a top-level property.
func (c *checker) valueOf(name string) string {
	for _, m := range c.members {
		if m.property.Name == name {
			return c.Text[m.at:m.end]
		}
	}
	return ""
}

// networkTraffic warns of traffic without ports where its protocol has them (§6.12).
func (c *checker) networkTraffic(f frame) {
	if !c.warns() || c.has(f, "src_port") || c.has(f, "dst_port") {
		return
	}
	if c.lists("protocols", "tcp") || c.lists("protocols", "udp") {
		c.violate("S21-6.12-11", f.start, "traffic by TCP or UDP should have src_port or dst_port")
	}
}

// location warns of a country that is not written as ISO 3166-1 alpha-2 (§4.10).
func (c *checker) location(f frame) {
	country, at, ok := c.get(f, "country")
	if ok && (len(country) != 2 || !every(country, isLetter)) {
		c.violateMember("S21-4.10-11", "country", at,
			"should be a country code of two letters (ISO 3166-1)")
	}
}
