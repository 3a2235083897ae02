package schema_test

import (
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
	"github.com/google/go-cmp/cmp"
)

// commonMatrix says who has which common property: R required, O optional, - not applicable
// (§3.2 and the summaries in §7).
const commonMatrix = `
                     SDO SRO SCO extension-definition language-content marking-definition bundle
type                  R   R   R   R                    R                R                  R
spec_version          R   R   O   R                    R                R                  -
id                    R   R   R   R                    R                R                  R
created_by_ref        O   O   -   R                    O                O                  -
created               R   R   -   R                    R                R                  -
modified              R   R   -   R                    R                -                  -
revoked               O   O   -   O                    O                -                  -
labels                O   O   -   O                    O                -                  -
confidence            O   O   -   -                    O                -                  -
lang                  O   O   -   -                    -                -                  -
external_references   O   O   -   O                    O                O                  -
object_marking_refs   O   O   O   O                    O                O                  -
granular_markings     O   O   O   O                    O                O                  -
defanged              -   -   O   -                    -                -                  -
extensions            O   O   O   -                    O                O                  -
`

var commonNames = []string{
	"type", "spec_version", "id", "created_by_ref", "created", "modified", "revoked", "labels",
	"confidence", "lang", "external_references", "object_marking_refs", "granular_markings",
	"defanged", "extensions",
}

func TestCommonPropertiesByKind(t *testing.T) {
	rows := strings.Split(strings.TrimSpace(commonMatrix), "\n")
	columns := strings.Fields(rows[0])
	for _, s := range schema.Types() {
		column := columnOf(s, columns)
		want, got := map[string]string{}, map[string]string{}
		for _, row := range rows[1:] {
			cells := strings.Fields(row)
			want[cells[0]] = cells[1+column]
			got[cells[0]] = use(s, cells[0])
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.Name, diff)
		}
	}
}

func columnOf(s *schema.Shape, columns []string) int {
	kind := map[stix.Kind]string{stix.SDO: "SDO", stix.SRO: "SRO", stix.SCO: "SCO"}[s.Kind]
	for i, column := range columns {
		if column == s.Name || column == kind {
			return i
		}
	}
	panic("no column for " + s.Name)
}

func use(s *schema.Shape, name string) string {
	p, i := s.Property(name)
	switch {
	case p == nil:
		return "-"
	case p.Required != s.Required().Has(i):
		return "contradiction"
	case p.Required:
		return "R"
	}
	return "O"
}

func TestCommonPropertiesHaveTheirTypesAndRules(t *testing.T) {
	type facts struct {
		Type schema.Type
		List bool
		Rule string
	}
	want := map[string]facts{
		"type":                {schema.String, false, ""},
		"spec_version":        {schema.String, false, ""},
		"id":                  {schema.Identifier, false, ""},
		"created_by_ref":      {schema.Identifier, false, "S21-3.2-03"},
		"created":             {schema.Millis, false, ""},
		"modified":            {schema.Millis, false, ""},
		"revoked":             {schema.Boolean, false, ""},
		"labels":              {schema.String, true, ""},
		"confidence":          {schema.Integer, false, "S21-3.2-04"},
		"lang":                {schema.Language, false, "S21-3.2-05"},
		"external_references": {schema.Object, true, ""},
		"object_marking_refs": {schema.Identifier, true, "S21-3.2-06"},
		"granular_markings":   {schema.Object, true, ""},
		"defanged":            {schema.Boolean, false, ""},
		"extensions":          {schema.Extensions, false, ""},
	}
	for _, s := range schema.Types() {
		for _, name := range commonNames {
			p, _ := s.Property(name)
			if p == nil {
				continue
			}
			want := want[name]
			if s.Name == "marking-definition" && name == "created" {
				want.Type = schema.Timestamp // of one version, so whole seconds will do
			}
			if diff := cmp.Diff(want, facts{p.Type, p.List, p.Rule}); diff != "" {
				t.Errorf("%s.%s (-want +got):\n%s", s.Name, name, diff)
			}
		}
	}
}
