package virustotal

import "time"

// lookupPlace is how far the look-ups have come.
type lookupPlace struct {
	// New is the place in the collection that everything up to was asked about, but for what is
	// older than the first run.
	New string `json:"new,omitempty"`
	// Until is where the round that is under way ends, "" if none is. It is the New of its
	// beginning: what came later was asked about when it came.
	Until string `json:"until,omitempty"`
	// Round is how far it has come.
	Round string `json:"round,omitempty"`
	// Next is when the next round may begin. As a round goes through the collection in its order,
	// nothing is asked about sooner than that long after the last time.
	Next time.Time `json:"next,omitzero"`
	// Asked is the number of requests on the day Day, such as 2026-01-02.
	Day   string `json:"day,omitempty"`
	Asked int    `json:"asked,omitempty"`
}

// today begins to count anew on another day.
func (p *lookupPlace) today(now time.Time) {
	if day := now.UTC().Format(time.DateOnly); p.Day != day {
		p.Day, p.Asked = day, 0
	}
}

// beginRound reports whether a round is under way; if it is time for one, it begins it.
func (p *lookupPlace) beginRound(now time.Time) bool {
	if p.Until == "" && !now.Before(p.Next) {
		p.Until, p.Round = p.New, ""
	}
	return p.Until != ""
}

// endRound sets when the next round may begin.
func (p *lookupPlace) endRound(now time.Time, again time.Duration) {
	p.Until, p.Round, p.Next = "", "", now.Add(again).UTC()
}
