// Package kev reads CISA's catalogue of known exploited vulnerabilities: the vulnerabilities
// that are certain to be attacked, what to do about each, and by when.
package kev

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of the catalogue in JSON.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:    "cisa-kev",
		Summary: "CISA's catalogue of known exploited vulnerabilities, in JSON",
		New:     newCollector,
	}
}

type collector struct {
	feed     collectors.Feed
	tools    collectors.Tools
	settings settings
}

var _ collectors.Collector = (*collector)(nil)

// newCollector checks the settings of a feed.
func newCollector(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
	c := &collector{feed: feed, tools: tools}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	return c, nil
}

// catalogue is the document. Its entries are read one by one, so that a bad one spoils nothing
// but itself.
type catalogue struct {
	Version  string            `json:"catalogVersion"`
	Released string            `json:"dateReleased"`
	Count    int               `json:"count"`
	Entries  []json.RawMessage `json:"vulnerabilities"`
}

var errNoEntries = fmt.Errorf("the catalogue has no usable entry; %w", collectors.ErrEmpty)

// Collect emits the whole catalogue. Its cursor is the catalogue's version and release date:
// while they stay, so does the catalogue.
func (c *collector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	doc, err := c.tools.Fetch.Fetch(ctx, collectors.Request{URL: c.feed.URL})
	if err != nil {
		return "", err
	}
	var cat catalogue
	err = collectors.CheckJSONSize(doc.Body)
	if err == nil {
		err = json.Unmarshal(doc.Body, &cat)
	}
	if err != nil {
		return "", fmt.Errorf("read catalogue: %w: %w", collectors.ErrFormat, err)
	}
	next := strings.TrimSpace(cat.Version + " " + cat.Released)
	if next != "" && next == cursor {
		return cursor, collectors.ErrNotModified
	}
	if cat.Count != len(cat.Entries) {
		c.tools.Log.Warn("catalogue has another number of entries than it says",
			"count", cat.Count, "entries", len(cat.Entries))
	}
	entries := c.read(cat.Entries)
	if err := c.tools.Rows(len(entries)); err != nil {
		return "", err
	}
	if len(entries) == 0 {
		return "", errNoEntries
	}
	return next, c.emit(ctx, entries, emit)
}

// read returns the entries that can be used, each CVE once, and reports the others.
func (c *collector) read(raw []json.RawMessage) []entry {
	entries := make([]entry, 0, len(raw))
	seen := map[string]bool{}
	for i, text := range raw {
		where := fmt.Sprintf("entry %d", i+1)
		var e entry
		if err := json.Unmarshal(text, &e); err != nil {
			c.tools.Skip(where, err)
			continue
		}
		if err := e.check(); err != nil {
			c.tools.Skip(where, err)
			continue
		}
		if !seen[e.CVE] {
			seen[e.CVE] = true
			entries = append(entries, e)
		}
	}
	return entries
}

// emit emits the objects of the entries, and a product that several of them are about once.
func (c *collector) emit(ctx context.Context, entries []entry, emit func(stix.Object) error) error {
	b, err := collectors.NewBuilder(c.feed, c.tools.Now())
	if err != nil {
		return err
	}
	software := map[string]bool{} // that several entries are about
	for _, e := range entries {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		objects, err := e.objects(b, c.feed.STIX.Labels, c.settings)
		if err != nil {
			c.tools.Skip(e.CVE, err)
			continue
		}
		for _, o := range objects {
			if software[o.ID] {
				continue
			}
			if o.Type == "software" {
				software[o.ID] = true
			}
			if err := emit(o); err != nil {
				return err
			}
		}
	}
	return nil
}
