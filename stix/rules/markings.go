package rules

import (
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix"
)

// granularMarking checks a granular marking of a marking-definition, which must not mark
// itself (§7.2.1).
func (c *checker) granularMarking(f frame) {
	if ref, at, ok := c.get(f, "marking_ref"); ok && c.marksItself(ref) {
		c.violateMember(ruleCircular, "marking_ref", at, "a marking-definition must not mark itself")
	}
}

const ruleCircular = "S21-7.2.1-04"

func (c *checker) marksItself(ref string) bool {
	return c.object.Type == "marking-definition" && strings.EqualFold(ref, c.object.ID)
}

// selectors checks that each selector of the granular markings selects something (§7.2.3.1).
// It gathers them first and goes through the object once for all.
func (c *checker) selectors() {
	var at []selectorAt
	var texts []string
	c.eachSelector(func(s selectorAt, text string) {
		at, texts = append(at, s), append(texts, text)
	})
	for i, span := range stix.SelectAll(c.object.Raw, texts) {
		if span != (stix.Span{}) || selectorFault(texts[i]) != "" {
			continue // there, or told of its form
		}
		c.push("granular_markings")
		c.pushIndex(at[i].marking)
		c.push("selectors")
		c.pushIndex(at[i].index)
		c.violate("S21-7.2.3-03", at[i].offset, quote(texts[i])+" selects nothing in this object")
		c.path = c.path[:len(c.path)-4]
	}
}

// selectorAt is the place of a selector in granular_markings.
type selectorAt struct{ marking, index, offset int }

// eachSelector calls f for the selectors in their order.
func (c *checker) eachSelector(f func(s selectorAt, text string)) {
	c.pos = c.offsetOf("granular_markings")
	if c.kind() != '[' || !c.open() {
		return
	}
	for i, going := 0, true; going && c.kind() == '{'; i++ {
		for inside := c.open(); inside && c.kind() == '"'; inside = c.more() {
			if c.name() != "selectors" || c.kind() != '[' {
				c.kind()
				c.skip()
				continue
			}
			for j, more := 0, c.open(); more && c.kind() != 0; j++ {
				if at := c.pos; c.kind() == '"' {
					f(selectorAt{i, j, at}, decode(c.str()))
				} else {
					c.skip()
				}
				more = c.more()
			}
		}
		going = c.more()
	}
}

// offsetOf returns where the value of a top-level property stands.
func (c *checker) offsetOf(name string) int {
	for _, m := range c.members {
		if m.property.Name == name {
			return m.at
		}
	}
	return 0
}

func selectorFault(text string) string {
	switch {
	case stix.CheckSelector(text) != nil:
		return "is not a selector: " + stix.CheckSelector(text).Error()
	case text[0] == '[':
		return "is not a selector: it begins with a property, not with an index"
	}
	return ""
}

// markingDefinition checks what §7.2.1 asks of markings beyond the table.
func (c *checker) markingDefinition(f frame) {
	if slices.ContainsFunc(c.object.MarkingRefs, c.marksItself) {
		c.violateMember(ruleCircular, "object_marking_refs", c.offsetOf("object_marking_refs"),
			"a marking-definition must not mark itself")
	}
	typ, at, _ := c.get(f, "definition_type")
	c.fixedMarking(f, typ, at)
	if typ == "statement" {
		c.statement(f)
	}
}

// statement checks a statement marking (§7.2.1.3).
func (c *checker) statement(f frame) {
	at := c.offsetOf("definition")
	if _, ok := c.memberOf(at, "statement"); !ok && strings.HasPrefix(c.valueOf("definition"), "{") {
		c.violateMember("S21-7.2.1-06", "definition", at,
			"a statement marking holds a string named statement")
	}
}

// memberOf returns the string of that name in the object that begins at an offset.
func (c *checker) memberOf(at int, name string) (string, bool) {
	s := scanner{text: c.text, pos: at}
	if s.kind() != '{' {
		return "", false
	}
	for going := s.open(); going && s.kind() == '"'; going = s.more() {
		found := s.name() == name
		if found && s.kind() == '"' {
			return decode(s.str()), true
		}
		s.kind()
		s.skip()
	}
	return "", false
}

// fixedMarking checks that a marking of TLP is the one that the standard fixes for its level
// (§7.2.1.4), or the extension for TLP 2.0 does. Another text under a fixed identifier is a
// warning: widespread software writes its own there, and the identifier still says the level.
func (c *checker) fixedMarking(f frame, typ string, at int) {
	_, known := stix.FixedMarking(c.object.ID)
	claimed := c.tlp2Level()
	level, _ := stix.ParseTLP(claimed)
	if typ != "tlp" && !known && claimed == "" || stix.IsFixedMarking(c.object) {
		return
	}
	switch {
	case typ == "tlp":
		c.violateMember("S21-7.2.1-03", "definition_type", at,
			"only the four marking-definitions of the standard may be used for TLP 1, unchanged")
	case known && (claimed == "" || level == stix.TLPOf([]string{c.object.ID}).TLP2):
		c.violateMember("S21-7.2.1-05", "id", c.offsetOf("id"),
			"the identifier is that of a TLP marking, but the content is not")
	default:
		c.violateMember("S21-7.2.1-07", "extensions", c.offsetOf("extensions"),
			"only the five marking-definitions of the extension may be used for TLP 2.0")
	}
}

// tlp2Level returns the level that the extension for TLP 2.0 names, or "".
func (c *checker) tlp2Level() string {
	const extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
	s := scanner{text: c.text, pos: c.offsetOf("extensions")}
	if s.kind() != '{' {
		return ""
	}
	for going := s.open(); going && s.kind() == '"'; going = s.more() {
		found := s.name() == extension
		s.kind()
		if found {
			level, _ := c.memberOf(s.pos, "tlp_2_0")
			return level
		}
		s.skip()
	}
	return ""
}
