package virustotal

import (
	"fmt"
	"net/url"
	"regexp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// attributes are what VirusTotal knows of a file, domain, address or URL. Each type has a part
// of them.
type attributes struct {
	Stats        stats    `json:"last_analysis_stats"`
	LastAnalysis int64    `json:"last_analysis_date"`
	Reputation   int      `json:"reputation"`
	Tags         []string `json:"tags"`

	// Of a file.
	MD5    string   `json:"md5"`
	SHA1   string   `json:"sha1"`
	SHA256 string   `json:"sha256"`
	SSDEEP string   `json:"ssdeep"`
	TLSH   string   `json:"tlsh"`
	Size   int64    `json:"size"`
	Name   string   `json:"meaningful_name"`
	Names  []string `json:"names"`
	Threat struct {
		Label string `json:"suggested_threat_label"`
	} `json:"popular_threat_classification"`

	// Of an address.
	ASN     int64  `json:"asn"`
	ASOwner string `json:"as_owner"`
	RIR     string `json:"regional_internet_registry"`

	// Of a domain.
	Records []struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	} `json:"last_dns_records"`

	URL string `json:"url"`
}

// stats are the numbers of engines by what they say.
type stats struct {
	Malicious  int `json:"malicious"`
	Suspicious int `json:"suspicious"`
	Harmless   int `json:"harmless"`
	Undetected int `json:"undetected"`
}

// judged is the number of engines that said anything.
func (s stats) judged() int { return s.Malicious + s.Suspicious + s.Harmless + s.Undetected }

// Verdicts, in the words of STIX (STIX 2.1 §10.14).
const (
	malicious  = "malicious"
	suspicious = "suspicious"
	benign     = "benign"
	unknown    = "unknown"
)

// verdict is what the engines say together. Fewer than enough that call something malicious make
// it no more than suspicious: engines err.
func (s stats) verdict(enough int) string {
	switch {
	case s.judged() <= 0:
		return unknown
	case s.Malicious >= enough:
		return malicious
	case s.Malicious+s.Suspicious > 0:
		return suspicious
	}
	return benign
}

// step tells in words how many engines call something malicious. There are few steps, so that
// another engine more or less makes no new version of an object.
func (s stats) step() string {
	steps := [...]struct {
		from int
		text string
	}{
		{40, "40 or more engines"}, {20, "20 to 39 engines"}, {10, "10 to 19 engines"},
		{5, "5 to 9 engines"}, {3, "3 or 4 engines"}, {1, "1 or 2 engines"},
	}
	for _, step := range steps {
		if s.Malicious >= step.from {
			return step.text + " on VirusTotal call it malicious."
		}
	}
	return "No engine on VirusTotal calls it malicious."
}

// thing is what an object of VirusTotal is about.
type thing struct {
	typ     string // file, domain, ip_address or url
	id      string // in addresses of VirusTotal
	name    string // with typ, what its analysis and its note are known by
	pattern string
	value   observable.Observable
}

// noteKey makes the note on a thing the same one in every run.
func (t thing) noteKey() string { return t.typ + " " + t.name }

// reference leads to the page for people.
func (t thing) reference() collectors.Reference {
	place := map[string]string{"ip_address": "ip-address"}[t.typ]
	if place == "" {
		place = t.typ
	}
	return collectors.Reference{
		SourceName: "virustotal", ExternalID: t.id,
		URL: "https://www.virustotal.com/gui/" + place + "/" + url.PathEscape(t.id),
	}
}

// of reads what an object of a type is about. A URL is known by a hash, and its text is one of
// the attributes.
func (a attributes) of(typ, id string) (thing, error) {
	kind, text := "", id
	switch typ {
	case "file":
		kind = observable.SHA256
		if a.SHA256 != "" {
			text = a.SHA256
		}
	case "domain":
		kind = observable.Domain
	case "ip_address":
		kind = observable.IP
	case "url":
		kind, text = observable.URL, a.URL
	default:
		return thing{}, fmt.Errorf("unknown type %.50q", typ)
	}
	value, err := observable.Read(kind, text)
	if err != nil {
		return thing{}, err
	}
	if typ != "url" {
		id = value.Value
	}
	return thing{typ, id, value.Name(), value.Pattern(), value}, nil
}

// tlshForm is a TLSH hash as VirusTotal writes it.
var tlshForm = regexp.MustCompile(`^T1[0-9A-Fa-f]{70}$`)

// hashes are those of a file by their names in STIX (STIX 2.1 §10.10). Only the SHA-256 has to be
// there.
func (a attributes) hashes(sha256 string) map[string]string {
	hashes := map[string]string{"SHA-256": sha256}
	for _, h := range [...]struct{ kind, name, text string }{
		{observable.SHA1, "SHA-1", a.SHA1}, {observable.MD5, "MD5", a.MD5},
		{observable.SSDEEP, "SSDEEP", a.SSDEEP},
	} {
		if o, err := observable.Read(h.kind, h.text); err == nil {
			hashes[h.name] = o.Value
		}
	}
	if tlshForm.MatchString(a.TLSH) {
		hashes["TLSH"] = a.TLSH
	}
	return hashes
}

// file is the observable. It has no name: those who upload a file name it as they like, and each
// name would give it another identifier.
func (a attributes) file(b *collectors.Builder, sha256 string) (stix.Object, error) {
	properties := []collectors.Property{collectors.P("hashes", a.hashes(sha256))}
	if a.Size > 0 {
		properties = append(properties, collectors.P("size", a.Size))
	}
	return b.SCO("file", properties...)
}
