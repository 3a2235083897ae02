package evidence

import (
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/logs/check"
	"github.com/cabstand/cabstand/stix"
)

// Aggregator gathers events and makes objects of them. It is for one goroutine.
type Aggregator struct {
	builder  *collectors.Builder
	options  Options
	where    []string // ids
	strict   *check.Checker
	accounts *check.Checker
	known    dictionary
	rules    []Rule
	suspects map[string]bool
	facts    map[string]bool // that were emitted

	victims    *victims
	sessions   sessions
	buckets    map[key]*bucket
	textBytes  int
	generation int64
	closed     time.Time // windows that end by then are over
	earliest   time.Time // of the events in buckets
	latest     time.Time
	used       int64 // events in buckets
	state      State // that the reading began with
	lastAt     int64 // where the last event was

	counts Counts
}

var errWhere = errors.New("sightings are where an identity or a location is, and nothing else")

// New makes an Aggregator, which goes on from a state or, with the zero one, begins. The error
// tells a mistake in the options.
func New(b *collectors.Builder, o Options, s State) (*Aggregator, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("evidence of logs: %w", err)
	}
	if o.Facts == nil {
		o.Facts = b
	}
	a := &Aggregator{
		builder: b, options: o, victims: newVictims(o.HomeNets, o.Pseudonyms),
		known: newDictionary(), rules: Rules(), suspects: o.suspects(),
		sessions: newSessions(), buckets: map[key]*bucket{},
		generation: s.Generation, closed: s.Closed, state: s,
		facts:  map[string]bool{},
		counts: Counts{Refused: map[string]int64{}},
	}
	a.strict, a.accounts = o.checkers()
	for _, place := range o.Where {
		if place.Type != "identity" && place.Type != "location" {
			return nil, fmt.Errorf("evidence of logs: %w", errWhere)
		}
		a.where = append(a.where, place.ID)
	}
	if len(a.where) == 0 {
		a.where = []string{b.Identity().ID}
	}
	return a, nil
}

// Add puts an event into its bucket. at is where its line is: any number that never falls from one
// event to the next, such as an offset. [State] gives one of them back. emit gets objects when
// there are too many buckets. The error is that of emit, or [ErrDestinations]; afterwards the
// Aggregator must not be used.
func (a *Aggregator) Add(e logs.Event, at int64, emit func(stix.Object) error) error {
	a.counts.Events++
	a.lastAt, e.Time = at, e.Time.UTC()
	s := a.sessions.of(&e, at) // also of a line that was told: later ones need what it says
	if !a.timely(e, at) {
		return nil
	}
	k, err := a.keyOf(e, s)
	if err != nil || k == (key{}) {
		return err
	}
	b := a.buckets[k]
	if b == nil {
		if err := a.makeRoom(emit); err != nil {
			return err
		}
		b = a.open(k, e)
	}
	b.at = min(b.at, s.at, at)
	b.span(e.Time)
	b.lines++
	b.number = sum(b.number, count(e))
	a.note(b, s, e)
	a.date(e.Time)
	return nil
}

// date counts an event and widens the time of all of them.
func (a *Aggregator) date(t time.Time) {
	a.used++
	if a.earliest.IsZero() || t.Before(a.earliest) {
		a.earliest = t
	}
	if t.After(a.latest) {
		a.latest = t
	}
}

// timely reports whether the time of an event is one to go by.
func (a *Aggregator) timely(e logs.Event, at int64) bool {
	switch end := a.windowOf(e.Time).Add(a.options.Window); {
	case e.Time.Year() < 1980:
		a.counts.Undated++
	case e.Time.After(a.options.Now().Add(slack)):
		a.counts.Future++
	case at < a.state.Read && !end.After(a.state.Closed):
		a.counts.Told++
	default:
		return true
	}
	return false
}

func (a *Aggregator) windowOf(t time.Time) time.Time { return t.UTC().Truncate(a.options.Window) }

func (a *Aggregator) isHoneypot(e logs.Event) bool {
	return a.options.Honeypot || e.Format == logs.Cowrie
}

// open makes the bucket of an event.
func (a *Aggregator) open(k key, e logs.Event) *bucket {
	b := &bucket{
		key: k, begun: e.Time, generation: a.generation, first: e.Time, last: e.Time,
		at: a.lastAt, transport: protocol(e.Transport), honeypot: a.isHoneypot(e),
	}
	a.buckets[k] = b
	return b
}
