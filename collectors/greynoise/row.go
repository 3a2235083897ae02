package greynoise

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// row is one address as the API gives it out.
type row struct {
	IP       string `json:"ip"`
	Business struct {
		Found bool   `json:"found"`
		Name  string `json:"name"`
	} `json:"business_service_intelligence"`
	Scanner struct {
		FirstSeen      string   `json:"first_seen"`
		Tags           []tag    `json:"tags"`
		Actor          string   `json:"actor"`
		Spoofable      bool     `json:"spoofable"`
		Classification string   `json:"classification"`
		CVEs           []string `json:"cves"`
		VPN            bool     `json:"vpn"`
		Tor            bool     `json:"tor"`
		Bot            bool     `json:"bot"`
	} `json:"internet_scanner_intelligence"`

	address observable.Observable
}

// tag is a behaviour that was seen, or who it is.
type tag struct {
	Slug string   `json:"slug"`
	Name string   `json:"name"`
	CVEs []string `json:"cves"`
}

// Classifications.
const (
	malicious  = "malicious"
	suspicious = "suspicious"
	benign     = "benign"
)

var (
	errBenign     = errors.New("classified as benign; settings.benign makes a note of those")
	errSuspicious = errors.New("classified as suspicious; " +
		"settings.suspicious makes indicators of those")
	errSpoofable = errors.New("perhaps forged; settings.spoofable makes indicators of those")
	errBusiness  = errors.New("an address of a known business service")
)

// row emits what comes of one address. One that makes no sense, or that there is to be no
// indicator of, is skipped.
func (r *run) row(ctx context.Context, where string, text []byte) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	objects, err := r.objects(text)
	if err != nil {
		r.tools.Skip(where, err)
		return nil
	}
	r.used++
	for _, o := range objects {
		if o.Type == "vulnerability" && r.emitted[o.ID] {
			continue
		}
		if o.Type == "vulnerability" {
			r.emitted[o.ID] = true
		}
		if err := r.emit(o); err != nil {
			return err
		}
	}
	return nil
}

// objects reads an address and makes its objects.
func (r *run) objects(text []byte) ([]stix.Object, error) {
	var of row
	if err := json.Unmarshal(text, &of); err != nil {
		return nil, err
	}
	var err error
	if of.address, err = observable.Read(observable.IP, of.IP); err != nil {
		return nil, err
	}
	class := strings.ToLower(of.Scanner.Classification)
	switch {
	case class == benign && r.settings.Benign:
		return r.note(of)
	case class == benign:
		return nil, errBenign
	case class == suspicious && !r.settings.Suspicious:
		return nil, errSuspicious
	case class != malicious && class != suspicious:
		return nil, fmt.Errorf("classified as %.50q", of.Scanner.Classification)
	case of.Business.Found:
		return nil, errBusiness
	case of.Scanner.Spoofable && !r.settings.Spoofable:
		return nil, errSpoofable
	}
	return r.finding(of, class)
}

// finding makes the address, the indicator, and the vulnerabilities that the address was seen to
// try. The standard has no relationship of an indicator to those but the general one.
func (r *run) finding(of row, class string) ([]stix.Object, error) {
	scos, err := of.address.SCOs(r.builder)
	if err != nil {
		return nil, err
	}
	objects, err := r.builder.Finding(collectors.Finding{
		Observables: scos, Indicator: r.indicator(of, class),
	})
	if err != nil || !r.builder.Wants("indicator") || !r.builder.Wants("relationship") {
		return objects, err
	}
	indicator := objects[slices.IndexFunc(objects, func(o stix.Object) bool {
		return o.Type == "indicator"
	})]
	for _, cve := range of.vulnerabilities() {
		vulnerability, err := r.builder.Vulnerability(cve, nil)
		if err != nil {
			return nil, err
		}
		link, err := r.builder.Relationship(indicator, "related-to", vulnerability)
		if err != nil {
			return nil, err
		}
		objects = append(objects, vulnerability, link)
	}
	return objects, nil
}

// indicator halves the confidence of the feed for what is only suspicious.
func (r *run) indicator(of row, class string) collectors.Indicator {
	in := collectors.Indicator{
		Pattern: of.address.Pattern(), Name: of.address.Name(),
		Labels:     of.labels(class),
		References: []collectors.Reference{of.reference()},
	}
	if class == suspicious {
		in.Confidence = r.feed.STIX.Confidence / 2
	}
	first, err := time.Parse(time.DateOnly, of.Scanner.FirstSeen)
	if err == nil && first.Year() >= 1990 && !first.After(r.builder.Now()) {
		in.ValidFrom = first
	}
	return in
}

func (of row) reference() collectors.Reference {
	return collectors.Reference{
		SourceName: "greynoise", ExternalID: of.address.Value,
		URL: "https://viz.greynoise.io/ip/" + of.address.Value,
	}
}

// Bounds of what one address can bring.
const (
	maxLabels = 50
	maxCVEs   = 50
	maxLabel  = 100
)

// labels are the class, what the address is part of, and the slugs of its tags.
func (of row) labels(class string) []string {
	labels := []string{class}
	for _, part := range [...]struct {
		name string
		is   bool
	}{
		{"vpn", of.Scanner.VPN}, {"tor", of.Scanner.Tor}, {"bot", of.Scanner.Bot},
		{"spoofable", of.Scanner.Spoofable},
	} {
		if part.is {
			labels = append(labels, part.name)
		}
	}
	for _, t := range of.Scanner.Tags {
		name := t.Slug
		if name == "" {
			name = t.Name
		}
		label := strings.ToLower(strings.Join(strings.Fields(name), "-"))
		if label != "" && len(label) <= maxLabel && len(labels) < maxLabels &&
			!slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	return labels
}

// vulnerabilities are the CVE numbers of the address and of its tags, each once.
func (of row) vulnerabilities() []string {
	all := slices.Clone(of.Scanner.CVEs)
	for _, t := range of.Scanner.Tags {
		all = append(all, t.CVEs...)
	}
	var cves []string
	for _, text := range all {
		cve, err := observable.Read(observable.CVE, text)
		if err == nil && len(cves) < maxCVEs && !slices.Contains(cves, cve.Value) {
			cves = append(cves, cve.Value)
		}
	}
	return cves
}

// note makes the address and a note that it is benign.
func (r *run) note(of row) ([]stix.Object, error) {
	if !r.builder.Wants("observable") {
		return nil, errBenign
	}
	scos, err := of.address.SCOs(r.builder)
	if err != nil {
		return nil, err
	}
	text := "GreyNoise classifies this scanner of the Internet as benign."
	if actor := strings.Join(strings.Fields(of.Scanner.Actor), " "); actor != "" &&
		len(actor) <= maxLabel && !strings.EqualFold(actor, "unknown") {
		text += " It is run by " + actor + "."
	}
	o, err := r.builder.Object("note", "benign "+of.address.Value,
		collectors.P("abstract", "benign scanner"), collectors.P("content", text),
		collectors.P("object_refs", []string{scos[0].ID}), collectors.P("labels", []string{benign}),
		collectors.References(of.reference()))
	return append(scos, o), err
}
