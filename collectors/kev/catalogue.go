package kev

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/collectors"
)

// Catalogue is CISA's document.
type Catalogue struct{ said document }

// document has its entries as text: they are read one by one, so that a bad one spoils nothing
// but itself.
type document struct {
	Version  string            `json:"catalogVersion"`
	Released string            `json:"dateReleased"`
	Count    int               `json:"count"`
	Entries  []json.RawMessage `json:"vulnerabilities"`
}

var errNoEntries = fmt.Errorf("the catalogue has no usable entry; %w", collectors.ErrEmpty)

// Open reads a catalogue, but not its entries.
func Open(body []byte) (Catalogue, error) {
	var c Catalogue
	err := collectors.CheckJSONSize(body)
	if err == nil {
		err = json.Unmarshal(body, &c.said)
	}
	if err != nil {
		return c, fmt.Errorf("read catalogue: %w: %w", collectors.ErrFormat, err)
	}
	return c, nil
}

// Version is the catalogue's version and release date: while they stay, so does the catalogue.
// It is "" if the catalogue states neither.
func (c Catalogue) Version() string {
	return strings.TrimSpace(c.said.Version + " " + c.said.Released)
}

// Entries returns the entries that can be used, each CVE once, and reports the others. It is an
// error if there are none, or fewer than the feed's guards allow.
func (c Catalogue) Entries(tools collectors.Tools) ([]Entry, error) {
	if c.said.Count != len(c.said.Entries) {
		tools.Log.Warn("catalogue has another number of entries than it says",
			"count", c.said.Count, "entries", len(c.said.Entries))
	}
	entries := make([]Entry, 0, len(c.said.Entries))
	seen := map[string]bool{}
	for i, text := range c.said.Entries {
		var e Entry
		err := json.Unmarshal(text, &e)
		if err == nil {
			err = e.check()
		}
		if err != nil {
			tools.Skip(fmt.Sprintf("entry %d", i+1), err)
			continue
		}
		if !seen[e.CVE] {
			seen[e.CVE] = true
			entries = append(entries, e)
		}
	}
	if err := tools.Rows(len(entries)); err != nil {
		return nil, err
	}
	if len(entries) == 0 {
		return nil, errNoEntries
	}
	return entries, nil
}
