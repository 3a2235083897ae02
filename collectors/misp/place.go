package misp

import (
	"encoding/json"
	"strconv"
	"time"
)

// place is the cursor: the time that all events up to have been read, and which events around
// it, because others may still turn up there.
type place struct {
	Time int64           `json:"time"`
	Near map[string]bool `json:"near,omitempty"` // by mark
}

// maxNear bounds what is remembered of the overlap. What finds no room is read again.
const maxNear = 2000

// readPlace reads a cursor. One of another kind counts as the first.
func readPlace(cursor string) place {
	var p place
	if json.Unmarshal([]byte(cursor), &p) != nil {
		return place{}
	}
	return p
}

// String writes the cursor.
func (p place) String() string {
	text, _ := json.Marshal(p) // of strings and numbers, which are no error
	return string(text)
}

// listed is an event as the list of heads has it.
type listed struct {
	version
	id    string // of the event on this server
	parts int64  // attributes
}

// mark is a version of an event in a few characters.
func (l listed) mark() string { return l.uuid[:13] + strconv.FormatInt(l.time, 36) }

// pass moves the cursor behind events that have been read.
func (p *place) pass(group []listed, overlap time.Duration) {
	if p.Near == nil {
		p.Near = map[string]bool{}
	}
	for _, l := range group {
		p.Time = max(p.Time, l.time)
		if len(p.Near) < maxNear {
			p.Near[l.mark()] = true
		}
	}
	// What lies before the overlap is not listed again, so that it need not be known.
	oldest := p.Time - int64(overlap/time.Second)
	for mark := range p.Near {
		if time, err := strconv.ParseInt(mark[13:], 36, 64); err != nil || time < oldest {
			delete(p.Near, mark)
		}
	}
}
