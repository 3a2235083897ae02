package rules

import (
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix/marking"
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
	for i, span := range marking.SelectAll(c.object.Raw, texts) {
		if span != (marking.Span{}) || selectorFault(texts[i]) != "" {
			continue // there, or told of its form
		}
		c.push("granular_markings")
		c.pushIndex(at[i].marking)
		c.push("selectors")
		c.pushIndex(at[i].index)
		c.violate("S21-7.2.3-03", at[i].offset, scan.Quote(texts[i])+" selects nothing in this object")
		c.path = c.path[:len(c.path)-4]
	}
}

// selectorAt is the place of a selector in granular_markings.
type selectorAt struct{ marking, index, offset int }

// eachSelector calls f for the selectors in their order.
func (c *checker) eachSelector(f func(s selectorAt, text string)) {
	c.Pos = c.find("granular_markings")
	if c.Kind() != '[' || !c.Open() {
		return
	}
	for i, going := 0, true; going && c.Kind() == '{'; i++ {
		for inside := c.Open(); inside && c.Kind() == '"'; inside = c.More() {
			if c.Name() != "selectors" || c.Kind() != '[' {
				c.Kind()
				c.Skip()
				continue
			}
			for j, more := 0, c.Open(); more && c.Kind() != 0; j++ {
				if at := c.Pos; c.Kind() == '"' {
					f(selectorAt{i, j, at}, scan.Decode(c.Str()))
				} else {
					c.Skip()
				}
				more = c.More()
			}
		}
		going = c.More()
	}
}

func selectorFault(text string) string {
	switch {
	case marking.CheckSelector(text) != nil:
		return "is not a selector: " + marking.CheckSelector(text).Error()
	case text[0] == '[':
		return "is not a selector: it begins with a property, not with an index"
	}
	return ""
}

// markingDefinition checks what §7.2.1 asks of markings beyond the table.
func (c *checker) markingDefinition(f frame) {
	if slices.ContainsFunc(c.object.MarkingRefs, c.marksItself) {
		c.violateMember(ruleCircular, "object_marking_refs", c.find("object_marking_refs"),
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
	at := c.find("definition")
	if _, ok := c.memberOf(at, "statement"); !ok && strings.HasPrefix(c.valueOf("definition"), "{") {
		c.violateMember("S21-7.2.1-06", "definition", at,
			"a statement marking holds a string named statement")
	}
}

// memberOf returns the string of that name in the object that begins at an offset.
func (c *checker) memberOf(at int, name string) (string, bool) {
	s := scan.Scanner{Text: c.Text, Pos: at}
	if s.Kind() != '{' {
		return "", false
	}
	for going := s.Open(); going && s.Kind() == '"'; going = s.More() {
		found := s.Name() == name
		if found && s.Kind() == '"' {
			return scan.Decode(s.Str()), true
		}
		s.Kind()
		s.Skip()
	}
	return "", false
}

// fixedMarking checks that a marking of TLP is the one that the standard fixes for its level
// (§7.2.1.4), or the extension for TLP 2.0 does. Another text under a fixed identifier is a
// warning: widespread software writes its own there, and the identifier still says the level.
func (c *checker) fixedMarking(f frame, typ string, at int) {
	_, known := marking.Fixed(c.object.ID)
	claimed := c.tlp2Level()
	level, _ := marking.ParseTLP(claimed)
	if typ != "tlp" && !known && claimed == "" || marking.IsFixed(c.object) {
		return
	}
	switch {
	case typ == "tlp":
		c.violateMember("S21-7.2.1-03", "definition_type", at,
			"only the four marking-definitions of the standard may be used for TLP 1, unchanged")
	case known && (claimed == "" || level == marking.TLPOf([]string{c.object.ID}).TLP2):
		c.violateMember("S21-7.2.1-05", "id", c.find("id"),
			"the identifier is that of a TLP marking, but the content is not")
	default:
		c.violateMember("S21-7.2.1-07", "extensions", c.find("extensions"),
			"only the five marking-definitions of the extension may be used for TLP 2.0")
	}
}

// tlp2Level returns the level that the extension for TLP 2.0 names, or "".
func (c *checker) tlp2Level() string {
	const extension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
	s := scan.Scanner{Text: c.Text, Pos: c.find("extensions")}
	if s.Kind() != '{' {
		return ""
	}
	for going := s.Open(); going && s.Kind() == '"'; going = s.More() {
		found := s.Name() == extension
		s.Kind()
		if found {
			level, _ := c.memberOf(s.Pos, "tlp_2_0")
			return level
		}
		s.Skip()
	}
	return ""
}
