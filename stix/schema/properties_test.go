package schema_test

import (
	"bufio"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/schema"
	"github.com/google/go-cmp/cmp"
)

func TestOwnPropertiesAreThoseOfTheStandard(t *testing.T) {
	want := printedTables(t)
	got := map[string][]string{}
	for _, s := range everyShape() {
		got[s.Name] = ownProperties(s)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("properties (-standard +tables):\n%s", diff)
	}
}

// printedTables reads testdata/properties.txt: a shape on a line, its properties indented.
func printedTables(t *testing.T) map[string][]string {
	t.Helper()
	file, err := os.Open("testdata/properties.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	tables := map[string][]string{}
	shape := ""
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		switch {
		case line == "" || line[0] == '#':
		case line[0] == ' ':
			tables[shape] = append(tables[shape], strings.TrimSpace(line))
		default:
			shape = line
		}
	}
	for _, properties := range tables {
		slices.Sort(properties)
	}
	return tables
}

// everyShape returns the shapes of all object types and all that they embed. What documents
// beside the standard define is left out.
func everyShape() []*schema.Shape {
	found := map[string]*schema.Shape{}
	var visit func(*schema.Shape)
	visit = func(s *schema.Shape) {
		if found[s.Name] != nil || s.Section == "ACS" {
			return
		}
		found[s.Name] = s
		for _, p := range s.Properties {
			if p.Shape != nil {
				visit(p.Shape)
			}
		}
		for _, extension := range s.Extensions {
			visit(extension)
		}
	}
	for _, s := range schema.Types() {
		visit(s)
	}
	return slices.Collect(maps.Values(found))
}

func ownProperties(s *schema.Shape) (lines []string) {
	for _, p := range s.Properties {
		if s.Kind != stix.Custom && slices.Contains(commonNames, p.Name) {
			continue
		}
		line := p.Name + " " + printedType(p)
		if p.List {
			line += " list"
		}
		if p.Required {
			line += " required"
		}
		if p.Deprecated {
			line += " deprecated"
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// printedType returns the type of a property as the tables of the standard print it.
func printedType(p schema.Property) string {
	switch p.Type {
	case schema.Object:
		return p.Shape.Name
	case schema.Dictionary, schema.Strings, schema.StringLists, schema.Headers,
		schema.Integers, schema.Scalars, schema.Contents:
		return "dictionary"
	}
	printed, ok := map[schema.Type]string{
		schema.Binary: "binary", schema.Boolean: "boolean", schema.Enum: "enum",
		schema.Float: "float", schema.Hashes: "hashes", schema.Hex: "hex",
		schema.Identifier: "identifier", schema.Integer: "integer",
		schema.ObservableContainer: "observable-container", schema.OpenVocab: "open-vocab",
		schema.Timestamp: "timestamp", schema.Seconds: "timestamp", schema.Definition: "marking-object",
		schema.AnyObject: "stix-object",
	}[p.Type]
	if !ok {
		return "string"
	}
	return printed
}

func TestPropertiesCarryWhatTheirTypeAsksFor(t *testing.T) {
	for _, s := range everyShape() {
		for _, p := range s.Properties {
			ofType := p.Type
			checks := map[string]bool{
				"Refs":   (p.Refs != nil) == (ofType == schema.Identifier && p.Name != "id"),
				"Words":  (p.Words != nil) == (ofType == schema.Enum || ofType == schema.OpenVocab),
				"Closed": p.Words == nil || p.Words.Closed == (ofType == schema.Enum),
				"Shape":  (p.Shape != nil) == (ofType == schema.Object),
				"Bounds": p.Bounds == nil || ofType == schema.Integer || ofType == schema.Float,
				// The names of references tell how many they hold (§3.1).
				"_ref":  !strings.HasSuffix(p.Name, "_ref") || ofType == schema.Identifier && !p.List,
				"_refs": !strings.HasSuffix(p.Name, "_refs") || ofType == schema.Identifier && p.List,
				"_hex":  strings.HasSuffix(p.Name, "_hex") == (ofType == schema.Hex),
				"_bin":  strings.HasSuffix(p.Name, "_bin") == (ofType == schema.Binary),
				"_enc":  strings.HasSuffix(p.Name, "_enc") == (ofType == schema.Charset),
			}
			for what, right := range checks {
				if !right {
					t.Errorf("%s.%s: %s is wrong", s.Name, p.Name, what)
				}
			}
		}
	}
}

func TestStringsHaveTheFormTheStandardGivesThem(t *testing.T) {
	want := map[string]schema.Type{
		"artifact.mime_type":             schema.MIMEType,
		"file.mime_type":                 schema.MIMEType,
		"artifact.url":                   schema.URL,
		"directory.path_enc":             schema.Charset,
		"domain-name.value":              schema.DomainName,
		"email-addr.value":               schema.EmailAddr,
		"external-reference.url":         schema.URL,
		"file.name_enc":                  schema.Charset,
		"granular-marking.lang":          schema.Language,
		"granular-marking.selectors":     schema.Selector,
		"ipv4-addr.value":                schema.IPv4,
		"ipv6-addr.value":                schema.IPv6,
		"mac-addr.value":                 schema.MAC,
		"relationship.relationship_type": schema.RelationshipType,
		"software.cpe":                   schema.CPE,
		"software.languages":             schema.Language,
		"url.value":                      schema.URL,
		"windows-registry-key.key":       schema.RegistryKey,
	}
	got := map[string]schema.Type{}
	for _, s := range everyShape() {
		for _, p := range s.Properties {
			common := s.Kind != stix.Custom && slices.Contains(commonNames, p.Name)
			if !common && schema.Selector <= p.Type && p.Type <= schema.RelationshipType {
				got[s.Name+"."+p.Name] = p.Type
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("forms (-want +got):\n%s", diff)
	}
}

func TestDictionariesHaveTheValuesOfTheStandard(t *testing.T) {
	want := map[string]schema.Type{
		"pdf-ext.document_info_dict":             schema.Strings,
		"process.environment_variables":          schema.Strings,
		"http-request-ext.request_header":        schema.StringLists,
		"email-message.additional_header_fields": schema.Headers,
		"socket-ext.options":                     schema.Integers,
		"raster-image-ext.exif_tags":             schema.Scalars,
		"network-traffic.ipfix":                  schema.Scalars,
		"windows-process-ext.startup_info":       schema.Dictionary,
		"language-content.contents":              schema.Contents,
	}
	got := map[string]schema.Type{}
	for _, s := range everyShape() {
		for _, p := range s.Properties {
			if printedType(p) == "dictionary" && p.Name != "extensions" {
				got[s.Name+"."+p.Name] = p.Type
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dictionaries (-want +got):\n%s", diff)
	}
}

func TestNumbersHaveTheBoundsOfTheStandard(t *testing.T) {
	const greatest = 1<<53 - 1 // of an integer (§2.10)
	want := map[string]schema.Bounds{
		"location.latitude":             {Min: -90, Max: 90},
		"location.longitude":            {Min: -180, Max: 180},
		"location.precision":            {Min: 0, Max: math.Inf(1)},
		"network-traffic.dst_port":      {Min: 0, Max: 65535},
		"network-traffic.src_port":      {Min: 0, Max: 65535},
		"observed-data.number_observed": {Min: 1, Max: 999999999},
		"sighting.count":                {Min: 0, Max: 999999999},
	}
	for _, name := range strings.Fields(`file.size alternate-data-stream-type.size
		network-traffic.src_byte_count network-traffic.dst_byte_count
		network-traffic.src_packets network-traffic.dst_packets socket-ext.socket_descriptor
		windows-pebinary-ext.number_of_sections windows-pebinary-ext.number_of_symbols
		windows-pebinary-ext.size_of_optional_header windows-pe-section-type.size`) {
		want[name] = schema.Bounds{Min: 0, Max: greatest}
	}
	for _, size := range strings.Fields(`code initialized_data uninitialized_data image headers
		stack_reserve stack_commit heap_reserve heap_commit`) {
		want["windows-pe-optional-header-type.size_of_"+size] = schema.Bounds{Min: 0, Max: greatest}
	}
	got := map[string]schema.Bounds{}
	for _, s := range everyShape() {
		for _, p := range s.Properties {
			switch {
			case p.Name == "confidence":
				if p.Bounds == nil || *p.Bounds != (schema.Bounds{Min: 0, Max: 100}) {
					t.Errorf("%s.confidence has the bounds %v", s.Name, p.Bounds)
				}
			case p.Bounds != nil:
				got[s.Name+"."+p.Name] = *p.Bounds
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bounds (-want +got):\n%s", diff)
	}
}
