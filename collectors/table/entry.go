package table

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
)

// entry is a row that makes sense.
type entry struct {
	observable.Observable
	firstSeen, lastSeen time.Time // zero if the feed does not say
	description         string
	labels              []string
	confidence          int // 0 if the feed does not say
	reference           string
	externalID          string
	malware             string
}

// key is the same for two rows about one thing.
func (e entry) key() string {
	return e.Kind + "\x00" + e.Value + "\x00" + strconv.Itoa(int(e.Port))
}

// reader makes entries of rows as a feed's mapping says.
type reader struct {
	Mapping
}

// newReader checks m, and fills in what it leaves open.
func newReader(m Mapping) (reader, error) {
	if err := m.validate(); err != nil {
		return reader{}, err
	}
	if m.TimeLayouts == nil {
		m.TimeLayouts = usualLayouts
	}
	return reader{m}, nil
}

// entry makes an entry of a row. The error says why none can be made of it.
func (m reader) entry(r row) (entry, error) {
	typ, err := m.typeOf(r.fields[fieldType])
	if err != nil {
		return entry{}, err
	}
	value := r.fields[fieldValue]
	if m.Refang {
		value = observable.Refang(value)
	}
	o, err := observable.Read(typ, value)
	if err != nil {
		return entry{}, err
	}
	e := entry{
		Observable:  o,
		description: clip(r.fields[fieldDescription]),
		labels:      m.labels(r.labels),
		externalID:  clip(r.fields[fieldExternalID]),
		malware:     m.malware(r.fields[fieldMalware]),
	}
	if _, ok := observable.URLHost(r.fields[fieldReference]); ok {
		e.reference = clip(r.fields[fieldReference])
	}
	return e, m.numbers(&e, r)
}

// typeOf returns the type of a row that calls its type by word.
func (m reader) typeOf(word string) (string, error) {
	word = strings.TrimSpace(word)
	if word == "" {
		return m.Type, nil
	}
	if typ, ok := m.TypeMap[word]; ok {
		return typ, nil
	}
	if word = strings.ToLower(word); knownType(word) == nil {
		return word, nil
	}
	return "", fmt.Errorf("a type that settings.type_map does not have: %q", clip(word))
}

// numbers reads the fields that are not text.
func (m reader) numbers(e *entry, r row) error {
	var errs [3]error
	e.firstSeen, errs[0] = readTime(m.TimeLayouts, strings.TrimSpace(r.fields[fieldFirstSeen]))
	e.lastSeen, errs[1] = readTime(m.TimeLayouts, strings.TrimSpace(r.fields[fieldLastSeen]))
	if text := strings.TrimSpace(r.fields[fieldConfidence]); text != "" {
		e.confidence, errs[2] = readConfidence(text, cmp.Or(m.ConfidenceMax, 100))
	}
	for i, f := range [...]field{fieldFirstSeen, fieldLastSeen, fieldConfidence} {
		if errs[i] != nil {
			return fmt.Errorf("%s: %w", fieldNames[f], errs[i])
		}
	}
	return nil
}

// readConfidence brings a number on a list's scale to that of STIX, and cuts off its fraction.
func readConfidence(text string, most float64) (int, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(n >= 0 && n <= most) {
		return 0, fmt.Errorf("not a number from 0 to %v", most)
	}
	return int(n * 100 / most), nil
}

// labels splits what the labels field says, and drops what says nothing.
func (m reader) labels(texts []string) []string {
	var labels []string
	for _, text := range texts {
		var words []string
		if m.LabelSeparator == "" {
			words = strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == ',' || r == '\t' })
		} else {
			words = strings.Split(text, m.LabelSeparator)
		}
		for _, word := range words {
			word = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(word), "#")))
			if word == "" || word == "none" || len(labels) == maxLabels ||
				slices.Contains(labels, word) || slices.Contains(m.DropLabels, word) {
				continue
			}
			labels = append(labels, clip(word))
		}
	}
	return labels
}

// malware returns the family that a field names, or "" for the words by which feeds say that
// they do not know.
func (m reader) malware(text string) string {
	text = strings.TrimSpace(text)
	for _, word := range append([]string{"none", "null", "unknown"}, m.NoMalware...) {
		if strings.EqualFold(text, word) {
			return ""
		}
	}
	return clip(text)
}

// maxText bounds what is copied from a row into an object.
const maxText = 4096

// clip cuts text to maxText bytes, between two characters.
func clip(text string) string {
	text = strings.TrimSpace(text)
	if len(text) <= maxText {
		return text
	}
	return strings.ToValidUTF8(text[:maxText], "")
}

// indicator is what the builder needs to know of an entry. What was last seen long ago lapses
// by that date and not by the one of the run, which would keep it alive for ever. A date that is
// yet to come is none: it would do the same.
func (e entry) indicator(feed collectors.Feed, now time.Time) collectors.Indicator {
	in := collectors.Indicator{
		Pattern: e.Pattern(), Name: e.Name(), Description: e.description,
		Labels: e.labels, Confidence: e.confidence, References: e.references(feed.Name),
		ValidFrom: e.firstSeen,
	}
	known := !e.lastSeen.IsZero() && !e.lastSeen.Before(e.firstSeen) && !e.lastSeen.After(now)
	if ttl := feed.STIX.TTLOf(in.Pattern); ttl > 0 && known {
		in.ValidUntil = e.lastSeen.Add(ttl)
		if e.firstSeen.IsZero() {
			in.ValidFrom = e.lastSeen
		}
	}
	return in
}

// references lead back to the row at its source.
func (e entry) references(source string) []collectors.Reference {
	if e.reference == "" && e.externalID == "" {
		return nil
	}
	return []collectors.Reference{{SourceName: source, URL: e.reference, ExternalID: e.externalID}}
}
