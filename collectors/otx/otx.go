// Package otx reads the pulses that an account of LevelBlue Open Threat Exchange (AlienVault OTX)
// is subscribed to: reports with indicators, by people and organisations that the account chose.
package otx

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of pulses.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:    "otx",
		Summary: "pulses of AlienVault OTX that an account is subscribed to",
		New:     newCollector,
	}
}

// source is how OTX wants to be asked.
func source() api.Source {
	return api.Source{
		Name: "AlienVault OTX", Key: "X-OTX-API-KEY", Keys: "https://otx.alienvault.com/settings",
	}
}

type collector struct {
	feed     collectors.Feed
	tools    collectors.Tools
	settings settings
}

var _ collectors.Collector = (*collector)(nil)

// newCollector checks the settings of a feed, and its TLP level, which every pulse is held to.
func newCollector(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
	c := &collector{feed: feed, tools: tools, settings: defaults()}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	return c, nil
}

var errNoPulses = fmt.Errorf("%w: the account has no pulses; subscribe to some at "+
	"https://otx.alienvault.com, or set a longer history", collectors.ErrEmpty)

// Collect reads the pulses that were modified since the cursor, then what was deleted. A walk
// over the pages that breaks off after whole pages, or whose time is over, is a success that
// ends with the last of them, and the next run goes on from there; a fault that stays is the
// error of that one.
func (c *collector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	at, known := readPlace(cursor)
	if !known {
		at = c.beginning()
	}
	r, err := newRun(c, emit)
	if err != nil {
		return "", err
	}
	r.first = !known
	at, done, err := r.walk(ctx, at)
	if err != nil {
		return "", fmt.Errorf("read pulses: %w", err)
	}
	if done && c.settings.Events && !c.isFile() {
		at.Events = r.events(ctx, at.Events)
	}
	return at.String(), nil
}

// beginning is where the first run begins. Of what was deleted before it there is nothing to
// take back.
func (c *collector) beginning() place {
	at := place{Events: c.tools.Now().UTC().Truncate(time.Second)}
	if c.settings.History > 0 {
		at.Since = at.Events.Add(-c.settings.History)
	}
	return at
}

// address returns the address of a list of the API with a query. reference leads to it from the
// list of pulses, which is the feed's own url; "" is that one, and keeps what the operator wrote
// into its query, such as author_name.
func (c *collector) address(reference string, query url.Values) (string, error) {
	if reference == "" {
		return api.Address(c.feed.URL, query)
	}
	at, err := url.Parse(c.feed.URL)
	if err != nil {
		return "", fmt.Errorf("the feed's url: %w", err)
	}
	if at, err = at.Parse(reference); err != nil {
		return "", fmt.Errorf("the address of %s: %w", reference, err)
	}
	at.RawQuery = query.Encode()
	return at.String(), nil
}

// isFile is true for a feed that reads a page that was saved.
func (c *collector) isFile() bool { return api.IsFile(c.feed.URL) }
