package urlhaus

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/abusech"
	"github.com/cabstand/cabstand/internal/uri"
	"github.com/cabstand/cabstand/stix"
)

// row is one URL as URLhaus knows it.
type row struct {
	where      string
	id         string
	url        string
	status     string // online, offline or unknown
	added      time.Time
	lastOnline time.Time // zero if never seen online
	threat     string    // malware_download, so far
	tags       []string
	link       string
}

// offline is what URLhaus last saw. Unknown counts as online: it is the safer mistake.
func (r row) offline() bool { return strings.EqualFold(r.status, "offline") }

var errURL = errors.New(
	"not a URL with a scheme, of 16 KiB at most and without control characters")

const maxURL = 16 << 10

// readURL percent-encodes blanks, quotes and backslashes: hosts of malware serve such URLs.
func readURL(text string) (string, error) {
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || scheme == "" || rest == "" || len(text) > maxURL || !utf8.ValidString(text) ||
		strings.ContainsFunc(text, unicode.IsControl) {
		return "", errURL
	}
	if text = uri.Encode(text); uri.Check(text) != nil {
		return "", errURL
	}
	return text, nil
}

// objects returns what the feed wants of a row: the URL, the indicator, the families that its
// tags name, and what relates them.
func (c *collector) objects(b *collectors.Builder, r row) ([]stix.Object, error) {
	observable, err := b.SCO("url", collectors.P("value", r.url))
	if err != nil {
		return nil, err
	}
	return b.Finding(collectors.Finding{
		Observables: []stix.Object{observable},
		Indicator:   c.indicator(r),
		Families:    func() ([]stix.Object, error) { return c.families(b, r.tags) },
	})
}

// families returns the malware that the tags name, each once.
func (c *collector) families(b *collectors.Builder, tags []string) ([]stix.Object, error) {
	var names []string
	var families []stix.Object
	for _, tag := range tags {
		name := c.settings.family(tag)
		if name == "" || slices.Contains(names, name) {
			continue
		}
		names = append(names, name)
		malware, err := b.Malware(name)
		if err != nil {
			return nil, err
		}
		families = append(families, malware)
	}
	return families, nil
}

// indicator is what the builder needs to know of a row. The pattern makes it the same one when
// URLhaus lists the URL again under another id.
func (c *collector) indicator(r row) collectors.Indicator {
	in := collectors.Indicator{
		Pattern:   collectors.Pattern(collectors.PatternEqual("url:value", r.url)),
		Name:      r.url,
		Labels:    r.labels(),
		ValidFrom: r.added,
	}
	if r.link != "" || r.id != "" {
		in.References = []collectors.Reference{{SourceName: "urlhaus", URL: r.link, ExternalID: r.id}}
	}
	if r.offline() {
		in.ValidUntil = c.offlineUntil(r, c.feed.STIX.TTLOf(in.Pattern))
	}
	return in
}

// offlineUntil is when a URL that is offline stops to be an indicator. It follows from the row
// alone, so that it stays the same in every run. A URL that nobody ever saw online, or only at
// a time that is yet to come, counts from when it was reported. most is the feed's TTL, 0 if it
// has none.
func (c *collector) offlineUntil(r row, most time.Duration) time.Time {
	last := r.lastOnline
	if last.Before(r.added) || last.After(c.tools.Now()) {
		last = r.added
	}
	if last.IsZero() {
		return time.Time{}
	}
	ttl := c.settings.OfflineTTL
	if most > 0 && most < ttl {
		ttl = most
	}
	return last.Add(ttl)
}

// labels are the threat and the tags, and the status once it is offline, so that going
// offline is a change of content and those who hold the indicator are told that it ends.
func (r row) labels() []string {
	words := append(abusech.Words{r.threat}, r.tags...)
	if r.offline() {
		words = slices.Insert(words, 0, "offline")
	}
	return words.Labels()
}
