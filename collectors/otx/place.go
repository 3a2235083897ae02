package otx

import (
	"encoding/json"
	"strings"
	"time"
)

// place is the cursor: how far pulses and events have been read.
type place struct {
	// Since is the time that the walk under way, or else the next one, asks from. Zero is the
	// beginning.
	Since time.Time `json:"since,omitzero"`
	// Page is the last whole page of a walk that broke off. It is read again, because pages move
	// up when a pulse is deleted.
	Page string `json:"page,omitempty"`
	// Began is when that walk began, and Newest what it has read that was modified last.
	Began  time.Time `json:"began,omitzero"`
	Newest time.Time `json:"newest,omitzero"`
	// Events is the time of the newest event that was read.
	Events time.Time `json:"events,omitzero"`
}

// readPlace reads a cursor. One that cannot be read counts as absent: reading from the beginning
// loses nothing.
func readPlace(cursor string) (place, bool) {
	var at place
	err := json.Unmarshal([]byte(cursor), &at)
	return at, err == nil
}

func (at place) String() string {
	text, _ := json.Marshal(at) // times and a string: it cannot fail
	return string(text)
}

// saw notes a pulse of the walk.
func (at *place) saw(modified time.Time) {
	if modified.After(at.Newest) {
		at.Newest = modified
	}
}

// finish ends a walk: the next one begins an overlap before the newest pulse. What was modified
// during this one may have moved to where it had been already, so that nothing after its
// beginning counts, nor do times that are yet to come.
func (at *place) finish(overlap time.Duration) {
	newest := at.Newest
	if newest.After(at.Began) {
		newest = at.Began
	}
	if since := newest.Add(-overlap); !newest.IsZero() && since.After(at.Since) {
		at.Since = since
	}
	at.Page, at.Began, at.Newest = "", time.Time{}, time.Time{}
}

// apiTime is how the API reads times, all in UTC.
const apiTime = "2006-01-02T15:04:05"

// readTime reads a time of the API, which has no zone and is UTC. None, one that makes no sense
// and years before 1990 or after 9999 are the zero time.
func readTime(text string) time.Time {
	text = strings.TrimSpace(text)
	for _, layout := range []string{apiTime, time.RFC3339, time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1990 && t.Year() < 10000 {
			return t.UTC()
		}
	}
	return time.Time{}
}
