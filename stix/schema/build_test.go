package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix/schema"
)

// A table that contradicts itself must stop the program at its start, or a rule would never
// be checked and nobody would know.
func TestDefineRefusesTablesThatContradictThemselves(t *testing.T) {
	name := schema.Property{Name: "name"}
	for fact, table := range map[string]struct {
		common []schema.Property
		shape  schema.Shape
		said   string
	}{
		"a property twice": {
			shape: schema.Shape{Properties: []schema.Property{name, name}},
			said:  "has name twice",
		},
		"a common property again": {
			common: []schema.Property{name},
			shape:  schema.Shape{Properties: []schema.Property{name}},
			said:   "has name twice",
		},
		"a need of an unknown property": {
			shape: schema.Shape{Needs: []schema.Need{{Of: []string{"nome"}}}},
			said:  `names "nome"`,
		},
		"a need brought on by an unknown property": {
			shape: schema.Shape{Needs: []schema.Need{{Kind: schema.Requires, If: "nome"}}},
			said:  `names "nome"`,
		},
		"an order of an unknown property": {
			shape: schema.Shape{
				Properties: []schema.Property{name},
				Orders:     []schema.Order{{Earlier: "name", Later: "nome"}},
			},
			said: `names "nome"`,
		},
		"more properties than a set holds": {
			shape: schema.Shape{Properties: manyProperties(65)},
			said:  "more properties than a Set can hold",
		},
	} {
		t.Run(fact, func(t *testing.T) {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, table.said) {
					t.Errorf("panic: %s, want one that says %q", got, table.said)
				}
			}()
			schema.Define(table.common, table.shape)
		})
	}
}

func TestDefineTakesAsManyPropertiesAsASetHolds(t *testing.T) {
	s := schema.Define(nil, schema.Shape{Properties: manyProperties(64)})
	if p, i := s.Property("p63"); p == nil || !s.Own().Has(i) || s.Required().Has(i) {
		t.Errorf("the last property: %v, %d", p, i)
	}
}

func TestDefineLeavesTheCommonPropertiesAlone(t *testing.T) {
	common := make([]schema.Property, 1, 8)
	common[0] = schema.Property{Name: "id"}
	a := schema.Define(common, schema.Shape{Properties: []schema.Property{{Name: "a"}}})
	schema.Define(common, schema.Shape{Properties: []schema.Property{{Name: "b"}}})
	if got := a.Properties[1].Name; got != "a" {
		t.Errorf("another shape wrote its property %s into this one", got)
	}
}

func manyProperties(n int) []schema.Property {
	properties := make([]schema.Property, n)
	for i := range properties {
		properties[i].Name = fmt.Sprintf("p%d", i)
	}
	return properties
}
