package misp

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// maxHeads is how many heads are asked for at once.
const maxHeads = 5000

// list returns the events that have not been read, the oldest first. Where that takes several
// pages, they are read forth and then back again: an event that leaves the list meanwhile, as
// every event does that its author edits, moves those behind it one place to the front, where
// the way back meets them.
func (c *serverCollector) list(ctx context.Context, at place) ([]listed, error) {
	known := map[string]listed{}
	last := 1
	for ; ; last++ {
		n, err := c.heads(ctx, at, last, known)
		if err != nil {
			return nil, err
		}
		if n < maxHeads {
			break
		}
		if len(known) > maxEvents {
			return nil, fmt.Errorf("more than %d events; set settings.since to a later date",
				maxEvents)
		}
	}
	for page := last - 1; page >= 1; page-- {
		if _, err := c.heads(ctx, at, page, known); err != nil {
			return nil, err
		}
	}
	return unread(known, at), nil
}

// heads reads one page of heads and returns how many it has.
func (c *serverCollector) heads(
	ctx context.Context, at place, page int, known map[string]listed,
) (n int, err error) {
	doc, err := c.tools.Fetch.Fetch(ctx, c.search(at, page).request(c.feed))
	if err != nil {
		return 0, advised(err)
	}
	err = eachEvent(doc.Body, func(text jsontext.Value) error {
		n++
		l, err := c.head(text)
		if err != nil {
			c.tools.Skip(fmt.Sprintf("event %d of page %d of the list", n, page), err)
			return nil
		}
		known[l.uuid] = l // of two pages the one read later has the newer version
		return nil
	})
	if err != nil {
		return n, fmt.Errorf("read the list of events, which is not as MISP writes it: %w", err)
	}
	return n, nil
}

// search asks for heads from the cursor on. The time of the last change is no measure where
// events have to be published: one that is published late was changed before others that have
// been read.
func (c *serverCollector) search(at place, page int) search {
	s := search{
		Heads: true, Page: page, Limit: maxHeads,
		Tags: c.settings.Tags, Orgs: c.settings.Orgs,
	}
	since := at.Time - int64(c.settings.Overlap/time.Second)
	if start, err := time.Parse(time.DateOnly, c.settings.Since); err == nil && at.Time == 0 {
		since = start.Unix()
	}
	if c.settings.Unpublished {
		s.Order, s.Change = "timestamp asc", max(since, 0)
		return s
	}
	published := true
	s.Order, s.Publish, s.Done = "publish_timestamp asc", max(since, 0), &published
	return s
}

// head reads what the list says of an event.
func (c *serverCollector) head(text []byte) (listed, error) {
	var said struct {
		ID      scalar `json:"id"`
		UUID    scalar `json:"uuid"`
		Change  scalar `json:"timestamp"`
		Publish scalar `json:"publish_timestamp"`
		Parts   scalar `json:"attribute_count"`
	}
	if err := decode(text, &said); err != nil {
		return listed{}, err
	}
	when := said.Publish
	if c.settings.Unpublished {
		when = said.Change
	}
	changed := when.at(c.tools.Now().Add(ahead))
	l := listed{
		version: version{uuidOf(said.UUID), changed.Unix()},
		id:      string(said.ID), parts: max(said.Parts.number(), 0),
	}
	switch {
	case l.uuid == "":
		return l, errors.New("no uuid")
	case said.ID.number() < 0:
		return l, errors.New("no id")
	case changed.IsZero():
		return l, errors.New("its time is none, or is yet to come")
	}
	return l, nil
}

// unread returns the events that the cursor does not know, the oldest first.
func unread(known map[string]listed, at place) []listed {
	var fresh []listed
	for _, l := range known {
		if !at.Near[l.mark()] {
			fresh = append(fresh, l)
		}
	}
	slices.SortFunc(fresh, func(a, b listed) int {
		if a.time != b.time {
			return int(min(max(a.time-b.time, -1), 1))
		}
		return strings.Compare(a.uuid, b.uuid)
	})
	return fresh
}
