package table

import (
	"encoding/json"
	"errors"

	"github.com/cabstand/cabstand/collectors"
)

// Kinds returns the kinds text, csv, json and jsonl.
func Kinds() []collectors.Kind {
	return []collectors.Kind{
		{Name: "text", Summary: "a list with one value a line", Whole: true, New: newText},
		{Name: "csv", Summary: "a table of delimited columns", Whole: true, New: newCSV},
		{
			Name: "json", Summary: "a JSON document, read with jq expressions", Whole: true,
			New: newJSON(false),
		},
		{
			Name: "jsonl", Summary: "JSON Lines, read with jq expressions", Whole: true,
			New: newJSON(true),
		},
	}
}

// newText makes a collector of kind text.
func newText(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
	var s textSettings
	if err := feed.Decode(&s); err != nil {
		return nil, err
	}
	f, err := newTextFormat(s)
	return newCollector(feed, tools, f, s.Mapping, "", err)
}

// newCSV makes a collector of kind csv.
func newCSV(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
	var s csvSettings
	if err := feed.Decode(&s); err != nil {
		return nil, err
	}
	f, err := newCSVFormat(s)
	return newCollector(feed, tools, f, s.Mapping, "", err)
}

// newJSON makes collectors of kind jsonl, or of kind json.
func newJSON(lines bool) func(collectors.Feed, collectors.Tools) (collectors.Collector, error) {
	return func(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
		var s jsonSettings
		if err := feed.Decode(&s); err != nil {
			return nil, err
		}
		f, err := newJSONFormat(s, lines)
		if err == nil && s.Post != "" && !json.Valid([]byte(s.Post)) {
			err = fault("settings.post", "is not JSON")
		}
		return newCollector(feed, tools, f, s.Mapping, s.Post, err)
	}
}

// newCollector completes a feed whose format has been made, or could not be.
func newCollector(
	feed collectors.Feed, tools collectors.Tools, f format, m Mapping, post string, err error,
) (collectors.Collector, error) {
	r, mappingErr := newReader(m)
	if err = errors.Join(err, mappingErr); err != nil {
		return nil, inFeed(feed, err)
	}
	return &collector{feed: feed, tools: tools, format: f, reader: r, post: post}, nil
}

// fault is an error of one setting.
func fault(path, reason string) error {
	return &collectors.SettingError{Path: path, Reason: reason}
}

// inFeed writes the feed's id into the faults of its settings.
func inFeed(feed collectors.Feed, err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			_ = inFeed(feed, one)
		}
		return err
	}
	if f, ok := errors.AsType[*collectors.SettingError](err); ok {
		f.Feed = feed.ID
	}
	return err
}
