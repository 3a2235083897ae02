package fplist

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/abusech"
	"github.com/cabstand/cabstand/collectors/observable"
)

// entry is one false positive as abuse.ch writes it, under its number.
type entry struct {
	Platform string       `json:"platform"`
	Type     string       `json:"entry_type"`
	Value    abusech.Text `json:"entry_value"`

	removal uint64 // its number
	feeds   []string
	pattern string // of the indicators of the value; "" if none of the feeds is concerned
}

// entries reads the list, by ascending number. skip is told of each entry that cannot be read.
func (s settings) entries(body []byte, skip func(where string, reason error)) ([]entry, error) {
	if err := collectors.CheckJSONSize(body); err != nil {
		return nil, err
	}
	var texts map[string]json.RawMessage
	if err := json.Unmarshal(body, &texts); err != nil {
		return nil, fmt.Errorf("not the JSON of the API: %w", err)
	}
	if status, refused := texts["query_status"]; refused {
		var word abusech.Text
		if err := json.Unmarshal(status, &word); err != nil {
			return nil, fmt.Errorf("query_status: %w", err)
		}
		return nil, abusech.Refusal(string(word))
	}
	var all []entry
	for _, number := range slices.Sorted(maps.Keys(texts)) {
		e, err := s.entry(number, texts[number])
		if err != nil {
			skip("entry "+clip(number), err)
			continue
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b entry) int { return cmp.Compare(a.removal, b.removal) })
	return all, nil
}

// clip bounds what the source can put into a log.
func clip(text string) string { return text[:min(len(text), 40)] }

// entry reads one entry. What abuse.ch calls the type of a value on a platform that no feed
// reads does not matter.
func (s settings) entry(number string, text json.RawMessage) (entry, error) {
	var e entry
	if err := json.Unmarshal(text, &e); err != nil {
		return e, err
	}
	var err error
	if e.removal, err = strconv.ParseUint(number, 10, 64); err != nil {
		return e, errors.New("its number is none")
	}
	if e.Platform == "" {
		return e, errors.New("it names no platform")
	}
	if e.feeds = s.Feeds[strings.ToLower(strings.TrimSpace(e.Platform))]; e.feeds == nil {
		return e, nil
	}
	kind, err := abusech.ObservableKind(e.Type)
	if err != nil {
		return e, fmt.Errorf("entry_type: %w", err)
	}
	value, err := observable.Read(kind, string(e.Value))
	if err != nil {
		return e, fmt.Errorf("entry_value: %w", err)
	}
	e.pattern = value.Pattern()
	return e, nil
}

// ids are those of the indicators that the feeds of the platform make of the value.
func (e entry) ids() []string {
	if e.pattern == "" {
		return nil
	}
	ids := make([]string, len(e.feeds))
	for i, feed := range e.feeds {
		ids[i] = collectors.ObjectID(feed, "indicator", e.pattern)
	}
	return ids
}
