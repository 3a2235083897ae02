package schema_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix/schema"
	"github.com/google/go-cmp/cmp"
)

func TestNeedsAreThoseOfTheStandard(t *testing.T) {
	want := []string{
		"artifact S21-6.1-01 exactly one of payload_bin, url",
		"artifact S21-6.1-02 url requires hashes",
		"artifact S21-6.1-03 decryption_key requires encryption_algorithm",
		"email-message S21-6.6-01 is_multipart true excludes body",
		"email-message S21-6.6-02 is_multipart false excludes body_multipart",
		"email-mime-part-type S21-6.6.2-01 at least one of body, body_raw_ref",
		"external-reference S21-2.5-01 at least one of description, url, external_id",
		"file S21-6.7-01 at least one of hashes, name",
		"file S21-6.7-02 name_enc requires name",
		"granular-marking S21-7.2.3-01 exactly one of lang, marking_ref",
		"location S21-4.10-01 at least one of region, country, latitude",
		"location S21-4.10-02 latitude requires longitude",
		"location S21-4.10-02 longitude requires latitude",
		"location S21-4.10-03 precision requires latitude, longitude",
		"malware S21-4.11-01 is_family true requires name",
		"malware-analysis S21-4.12-01 at least one of result, analysis_sco_refs",
		"marking-definition S21-7.2.1-02 at least one of extensions, definition",
		"marking-definition S21-7.2.1-02 at least one of extensions, definition_type",
		"network-traffic S21-6.12-01 at least one of src_ref, dst_ref",
		"network-traffic S21-6.12-02 is_active true excludes end",
		"ntfs-ext S21-6.7.3-01 any own",
		"observed-data S21-4.14-01 exactly one of objects, object_refs",
		"pdf-ext S21-6.7.4-01 any own",
		"process S21-6.13-01 any own or extensions",
		"raster-image-ext S21-6.7.5-01 any own",
		"tcp-ext S21-6.12.5-01 any own",
		"unix-account-ext S21-6.16.2-01 any own",
		"user-account S21-6.16-01 any own or extensions",
		"windows-pe-optional-header-type S21-6.7.6-02 any own",
		"windows-pebinary-ext S21-6.7.6-01 at least one of imphash, machine_hex, " +
			"number_of_sections, time_date_stamp, pointer_to_symbol_table_hex, " +
			"number_of_symbols, size_of_optional_header, characteristics_hex, " +
			"file_header_hashes, optional_header, sections",
		"windows-process-ext S21-6.13.2-01 any own",
		"windows-registry-key S21-6.17-01 any own",
		"windows-registry-value-type S21-6.17.2-01 any own",
		"windows-service-ext S21-6.13.3-01 any own",
		"x509-certificate S21-6.18-01 any own",
		"x509-v3-extensions-type S21-6.18.2-01 any own",
	}
	var got []string
	for _, s := range everyShape() {
		for _, n := range s.Needs {
			got = append(got, s.Name+" "+n.Rule+" "+sentence(n))
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("needs (-want +got):\n%s", diff)
	}
}

func sentence(n schema.Need) string {
	of := strings.Join(n.Of, ", ")
	condition := strings.TrimSpace(n.If + " " + n.Is)
	switch n.Kind {
	case schema.AtLeastOne:
		return "at least one of " + of
	case schema.ExactlyOne:
		return "exactly one of " + of
	case schema.Requires:
		return condition + " requires " + of
	case schema.Excludes:
		return condition + " excludes " + of
	case schema.AnyOwn:
		return strings.TrimSuffix("any own or "+of, " or ")
	}
	return fmt.Sprint("kind ", n.Kind)
}

func TestOrdersAreThoseOfTheStandard(t *testing.T) {
	want := []string{
		"campaign S21-4.2-01 first_seen <= last_seen",
		"indicator S21-4.7-01 valid_from < valid_until",
		"infrastructure S21-4.8-01 first_seen <= last_seen",
		"intrusion-set S21-4.9-01 first_seen <= last_seen",
		"malware S21-4.11-02 first_seen <= last_seen",
		"malware-analysis S21-4.12-02 submitted <= analysis_started",
		"malware-analysis S21-4.12-03 analysis_started <= analysis_ended",
		"network-traffic S21-6.12-03 start <= end",
		"observed-data S21-4.14-02 first_observed <= last_observed",
		"relationship S21-5.1-01 start_time < stop_time",
		"sighting S21-5.2-01 first_seen <= last_seen",
		"threat-actor S21-4.17-01 first_seen <= last_seen",
	}
	var got []string
	for _, s := range everyShape() {
		versioned := false
		for _, o := range s.Orders {
			if o.Rule == "S21-3.6-02" {
				versioned = !o.Strict && o.Earlier == "created" && o.Later == "modified"
				continue
			}
			sign := map[bool]string{true: " < ", false: " <= "}[o.Strict]
			got = append(got, s.Name+" "+o.Rule+" "+o.Earlier+sign+o.Later)
		}
		if p, _ := s.Property("modified"); versioned != (p != nil) {
			t.Errorf("%s: modified after created: %v", s.Name, versioned)
		}
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
}

// Rule ids of needs and orders say the section of the shape, so that a reader of a violation
// finds the text; the rest of the number is free.
func TestRulesAreNumberedByTheSectionOfTheirShape(t *testing.T) {
	id := regexp.MustCompile(`^S21-([0-9.]+)-[0-9]{2}$`)
	for _, s := range everyShape() {
		var rules []string
		for _, n := range s.Needs {
			rules = append(rules, n.Rule)
		}
		for _, o := range s.Orders {
			rules = append(rules, o.Rule)
		}
		for _, rule := range rules {
			match := id.FindStringSubmatch(rule)
			if match == nil || rule != "S21-3.6-02" && match[1] != s.Section {
				t.Errorf("%s (%s) has a rule %s", s.Name, s.Section, rule)
			}
		}
	}
}

func TestSetsHoldThePlacesOfTheirProperties(t *testing.T) {
	s := schema.Of("malware")
	_, family := s.Property("is_family")
	_, name := s.Property("name")
	need := s.Needs[0]
	if need.IfSet() != 1<<family || need.OfSet() != 1<<name {
		t.Errorf("sets of the need: if %b, of %b", need.IfSet(), need.OfSet())
	}
	if !s.Required().Has(family) || s.Required().Has(name) {
		t.Errorf("required: %b", s.Required())
	}
	_, labels := s.Property("labels")
	if !s.Own().Has(name) || s.Own().Has(labels) {
		t.Errorf("own: %b", s.Own())
	}
	if p, place := s.Property("nome"); p != nil || place != -1 {
		t.Errorf("Property(nome) = %v, %d", p, place)
	}
}

func TestExtensionsCountAsOwnWhereTheStandardSaysSo(t *testing.T) {
	for _, s := range schema.Types() {
		p, i := s.Property("extensions")
		if p == nil {
			continue
		}
		want := s.Name == "process" || s.Name == "user-account"
		if s.Own().Has(i) != want {
			t.Errorf("%s: extensions are its own: %v, want %v", s.Name, !want, want)
		}
	}
	need := schema.Of("process").Needs[0]
	if need.OfSet() != schema.Of("process").Own() {
		t.Errorf("process needs one of %b, not of its own", need.OfSet())
	}
}
