package misp

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/go-json-experiment/json/jsontext"
)

// FeedKind makes collectors of MISP feeds: folders with a manifest and a file for each event.
func FeedKind() collectors.Kind {
	return collectors.Kind{
		Name:    "misp-feed",
		Summary: "a MISP feed: a folder with manifest.json and a file for each event",
		New:     newFeed,
	}
}

type feedCollector struct {
	feed     collectors.Feed
	tools    collectors.Tools
	settings feedSettings
}

var _ collectors.Collector = (*feedCollector)(nil)

// newFeed checks the settings of a feed.
func newFeed(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
	c := &feedCollector{feed: feed, tools: tools}
	c.settings.Mapping = usualMapping()
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	return c, c.settings.check(feed)
}

// Collect emits the events of which the manifest has a version that was not read before, the
// oldest first. An event that cannot be read is left for the next run. A run that breaks off
// after an event, or whose time is over, is a success that ends there, so that a feed too large
// for one run is read in several.
func (c *feedCollector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	read := readHistory(cursor)
	manifest, err := c.manifest(ctx, read.pending)
	if err != nil {
		return "", err
	}
	m, err := newMaker(c.feed, c.tools, c.settings.Mapping, emit)
	if err != nil {
		return "", err
	}
	run := &feedRun{feedCollector: c, maker: m, read: read}
	return run.events(ctx, manifest)
}

// manifest fetches the list of events. It is fetched anew, changed or not, while events that it
// lists have not been read.
func (c *feedCollector) manifest(ctx context.Context, anyway bool) ([]version, error) {
	doc, err := c.tools.Fetch.Fetch(ctx, collectors.Request{
		URL: c.file("manifest.json"), Unconditional: anyway,
	})
	if err != nil {
		return nil, advised(err)
	}
	all, err := c.readManifest(doc.Body)
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	if err := c.tools.Rows(len(all)); err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no event in the manifest; %w", collectors.ErrEmpty)
	}
	return all, nil
}

// maxEvents bounds a manifest. The largest feeds have some ten thousand events.
const maxEvents = 200_000

// readManifest reads the versions of the events, and reports those that make no sense.
func (c *feedCollector) readManifest(text []byte) ([]version, error) {
	var all []version
	latest := c.tools.Now().Add(ahead)
	err := eachMember(text, func(name string, value jsontext.Value) error {
		if len(all) == maxEvents {
			return fmt.Errorf("more than %d events", maxEvents)
		}
		var said struct {
			Timestamp scalar `json:"timestamp"`
		}
		id := uuidOf(scalar(name))
		err := decode(value, &said)
		changed := said.Timestamp.at(latest)
		switch {
		case id == "":
			err = errors.New("not a UUID")
		case err == nil && changed.IsZero():
			err = errors.New("timestamp: not a time, or one that is yet to come")
		}
		if err != nil {
			c.tools.Skip("manifest, event "+collectors.OneLine(name, maxName), err)
			return nil
		}
		all = append(all, version{id, changed.Unix()})
		return nil
	})
	return all, err
}

// file is where a file of the feed lies. The URL of the feed may name the folder or the
// manifest, and goes on behind the name of every file where it has a query.
func (c *feedCollector) file(name string) string {
	folder, query, has := strings.Cut(c.feed.URL, "?")
	folder = strings.TrimSuffix(strings.TrimSuffix(folder, "manifest.json"), "/")
	if has {
		query = "?" + query
	}
	return folder + "/" + name + query
}
