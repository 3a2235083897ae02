package match

import (
	"fmt"

	"github.com/cabstand/cabstand/stix"
)

// Evidence is what was observed, read once for any number of patterns. It is immutable and
// safe for concurrent use.
type Evidence struct {
	sights []sight
	total  int // how many observations they stand for
}

// sight is one observed-data object: count observations of the same things. When each of them
// was is not known beyond its first and last (§9.1).
type sight struct {
	id      string
	first   instant
	last    limit
	count   int
	roots   []root
	targets map[string]*value // what a reference can name (§9.7.4)
}

// root is a cyber-observable object at which a path can start.
type root struct {
	typ   string
	value *value
}

// mostObserved is the upper bound of number_observed (§4.14.1).
const mostObserved = 999_999_999

// mostValues bounds how many JSON values evidence holds, which take some hundred bytes each at
// most however short they are written.
const mostValues = 1 << 21

// NewEvidence reads the observed-data objects among objects and the cyber-observable objects
// they hold: those under their deprecated property objects, or those that object_refs names
// and that are among objects too. A reference to something else counts as absent.
//
// Of several versions of an observed-data object the newest counts; a revoked one is left out.
// Objects of other types, which a pattern cannot address, are ignored. It is an error when an
// observed-data object has no readable first_observed, last_observed or number_observed, or
// when its text, or that of an object it refers to, is not JSON. Evidence of more than two
// million JSON values is [ErrTooComplex]: match it in parts.
func NewEvidence(objects []stix.Object) (*Evidence, error) {
	r := evidenceReader{
		objects: make(map[string]stix.Object, len(objects)),
		read:    map[string]*value{},
		values:  valueReader{left: mostValues},
	}
	order := r.index(objects)
	e := &Evidence{}
	for _, id := range order {
		seen, err := r.sight(r.objects[id])
		if err != nil {
			return nil, fmt.Errorf("evidence %s: %w", id, err)
		}
		e.sights = append(e.sights, seen)
		e.total += seen.count
	}
	return e, nil
}

type evidenceReader struct {
	objects map[string]stix.Object // the newest version by identifier
	read    map[string]*value      // of those that were referred to
	values  valueReader
}

// index takes in the objects and returns the identifiers of those with observed data.
func (r *evidenceReader) index(objects []stix.Object) []string {
	var order, live []string
	for _, o := range objects {
		known, again := r.objects[o.ID]
		if again && o.VersionTime().Compare(known.VersionTime()) < 0 {
			continue
		}
		if !again && o.Type == "observed-data" {
			order = append(order, o.ID)
		}
		r.objects[o.ID] = o
	}
	for _, id := range order {
		if !r.objects[id].Revoked {
			live = append(live, id)
		}
	}
	return live
}

func (r *evidenceReader) sight(o stix.Object) (sight, error) {
	data, err := r.values.read(o.Raw)
	if err != nil {
		return sight{}, err
	}
	s := sight{id: o.ID}
	if s.first, err = readInstant(data, "first_observed"); err != nil {
		return sight{}, err
	}
	if s.last.at, err = readInstant(data, "last_observed"); err != nil {
		return sight{}, err
	}
	if !s.last.admits(&s.first) {
		return sight{}, fmt.Errorf("last_observed is before first_observed")
	}
	number := data.member("number_observed")
	if number == nil || number.kind != anInteger || number.integer() < 1 ||
		number.integer() > mostObserved {
		return sight{}, fmt.Errorf("number_observed is not an integer from 1 to %d", mostObserved)
	}
	s.count = int(number.integer())
	return s, r.fill(&s, data)
}

// fill takes the cyber-observable objects of an observed-data object into s.
func (r *evidenceReader) fill(s *sight, data *value) error {
	s.targets = map[string]*value{}
	if held := data.member("objects"); held != nil {
		members := held.members()
		for i := range members {
			s.add(members[i].name, &members[i].value)
		}
	}
	refs := data.member("object_refs")
	if refs == nil {
		return nil
	}
	items := refs.items()
	for i := range items {
		id := items[i].text
		v, err := r.resolve(id)
		if err != nil {
			return fmt.Errorf("object %s: %w", id, err)
		}
		if v != nil {
			s.add(id, v)
		}
	}
	return nil
}

// resolve returns the object of that identifier, or nil. Observations share what it read.
func (r *evidenceReader) resolve(id string) (*value, error) {
	if v, done := r.read[id]; done {
		return v, nil
	}
	o, known := r.objects[id]
	if !known || !addressable(o.Type) {
		return nil, nil
	}
	v, err := r.values.read(o.Raw)
	if err != nil {
		return nil, err
	}
	r.read[id] = v
	return v, nil
}

// add takes in one object under the name by which others refer to it.
func (s *sight) add(name string, v *value) {
	typ := v.textOf("type")
	if s.targets[name] != nil || !addressable(typ) {
		return
	}
	s.targets[name] = v
	s.roots = append(s.roots, root{typ, v})
}

// addressable reports whether a path can lead to objects of that type: patterns speak about
// cyber-observable objects, while object_refs may name relationships as well.
func addressable(typ string) bool {
	kind := stix.KindOf(typ)
	return typ != "" && (kind == stix.SCO || kind == stix.Custom)
}

// shows reports whether a comparison expression holds for one of the objects. Once the budget is
// used up it does not: what holds by then may do so only because something was not looked at.
func (s *sight) shows(w *work, t *test) bool {
	for i := range s.roots {
		if t.holds(w, s, &s.roots[i]) {
			return !w.exhausted()
		}
	}
	return false
}

func readInstant(data *value, property string) (instant, error) {
	t, err := stix.ParseTimestamp(data.textOf(property))
	if err != nil {
		return instant{}, fmt.Errorf("%s: %w", property, err)
	}
	return instantOf(t), nil
}
