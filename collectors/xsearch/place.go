package xsearch

import (
	"encoding/json"
	"fmt"
	"time"
)

// place is the cursor: how far the search has been read. Numbers of posts rise with time. A
// search that was not read to its end goes on below the oldest post that was, by its number:
// tokens of pages are forgotten by X, numbers are not.
type place struct {
	Since  uint64 `json:"since,omitempty"`  // all posts up to it were read
	Newest uint64 `json:"newest,omitempty"` // what Since will be when this search has been read
	Until  uint64 `json:"until,omitempty"`  // the oldest post of this search that was read

	cap     uint64 // the newest post that Newest may be
	oldest  uint64 // post that the search finds
	resumed uint64 // what Until was when this run began
}

// readPlace reads a cursor. With an error comes the beginning.
func readPlace(cursor string) (place, error) {
	var p place
	if cursor == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(cursor), &p); err != nil {
		return place{}, fmt.Errorf("read the cursor: %w", err)
	}
	return p, nil
}

func (p place) cursor() (string, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("write the cursor: %w", err)
	}
	return string(text), nil
}

// Window of the search (recent search of API v2), and what our clock may differ by.
const (
	window = 7 * 24 * time.Hour
	margin = 10 * time.Minute
)

// begin goes on with a search, or begins one. What X found after now less overlap may not be
// all that was posted. A search whose rest is too old to be found has ended.
func (p *place) begin(now time.Time, overlap time.Duration) {
	p.cap = numberAt(now.Add(-overlap))
	p.oldest = numberAt(now.Add(margin - window))
	if p.Until > 0 && p.Until <= p.oldest {
		p.end()
	}
	p.resumed = p.Until
}

// read notes a post.
func (p *place) read(id uint64) {
	if p.Until == 0 || id < p.Until {
		p.Until = id
	}
	p.Newest = max(p.Newest, min(id, p.cap))
}

// end notes that all posts of the search were read.
func (p *place) end() { p.Since, p.Newest, p.Until = max(p.Since, p.Newest), 0, 0 }

// epoch is when the numbers of posts begin, in milliseconds since 1970. They have 22 more bits.
const epoch = 1288834974657

// numberAt is the first number that a post of a time can have.
func numberAt(t time.Time) uint64 {
	return uint64(max(t.UnixMilli()-epoch, 0)) << 22
}

// timeOf is when a post was made.
func timeOf(id uint64) time.Time {
	return time.UnixMilli(int64(id>>22) + epoch).UTC()
}
