package evidence

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/logs/check"
	"github.com/cabstand/cabstand/stix"
)

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

// Aggregator gathers events and makes objects of them. It is for one goroutine.
type Aggregator struct {
	builder  *collectors.Builder
	options  Options
	where    []string // ids
	strict   *check.Checker
	accounts *check.Checker
	known    dictionary
	rules    []Rule
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
		known: newDictionary(), rules: Rules(), sessions: newSessions(), buckets: map[key]*bucket{},
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

// Counts returns what has become of the events.
func (a *Aggregator) Counts() Counts {
	c := a.counts
	c.Forgotten = a.sessions.forgotten
	c.Refused = maps.Clone(c.Refused)
	return c
}

// Add puts an event into its bucket. at is where its line is: any number that never falls from one
// event to the next, such as an offset. [State] gives one of them back. emit gets objects when
// there are too many buckets. The error is that of emit, or [ErrDestinations]; afterwards the
// Aggregator must not be used.
func (a *Aggregator) Add(e logs.Event, at int64, emit func(stix.Object) error) error {
	a.counts.Events++
	a.lastAt = at
	if !a.timely(e, at) {
		return nil
	}
	s := a.sessions.of(&e, at)
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

// keyOf returns the key of an event, or none if it is no evidence of anything.
func (a *Aggregator) keyOf(e logs.Event, s *session) (key, error) {
	window := a.windowOf(e.Time)
	k := key{window: window.Unix(), late: !window.Add(a.options.Window).After(a.closed)}
	if e.Action == logs.Query || e.Action == logs.Answer {
		return a.queryKey(k, e)
	}
	source := bare(e.Source.Addr)
	switch {
	case !source.IsValid() || source.IsUnspecified() || source.IsMulticast():
		a.counts.NoSource++
		return key{}, nil
	case a.victims.home(source):
		a.counts.Home++
		return key{}, nil
	case e.Action == logs.Carry && !a.isHoneypot(e), e.Action == logs.Other:
		a.counts.Passed++
		return key{}, nil
	}
	if err := a.victims.add(e.Destination.Addr); err != nil {
		return key{}, err
	}
	k.source, k.port, k.service = source, s.port, protocol(s.service)
	k.what = what(e)
	a.countLate(k)
	return k, nil
}

// queryKey is that of a query for a suspect domain. Who asks is a victim, so that the bucket has
// no source.
func (a *Aggregator) queryKey(k key, e logs.Event) (key, error) {
	domain := a.options.suspect(e.Query)
	if domain == "" {
		a.counts.Passed++
		return key{}, nil
	}
	if err := errors.Join(a.victims.add(e.Source.Addr), a.victims.add(e.Destination.Addr)); err != nil {
		return key{}, ErrDestinations
	}
	k.service, k.what = "dns", domain
	a.countLate(k)
	return k, nil
}

func (a *Aggregator) countLate(k key) {
	if k.late {
		a.counts.Late++
	}
}

// what tells apart what is done: an alert by its rule, and else the action. What a session of
// Cowrie or sshd consists of belongs together.
func what(e logs.Event) string {
	switch {
	case e.Format == logs.Cowrie || e.Format == logs.SSHD:
		return "session"
	case e.Action != logs.Alert:
		return word(string(e.Action))
	case names(e.Signature.ID, e):
		return "alert "
	}
	return "alert " + word(e.Signature.ID)
}

// word keeps words that programs write and lets no attacker's text through.
func word(text string) string {
	fine := text != "" && len(text) <= 64 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz"+
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-") == ""
	if !fine {
		return ""
	}
	return clone(text)
}

// protocol keeps the names of protocols that everybody knows. A log, or a form for one, can have
// anything in their place.
func protocol(text string) string {
	for _, known := range [...]string{
		"tcp", "udp", "icmp", "icmp6", "sctp", "http", "http2", "dns", "ssh", "telnet", "ftp", "smtp",
		"tls", "ssl", "quic", "smb", "rdp", "sip", "ntp", "snmp", "imap", "pop3", "ldap", "mysql",
		"postgresql", "redis", "mongodb", "mqtt", "modbus", "tftp", "vnc", "irc", "krb5", "dhcp",
	} {
		if text == known {
			return known
		}
	}
	return ""
}

// clone takes a text out of the line whose memory it shares.
func clone(text string) string { return strings.Clone(text) }

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
