package rules

import (
	"errors"
	"fmt"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
)

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
