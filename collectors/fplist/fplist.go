// Package fplist reads abuse.ch's list of false positives, and takes back the indicators that
// feeds of abuse.ch have made of them.
package fplist

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/abusech"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of the list.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:      "abusech-fplist",
		Summary:   "false positives of abuse.ch, which revoke indicators of its other feeds",
		New:       newCollector,
		SpeaksFor: speaksFor,
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
	s, err := read(feed)
	if err != nil {
		return nil, err
	}
	return &collector{feed: feed, tools: tools, settings: s}, nil
}

var errNoEntries = fmt.Errorf("no usable entry; %w", collectors.ErrEmpty)

// mostIDs is how many indicators a run asks after, so that the first one of a long list stays
// below what a run may take back. The next run goes on behind it.
const mostIDs = 50_000

// Collect takes back the indicators of the entries after the cursor, which is the newest number
// of the last run but one. So each entry counts in two runs: a run of the other feed that was
// under way in the first has written by then what it had read before the value was removed.
// More runs would end what the platform lists again for good reason.
func (c *collector) Collect(
	ctx context.Context, cursor string, _ func(stix.Object) error,
) (string, error) {
	doc, err := abusech.Fetch(ctx, c.tools.Fetch, collectors.Request{
		URL: c.feed.URL, Method: http.MethodPost,
		Header: map[string]string{"Content-Type": "application/json"},
		Body:   []byte(`{"query":"get_fplist","format":"json"}`),
		// An unchanged list is read as well, for the entries of the last run.
		Unconditional: true,
	})
	if err != nil {
		return "", err
	}
	entries, err := c.settings.entries(doc.Body, c.tools.Skip)
	if err != nil {
		return "", fmt.Errorf("read the answer: %w", err)
	}
	if err := c.tools.Rows(len(entries)); err != nil {
		return "", err
	}
	if len(entries) == 0 {
		return "", errNoEntries
	}
	return c.takeBack(ctx, entries, readCursor(cursor))
}

// takeBack takes back the indicators of the entries after the first place of the cursor.
func (c *collector) takeBack(ctx context.Context, entries []entry, at place) (string, error) {
	newest, asked := at.newest, 0
	for _, e := range entries {
		if err := context.Cause(ctx); err != nil {
			return "", err
		}
		if e.removal <= at.settled {
			continue
		}
		ids := e.ids()
		if asked += len(ids); asked > mostIDs {
			break
		}
		if newest = max(newest, e.removal); len(ids) == 0 {
			continue
		}
		if err := c.tools.Withdraw(ids...); err != nil {
			return "", err
		}
	}
	return place{settled: at.newest, newest: newest}.String(), nil
}

// place is what a cursor says: the newest numbers of the last run and of the one before.
type place struct{ settled, newest uint64 }

func (p place) String() string { return fmt.Sprintf("%d-%d", p.settled, p.newest) }

// readCursor is the zero place for the first run; any other text is of another kind of feed.
func readCursor(cursor string) place {
	settled, newest, _ := strings.Cut(cursor, "-")
	a, errA := strconv.ParseUint(settled, 10, 64)
	b, errB := strconv.ParseUint(newest, 10, 64)
	if errA != nil || errB != nil {
		return place{}
	}
	return place{a, b}
}
