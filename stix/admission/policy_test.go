package admission_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix/admission"
)

func TestPolicy_Faults(t *testing.T) {
	for _, c := range []struct {
		name   string
		policy admission.Policy
		want   []admission.Fault
	}{
		{"nothing", admission.Policy{}, nil},
		{"a preset", admission.Policy{Preset: "ais"}, nil},
		{"words of TLP 1 and 2", admission.Policy{TLP: admission.Range{Min: "white", Max: "TLP:AMBER+STRICT"}}, nil},
		{"one level", admission.Policy{TLP: admission.Range{Min: "green", Max: "green"}}, nil},
		{"other words", admission.Policy{
			Preset: "cisa", Marking: "iep", CreatedBy: "me", Indicators: "good",
			TLP:   admission.Range{Min: "pink", Max: "none"},
			Types: []string{"indicator", "bundle", "Two Words"}, SpecVersions: []string{"2.1", "3"},
		}, []admission.Fault{
			{Key: "preset", Complaint: `is "cisa"; it must be one of: ais`},
			{Key: "marking", Complaint: `is "iep"; it must be one of: tlp, acs, tlp-or-acs, any`},
			{Key: "tlp.min", Complaint: `is "pink"; it must be one of: clear, green, amber, amber+strict, red`},
			{Key: "tlp.max", Complaint: `is "none"; it must be one of: clear, green, amber, amber+strict, red`},
			{Key: "created_by", Complaint: `is "me"; it must be one of: required, forbidden, any`},
			{Key: "types[1]", Complaint: `is "bundle"; it must be a type of STIX objects, such as indicator`},
			{Key: "types[2]", Complaint: `is "Two Words"; it must be a type of STIX objects, such as indicator`},
			{Key: "indicators", Complaint: `is "good"; it must be one of: sane, any`},
			{Key: "spec_versions[1]", Complaint: `is "3"; it must be one of: 2.0, 2.1`},
		}},
		{"an empty range", admission.Policy{TLP: admission.Range{Min: "red", Max: "green"}},
			[]admission.Fault{{Key: "tlp.min", Complaint: "is red, which is stricter than max, green; no level is in between"}}},
		{"empty beside the preset", admission.Policy{Preset: "ais", TLP: admission.Range{Min: "red"}},
			[]admission.Fault{{Key: "tlp.min", Complaint: "is red, which is stricter than max, amber; no level is in between"}}},
	} {
		if diff := cmp.Diff(c.want, c.policy.Faults()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if _, err := c.policy.Gate(); (err != nil) != (c.want != nil) {
			t.Errorf("%s: Gate returned %v", c.name, err)
		}
	}
}

func TestPolicy_IsWrittenOnOneLine(t *testing.T) {
	for want, policy := range map[string]admission.Policy{
		"":    {},
		"ais": {Preset: "ais"},
		"ais,created_by:forbidden,types:indicator+malware": {
			Preset: "ais", CreatedBy: "forbidden", Types: []string{"indicator", "malware"}},
		"marking:tlp,tlp.min:green,tlp.max:amber,indicators:sane,spec_versions:2.1": {
			Marking: "tlp", TLP: admission.Range{Min: "green", Max: "amber"}, Indicators: "sane",
			SpecVersions: []string{"2.1"}},
	} {
		if got := policy.String(); got != want || policy.IsZero() != (want == "") {
			t.Errorf("%q, zero %v; want %q", got, policy.IsZero(), want)
		}
	}
}
