package nvd

import (
	"net/url"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/kev"
	"github.com/cabstand/cabstand/internal/uri"
	"github.com/cabstand/cabstand/stix"
)

// merged is what the three sources say of one CVE.
type merged struct {
	record            // of NVD; no more than its id if NVD does not know it yet
	kev    *kev.Entry // nil if CISA's catalogue does not have it
	score  float64    // of EPSS
	scored bool
	step   float64 // that the score is rounded down to
}

// objects returns the vulnerability and, if they are asked for, the products that it is in. Feed
// labels come first.
func (m merged) objects(
	b *collectors.Builder, labels []string, software bool,
) ([]stix.Object, error) {
	var extensions map[string]any
	if e := m.extension(); e != (extension{Type: e.Type}) {
		extensions = map[string]any{extensionID(): e}
	}
	vulnerability, err := b.Vulnerability(m.ID, m.references(),
		collectors.P("description", m.description()), collectors.P("labels", m.labels(labels)),
		collectors.P("extensions", extensions))
	if err != nil {
		return nil, err
	}
	objects := []stix.Object{vulnerability}
	if !software || !b.Wants("observable") {
		return objects, nil
	}
	return addSoftware(b, objects, m.record)
}

// description is NVD's, or else CISA's.
func (m merged) description() string {
	if text := m.record.description(); text != "" || m.kev == nil {
		return text
	}
	return clip(m.kev.Description(), maxText)
}

// labels are the feed's, those of the catalogue, and how severe NVD finds it.
func (m merged) labels(feed []string) []string {
	labels := slices.Clone(feed)
	if m.kev != nil {
		labels = m.kev.Labels(feed)
	}
	if best := m.Metrics.best(); best != nil && best.severity() != "" {
		labels = append(labels, "cvss-"+best.severity())
	}
	return labels
}

// Bounds of the references that a record can make.
const (
	maxPages      = 50
	maxWeaknesses = 50
)

// references are the record at NVD, the entry at CISA, the weaknesses, and what NVD refers to.
func (m merged) references() []collectors.Reference {
	all := []collectors.Reference{{
		SourceName: "nvd", URL: "https://nvd.nist.gov/vuln/detail/" + m.ID,
	}}
	if m.kev != nil && len(m.References) == 0 { // its notes are the only pages then
		all = append(all, m.kev.References()...)
	} else if m.kev != nil {
		all = append(all, m.kev.Reference())
	}
	for _, cwe := range m.weaknesses() {
		if ref, ok := collectors.Weakness(cwe); ok && !slices.Contains(all, ref) {
			all = append(all, ref)
		}
	}
	return append(all, m.pages()...)
}

// weaknesses are what all organisations name, each once.
func (m merged) weaknesses() []string {
	var names []string
	for _, weakness := range m.Weaknesses {
		for _, name := range weakness.Description {
			if len(names) < maxWeaknesses && !slices.Contains(names, name.Value) {
				names = append(names, name.Value)
			}
		}
	}
	return names
}

// pages are what NVD refers to, each once. What NVD calls them stands in their description.
func (m merged) pages() []collectors.Reference {
	var all []collectors.Reference
	seen := map[string]bool{}
	for _, ref := range m.References {
		address := uri.Encode(ref.URL)
		page, err := url.Parse(address)
		if err != nil || page.Host == "" || page.Scheme != "https" && page.Scheme != "http" ||
			seen[address] || len(address) > maxText || uri.Check(address) != nil {
			continue
		}
		if len(all) == maxPages {
			break
		}
		seen[address] = true
		all = append(all, collectors.Reference{
			SourceName: page.Hostname(), URL: address,
			Description: clip(strings.Join(ref.Tags, ", "), 200),
		})
	}
	return all
}
