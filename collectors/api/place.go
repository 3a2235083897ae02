package api

import "time"

// Place is how far a list that grows with time has been read, for cursors.
type Place struct {
	// Since is the time that the walk under way, or else the next one, reads from. Zero is the
	// beginning.
	Since time.Time `json:"since,omitzero"`
	// Page is the last whole page of a walk that broke off.
	Page string `json:"page,omitempty"`
	// Began is when that walk began, and Newest the latest time that it has read.
	Began  time.Time `json:"began,omitzero"`
	Newest time.Time `json:"newest,omitzero"`
}

// Saw notes the time of an element.
func (p *Place) Saw(at time.Time) {
	if at.After(p.Newest) {
		p.Newest = at
	}
}

// Finish ends a walk: the next one begins an overlap before the newest element. What came or
// changed during this one may stand where it had been already, so that nothing after its
// beginning counts, nor do times that are yet to come.
func (p *Place) Finish(overlap time.Duration) {
	newest := p.Newest
	if newest.After(p.Began) {
		newest = p.Began
	}
	if since := newest.Add(-overlap); !newest.IsZero() && since.After(p.Since) {
		p.Since = since
	}
	p.Page, p.Began, p.Newest = "", time.Time{}, time.Time{}
}
