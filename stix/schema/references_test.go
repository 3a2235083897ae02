package schema_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
	"github.com/google/go-cmp/cmp"
)

// What the tables of the standard let references name; "custom" stands for the types that it
// does not define.
func TestReferencesNameWhatTheStandardAllows(t *testing.T) {
	observable := kinds[stix.SCO] + " custom"
	object := observable
	for _, kind := range []stix.Kind{stix.SDO, stix.SRO, stix.Meta, stix.Marking} {
		object += " " + kinds[kind]
	}
	end := observable + " " + kinds[stix.SDO]
	address := "ipv4-addr ipv6-addr mac-addr domain-name"
	want := map[string]string{
		"grouping.object_refs":                     object,
		"malware.operating_system_refs":            "software",
		"malware.sample_refs":                      "file artifact",
		"malware-analysis.host_vm_ref":             "software",
		"malware-analysis.operating_system_ref":    "software",
		"malware-analysis.installed_software_refs": "software",
		"malware-analysis.analysis_sco_refs":       observable,
		"malware-analysis.sample_ref":              "file network-traffic artifact",
		"note.object_refs":                         object,
		"observed-data.object_refs":                observable + " " + kinds[stix.SRO],
		"opinion.object_refs":                      object,
		"report.object_refs":                       object,
		"relationship.source_ref":                  end,
		"relationship.target_ref":                  end,
		"sighting.sighting_of_ref":                 kinds[stix.SDO] + " custom",
		"sighting.observed_data_refs":              "observed-data",
		"sighting.where_sighted_refs":              "identity location",
		"directory.contains_refs":                  "file directory",
		"domain-name.resolves_to_refs":             "ipv4-addr ipv6-addr domain-name",
		"email-addr.belongs_to_ref":                "user-account",
		"email-message.from_ref":                   "email-addr",
		"email-message.sender_ref":                 "email-addr",
		"email-message.to_refs":                    "email-addr",
		"email-message.cc_refs":                    "email-addr",
		"email-message.bcc_refs":                   "email-addr",
		"email-message.raw_email_ref":              "artifact",
		"email-mime-part-type.body_raw_ref":        "artifact file",
		"file.parent_directory_ref":                "directory",
		"file.contains_refs":                       observable,
		"file.content_ref":                         "artifact",
		"archive-ext.contains_refs":                "file directory",
		"ipv4-addr.resolves_to_refs":               "mac-addr",
		"ipv4-addr.belongs_to_refs":                "autonomous-system",
		"ipv6-addr.resolves_to_refs":               "mac-addr",
		"ipv6-addr.belongs_to_refs":                "autonomous-system",
		"network-traffic.src_ref":                  address,
		"network-traffic.dst_ref":                  address,
		"network-traffic.src_payload_ref":          "artifact",
		"network-traffic.dst_payload_ref":          "artifact",
		"network-traffic.encapsulates_refs":        "network-traffic",
		"network-traffic.encapsulated_by_ref":      "network-traffic",
		"http-request-ext.message_body_data_ref":   "artifact",
		"process.opened_connection_refs":           "network-traffic",
		"process.creator_user_ref":                 "user-account",
		"process.image_ref":                        "file",
		"process.parent_ref":                       "process",
		"process.child_refs":                       "process",
		"windows-service-ext.service_dll_refs":     "file",
		"windows-registry-key.creator_user_ref":    "user-account",
		"language-content.object_ref":              object,
		"granular-marking.marking_ref":             "marking-definition",
	}
	for key, types := range want {
		sorted := strings.Fields(types)
		slices.Sort(sorted)
		want[key] = strings.Join(sorted, " ")
	}
	got := map[string]string{}
	for _, s := range everyShape() {
		for _, p := range s.Properties {
			if p.Refs != nil && !slices.Contains(commonNames, p.Name) {
				got[s.Name+"."+p.Name] = allowed(p.Refs)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("references (-want +got):\n%s", diff)
	}
}

// allowed lists the types that a reference may name.
func allowed(r *schema.Refs) string {
	types := []string{}
	for names := range maps.Values(kinds) {
		types = append(types, strings.Fields(names)...)
	}
	allowed := slices.DeleteFunc(types, func(typ string) bool { return !r.Allow(typ) })
	if r.Allow("x-own") {
		allowed = append(allowed, "custom")
	}
	slices.Sort(allowed)
	return strings.Join(allowed, " ")
}

func TestCommonReferencesNameOneType(t *testing.T) {
	for _, s := range schema.Types() {
		for name, want := range map[string]string{
			"created_by_ref": "identity", "object_marking_refs": "marking-definition",
		} {
			if p, _ := s.Property(name); p != nil && allowed(p.Refs) != want {
				t.Errorf("%s.%s may name %s", s.Name, name, allowed(p.Refs))
			}
		}
	}
}
