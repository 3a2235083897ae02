package collectors

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
)

// Indicator says what an indicator object of the feed is about. Only Pattern is required.
type Indicator struct {
	// Pattern is a STIX pattern, see [Pattern]. It also makes the indicator the same one in
	// the next run, unless Key does.
	Pattern string
	// PatternType is the language of Pattern if it is another one, such as yara or sigma; "" is
	// stix. Of other languages the version is not known.
	PatternType string
	// Key is what the source calls the same indicator; "" means the pattern.
	Key string

	Name        string
	Description string
	Types       []string // indicator_types beside the feed's
	Labels      []string // beside the feed's
	References  []Reference
	Confidence  int // 0 is the feed's

	// ValidFrom is when the source first saw it; zero is now.
	ValidFrom time.Time
	// ValidUntil is when it lapses; zero is the feed's TTL from now on, or never.
	ValidUntil time.Time

	// More properties, such as kill_chain_phases.
	More []Property
}

var errValidity = errors.New("valid_until is not later than valid_from")

// Indicator returns an indicator. Types and labels are the feed's first, each once.
func (b *Builder) Indicator(in Indicator) (stix.Object, error) {
	from, until := b.validity(in)
	if !until.IsZero() && !until.After(from) {
		return stix.Object{}, errValidity
	}
	key := in.Key
	if key == "" {
		key = in.Pattern
	}
	language, version := in.PatternType, ""
	if language == "" {
		language, version = "stix", "2.1"
	}
	out := b.feed.STIX
	properties := []Property{
		P("name", in.Name), P("description", in.Description),
		P("indicator_types", merge(out.IndicatorTypes, in.Types)),
		P("pattern", in.Pattern), P("pattern_type", language), P("pattern_version", version),
		P("valid_from", from), P("valid_until", until),
		P("labels", merge(out.Labels, in.Labels)), References(in.References...),
	}
	if in.Confidence > 0 {
		properties = append(properties, P("confidence", in.Confidence))
	}
	return b.Object("indicator", key, append(properties, in.More...)...)
}

// validity returns when an indicator begins and ends; a zero end is none.
func (b *Builder) validity(in Indicator) (from, until time.Time) {
	from, until = b.now, in.ValidUntil
	if !in.ValidFrom.IsZero() {
		from = in.ValidFrom
	}
	if ttl := b.feed.STIX.TTLOf(in.Pattern); until.IsZero() && ttl > 0 {
		until = b.now.Add(ttl)
		if from.After(b.now) { // the clock of the source is ahead of ours
			until = from.Add(ttl)
		}
	}
	return from, until
}

// Reference is an external reference (STIX 2.1 §2.5). SourceName is required, and one of
// Description, URL and ExternalID. Hashes are of what it leads to.
type Reference struct {
	SourceName  string `json:"source_name"`
	Description string `json:"description,omitempty"`
	URL         string `json:"url,omitempty"`
	Hashes      Hashes `json:"hashes,omitzero"`
	ExternalID  string `json:"external_id,omitempty"`
}

// Hashes are those of a document, in hexadecimal (STIX 2.1 §2.7).
type Hashes struct {
	SHA256 string `json:"SHA-256,omitempty"`
}

// References returns the property external_references.
func References(references ...Reference) Property {
	return P("external_references", references)
}

// merge returns the words of both lists, each once, in their order.
func merge(first, second []string) []string {
	var all []string
	for _, word := range slices.Concat(first, second) {
		if word != "" && !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}

// attackURL leads to the technique's page; those of sub-techniques lie below their technique.
func attackURL(technique string) string {
	return "https://attack.mitre.org/techniques/" + strings.ReplaceAll(technique, ".", "/")
}
