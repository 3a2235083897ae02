// Package xsearch reads posts on X that a search finds, and makes a report with indicators of each
// that names some.
package xsearch

import (
	"context"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/ingest"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of a search.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:    "x-search",
		Summary: "reports with indicators of the posts on X that a search finds (API v2, paid for by post)",
		New:     newCollector,
	}
}

// settings are the settings of kind x-search.
type settings struct {
	// Query is what is searched, in X's own language.
	Query string `yaml:"query" validate:"required,max=4096"`
	// Posts bounds the posts that one run reads, because each is paid for.
	Posts int `yaml:"posts" validate:"min=10,max=10000"`
	// Overlap is how long X may take until its search finds a post. So much is read twice.
	Overlap time.Duration `yaml:"overlap" validate:"min=0s,max=1h"`
	// Links takes the targets of links for indicators, too. Most lead to somebody's report.
	Links bool `yaml:"links"`
	// KeepReserved makes indicators of reserved addresses and names too, for exercises.
	KeepReserved bool `yaml:"keep_reserved"`
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
		Posts: 100, Overlap: time.Minute,
	}}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	c.feed = ingest.Doubt(feed)
	return c, nil
}

// Pages of a search have between 10 and 100 posts.
const (
	leastPage = 10
	mostPage  = 100
)

// Collect emits reports of the posts that no run has read, from the newest to the oldest. A run
// ends when its posts are used up, or when X refuses a further page; the next one goes on there,
// so that nothing is paid for twice.
func (c *collector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	at, err := readPlace(cursor)
	if err != nil {
		c.tools.Log.Warn("the place of the last run cannot be read; the search begins anew", "err", err)
	}
	b, err := collectors.NewBuilder(c.feed, c.tools.Now())
	if err != nil {
		return "", err
	}
	at.begin(b.Now(), c.settings.Overlap)
	left, token := c.settings.Posts, ""
	for pages := 0; left >= leastPage && pages < c.settings.Posts; pages++ {
		page, err := c.ask(ctx, at, min(left, mostPage), token)
		if err != nil && (pages == 0 || ctx.Err() != nil) {
			return "", err
		}
		if err != nil {
			c.tools.Skip("the rest of the search, for now", err)
			return at.cursor()
		}
		for _, p := range page.posts {
			if err := c.post(ctx, b, p, emit); err != nil {
				return "", err
			}
			at.read(p.id)
		}
		left -= page.paid
		if token = page.next; token == "" {
			at.end()
			return at.cursor()
		}
	}
	c.tools.Log.Warn("the search has more posts than settings.posts; the next run goes on",
		"posts", c.settings.Posts)
	return at.cursor()
}

var errNoAnswer = fmt.Errorf("%w: not the JSON of X's search; check the feed's url",
	collectors.ErrFormat)
