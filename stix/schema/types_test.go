package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
	"github.com/google/go-cmp/cmp"
)

// kinds lists the object types of the standard by kind, in its order.
var kinds = map[stix.Kind]string{
	stix.SDO: "attack-pattern campaign course-of-action grouping identity incident indicator " +
		"infrastructure intrusion-set location malware malware-analysis note observed-data " +
		"opinion report threat-actor tool vulnerability",
	stix.SRO: "relationship sighting",
	stix.SCO: "artifact autonomous-system directory domain-name email-addr email-message file " +
		"ipv4-addr ipv6-addr mac-addr mutex network-traffic process software url " +
		"user-account windows-registry-key x509-certificate",
	stix.Meta:    "language-content extension-definition",
	stix.Marking: "marking-definition",
	stix.Bundle:  "bundle",
}

func TestEveryObjectTypeHasAShapeOfItsKind(t *testing.T) {
	listed := 0
	for kind, names := range kinds {
		for _, name := range strings.Fields(names) {
			listed++
			s := schema.Of(name)
			if s == nil || s.Name != name || s.Kind != kind || stix.KindOf(name) != kind {
				t.Errorf("Of(%q) = %+v, want its shape, of kind %d", name, s, kind)
			}
		}
	}
	if got := len(schema.Types()); got != listed {
		t.Errorf("Types() has %d shapes, want %d", got, listed)
	}
	for _, s := range schema.Types() {
		if stix.KindOf(s.Name) == stix.Custom || schema.Of(s.Name) != s {
			t.Errorf("the shape %s is not that of a type of the standard", s.Name)
		}
	}
}

func TestTypesAreInTheOrderOfTheStandard(t *testing.T) {
	var got []string
	for _, s := range schema.Types() {
		if s.Kind == stix.SDO || s.Kind == stix.SRO || s.Kind == stix.SCO {
			got = append(got, s.Name)
		}
	}
	want := strings.Fields(kinds[stix.SDO] + " " + kinds[stix.SRO] + " " + kinds[stix.SCO])
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
}

func TestSectionsFollowTheOrderOfTheStandard(t *testing.T) {
	chapters := map[stix.Kind]string{stix.SDO: "4", stix.SRO: "5", stix.SCO: "6"}
	for kind, chapter := range chapters {
		for i, name := range strings.Fields(kinds[kind]) {
			want := fmt.Sprintf("%s.%d", chapter, i+1)
			if got := schema.Of(name).Section; got != want {
				t.Errorf("%s: section %s, want %s", name, got, want)
			}
		}
	}
}

func TestUnknownTypesHaveNoShape(t *testing.T) {
	for _, name := range []string{"", "x-own", "Indicator", "pdf-ext", "kill-chain-phase"} {
		if s := schema.Of(name); s != nil {
			t.Errorf("Of(%q) = %s, want nil", name, s.Name)
		}
	}
}

func TestExtensionsBelongToTheirTypes(t *testing.T) {
	want := map[string]string{
		"file":            "archive-ext ntfs-ext pdf-ext raster-image-ext windows-pebinary-ext",
		"network-traffic": "http-request-ext icmp-ext socket-ext tcp-ext",
		"process":         "windows-process-ext windows-service-ext",
		"user-account":    "unix-account-ext",

		"marking-definition": schema.ACSMarking, // of another document
	}
	got := map[string]string{}
	for _, s := range schema.Types() {
		var names []string
		for _, e := range s.Extensions {
			names = append(names, e.Name)
			if s.Extension(e.Name) != e {
				t.Errorf("%s.Extension(%q) is not the extension", s.Name, e.Name)
			}
		}
		if names != nil {
			got[s.Name] = strings.Join(names, " ")
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("extensions (-want +got):\n%s", diff)
	}
	if e := schema.Of("file").Extension("tcp-ext"); e != nil {
		t.Errorf("a file has the extension %s", e.Name)
	}
}

func TestCustomShapesHaveTheCommonPropertiesAlone(t *testing.T) {
	for shape, sibling := range map[*schema.Shape]string{
		schema.CustomSDO: "vulnerability", schema.CustomSCO: "mutex",
	} {
		own := shape.Own()
		common := schema.Of(sibling)
		if own != 0 || shape.Kind != stix.Custom || shape.Required() != common.Required()&^common.Own() {
			t.Errorf("%s: own %b, required %b, kind %d", shape.Name, own, shape.Required(), shape.Kind)
		}
	}
}
