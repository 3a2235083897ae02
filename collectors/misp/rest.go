package misp

import (
	"context"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of MISP servers.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:    "misp",
		Summary: "events of a MISP server, from its API",
		New:     newServer,
	}
}

type serverCollector struct {
	feed     collectors.Feed
	tools    collectors.Tools
	settings restSettings
}

var _ collectors.Collector = (*serverCollector)(nil)

// newServer checks the settings of a feed.
func newServer(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
	c := &serverCollector{feed: feed, tools: tools}
	c.settings = restSettings{Mapping: usualMapping(), Overlap: usualOverlap}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	return c, c.settings.check(feed)
}

// Collect emits the events that were published since the cursor, the oldest first. It lists the
// heads of all of them and then reads them in groups. Pages of whole events would not do: each
// event that its author edits meanwhile leaves its page, and another one slips from the page
// that comes next to the one that was read. A run that breaks off after a group, or whose time
// is over, is a success that ends there.
func (c *serverCollector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	at := readPlace(cursor)
	fresh, err := c.list(ctx, at)
	if err != nil {
		return "", err
	}
	if len(fresh) == 0 {
		return "", collectors.ErrNotModified
	}
	m, err := newMaker(c.feed, c.tools, c.settings.Mapping, emit)
	if err != nil {
		return "", err
	}
	run := &serverRun{serverCollector: c, maker: m, at: at, most: maxGroup}
	if err := run.events(ctx, fresh); err != nil {
		return "", err
	}
	return run.at.String(), nil
}
