package otx

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors/api"
)

// place is the cursor: how far pulses and events have been read.
type place struct {
	api.Place
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
