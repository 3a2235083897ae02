package client

import (
	"fmt"
	"net/http"
	"time"

	"github.com/cabstand/cabstand/taxii"
)

// State is how far a poll has come. Its zero value is the beginning. A caller saves the state
// of a page after it has kept the page's objects; polling from a saved state loses nothing and
// may bring a few objects again. States are JSON texts and belong to one collection and match.
type State struct {
	// AddedAfter is where the pages start: a date added as the server wrote it, because
	// some servers have more digits than a client would send back.
	AddedAfter string `json:"added_after,omitempty"`
	// Next is the server's cursor in the middle of a pass, opaque (§3.4).
	Next string `json:"next,omitempty"`
	// Last is the latest date added seen in this pass; AddedAfter takes it over at the end.
	Last string `json:"last,omitempty"`
}

// seen returns the state after a page whose dates are those of the headers. Some servers
// swap the headers, so the later one counts; what is no timestamp counts as absent.
func (s State) seen(h http.Header) (State, bool) {
	said := false
	for _, name := range []string{taxii.HeaderDateAddedFirst, taxii.HeaderDateAddedLast} {
		text := h.Get(name)
		if _, err := taxii.ParseTimestamp(text); err != nil {
			continue
		}
		said = true
		if after(text, s.Last) {
			s.Last = text
		}
	}
	return s, said
}

// done returns the state after the last page of a pass. A server that dates backwards, or
// gives the newest object again and again, does not move it back.
func (s State) done() State {
	if after(s.Last, s.AddedAfter) {
		s.AddedAfter = s.Last
	}
	return State{AddedAfter: s.AddedAfter}
}

// early returns the state that starts a little before the last date seen, if that is ahead
// of where the state started.
func (s State) early(before time.Duration) (State, bool) {
	last, err := taxii.ParseTimestamp(s.Last)
	if err != nil {
		return s, false
	}
	start := taxii.FormatTimestamp(last.Add(-before))
	return State{AddedAfter: start, Last: s.Last}, after(start, s.AddedAfter)
}

// step returns the state that goes on by date where a server gives no cursor (§3.5). It
// starts a little early, because objects of one date may be spread over two pages; only if
// that was tried already does it start right after the last date.
func (s State) step() (State, error) {
	if early, ahead := s.early(time.Microsecond); ahead {
		return early, nil
	}
	switch {
	case s.Last == "":
		return s, fmt.Errorf("%w: the server says that there is more, but gives neither a next "+
			"nor the header %s to go on from", ErrStuck, taxii.HeaderDateAddedLast)
	case !after(s.Last, s.AddedAfter):
		return s, fmt.Errorf("%w: the server says that there is more, but its pages stay at %s; "+
			"a larger page limit may get past it", ErrStuck, s.Last)
	}
	return State{AddedAfter: s.Last, Last: s.Last}, nil
}

// after reports whether the time a is after b; no time is before every other.
func after(a, b string) bool {
	ta, errA := taxii.ParseTimestamp(a)
	tb, errB := taxii.ParseTimestamp(b)
	return errA == nil && (errB != nil || ta.After(tb))
}
