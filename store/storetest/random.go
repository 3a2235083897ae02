package storetest

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// testModel does random things to a collection and to the model of it.
func testModel(t *testing.T, at placer) {
	f := open(t, at)
	rapid.Check(t, func(rt *rapid.T) {
		m := &machine{c: f.twin(rt)}
		other := f.twin(rt)
		other.put(numbered("other", 2)...)
		rt.Repeat(rapid.StateMachineActions(m))
		other.walk(store.Query{})
		f.bury(rt)
	})
}

// machine is the state of one random run. Its exported methods are the things that can happen.
type machine struct {
	c       *twin
	saved   []bookmark
	changed bool // since the last check
}

// bookmark is a cursor that a client keeps, with the filters it came from.
type bookmark struct {
	cursor string
	query  store.Query
	after  uint64
}

// The pools are small so that everything meets everything: six objects, one of them in both
// spec versions, with versions that differ in text only, in the twelfth digit only, or by years.
func anyShape(t *rapid.T) shape {
	s := rapid.SampledFrom([]shape{
		{name: "a"}, {name: "a", spec: stix.Spec20}, {name: "b"},
		{typ: "ipv4-addr", name: "c"}, {typ: "x-thing", name: "d"},
		{typ: "x-thing", name: "d", spec: stix.Spec20}, {typ: "x-thing", name: "e"},
		{typ: "marking-definition", name: "f", created: "2019-01-01T00:00:00Z"},
	}).Draw(t, "shape")
	unversioned := s.typ == "ipv4-addr" || s.typ == "x-thing" && rapid.Bool().Draw(t, "unversioned")
	if !unversioned && s.created == "" {
		s.modified = rapid.SampledFrom(anyVersions()).Draw(t, "modified")
	}
	s.note = rapid.SampledFrom([]string{"", "n", "longer note"}).Draw(t, "note")
	return s
}

func anyVersions() []string {
	return []string{
		"2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000Z", "2020-01-01T00:00:00.0000000Z",
		"2020-01-01T00:00:00.000000000001Z", "2020-01-01T00:00:00.000001Z",
		"2020-01-01T00:00:00.000001000Z", "2004-06-01T08:00:00.5Z", "2031-12-31T23:59:59.999Z",
	}
}

// Add adds a batch. One in four carries dates to keep, as an import does.
func (m *machine) Add(t *rapid.T) {
	n := rapid.IntRange(0, 6).Draw(t, "objects")
	keep := rapid.IntRange(0, 3).Draw(t, "keep dates") == 0
	batch := make([]store.Incoming, n)
	for i := range batch {
		batch[i].Object = anyShape(t).object()
		batch[i].Marks = rapid.SampledFrom([]string{"a", "a", "b", "c", ""}).Draw(t, "marks")
		if keep && rapid.Bool().Draw(t, "keep this") {
			offset := rapid.Int64Range(-3000, 5000).Draw(t, "microseconds")
			batch[i].DateAdded = m.c.f.clock.now().Add(time.Duration(offset) * time.Microsecond)
		}
	}
	m.c.t, m.changed = t, true
	m.c.add(batch...)
}

func (m *machine) Delete(t *rapid.T) {
	m.c.t, m.changed = t, true
	id := anyShape(t).identifier()
	m.c.deleteOf(id, store.Choice{
		Versions:     m.versions(t),
		SpecVersions: rapid.SampledFrom(specChoices()).Draw(t, "specs"),
		Released:     anyReader(t),
	})
}

// Drop is rare, since nothing much is left to look at after it.
func (m *machine) Drop(t *rapid.T) {
	if rapid.IntRange(0, 4).Draw(t, "drop") > 0 {
		t.Skip("not this time")
	}
	m.c.t, m.changed = t, true
	m.c.drop()
}

// Advance is rare too: it takes the dates away that an import would keep.
func (m *machine) Advance(t *rapid.T) {
	if rapid.IntRange(0, 4).Draw(t, "advance") > 0 {
		t.Skip("not this time")
	}
	m.c.t, m.changed = t, true
	offset := rapid.Int64Range(-3000, 3000).Draw(t, "microseconds")
	m.c.advance(m.c.f.clock.now().Add(time.Duration(offset) * time.Microsecond))
}

// Clock moves time: not at all, a little, a lot, or back.
func (m *machine) Clock(t *rapid.T) {
	m.c.f.clock.move(rapid.SampledFrom([]time.Duration{
		time.Nanosecond, time.Microsecond, 700 * time.Microsecond, time.Second, 24 * time.Hour,
		-time.Microsecond, -time.Hour,
	}).Draw(t, "move"))
}

// Swap goes on in another process, where there can be several.
func (m *machine) Swap(t *rapid.T) {
	if !m.c.f.place.Shared {
		t.Skip("one process")
	}
	m.c.f.swap(t)
	m.changed = true
}

// Stop ends the process and starts another, one time in three in good order.
func (m *machine) Stop(t *rapid.T) {
	m.changed = true
	switch rapid.IntRange(0, 5).Draw(t, "stop") {
	case 0:
		m.c.f.reopen(t)
	case 1, 2:
		m.c.f.crash(t)
	default:
		t.Skip("not this time")
	}
}

// Query walks the pages of a query with a limit that differs from page to page, repeating
// the filters or leaving them to the cursor.
func (m *machine) Query(t *rapid.T) {
	m.c.t = t
	q := m.query(t)
	m.pages(t, q, q, 0)
}

// Resume goes on from a cursor of earlier, with some filters given anew.
func (m *machine) Resume(t *rapid.T) {
	if len(m.saved) == 0 {
		t.Skip("no cursor yet")
	}
	m.c.t = t
	from := rapid.SampledFrom(m.saved).Draw(t, "bookmark")
	q := m.query(t)
	if rapid.Bool().Draw(t, "no filters") {
		q = store.Query{Limit: q.Limit, MaxBytes: q.MaxBytes, WithoutRaw: q.WithoutRaw,
			Released: q.Released}
	}
	want := override(from.query, q)
	q.Cursor = from.cursor
	m.pages(t, q, want, from.after)
}

// Check holds after whatever happened.
func (m *machine) Check(t *rapid.T) {
	if !m.changed {
		return
	}
	m.c.t, m.changed = t, false
	m.c.check()
	m.c.checkHas(shape{name: "a"}.identifier())
}

func (m *machine) pages(t *rapid.T, q, want store.Query, after uint64) {
	for {
		p := m.c.page(q, want, after)
		if !p.More {
			return
		}
		after = last(p).Position
		m.saved = append(m.saved, bookmark{p.Next, want, after})
		if rapid.Bool().Draw(t, "repeat filters") {
			q = want
		} else {
			q = store.Query{WithoutRaw: want.WithoutRaw, MaxBytes: want.MaxBytes,
				Released: want.Released}
		}
		q.Cursor, q.Limit = p.Next, rapid.IntRange(1, 4).Draw(t, "limit")
		want.Limit = q.Limit
	}
}

// override is what a query means that continues an earlier one.
func override(old, q store.Query) store.Query {
	if q.AddedAfter.IsZero() {
		q.AddedAfter = old.AddedAfter
	}
	if q.IDs == nil {
		q.IDs = old.IDs
	}
	if q.Types == nil {
		q.Types = old.Types
	}
	if q.SpecVersions == nil {
		q.SpecVersions = old.SpecVersions
	}
	if q.Versions.IsZero() {
		q.Versions = old.Versions
	}
	return q
}

func (m *machine) query(t *rapid.T) store.Query {
	return store.Query{
		AddedAfter:   m.addedAfter(t),
		Limit:        rapid.SampledFrom([]int{1, 2, 3, 5, 0, -1, 1 << 40}).Draw(t, "limit"),
		IDs:          anySubset(t, "ids", m.ids()),
		Types:        anySubset(t, "types", []string{"indicator", "x-thing", "ipv4-addr", "tool"}),
		Versions:     m.versions(t),
		SpecVersions: rapid.SampledFrom(specChoices()).Draw(t, "specs"),
		MaxBytes:     rapid.SampledFrom([]int{0, 0, 1, 400, 900, -1}).Draw(t, "bytes"),
		WithoutRaw:   rapid.Bool().Draw(t, "without raw"),
		Released:     anyReader(t),
	}
}

// anyReader is anyone, with a cursor of their own or of somebody else.
func anyReader(t *rapid.T) store.Released {
	return readers()[rapid.IntRange(0, len(readers())-1).Draw(t, "reader")]
}

func (m *machine) ids() []string {
	ids := []string{shape{name: "unknown"}.identifier()}
	for _, e := range m.c.m.entries {
		ids = append(ids, e.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func specChoices() [][]string {
	return [][]string{nil, nil, {stix.Spec20}, {stix.Spec21}, {stix.Spec21, stix.Spec20}, {"2.2"}}
}

// addedAfter is none, the date of an entry, or a little beside it.
func (m *machine) addedAfter(t *rapid.T) time.Time {
	if len(m.c.m.entries) == 0 || rapid.Bool().Draw(t, "from the start") {
		return time.Time{}
	}
	e := rapid.SampledFrom(m.c.m.entries).Draw(t, "added after")
	return e.DateAdded.Add(rapid.SampledFrom([]time.Duration{
		0, 0, -time.Nanosecond, time.Nanosecond, -time.Microsecond, time.Microsecond,
		time.Millisecond, -time.Hour, time.Hour,
	}).Draw(t, "beside"))
}

func (m *machine) versions(t *rapid.T) store.Versions {
	v := store.Versions{
		All:   rapid.IntRange(0, 3).Draw(t, "all") == 0,
		First: rapid.IntRange(0, 2).Draw(t, "first") == 0,
		Last:  rapid.IntRange(0, 2).Draw(t, "last") == 0,
	}
	for range rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3}).Draw(t, "exact") {
		v.Exact = append(v.Exact, m.instant(t))
	}
	return v
}

// instant is the version of some entry, or of none.
func (m *machine) instant(t *rapid.T) stix.Timestamp {
	if len(m.c.m.entries) > 0 && rapid.Bool().Draw(t, "of an entry") {
		return rapid.SampledFrom(m.c.m.entries).Draw(t, "entry").shown()
	}
	return exact(rapid.SampledFrom(anyVersions()).Draw(t, "version")).Exact[0]
}

// anySubset is nil half of the time, else up to three of the values, repeats included.
func anySubset(t *rapid.T, label string, values []string) []string {
	if rapid.Bool().Draw(t, "any "+label) {
		return nil
	}
	return rapid.SliceOfN(rapid.SampledFrom(values), 1, 3).Draw(t, label)
}
