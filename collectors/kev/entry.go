package kev

import (
	"errors"
	"net/url"
	"regexp"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// Entry is one vulnerability of the catalogue.
type Entry struct {
	CVE              string   `json:"cveID"`
	Vendor           string   `json:"vendorProject"`
	Product          string   `json:"product"`
	Name             string   `json:"vulnerabilityName"`
	DateAdded        string   `json:"dateAdded"` // YYYY-MM-DD
	ShortDescription string   `json:"shortDescription"`
	RequiredAction   string   `json:"requiredAction"`
	DueDate          string   `json:"dueDate"` // YYYY-MM-DD
	Ransomware       string   `json:"knownRansomwareCampaignUse"`
	Notes            string   `json:"notes"`
	CWEs             []string `json:"cwes"`
}

var (
	cveForm = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,19}$`)

	errCVE = errors.New("cveID is not a CVE number")
)

// check demands what an object cannot be made without. Everything else may be missing.
func (e *Entry) check() error {
	if !cveForm.MatchString(e.CVE) {
		return errCVE
	}
	return nil
}

// Labels of vulnerabilities.
const (
	labelKEV        = "kev"
	labelRansomware = "known-ransomware-campaign-use"
)

// objects returns the vulnerability, the course of action against it, the product it is in,
// and what relates them. Feed labels come first.
func (e *Entry) objects(b *collectors.Builder, labels []string, s settings) ([]stix.Object, error) {
	vulnerability, err := b.Vulnerability(e.CVE, e.References(),
		collectors.P("description", e.Description()), collectors.P("labels", e.Labels(labels)))
	if err != nil {
		return nil, err
	}
	objects := []stix.Object{vulnerability}
	if e.RequiredAction != "" {
		if objects, err = e.addAction(b, objects); err != nil {
			return nil, err
		}
	}
	if e.hasSoftware() && !s.NoSoftware {
		return e.addSoftware(b, objects)
	}
	return objects, nil
}

// addAction adds the course of action, which mitigates the first of the objects.
func (e *Entry) addAction(b *collectors.Builder, objects []stix.Object) ([]stix.Object, error) {
	text := e.RequiredAction
	if e.DueDate != "" {
		text += "\n\nDue date: " + e.DueDate
	}
	action, err := b.Object("course-of-action", e.CVE,
		collectors.P("name", "Remediate "+e.CVE), collectors.P("description", text),
		collectors.References(e.Reference()))
	if err != nil {
		return nil, err
	}
	link, err := b.Relationship(action, "mitigates", objects[0])
	return append(objects, action, link), err
}

// addSoftware adds the product. It has the vulnerability, in the words of OpenCTI and others:
// the standard names no relationship between the two.
func (e *Entry) addSoftware(b *collectors.Builder, objects []stix.Object) ([]stix.Object, error) {
	software, err := b.SCO("software",
		collectors.P("name", strings.TrimSpace(e.Product)),
		collectors.P("vendor", strings.TrimSpace(e.Vendor)))
	if err != nil {
		return nil, err
	}
	link, err := b.Relationship(software, "has", objects[0])
	return append(objects, software, link), err
}

// hasSoftware is false for entries such as "Multiple Products", which name none.
func (e *Entry) hasSoftware() bool {
	product := strings.ToLower(strings.TrimSpace(e.Product))
	return product != "" && !strings.HasPrefix(product, "multiple ")
}

// Description begins with the name of the vulnerability, because the object's name is its CVE.
func (e *Entry) Description() string {
	if e.Name == "" || e.ShortDescription == "" {
		return e.Name + e.ShortDescription
	}
	return e.Name + ". " + e.ShortDescription
}

// Labels are those of the feed, then kev, and one for ransomware.
func (e *Entry) Labels(feed []string) []string {
	labels := append([]string{}, feed...)
	labels = append(labels, labelKEV)
	if e.InRansomware() {
		labels = append(labels, labelRansomware)
	}
	return labels
}

// InRansomware reports whether ransomware is known to use the vulnerability.
func (e *Entry) InRansomware() bool { return strings.EqualFold(e.Ransomware, "Known") }

// References are the catalogue's entry, the weaknesses, and the pages named in the notes.
func (e *Entry) References() []collectors.Reference {
	all := []collectors.Reference{e.Reference()}
	for _, cwe := range e.CWEs[:min(len(e.CWEs), maxWeaknesses)] {
		if weakness, ok := collectors.Weakness(cwe); ok {
			all = append(all, weakness)
		}
	}
	for _, page := range pages(e.Notes) {
		all = append(all, collectors.Reference{SourceName: page.Host, URL: page.String()})
	}
	return all
}

// Reference leads to the entry at CISA, and carries the dates, for which STIX has no
// property.
func (e *Entry) Reference() collectors.Reference {
	var dates []string
	if e.DateAdded != "" {
		dates = append(dates, "added "+e.DateAdded)
	}
	if e.DueDate != "" {
		dates = append(dates, "due "+e.DueDate)
	}
	return collectors.Reference{
		SourceName:  "cisa-kev",
		Description: strings.Join(dates, ", "),
		URL: "https://www.cisa.gov/known-exploited-vulnerabilities-catalog" +
			"?search_api_fulltext=" + e.CVE,
	}
}

// Bounds of the references that an entry can make.
const (
	maxPages      = 50
	maxWeaknesses = 50
)

var pageForm = regexp.MustCompile(`https?://[^\s;<>"]+`)

// pages finds the URLs in notes, which are text with URLs between semicolons.
func pages(notes string) []*url.URL {
	var found []*url.URL
	seen := map[string]bool{}
	for _, text := range pageForm.FindAllString(notes, maxPages) {
		text = strings.TrimRight(text, ".,)")
		page, err := url.Parse(text)
		if err == nil && page.Host != "" && !seen[text] {
			seen[text] = true
			found = append(found, page)
		}
	}
	return found
}
