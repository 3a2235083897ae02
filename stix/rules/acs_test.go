package rules_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
	"github.com/cabstand/cabstand/stix/schema"
)

// acsFaults has one fault for every member of the ACS marking: its place below the extension and
// what stands there instead. A value of nil means that the member is left out.
func acsFaults() map[string]any {
	empty := []any{}
	return map[string]any{
		"extension_type":                                "toplevel-property-extension",
		"identifier":                                    nil,
		"create_date_time":                              "2026-03-01",
		"responsible_entity_custodian":                  nil,
		"responsible_entity_originator":                 "BANK",
		"policy_reference":                              "urn:isa:policy:acs:ns:v3.0?privdefault=deny",
		"authority_reference":                           empty,
		"control_set":                                   nil,
		"control_set/classification":                    "X",
		"control_set/formal_determination":              []any{"TLP"},
		"control_set/caveat":                            []any{"BEWARE"},
		"control_set/sensitivity":                       []any{"HIGH"},
		"control_set/shareability":                      []any{"ALL"},
		"control_set/entity":                            []any{"ALL"},
		"control_set/permitted_nationalities":           empty,
		"control_set/permitted_organizations":           []any{"dhs"},
		"control_set/sci_controls":                      empty,
		"control_set/logical_authority_category":        empty,
		"access_privilege":                              empty,
		"access_privilege/0/privilege_action":           "LOOK",
		"access_privilege/0/privilege_scope":            map[string]any{},
		"access_privilege/0/privilege_scope/entity":     []any{"ALL", "GOV"},
		"access_privilege/0/rule_effect":                "allow",
		"further_sharing":                               empty,
		"further_sharing/0/sharing_scope":               nil,
		"further_sharing/0/rule_effect":                 "allow",
		"name":                                          1,
		"original_classification/classified_by":         nil,
		"original_classification/classified_on":         "yesterday",
		"original_classification/compilation_reason":    1,
		"original_classification/classification_reason": 1,
		"derivative_classification/classified_by":       nil,
		"derivative_classification/derived_from":        nil,
		"derivative_classification/classified_on":       "yesterday",
		"declassification":                              map[string]any{},
		"declassification/declass_period":               "25 years",
		"resource_disposition/disposition_date":         nil,
		"resource_disposition/disposition_process":      nil,
		"public_release/released_by":                    nil,
		"public_release/released_on":                    "soon",
	}
}

// Each member of the ACS marking is checked: whatever the rest of the marking is like, a fault in
// that member alone makes it invalid there.
func TestCheck_ACSMarkingMemberByMember(t *testing.T) {
	const sound = "testdata/rules/ACS-04/good-full.json"
	for place, value := range acsFaults() {
		var o map[string]any
		if err := json.Unmarshal(casefile.Read(t, sound), &o); err != nil {
			t.Fatal(err)
		}
		put(t, o["extensions"].(map[string]any)[schema.ACSMarking], strings.Split(place, "/"), value)
		text, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := stix.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		found := rules.Check(parsed, stix.Must)
		want := "/extensions/" + schema.ACSMarking + "/" + place
		if len(found) != 1 || !strings.HasPrefix(found[0].Pointer, want) {
			t.Errorf("%s = %v: %v, want one violation there", place, value, found)
		}
	}
}

// put changes the member at a place, or takes it away.
func put(t *testing.T, within any, place []string, value any) {
	t.Helper()
	if list, ok := within.([]any); ok {
		put(t, list[0], place[1:], value)
		return
	}
	members := within.(map[string]any)
	_, there := members[place[0]]
	switch {
	case len(place) > 1:
		put(t, members[place[0]], place[1:], value)
	case !there && value == nil:
		t.Fatalf("the sound marking has no %s", place[0])
	case value == nil:
		delete(members, place[0])
	default:
		members[place[0]] = value
	}
}
