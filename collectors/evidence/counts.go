package evidence

import "maps"

// Counts are what became of the events so far. Every event is in a bucket, or in one of those that
// say why not.
type Counts struct {
	Events int64 `json:"events"`
	// Undated have no time, or one before there were logs; Future ones are a day ahead of the clock.
	Undated int64 `json:"undated,omitzero"`
	Future  int64 `json:"future,omitzero"`
	// NoSource have no address of who did it; Home are by the operator's own machines.
	NoSource int64 `json:"no_source,omitzero"`
	Home     int64 `json:"home,omitzero"`
	// Passed are of sorts that are never evidence, such as queries for names that nobody suspects.
	Passed int64 `json:"passed,omitzero"`
	// Told were in objects before; see [State].
	Told int64 `json:"told,omitzero"`
	// Late came after the buckets of their hour were closed, and are in buckets of their own.
	Late int64 `json:"late,omitzero"`

	Buckets int64 `json:"buckets"` // that were closed
	// Ordinary ones held no evidence. Spilled ones were closed early to make room.
	Ordinary int64 `json:"ordinary,omitzero"`
	Spilled  int64 `json:"spilled,omitzero"`
	// Untold held evidence of which nothing was left after the checks.
	Untold int64 `json:"untold,omitzero"`
	// Omitted are texts beyond the bounds of a bucket; Withheld ones spoke of victims.
	Omitted  int64 `json:"omitted,omitzero"`
	Withheld int64 `json:"withheld,omitzero"`
	// Forgotten are sessions beyond the bound, whose later lines lack what the first ones said.
	Forgotten int64 `json:"forgotten,omitzero"`

	Objects int64 `json:"objects"` // that were emitted, some of them several times
	// Refused are objects with findings, by their type and by place and kind of the finding.
	Refused map[string]int64 `json:"refused,omitempty"`
}

// Counts returns what has become of the events.
func (a *Aggregator) Counts() Counts {
	c := a.counts
	c.Forgotten = a.sessions.forgotten
	c.Refused = maps.Clone(c.Refused)
	return c
}
