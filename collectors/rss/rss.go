// Package rss reads feeds of reports, in RSS 2.0, RSS 1.0, Atom or JSON Feed, and makes a report
// with indicators of each item that names some.
package rss

import (
	"context"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/ingest"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of feeds of reports.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:    "rss",
		Summary: "reports with indicators of the items of an RSS, Atom or JSON feed",
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
	c := &collector{feed: feed, tools: tools, settings: settings{
		Pages: 20, Pause: time.Second,
	}}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	c.feed = ingest.Doubt(feed)
	return c, nil
}

var errNoItems = fmt.Errorf("the feed has no item: %w", collectors.ErrEmpty)

// Collect emits reports of the items that are new or have changed. The cursor is a memory of
// the items that were read. An item that is not in it is read again, which makes the same
// objects: what a feed forgets or brings back is an overlap and never a gap.
func (c *collector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	m, err := recall(cursor)
	if err != nil {
		c.tools.Log.Warn("the memory of the items cannot be read; all of them count as new", "err", err)
	}
	doc, err := c.tools.Fetch.Fetch(ctx, collectors.Request{
		URL: c.feed.URL, AllowHTML: true, // what many servers say of a feed
		Unconditional: m.Pending,
	})
	if err != nil {
		return "", err
	}
	read, err := readFeed(doc)
	if err != nil {
		return "", fmt.Errorf("read the feed: %w", err)
	}
	if err := c.tools.Rows(len(read.items)); err != nil {
		return "", err
	}
	read.tell(c.tools)
	if len(read.items) == 0 {
		return "", errNoItems
	}
	b, err := collectors.NewBuilder(c.feed, c.tools.Now())
	if err != nil {
		return "", err
	}
	r := &run{collector: c, builder: b, memory: m, emit: emit}
	for _, it := range read.items {
		if err := r.item(ctx, it); err != nil {
			return "", err
		}
	}
	next, err := r.next.cursor(m)
	if err == nil && next == cursor {
		return cursor, collectors.ErrNotModified
	}
	return next, err
}
