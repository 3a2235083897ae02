// Package threatfox reads the indicators of abuse.ch ThreatFox: mostly command and control
// servers with the malware family that they serve.
package threatfox

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/abusech"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of ThreatFox.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:    "threatfox",
		Summary: "indicators of abuse.ch ThreatFox, from its API",
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
	c := &collector{feed: feed, tools: tools, settings: settings{Days: usualDays}}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	return c, nil
}

// Collect emits the indicators of the last days, and after a pause of those back to the cursor,
// which is the newest first_seen.
func (c *collector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	days := c.settings.daysSince(abusech.CursorTime(cursor), c.tools.Now())
	source := abusech.Source{
		Feed: c.feed, Tools: c.tools, Window: time.Duration(days) * day,
		Request: collectors.Request{
			URL: c.feed.URL, Method: http.MethodPost,
			Header: map[string]string{"Content-Type": "application/json"},
			Body:   fmt.Appendf(nil, `{"query":"get_iocs","days":%d}`, days),
		},
		Read: func(text json.RawMessage) (abusech.Row, error) { return readRow(text) },
	}
	return source.Collect(ctx, cursor, emit)
}
