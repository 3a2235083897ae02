package rss

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/collectors"
)

// readJSON reads a JSON Feed, version 1 or 1.1.
func readJSON(text []byte) (reading, error) {
	if err := collectors.CheckJSONSize(text); err != nil {
		return reading{}, err
	}
	var feed struct {
		Version string            `json:"version"`
		Items   []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(text, &feed); err != nil {
		return reading{}, fmt.Errorf("JSON Feed: %w", err)
	}
	if !strings.Contains(feed.Version, "jsonfeed.org") {
		return reading{}, errNoFeed
	}
	var r reading
	for _, raw := range feed.Items {
		it, err := readJSONItem(raw)
		if err != nil {
			r.fail(err)
			continue
		}
		if !r.add(it) {
			break
		}
	}
	return r, nil
}

// jsonItem is what is read of an item.
type jsonItem struct {
	ID        any    `json:"id"` // version 1 allowed numbers
	URL       string `json:"url"`
	Title     string `json:"title"`
	HTML      string `json:"content_html"`
	Text      string `json:"content_text"`
	Summary   string `json:"summary"`
	Published string `json:"date_published"`
	Modified  string `json:"date_modified"`
}

func readJSONItem(raw json.RawMessage) (item, error) {
	var in jsonItem
	if err := json.Unmarshal(raw, &in); err != nil {
		return item{}, err
	}
	it := item{
		link: in.URL, title: in.Title, content: cmp.Or(in.HTML, in.Text), summary: in.Summary,
		published: parseDate(in.Published), updated: parseDate(in.Modified),
		contentIsPlain: in.HTML == "",
	}
	switch id := in.ID.(type) {
	case string:
		it.id = id
	case float64:
		it.id = fmt.Sprint(id)
	}
	return it, nil
}
