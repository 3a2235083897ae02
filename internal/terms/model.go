package terms

import (
	"maps"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix/marking"
)

// How far the objects of a source may be passed on.
const (
	Public   = "public"
	Members  = "members"  // to those who log in
	Internal = "internal" // within the organisation that runs the server
)

// Source is where objects come from, and on which terms.
type Source struct {
	Feed         string // its id
	Redistribute string // Public, Members or Internal; anything else counts as Internal
	// Level is that of all its objects; those of a source that passes on what others made are
	// marked as these made them, or not at all.
	Level    marking.Level
	Verbatim bool
	// Past says that it wrote to the collection once and does so no more.
	Past bool
}

// Place is a collection, and who may have what of it.
type Place struct {
	Key  string // the same as long as it lives
	Name string // for people
	// Public says that anyone may read it, with or without a log-in.
	Public bool
	// Outsiders are those in its lists of readers who are not declared to be of the organisation
	// that runs the server.
	Outsiders []string
	// ByMarking says that an object goes to those alone who are cleared for its markings. Then Open
	// is what everybody is cleared for, and Unmarked what an object counts as that has none.
	ByMarking      bool
	Open, Unmarked marking.Level
}

// Relay republishes all of a collection, up to a level, in another one.
type Relay struct {
	Name     string
	From, To string // keys
	Max      marking.Level
}

// Model is who writes where. Sources are by the keys of the places that they write to.
type Model struct {
	Places  []Place
	Sources map[string][]Source
	Relays  []Relay
}

// Arrival is a source whose objects come to a place: by itself, or by way of relays.
type Arrival struct {
	Source
	Via []string // names of relays, in their order
}

// Contents returns whose objects come to each place, by its key, each source once, by the shortest
// way there is.
func (m Model) Contents() map[string][]Arrival {
	contents := map[string][]Arrival{}
	for _, key := range slices.Sorted(maps.Keys(m.Sources)) {
		for _, s := range m.Sources[key] {
			m.follow(contents, key, s)
		}
	}
	return contents
}

// stop is a place on the way of a source.
type stop struct {
	key string
	Arrival
}

// follow goes from place to place, breadth first. A source that comes to a place with less of it
// adds nothing.
func (m Model) follow(contents map[string][]Arrival, key string, s Source) {
	for open := []stop{{key, Arrival{Source: s}}}; len(open) > 0; open = open[1:] {
		at := open[0]
		if slices.ContainsFunc(contents[at.key], at.covered) {
			continue
		}
		contents[at.key] = append(contents[at.key], at.Arrival)
		for _, r := range m.Relays {
			if r.From == at.key {
				open = append(open, stop{r.To, at.through(r)})
			}
		}
	}
}

// covered reports whether another arrival says all that a says.
func (a Arrival) covered(by Arrival) bool {
	return by.Feed == a.Feed && by.Level >= a.Level && by.Verbatim == a.Verbatim &&
		by.rank() >= a.rank()
}

// through is what is left behind a relay. Of a source that marks all its objects above what the
// relay lets through, what is left bears no such mark.
func (a Arrival) through(r Relay) Arrival {
	if a.Level > r.Max && !a.Verbatim {
		a.Level = marking.Clear
	}
	a.Via = append(slices.Clone(a.Via), r.Name)
	return a
}

// rank orders terms; the strictest are highest.
func (s Source) rank() int {
	switch s.Redistribute {
	case Public:
		return 0
	case Members:
		return 1
	}
	return 2
}

// sortedPlaces returns the places by ascending name, so that refusals have one order.
func (m Model) sortedPlaces() []Place {
	return slices.SortedFunc(slices.Values(m.Places),
		func(a, b Place) int { return strings.Compare(a.Name, b.Name) })
}

// Loss is a source whose objects are in a place that they come to no more.
type Loss struct {
	Place string // its key
	Source
}

// Lost returns whose objects came to the places of one model and come there no more by another. A
// place that is no more has lost everything, and nothing that needs to be told. Sources whose terms
// leave nobody out do not count, nor those that still come on other terms.
func Lost(before, after Model) (lost []Loss) {
	now := after.Contents()
	arrivals := before.Contents()
	for _, p := range after.sortedPlaces() {
		for _, a := range arrivals[p.Key] {
			still := slices.ContainsFunc(now[p.Key], func(b Arrival) bool { return b.Feed == a.Feed })
			if !still && (a.rank() > 0 || a.Level > marking.Clear) {
				lost = append(lost, Loss{p.Key, a.Source})
			}
		}
	}
	return lost
}
