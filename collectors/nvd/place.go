package nvd

import (
	"encoding/json"
	"time"
)

// place is the cursor: how far each of the three sources was read.
type place struct {
	// Until says that NVD's changes before it were read.
	Until time.Time `json:"until"`
	// Window is the part of the changes after it that is being read; nil is none.
	Window *window `json:"window,omitempty"`
	// Catalogue is the version of CISA's catalogue whose CVEs were read.
	Catalogue string `json:"kev,omitempty"`
	// Scored is the day of the scores that the objects have, and Scores is their number.
	Scored string `json:"epss,omitempty"`
	Scores int    `json:"scores,omitempty"`
	// Queue are the CVEs to ask for one by one.
	Queue []string `json:"queue,omitempty"`
}

// window is a time in which CVEs were modified, and how many of them were read.
type window struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
	position
}

// position is where in the answer to a query the next page begins.
type position struct {
	Index int `json:"index"`
	Total int `json:"total"` // as of the page before
}

const (
	// longestWindow is a day less than NVD allows.
	longestWindow = 119 * 24 * time.Hour
	// overlap is how far a window reaches back before the end of the last one. What NVD stamps
	// and shows later, or stamps by another clock, is in one of the two.
	overlap = 24 * time.Hour
)

// next returns the window to read, or false if none is left.
func (p *place) next(now time.Time) (*window, bool) {
	if p.Window != nil {
		return p.Window, true
	}
	if !p.Until.Before(now) {
		return nil, false
	}
	w := &window{From: p.Until.Add(-overlap)}
	w.To = w.From.Add(longestWindow)
	if w.To.After(now) {
		w.To = now
	}
	p.Window = w
	return w, true
}

// done ends the window that was read.
func (p *place) done() { p.Until, p.Window = p.Window.To, nil }

// readPlace reads a cursor. One that cannot be read, or that is of the future, counts as absent.
func readPlace(cursor string, now time.Time, since time.Duration) place {
	var p place
	if json.Unmarshal([]byte(cursor), &p) != nil || p.Until.IsZero() || p.Until.After(now) {
		return place{Until: now.Add(-since)}
	}
	if w := p.Window; w != nil && (w.Index < 0 || w.Total < 0 || !w.From.Before(w.To)) {
		p.Window = nil
	}
	return p
}

func (p place) String() string {
	text, _ := json.Marshal(p) // texts, numbers and times of years with four digits
	return string(text)
}
