// Package kev reads CISA's catalogue of known exploited vulnerabilities: the vulnerabilities
// that are certain to be attacked, what to do about each, and by when.
package kev

import (
	"context"

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

// Collect emits the whole catalogue. Its cursor is the catalogue's version and release date:
// while they stay, so does the catalogue.
func (c *collector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	doc, err := c.tools.Fetch.Fetch(ctx, collectors.Request{URL: c.feed.URL})
	if err != nil {
		return "", err
	}
	catalogue, err := Open(doc.Body)
	if err != nil {
		return "", err
	}
	next := catalogue.Version()
	if next != "" && next == cursor {
		return cursor, collectors.ErrNotModified
	}
	entries, err := catalogue.Entries(c.tools)
	if err != nil {
		return "", err
	}
	return next, c.emit(ctx, entries, emit)
}

// emit emits the objects of the entries, and a product that several of them are about once.
func (c *collector) emit(ctx context.Context, entries []Entry, emit func(stix.Object) error) error {
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
