package ingest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/extract"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/internal/uri"
	"github.com/cabstand/cabstand/stix"
)

// Options say what to make of a document.
type Options struct {
	// Key is what makes the document the same one next time, such as its URL or its hash. With
	// the builder's feed it decides the identifiers of the report and the indicators.
	Key string
	// Reference leads to the document.
	Reference collectors.Reference
	// Name is that of the report; "" is the document's title, or else the reference's source.
	Name string
	// Published is that of the report; zero is when the document says, or else the builder's now.
	Published time.Time
	Labels    []string // of the report
	// Held are the values that lists hold back, with the name of the list.
	Held map[string]string
	// Facts makes what several documents of the source may name, vulnerabilities and techniques; nil
	// is the builder of the others. One of a time that is always the same makes one version of them.
	Facts *collectors.Builder
	// KeepReserved makes indicators of reserved addresses and names too, for exercises.
	KeepReserved bool
}

// Result is what was made of a document.
type Result struct {
	// Objects come after those that they refer to, and the report is the last. The provenance of
	// the builder is not among them. There is no object if nothing of the document was of use.
	Objects []stix.Object
	Made    map[string]int // values, by kind
	Left    []Left         // in order of appearance
}

// Left is a value that nothing was made of.
type Left struct {
	Kind, Text string // as it stood in the document
	Reason     string
}

// Counts tells how many values of each kind objects were made of.
func (r Result) Counts() string {
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(r.Made)) {
		kinds = append(kinds, fmt.Sprintf("%d %s", r.Made[kind], kind))
	}
	return cmp.Or(strings.Join(kinds, ", "), "nothing")
}

// Make makes the objects of a document. The same content and options make the same objects,
// byte for byte, with a builder of the same time.
func Make(b *collectors.Builder, c Content, o Options) (Result, error) {
	m := &maker{
		builder: b, facts: cmp.Or(o.Facts, b), content: c, options: o, made: map[string]bool{},
		result: Result{Made: map[string]int{}},
	}
	if o.Published.IsZero() {
		m.options.Published = cmp.Or(c.Published.UTC(), b.Now())
	}
	for _, f := range c.Found {
		if reason := m.unwanted(f); reason != "" {
			m.leave(f, reason)
			continue
		}
		if err := m.value(f); err != nil {
			m.leave(f, err.Error())
			continue
		}
		m.result.Made[f.Kind]++
	}
	if len(m.result.Objects) == 0 {
		return m.result, nil
	}
	report, err := m.report()
	if err != nil {
		return Result{}, err
	}
	m.result.Objects = append(m.result.Objects, report)
	return m.result, nil
}

// maker makes the objects of one document.
type maker struct {
	builder *collectors.Builder
	facts   *collectors.Builder
	content Content
	options Options
	result  Result
	made    map[string]bool // ids
	named   []collectors.Reference
}

func (m *maker) leave(f extract.Found, reason string) {
	m.result.Left = append(m.result.Left, Left{f.Kind, collectors.OneLine(f.Text, maxTitle), reason})
}

// unwanted says why nothing should be made of a value, "" if something should.
func (m *maker) unwanted(f extract.Found) string {
	list, held := m.options.Held[f.Value]
	switch {
	case f.Reserved && !m.options.KeepReserved:
		return "private, reserved or for documentation"
	case held && !f.Reserved:
		return "on the warninglist " + list
	case f.Linked:
		return "only the target of a link"
	case m.content.inEnvelope(f):
		return "only in the headers of the e-mail"
	case m.isHome(f):
		return "the site of the document"
	}
	return ""
}

// isHome reports whether a value is of the site that the document came from.
func (m *maker) isHome(f extract.Found) bool {
	home, err := url.Parse(m.options.Reference.URL)
	if err != nil || home.Host == "" {
		return false
	}
	host := f.Value
	switch f.Kind {
	case observable.URL:
		host, _ = uri.Host(f.Value)
	case observable.Email:
		host = f.Value[strings.LastIndexByte(f.Value, '@')+1:]
	}
	return bare(host) == bare(home.Hostname())
}

// bare is a host without what most sites put before their name.
func bare(host string) string { return strings.TrimPrefix(strings.ToLower(host), "www.") }

var errNoType = errors.New("STIX has no type for it")

// value adds the objects of a value.
func (m *maker) value(f extract.Found) error {
	switch f.Kind {
	case observable.CVE:
		return m.add(m.facts.Vulnerability(f.Value, nil))
	case extract.Technique:
		return m.add(m.facts.AttackPattern(f.Value))
	case extract.Software, extract.Group:
		m.named = append(m.named, collectors.Reference{
			SourceName: "mitre-attack", ExternalID: f.Value,
		})
		return nil
	}
	o, ok := f.Observable()
	if !ok {
		return errNoType
	}
	return m.observable(f, o)
}

// add keeps an object that was made, once.
func (m *maker) add(o stix.Object, err error) error {
	if err == nil && !m.made[o.ID] {
		m.made[o.ID] = true
		m.result.Objects = append(m.result.Objects, o)
	}
	return err
}

// report refers to everything that was made. Its description has numbers only: what the
// document says is the author's.
func (m *maker) report() (stix.Object, error) {
	o := m.options
	refs := make([]string, 0, len(m.result.Objects))
	for _, made := range m.result.Objects {
		refs = append(refs, made.ID)
	}
	name := cmp.Or(o.Name, m.content.Title, o.Reference.SourceName)
	return m.builder.Object("report", o.Key,
		collectors.P("name", name), collectors.P("description", m.summary()),
		collectors.P("report_types", []string{"threat-report"}),
		collectors.P("published", o.Published), collectors.P("object_refs", refs),
		collectors.P("labels", o.Labels),
		collectors.References(append([]collectors.Reference{o.Reference}, m.named...)...))
}

// summary counts the values of the document.
func (m *maker) summary() string {
	return fmt.Sprintf("Found by machine in the document: %s. Left out: %d.",
		m.result.Counts(), len(m.result.Left))
}
