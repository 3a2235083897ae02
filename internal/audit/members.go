package audit

import (
	"cmp"
	"net/http"
	"slices"
	"time"
)

// Activity is what one user did with one collection in a stretch of the record.
type Activity struct {
	User       string `json:"user"`
	Root       string `json:"root,omitempty"`
	Collection string `json:"collection,omitempty"` // "" for what has to do with none

	LastPoll time.Time `json:"last_poll,omitzero"`
	// Address is where the last poll came from.
	Address string `json:"address,omitempty"`
	// Position is the date added up to which the user has read, as far as that shows in this
	// stretch: the latest date of a page given, or that an empty answer was asked for with.
	Position time.Time `json:"position,omitzero"`
	// SamePage is how often in a row the last page was fetched, 1 at least once there is one.
	SamePage int `json:"same_page"`

	LastPush time.Time `json:"last_push,omitzero"`
	Pushed   int       `json:"pushed"`  // objects taken
	Refused  int       `json:"refused"` // objects of pushes
	Failures int       `json:"failures"`
	// LastFailure is the time of the last of Failures: requests that were answered with a status of
	// 400 or more, log-ins that failed among them.
	LastFailure time.Time `json:"last_failure,omitzero"`

	last fetched
}

// fetched is what makes two polls the same.
type fetched struct {
	endpoint    string
	filter      Filter
	objects     int
	first, last time.Time
}

// Tally sums up events user by user and collection by collection. Its zero value is empty. Who
// gives it events sees to it that users and collections are declared ones: it keeps an entry for
// each.
type Tally struct{ all map[member]*Activity }

type member struct{ user, root, collection string }

// Add counts an event. Those of other kinds than requests count nothing.
func (t *Tally) Add(e Event) {
	switch e.Kind {
	case LoginFailed, Read, Push, Delete:
	default:
		return
	}
	if t.all == nil {
		t.all = map[member]*Activity{}
	}
	key := member{e.User, e.Root, e.Collection}
	a := t.all[key]
	if a == nil {
		a = &Activity{User: e.User, Root: e.Root, Collection: e.Collection}
		t.all[key] = a
	}
	switch {
	case e.Kind == LoginFailed || e.Status >= http.StatusBadRequest:
		a.Failures += 1 + e.Repeated
		a.LastFailure = later(a.LastFailure, e.Time)
	case e.Kind == Push:
		a.LastPush = later(a.LastPush, e.Time)
		a.Pushed += e.Objects
		a.Refused += e.Refused
	case e.Endpoint == "objects" || e.Endpoint == "manifest":
		a.poll(&e)
	}
}

// poll follows a client through the pages.
func (a *Activity) poll(e *Event) {
	now := fetched{e.Endpoint, e.Filter, e.Objects, e.First, e.Last}
	if a.LastPoll.IsZero() || a.last != now {
		a.SamePage = 0
	}
	a.SamePage++
	a.last = now
	a.LastPoll, a.Address = later(a.LastPoll, e.Time), e.Address
	a.Position = later(a.Position, e.Last)
	if e.Objects == 0 && e.Filter.AddedAfter.Before(e.Time) { // else the client only guesses
		a.Position = later(a.Position, e.Filter.AddedAfter)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Activities returns the sums by user, root and collection.
func (t *Tally) Activities() []Activity {
	all := make([]Activity, 0, len(t.all))
	for _, a := range t.all {
		all = append(all, *a)
	}
	slices.SortFunc(all, func(a, b Activity) int {
		return cmp.Or(cmp.Compare(a.User, b.User), cmp.Compare(a.Root, b.Root),
			cmp.Compare(a.Collection, b.Collection))
	})
	return all
}
