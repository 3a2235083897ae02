package match

import (
	"slices"

	"github.com/cabstand/cabstand/stix/schema"
)

// place is what the tables of the standard say of the value that a path has come to.
type place struct {
	shapes     []*schema.Shape // of an object: those it may have
	extensions []*schema.Shape // of the property extensions: those it may hold
	// dictionary says that names of members are keys that anybody may choose (§2.3), so that
	// what they end in means nothing.
	dictionary bool
}

func placeOf(typ string) place {
	if shape := schema.Of(typ); shape != nil {
		return place{shapes: []*schema.Shape{shape}}
	}
	return place{}
}

// member goes to a member of a value. Elements of a list are at the place of the list.
func (at place) member(name string) place {
	if at.dictionary {
		return at
	}
	var next place
	for _, e := range at.extensions {
		if e.Name == name {
			next.shapes = append(next.shapes, e)
		}
	}
	for _, shape := range at.shapes {
		if p, _ := shape.Property(name); p != nil {
			next.add(shape, p)
		}
	}
	return next
}

// add takes in what a property of a shape can be.
func (at *place) add(owner *schema.Shape, p *schema.Property) {
	switch p.Type {
	case schema.Object:
		at.shapes = append(at.shapes, p.Shape)
	case schema.Extensions:
		at.extensions = append(at.extensions, owner.Extensions...)
	case schema.Identifier:
		if p.Refs == nil {
			return
		}
		for _, typ := range p.Refs.Types {
			if shape := schema.Of(typ); shape != nil && !slices.Contains(at.shapes, shape) {
				at.shapes = append(at.shapes, shape)
			}
		}
	case schema.Dictionary, schema.Strings, schema.StringLists, schema.Headers,
		schema.Integers, schema.Scalars, schema.Hashes:
		at.dictionary = true
	}
}
