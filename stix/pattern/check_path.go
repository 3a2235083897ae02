package pattern

import (
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
)

// path checks the names in a path, and follows it through the tables of the standard. It
// returns what they say of the value at its end.
func (c *checker) path(p *Path) place {
	shape := schema.Of(p.Type)
	if shape == nil && !isTypeName(p.Type) {
		c.must(p.Start, "%s is no name of an object type, which has 3 to 250 lower-case "+
			"letters, digits and single hyphens", shorten(p.Type))
	}
	c.indexes(p)
	first := &p.Steps[0]
	if !isPropertyName(first.Name) {
		c.must(first.Start, "%s is no name of a property, which has 3 to 250 lower-case "+
			"letters, digits and underscores", shortName(first.Name))
		return place{}
	}
	if shape != nil && shape.Kind == stix.SCO {
		return c.steps(p, place{kind: objectPlace}.or(shape))
	}
	return place{}
}

// steps goes along a path until the tables end or do not have a step.
func (c *checker) steps(p *Path, at place) place {
	for i := range p.Steps {
		step := &p.Steps[i]
		switch {
		case at.kind == unknownPlace:
			return place{}
		case step.Kind == ByName && at.list:
			c.should(step.Start, "%s is a list, expected an index or [*]", p.upTo(i))
			return place{}
		case step.Kind == ByName:
			next, ok := at.member(step.Name)
			if !ok {
				c.should(step.Start, "%s has no property %s", p.upTo(i), shortName(step.Name))
				return place{}
			}
			at = next
		case !at.list:
			c.should(step.Start, "%s is no list", p.upTo(i))
			return place{}
		default:
			at.list = false
		}
	}
	return at
}

// indexes checks that indexes can name something.
func (c *checker) indexes(p *Path) {
	for i := range p.Steps {
		if step := &p.Steps[i]; step.Index < 0 {
			c.should(step.Start, "the index %d names nothing, since lists start at 0", step.Index)
		}
	}
}

// upTo returns the path before its i-th step, for a message.
func (p *Path) upTo(i int) string {
	if i == 0 {
		return shorten(p.Type)
	}
	return shorten(Path{Type: p.Type, Steps: p.Steps[:i]}.String())
}

// place is what the tables say of the value that a path has come to.
type place struct {
	kind   placeKind
	list   bool    // it is a list of such values
	holds  content // what values it may have, 0 where nothing is known
	shapes [8]*schema.Shape
	n      int // of shapes: of an object those it may have, of extensions their owner
}

type placeKind uint8

const (
	unknownPlace    placeKind = iota // the tables say nothing
	scalarPlace                      // has no members
	objectPlace                      // has the properties of one of the shapes
	extensionsPlace                  // the property extensions
)

// or adds a shape that an object may have. Nothing is known of one that may have many.
func (at place) or(shape *schema.Shape) place {
	if shape == nil || at.n == len(at.shapes) {
		return place{list: at.list, holds: at.holds}
	}
	at.shapes[at.n] = shape
	at.n++
	return at
}

// member goes to a member of a value, or is not ok if the tables say that there is none.
func (at place) member(name string) (next place, ok bool) {
	switch at.kind {
	case scalarPlace:
		return place{}, false
	case extensionsPlace:
		if e := at.shapes[0].Extension(name); e != nil {
			return place{kind: objectPlace}.or(e), true
		}
		return place{}, true // an extension of somebody's own
	}
	for _, shape := range at.shapes[:at.n] {
		property, _ := shape.Property(name)
		switch {
		case property == nil:
		case !ok:
			next, ok = placeOf(shape, property), true
		default:
			next = next.merge(placeOf(shape, property))
		}
	}
	// A producer may have properties of his own, which begin with x_ (§11.1).
	return next, ok || strings.HasPrefix(name, "x_")
}

// merge returns what is known of a value that is at one place or the other.
func (at place) merge(other place) place {
	if at.kind != other.kind || at.list != other.list {
		return place{}
	}
	if at.holds != 0 && other.holds != 0 {
		at.holds |= other.holds
	} else {
		at.holds = 0
	}
	for _, shape := range other.shapes[:other.n] {
		at = at.or(shape)
	}
	return at
}

// placeOf returns what is known of a property of a shape.
func placeOf(owner *schema.Shape, p *schema.Property) place {
	at := place{kind: objectPlace, list: p.List, holds: contentOf(p.Type)}
	switch p.Type {
	case schema.Object:
		return at.or(p.Shape)
	case schema.Extensions:
		at.kind = extensionsPlace
		return at.or(owner)
	case schema.Identifier:
		if p.Refs == nil {
			break
		}
		if len(p.Refs.Types) == 0 {
			return place{list: p.List, holds: at.holds}
		}
		for _, typ := range p.Refs.Types {
			at = at.or(schema.Of(typ))
		}
		return at
	case schema.Dictionary, schema.Strings, schema.StringLists, schema.Headers,
		schema.Integers, schema.Scalars, schema.Hashes:
		return place{list: p.List, holds: at.holds}
	}
	return place{kind: scalarPlace, list: p.List, holds: at.holds}
}
