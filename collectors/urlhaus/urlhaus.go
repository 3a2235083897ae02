// Package urlhaus reads the malware URLs of abuse.ch URLhaus, from its API or its downloads.
package urlhaus

import (
	"context"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of URLhaus.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:    "urlhaus",
		Summary: "malware URLs of abuse.ch URLhaus, in JSON or CSV",
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
	if c.settings.OfflineTTL == 0 {
		c.settings.OfflineTTL = 24 * time.Hour
	}
	return c, nil
}

var errNoRows = fmt.Errorf("no usable URL; %w", collectors.ErrEmpty)

// Collect emits all URLs of the document. The cursor is always "": the document is a window
// over the last days, in which URLs go offline.
func (c *collector) Collect(
	ctx context.Context, _ string, emit func(stix.Object) error,
) (string, error) {
	doc, err := c.tools.Fetch.Fetch(ctx, collectors.Request{URL: c.feed.URL})
	if err != nil {
		return "", err
	}
	rows, err := c.read(ctx, doc.Body)
	if err != nil {
		return "", fmt.Errorf("read the document: %w", err)
	}
	if err := c.tools.Rows(len(rows)); err != nil {
		return "", err
	}
	if len(rows) == 0 {
		return "", errNoRows
	}
	return "", c.emit(ctx, rows, emit)
}

// emit emits the objects of the rows, each once.
func (c *collector) emit(ctx context.Context, rows []row, emit func(stix.Object) error) error {
	b, err := collectors.NewBuilder(c.feed, c.tools.Now())
	if err != nil {
		return err
	}
	emitted := map[string]bool{}
	for _, r := range rows {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if c.settings.OnlineOnly && r.offline() {
			continue
		}
		objects, err := c.objects(b, r)
		if err != nil {
			c.tools.Skip(r.where, err)
			continue
		}
		for _, o := range objects {
			if emitted[o.ID] { // a family, or a URL that was reported twice
				continue
			}
			emitted[o.ID] = true
			if err := emit(o); err != nil {
				return err
			}
		}
	}
	return nil
}
