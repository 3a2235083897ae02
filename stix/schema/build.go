package schema

import (
	"fmt"
	"math"

	"github.com/cabstand/cabstand/stix"
)

// define makes a shape of its own properties and the common ones, which come first. A table
// that contradicts itself is a fault of this package, not of any input; it stops the program
// at its start.
func define(common []Property, s Shape) *Shape {
	s.Kind = stix.KindOf(s.Name)
	if len(common)+len(s.Properties) > 64 {
		panic("schema: " + s.Name + " has more properties than a Set can hold")
	}
	s.Properties = append(common[:len(common):len(common)], s.Properties...)
	s.number(len(common))
	if s.has("created") && s.has("modified") {
		s.Orders = append(s.Orders, Order{
			Rule: "S21-3.6-02", Earlier: "created", Later: "modified",
		})
	}
	s.settle()
	return &s
}

// number gives the properties their places and fills the sets.
func (s *Shape) number(common int) {
	s.index = make(map[string]int, len(s.Properties))
	for i, p := range s.Properties {
		if s.has(p.Name) {
			panic("schema: " + s.Name + " has " + p.Name + " twice")
		}
		s.index[p.Name] = i
		if p.Required {
			s.required |= 1 << i
		}
		if i >= common {
			s.own |= 1 << i
		}
	}
}

// settle finds the properties that the needs and orders speak of.
func (s *Shape) settle() {
	for i := range s.Needs {
		n := &s.Needs[i]
		if n.If != "" {
			n.ifSet = s.setOf(n.If)
		}
		n.ofSet = s.setOf(n.Of...)
		if n.Kind == AnyOwn {
			s.own |= n.ofSet
			n.ofSet = s.own
		}
	}
	for _, o := range s.Orders {
		s.setOf(o.Earlier, o.Later)
	}
}

func (s *Shape) has(name string) bool {
	_, ok := s.index[name]
	return ok
}

func (s *Shape) setOf(names ...string) (set Set) {
	for _, name := range names {
		if !s.has(name) {
			panic(fmt.Sprintf("schema: a rule of %s names %q, which it does not have", s.Name, name))
		}
		set |= 1 << s.index[name]
	}
	return set
}

// The functions below name the usual kinds of properties, so that a table reads like the one
// in the standard.

func of(t Type, name string) Property { return Property{Name: name, Type: t} }
func text(name string) Property       { return of(String, name) }
func flag(name string) Property       { return of(Boolean, name) }
func integer(name string) Property    { return of(Integer, name) }
func instant(name string) Property    { return of(Timestamp, name) }
func hex(name string) Property        { return of(Hex, name) }
func hashes(name string) Property     { return of(Hashes, name) }
func extensionsOf() Property          { return of(Extensions, "extensions") }
func object(name string, s *Shape) Property {
	return Property{Name: name, Type: Object, Shape: s}
}

// word is a property whose value comes from a vocabulary, open or closed.
func word(name string, v *Vocabulary) Property {
	if v.Closed {
		return Property{Name: name, Type: Enum, Words: v}
	}
	return Property{Name: name, Type: OpenVocab, Words: v}
}

func ref(name string, r *Refs) Property {
	return Property{Name: name, Type: Identifier, Refs: r}
}

func (p Property) required() Property   { p.Required = true; return p }
func (p Property) deprecated() Property { p.Deprecated = true; return p }
func (p Property) list() Property       { p.List = true; return p }

func (p Property) breaks(rule string) Property { p.Rule = rule; return p }

func (p Property) within(least, most float64) Property {
	p.Bounds = &Bounds{least, most}
	return p
}

// notNegative is for sizes and counts. Integers end where those of the standard do (§2.10),
// floats do not end.
func (p Property) notNegative() Property {
	if p.Type == Integer {
		return p.within(0, 1<<53-1)
	}
	return p.within(0, math.Inf(1))
}

// The functions below say what a reference may name.

func toTypes(types ...string) *Refs    { return &Refs{Types: types} }
func toKinds(kinds ...stix.Kind) *Refs { return &Refs{Kinds: kinds, Custom: true} }
func toObservables() *Refs             { return toKinds(stix.SCO) }
func toAnyObject() *Refs {
	return toKinds(stix.SDO, stix.SRO, stix.SCO, stix.Meta, stix.Marking)
}
