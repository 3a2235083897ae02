package rules

import (
	"cmp"
	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// observedData asks for at least one observable among the references (§4.14). A type that the
// standard does not define may be one.
func (c *checker) observedData(f frame) {
	if !c.has(f, "object_refs") {
		return
	}
	shows := false
	isList := c.eachText("object_refs", func(_, _ int, text string, is bool) bool {
		kind := stix.KindOf(stix.TypeOfID(text))
		shows = !is || kind == stix.SCO || kind == stix.Custom // what is no string is told as such
		return !shows
	})
	if isList && !shows {
		c.violateMember("S21-4.14-11", "object_refs", c.find("object_refs"),
			"at least one of the references must name an observable")
	}
}

// container checks the deprecated objects of observed-data (§2.13): observables under keys of
// their own, which refer to each other by those keys.
func (c *checker) container(at int) {
	if !c.Open() {
		c.violate("S21-2.13-01", at, "objects must not be empty")
		return
	}
	outer := c.shape
	c.local = c.keysOf(at)
	for going := true; going && c.Kind() == '"'; going = c.More() {
		key := c.Name()
		c.push(key)
		if k := c.Kind(); k != '{' {
			c.violate("S21-2.13-01", c.Pos, "expected an observable, found "+scan.KindName(k))
			c.Skip()
		} else {
			c.observable()
		}
		c.pop()
	}
	c.shape, c.local = outer, nil
}

// keysOf returns the types of the observables of a container by their keys.
func (c *checker) keysOf(at int) map[string]string {
	types := map[string]string{}
	s := scan.Scanner{Text: c.Text, Pos: at}
	for going := s.Open(); going && s.Kind() == '"'; going = s.More() {
		key := s.Name()
		s.Kind()
		types[key], _ = c.memberOf(s.Pos, "type")
		s.Skip()
	}
	return types
}

// localReference checks a reference between the observables of one container.
func (c *checker) localReference(p *schema.Property, key string, at int) {
	typ, ok := c.local[key]
	switch {
	case !ok:
		c.violate("S21-2.13-02", at, scan.Quote(key)+" is no key of this container")
	case p.Refs != nil && !p.Refs.Allow(typ):
		c.violate(cmp.Or(p.Rule, ruleReference), at,
			"a reference to "+scan.Quote(typ)+" is not allowed here")
	}
}

// observable checks one member of a container. Its key stands for its identifier, so that it
// needs none, and a property that STIX 2.0 had is no fault.
func (c *checker) observable() {
	at := c.Pos
	typ, ok := c.memberOf(at, "type")
	if !ok {
		c.violateMember("S21-2.13-01", "type", at, "an observable has a type")
		c.Skip()
		return
	}
	if kind := stix.KindOf(typ); kind != stix.SCO && kind != stix.Custom {
		c.violateMember("S21-2.13-01", "type", at, "only observables stand in a container")
	}
	c.shape = schema.Of(typ)
	if c.shape == nil || c.shape.Kind != stix.SCO {
		c.shape = schema.CustomSCO
	}
	c.embedded(c.shape)
}
