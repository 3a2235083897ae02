package rules

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/stix/schema"
)

// What single object types ask for beyond their tables.

// indicator checks the pattern of an indicator (§4.7, §9).
func (c *checker) indicator(f frame) {
	for _, name := range []string{"name", "description"} {
		if c.warns() && !c.has(f, name) {
			c.violateMember("S21-4.7-11", name, f.start, "an indicator should have a "+name)
		}
	}
	typ, _, _ := c.get(f, "pattern_type")
	source, at, ok := c.get(f, "pattern")
	if typ != "stix" || !ok {
		return
	}
	parsed, err := pattern.Parse(source)
	if err != nil {
		fault, _ := errors.AsType[*pattern.Error](err)
		c.violateMember("S21-9-01", "pattern", c.within(at, fault.Offset), fmt.Sprintf(
			"the pattern is wrong at its byte %d: %s", fault.Offset, fault.Message))
		return
	}
	for _, finding := range parsed.Check() {
		rule := "S21-9-02"
		if finding.Level == stix.Should {
			rule = "S21-9-03"
		}
		c.violateMember(rule, "pattern", c.within(at, finding.Offset), finding.Message)
	}
}

// within returns the offset in the object of the byte at offset in a string whose quote stands
// at a place, escapes counted.
func (c *checker) within(at, offset int) int {
	raw := c.Text[at+1:]
	for i := 0; i < len(raw); {
		if offset <= 0 || raw[i] == '"' {
			return at + 1 + i
		}
		n, bytes := escapeAt(raw[i:])
		i += n
		offset -= bytes
	}
	return at
}

// escapeAt returns the length of the character or escape that text begins with, and how many
// bytes it stands for.
func escapeAt(text string) (length, bytes int) {
	if text[0] != '\\' {
		return 1, 1
	}
	length = 2
	if len(text) >= 6 && text[1] == 'u' {
		length = 6
		if len(text) >= 12 && text[6] == '\\' && text[2]|0x20 == 'd' && text[3] >= '8' {
			length = 12 // a pair of surrogates
		}
	}
	length = min(length, len(text))
	return length, len(scan.Decode(text[:length]))
}

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
	adds := strings.Contains(c.valueOf("extension_types"), `"toplevel-property-extension"`)
	if c.has(f, "extension_properties") && !adds {
		c.violateMember("S21-7.3-04", "extension_properties", c.offsetOf("extension_properties"),
			"extension_properties are for a toplevel-property-extension alone")
	}
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

// networkTraffic warns of traffic without ports (§6.12).
func (c *checker) networkTraffic(f frame) {
	if c.warns() && !(c.has(f, "src_port") || c.has(f, "dst_port")) {
		c.violate("S21-6.12-11", f.start, "network-traffic should have src_port and dst_port")
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
