package conformance

import "net/http"

// tour is one answer of every kind: each resource, with something in it and without, and the
// usual refusals. It is made once in a run, so that the cases that look at all answers alike do
// not ask for them again.
type tour struct {
	left   []visit // what is still to be asked for
	sights []sight
}

// visit is a request of the tour, and what is expected of its answer.
type visit struct {
	due    resource // what a success has to be
	barren bool     // the request selects nothing, so that a list has to be left out
	method string
	at     string
	edits  []edit
}

// sight is one answer of the tour. Only whole ones are kept, whatever their status.
type sight struct {
	visit
	*answer
	posing bool  // the answer is an error although its status is that of a success
	flaws  flaws // what is wrong with the body; nothing if it need not be a resource
}

// success reports whether the answer is what was asked for, and so has to be due.
func (s sight) success() bool {
	return s.Status == http.StatusOK || s.Status == http.StatusAccepted
}

// failure reports whether the answer has to be an error resource: its status is 4xx or 5xx, it
// has a body, and that is in the media type of TAXII.
func (s sight) failure() bool {
	kind, _ := s.media()
	return s.Status >= 400 && len(s.body) > 0 && kind == "application/taxii+json"
}

// sights returns the answers of the tour in the order in which they were asked for. The first
// call asks for them; cases run one after the other, so it needs no lock. If that takes longer
// than the case may, the next case that calls goes on where this one has stopped.
func (t *trial) sights() []sight {
	if t.world.tour == nil {
		t.world.tour = &tour{left: t.plan()}
	}
	made := t.world.tour
	for len(made.left) > 0 {
		a := t.try(made.left[0].method, made.left[0].at, made.left[0].edits...)
		if t.ctx.Err() != nil {
			t.untold("the time of this case was over before all kinds of answers were seen")
		}
		t.see(sight{visit: made.left[0], answer: a})
	}
	if len(made.sights) == 0 {
		t.untold("the server gave no whole answer to any of the requests that usually have one")
	}
	return made.sights
}

// maxSight is how much of an answer the tour keeps after it was looked at.
const maxSight = 1 << 20

// see keeps an answer if it is whole, and goes on to the next.
func (t *trial) see(s sight) {
	made := t.world.tour
	made.left = made.left[1:]
	if s.Failure != "" {
		return
	}
	o, err := s.object()
	s.posing = s.success() && err == nil && isError(o, s.due)
	switch {
	case s.success() && !s.posing:
		s.flaws = s.due.check(s.body)
	case s.failure():
		s.flaws = errorResource().check(s.body)
	}
	if s.barren {
		s.flaws = s.flaws.renamed(flawRoot, flawVoid)
	}
	if s.Status == http.StatusAccepted && o.text("id") != "" {
		again := visit{due: statusResource(), method: http.MethodGet, at: t.status(o.text("id"))}
		made.left = append([]visit{again}, made.left...)
	}
	if len(s.body) > maxSight {
		s.body = nil
	}
	made.sights = append(made.sights, s)
}
