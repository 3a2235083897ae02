package otx

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// indicator is one line of a pulse.
type indicator struct {
	ID          json.Number `json:"id"`
	Text        string      `json:"indicator"`
	Type        string      `json:"type"`
	Title       string      `json:"title"`
	Description string      `json:"description"`
	Content     string      `json:"content"` // the rule, if it is one
	Created     string      `json:"created"`
	Expiration  string      `json:"expiration"`
	Active      *flag       `json:"is_active"` // nil is active
	Role        string      `json:"role"`
}

// isOver reports whether the author took the indicator back, or its time is over.
func (i indicator) isOver(now time.Time) bool {
	if i.Active != nil && !bool(*i.Active) {
		return true
	}
	end := readTime(i.Expiration)
	return !end.IsZero() && !end.After(now)
}

// said is what the author wrote about the indicator.
func (i indicator) said() string {
	title, text := strings.TrimSpace(i.Title), strings.TrimSpace(i.Description)
	switch {
	case title == "":
		return collectors.Shorten(text, maxText)
	case text == "":
		return collectors.Shorten(title, maxText)
	}
	return collectors.Shorten(title+"\n\n"+text, maxText)
}

// from is when the indicator was added, and zero if that makes no sense beside when it ends.
func (i indicator) from(now time.Time) time.Time {
	from, end := readTime(i.Created), readTime(i.Expiration)
	if from.After(now) || !end.IsZero() && !from.Before(end) {
		return time.Time{}
	}
	return from
}

// reference leads to the pulse.
func (p pulse) reference(id string) collectors.Reference {
	return collectors.Reference{SourceName: "otx", ExternalID: id, URL: p.page()}
}

// indicatorKey makes an indicator one of its pulse: two pulses that name one value say two
// things, and one of them may be taken back.
func (p pulse) indicatorKey(pattern string) string { return p.ID + " " + pattern }

// made is what came of one line of a pulse.
type made struct {
	objects []stix.Object
	about   string // the id of the one that the report refers to
}

// Types of lines that have no pattern of STIX.
const (
	typeCVE  = "cve"
	typeYARA = "yara"
)

// objects makes the objects of a line.
func (m *maker) objects(i indicator) (made, error) {
	switch strings.ToLower(strings.TrimSpace(i.Type)) {
	case typeCVE:
		return m.vulnerability(i)
	case typeYARA:
		return m.rule(i)
	}
	t, err := readThing(i.Type, i.Text)
	if err != nil {
		return made{}, err
	}
	return m.observed(i, t)
}

func (m *maker) vulnerability(i indicator) (made, error) {
	cve, err := observable.Read(observable.CVE, i.Text)
	if err != nil {
		return made{}, err
	}
	o, err := m.builder.Vulnerability(cve.Value, nil)
	return made{[]stix.Object{o}, o.ID}, err
}

var errNoRule = errors.New("a rule without content")

// rule makes an indicator in the language of YARA, which its text is only the name of.
func (m *maker) rule(i indicator) (made, error) {
	text := strings.TrimSpace(i.Content)
	if text == "" {
		return made{}, errNoRule
	}
	if !m.builder.Wants("indicator") {
		return made{}, nil
	}
	out := m.feed.STIX
	o, err := m.builder.Object("indicator", m.pulse.indicatorKey("yara "+text),
		collectors.P("name", collectors.OneLine(i.Text, maxName)), collectors.P("description", i.said()),
		collectors.P("indicator_types", out.IndicatorTypes),
		collectors.P("pattern", text), collectors.P("pattern_type", "yara"),
		collectors.P("valid_from", m.validFrom(i)), collectors.P("valid_until", readTime(i.Expiration)),
		collectors.P("labels", out.Labels), collectors.References(m.pulse.reference(i.ID.String())))
	if err != nil {
		return made{}, err
	}
	objects, err := m.indicates([]stix.Object{o}, o)
	return made{objects, o.ID}, err
}

func (m *maker) validFrom(i indicator) time.Time {
	if from := i.from(m.builder.Now()); !from.IsZero() {
		return from
	}
	return m.builder.Now()
}

// observed makes the observable, the indicator that is based on it, and what it indicates.
func (m *maker) observed(i indicator, t thing) (made, error) {
	var scos []stix.Object
	if t.scos != nil {
		var err error
		if scos, err = t.scos(m.builder); err != nil {
			return made{}, err
		}
	}
	in := collectors.Indicator{
		Pattern: t.pattern, Key: m.pulse.indicatorKey(t.pattern),
		Name: collectors.OneLine(t.name, maxName), Description: i.said(),
		Labels:     roleOf(i.Role),
		References: []collectors.Reference{m.pulse.reference(i.ID.String())},
		ValidFrom:  i.from(m.builder.Now()), ValidUntil: readTime(i.Expiration),
	}
	if len(scos) == 0 {
		return m.alone(in)
	}
	objects, err := m.builder.Finding(collectors.Finding{Observables: scos, Indicator: in})
	if err != nil || len(objects) == 0 {
		return made{}, err
	}
	about := objects[min(len(objects), len(scos))-1] // without indicators, the observable
	for _, o := range objects {
		if o.Type == "indicator" {
			about = o
			if objects, err = m.indicates(objects, o); err != nil {
				return made{}, err
			}
		}
	}
	return made{objects, about.ID}, nil
}

// alone makes an indicator without an observable.
func (m *maker) alone(in collectors.Indicator) (made, error) {
	if !m.builder.Wants("indicator") {
		return made{}, nil
	}
	o, err := m.builder.Indicator(in)
	if err != nil {
		return made{}, err
	}
	objects, err := m.indicates([]stix.Object{o}, o)
	return made{objects, o.ID}, err
}

// indicates adds what an indicator indicates.
func (m *maker) indicates(objects []stix.Object, indicator stix.Object) ([]stix.Object, error) {
	if !m.builder.Wants("relationship") {
		return objects, nil
	}
	for _, target := range m.indicated {
		link, err := m.builder.Relationship(indicator, "indicates", target)
		if err != nil {
			return nil, err
		}
		objects = append(objects, link)
	}
	return objects, nil
}

// roleOf is the part that an observable plays, as a label.
func roleOf(role string) []string {
	if role = collectors.NameKey(role); role == "" {
		return nil
	}
	return []string{collectors.Shorten(strings.ReplaceAll(role, "_", "-"), 64)}
}
