package table

import (
	"fmt"

	"github.com/cabstand/cabstand/collectors/observable"
)

// textSettings are the settings of kind text.
type textSettings struct {
	// Comments are prefixes of lines to leave out; nil is "#" and ";".
	Comments []string `yaml:"comments"`
	// Skip is a regular expression (RE2) of lines to leave out.
	Skip string `yaml:"skip"`
	// Match is a regular expression that a row must match. Fields name its groups, as $1 or
	// ${name}; $0 is the whole match. Without it a row is the whole line.
	Match   string `yaml:"match"`
	Mapping `yaml:",inline"`
}

// csvSettings are the settings of kind csv. Fields name columns, by their name in the header
// or by number from "1", in quotes.
type csvSettings struct {
	Comments []string `yaml:"comments"` // as of text; nil is "#"
	Skip     string   `yaml:"skip"`
	// Delimiter is one character; "" is a comma.
	Delimiter string `yaml:"delimiter"`
	// Header says where the names of the columns stand: none (the default), first for the
	// first row, or commented for the last comment before it, as abuse.ch has it.
	Header string `yaml:"header" validate:"omitempty,oneof=none first commented"`
	// Columns names the columns of a list that has no header.
	Columns []string `yaml:"columns"`
	// Quotes is lax (the default: a stray quote stands for itself), strict, or none.
	Quotes  string `yaml:"quotes" validate:"omitempty,oneof=lax strict none"`
	Mapping `yaml:",inline"`
}

// jsonSettings are the settings of the kinds json and jsonl. Fields are jq expressions on a
// row.
type jsonSettings struct {
	// Rows is a jq expression that gives the rows of a document; "" is ".[]" for json, and
	// "." for jsonl, where a document is a line.
	Rows string `yaml:"rows"`
	// Post is a JSON text to send to an API that wants its question in a POST; without it
	// the document is asked for with GET.
	Post    string `yaml:"post"`
	Mapping `yaml:",inline"`
}

// Mapping says what the fields of a row mean, for every format.
type Mapping struct {
	Fields Fields `yaml:"fields"`
	// Type is what the values are: auto, ip, ipv4, ipv6, cidr, ip:port, domain, url, email,
	// hash, md5, sha1, sha256, sha512, cve, asn, file_name, registry_key or certificate; "" is auto.
	// With fields.type it is the type of rows that name none.
	Type string `yaml:"type"`
	// TypeMap translates a feed's own words for types. A word that is neither here nor one of
	// ours leaves its row out.
	TypeMap map[string]string `yaml:"type_map"`
	// TimeLayouts are how times are written: unix, unix_ms, or in the form of Go's reference
	// time, Mon Jan 2 15:04:05 MST 2006. Times without a zone are UTC. nil is RFC 3339 and
	// the usual forms of ISO 8601.
	TimeLayouts []string `yaml:"time_layouts"`
	// ConfidenceMax is the number by which a list says that it is certain, such as 1 or 10; 0 is
	// 100, as in STIX.
	ConfidenceMax float64 `yaml:"confidence_max" validate:"gte=0"`
	// LabelSeparator splits labels; "" is blanks and commas.
	LabelSeparator string `yaml:"label_separator"`
	// DropLabels are labels that say nothing, such as the name of the feed.
	DropLabels []string `yaml:"drop_labels"`
	// NoMalware are words in fields.malware that name no malware, such as "unknown".
	NoMalware []string `yaml:"no_malware"`
	// Refang undoes 198[.]51[.]100[.]7 and hxxp://.
	Refang bool `yaml:"refang"`
}

// Fields says where in a row things stand; "" is nowhere. What the text means depends on the
// format: groups, columns or jq.
type Fields struct {
	Value       string `yaml:"value"`
	Type        string `yaml:"type"`
	FirstSeen   string `yaml:"first_seen"`
	LastSeen    string `yaml:"last_seen"`
	Description string `yaml:"description"`
	Labels      string `yaml:"labels"`
	Confidence  string `yaml:"confidence"` // 0 to ConfidenceMax
	Reference   string `yaml:"reference"`  // a URL
	ExternalID  string `yaml:"external_id"`
	Malware     string `yaml:"malware"`
}

// field numbers the fields of a row.
type field int

const (
	fieldValue field = iota
	fieldType
	fieldFirstSeen
	fieldLastSeen
	fieldDescription
	fieldLabels
	fieldConfidence
	fieldReference
	fieldExternalID
	fieldMalware
	numFields
)

// list returns the fields in the order of their numbers.
func (f Fields) list() [numFields]string {
	return [numFields]string{
		f.Value, f.Type, f.FirstSeen, f.LastSeen, f.Description,
		f.Labels, f.Confidence, f.Reference, f.ExternalID, f.Malware,
	}
}

// fieldNames are the names of the fields in settings, by number.
var fieldNames = [numFields]string{
	"value", "type", "first_seen", "last_seen", "description",
	"labels", "confidence", "reference", "external_id", "malware",
}

// validate checks the mapping, and fills in the type.
func (m *Mapping) validate() error {
	if m.Fields.Value == "" {
		return fault("settings.fields.value", "is required: say where the value stands in a row")
	}
	if m.Type == "" {
		m.Type = observable.Auto
	}
	if err := knownType(m.Type); err != nil {
		return fault("settings.type", err.Error())
	}
	for word, typ := range m.TypeMap {
		if err := knownType(typ); err != nil {
			return fault("settings.type_map."+word, err.Error())
		}
	}
	return nil
}

// knownType refuses, beside what is no type, the one of which no observable object can be made.
func knownType(name string) error {
	if observable.Known(name) && name != observable.SSDEEP {
		return nil
	}
	return fmt.Errorf("no such type %q; use auto, ip, ipv4, ipv6, cidr, ip:port, domain, url, "+
		"email, hash, md5, sha1, sha256, sha512, cve, asn, file_name, registry_key or certificate", name)
}
