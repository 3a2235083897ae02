package rules

import (
	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// CheckBundle returns what is wrong with a bundle (STIX 2.1 §8) itself, not with its objects:
// offsets and pointers are within text, the bundle. So is an object without type that has an id and
// objects; anything else has no violations here.
func CheckBundle(text []byte, least stix.Level) stix.Violations {
	c := checkers.Get().(*checker)
	defer c.release()
	c.begin(stix.Object{Raw: text, Type: "bundle"}, least)
	c.Kind()
	start := c.Pos
	typ, typed := c.memberOf(start, "type")
	if _, named := c.memberOf(start, "id"); typ != "bundle" && (typed || !named) {
		return nil
	}
	c.shape = schema.Of("bundle")
	f := c.readMembers(c.shape)
	c.judge(f)
	c.bundleID(f)
	if c.warns() {
		c.bundleObjects()
	}
	for _, u := range c.unknown {
		c.violateMember("S21-8-02", u.name, u.at,
			"a bundle has no properties beside type, id and objects")
	}
	c.drop(f)
	return c.result()
}

func (c *checker) bundleID(f frame) {
	id, at, ok := c.get(f, "id")
	if !ok {
		return
	}
	if fault := idFault(id); fault != "" {
		c.violateMember("S21-2.9-01", "id", at, scan.Quote(id)+" "+fault)
	} else if stix.TypeOfID(id) != "bundle" {
		c.violateMember("S21-2.9-01", "id", at, "the identifier does not begin with the type bundle")
	} else if id[len(id)-22] != '4' {
		c.violateMember("S21-2.9-03", "id", at, "the UUID should be a random one (UUIDv4)")
	}
}
