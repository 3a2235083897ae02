package rules

import (
	"math/bits"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// judge checks what the members of an object have to do with each other.
func (c *checker) judge(f frame) {
	if missing := f.shape.Required() &^ f.present; missing != 0 {
		c.missing(f, missing)
	}
	for i := range f.shape.Needs {
		c.need(f, &f.shape.Needs[i])
	}
	for i := range f.shape.Orders {
		c.order(f, &f.shape.Orders[i])
	}
}

const missingProperty = "a required property is missing"

// missing tells which required properties are not there.
func (c *checker) missing(f frame, missing schema.Set) {
	for ; missing != 0; missing &= missing - 1 {
		name := f.shape.Properties[bits.TrailingZeros64(uint64(missing))].Name
		if c.local != nil && name == "id" || len(c.path) == 0 && name == "spec_version" {
			continue // the key stands for it; or told as STIX 2.0
		}
		c.violateMember(requiredRule(f.shape.Name), name, f.start, missingProperty)
	}
}

// requiredRule returns the rule that asks for the required properties of a shape.
func requiredRule(shape string) string {
	switch shape {
	case "external-reference":
		return "S21-2.5-01"
	case "kill-chain-phase":
		return "S21-2.11-01"
	case "granular-marking":
		return "S21-7.2.3-01"
	}
	return "S21-3.2-10"
}

// need checks a rule about which properties stand together.
func (c *checker) need(f frame, n *schema.Need) {
	of := f.present & n.OfSet()
	switch n.Kind {
	case schema.AtLeastOne:
		if of == 0 {
			c.violate(n.Rule, f.start, "at least one of "+list(n.Of)+" must be there")
		}
	case schema.ExactlyOne:
		if bits.OnesCount64(uint64(of)) != 1 {
			c.violate(n.Rule, f.start, "exactly one of "+list(n.Of)+" must be there")
		}
	case schema.AnyOwn:
		if f.present&f.shape.Own() == 0 && !(f.strange && c.local != nil) {
			c.violate(n.Rule, f.start, "at least one property of "+f.shape.Name+" itself must be there")
		}
	case schema.Requires:
		if bringsOn(f, n) && of != n.OfSet() {
			c.violate(n.Rule, f.start, asksFor(n))
		}
	case schema.Excludes:
		if bringsOn(f, n) && of != 0 {
			c.violate(n.Rule, f.start, list(n.Of)+" must not be there "+condition(n))
		}
	}
}

// bringsOn reports whether the condition of a need holds.
func bringsOn(f frame, n *schema.Need) bool {
	switch n.Is {
	case "true":
		return f.truth&n.IfSet() != 0
	case "false":
		return f.present&n.IfSet() != 0 && f.truth&n.IfSet() == 0
	}
	return f.present&n.IfSet() != 0
}

// asksFor says what a need demands, and under which condition.
func asksFor(n *schema.Need) string {
	if n.Is == "" {
		return n.If + " asks for " + list(n.Of) + " beside it"
	}
	return condition(n) + ", " + list(n.Of) + " must be there"
}

func condition(n *schema.Need) string {
	return "when " + n.If + " is " + n.Is
}

// order compares two timestamps, if both are there and have the form of one.
func (c *checker) order(f frame, o *schema.Order) {
	earlier, _, ok := c.get(f, o.Earlier)
	if !ok {
		return
	}
	later, at, ok := c.get(f, o.Later)
	if !ok {
		return
	}
	a, err := stix.ParseTimestamp(earlier)
	b, err2 := stix.ParseTimestamp(later)
	if err != nil || err2 != nil {
		return // told where it stands
	}
	switch order := a.Compare(b); {
	case order > 0:
		c.violateMember(o.Rule, o.Later, at, later+" is before "+o.Earlier+", "+earlier)
	case order == 0 && o.Strict:
		c.violateMember(o.Rule, o.Later, at, later+" must be after "+o.Earlier+", not the same")
	}
}

// list joins names as a sentence does.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
