package storetest

import (
	"bytes"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// dateForm is how TAXII writes a timestamp, and so the version of an object without one.
const dateForm = "2006-01-02T15:04:05.000000Z"

// model is the contract for one collection, written for clarity alone: a slice of entries in
// their order, searched from end to end for everything.
type model struct {
	entries  []modelEntry
	marks    []string  // those that entries had since the last drop, as far as they count
	position uint64    // of the newest entry ever
	date     time.Time // of the newest entry ever
}

type modelEntry struct {
	store.Entry
	instant stix.Timestamp // of the version; zero for an object without one
}

// lineage is what versions are judged within.
type lineage struct{ id, spec string }

func (e modelEntry) lineage() lineage { return lineage{e.ID, e.SpecVersion} }

// add checks what a store said of a batch and takes the batch into the model.
func (m *model) add(t rapid.TB, now time.Time, batch []store.Incoming, got []store.Added) {
	t.Helper()
	if len(got) != len(batch) {
		t.Fatalf("Add of %d objects answered for %d", len(batch), len(got))
	}
	kept, fresh := false, false
	before := m.date
	for i, in := range batch {
		if old, ok := m.find(in.Object); ok {
			want := store.Added{Version: old.Version, Position: old.Position, DateAdded: old.DateAdded}
			equal(t, "Added of an object that was there already", want, got[i])
			continue
		}
		fresh = true
		kept = kept || !in.DateAdded.IsZero()
		m.checkNew(t, in, got[i])
		m.append(in, got[i])
	}
	if !fresh || kept {
		return
	}
	if !m.date.Equal(m.date.Truncate(time.Millisecond)) {
		t.Fatalf("a batch ends on %v, which is no whole millisecond", m.date)
	}
	span := time.Duration(len(batch))*time.Millisecond/store.MaxPerMillisecond + 2*time.Millisecond
	if latest := later(now, before).Add(span); m.date.After(latest) {
		t.Fatalf("a batch added at %v after %v is dated %v", now, before, m.date)
	}
	if m.date.Before(now.Truncate(time.Millisecond)) {
		t.Fatalf("a batch added at %v is dated %v", now, m.date)
	}
}

func (m *model) checkNew(t rapid.TB, in store.Incoming, got store.Added) {
	t.Helper()
	if !got.New {
		t.Fatalf("Add called %s %s known", in.Object.ID, in.Object.Version())
	}
	if got.Position <= m.position || !got.DateAdded.After(m.date) {
		t.Fatalf("entry at %d, %v follows one at %d, %v",
			got.Position, got.DateAdded, m.position, m.date)
	}
	if got.DateAdded.Location() != time.UTC || got.DateAdded.Nanosecond()%1000 != 0 {
		t.Fatalf("date added %v is not in UTC and whole microseconds", got.DateAdded)
	}
	if !in.DateAdded.IsZero() {
		want := in.DateAdded.Truncate(time.Microsecond)
		if !want.After(m.date) {
			want = m.date.Add(time.Microsecond)
		}
		equal(t, "kept date", want, got.DateAdded)
	}
	equal(t, "version of a new entry", versionText(in.Object, got.DateAdded), got.Version)
	sealed := in.Marks != "" && m.mark(in.Marks) == ""
	equal(t, "Sealed, of an entry with the marks "+in.Marks, sealed, got.Sealed)
}

func (m *model) append(in store.Incoming, a store.Added) {
	o := in.Object
	m.position, m.date = a.Position, a.DateAdded
	m.entries = append(m.entries, modelEntry{
		Entry: store.Entry{
			Position: a.Position, DateAdded: a.DateAdded, Version: a.Version,
			ID: o.ID, Type: o.Type, SpecVersion: o.SpecVersion, Raw: bytes.Clone(o.Raw),
			Marks: m.mark(in.Marks),
		},
		instant: o.VersionTime(),
	})
}

// mark returns what becomes of the marks of a new entry.
func (m *model) mark(marks string) string {
	switch {
	case marks == "" || len(marks) > store.MaxMarksLen:
		return ""
	case slices.Contains(m.marks, marks):
	case len(m.marks) == store.MaxMarks:
		return ""
	default:
		m.marks = append(m.marks, marks)
	}
	return marks
}

// released returns the entries that there are for a reader.
func (m *model) released(to store.Released) []modelEntry {
	if to == nil {
		return m.entries
	}
	var list []modelEntry
	for _, e := range m.entries {
		if e.Marks != "" && to(e.Marks) {
			list = append(list, e)
		}
	}
	return list
}

func (m *model) find(o stix.Object) (modelEntry, bool) {
	i := slices.IndexFunc(m.entries, func(e modelEntry) bool {
		return e.ID == o.ID && e.SpecVersion == o.SpecVersion &&
			e.instant.Compare(o.VersionTime()) == 0
	})
	if i < 0 {
		return modelEntry{}, false
	}
	return m.entries[i], true
}

// page returns the page of q after a position. Cursors are not of its concern.
func (m *model) page(q store.Query, after uint64) store.Page {
	limit := q.Limit
	if limit <= 0 || limit > store.MaxLimit {
		limit = store.MaxLimit
	}
	var p store.Page
	entries := m.released(q.Released)
	judged, size := judge(entries), 0
	for _, e := range entries {
		if e.Position <= after || !e.passes(q) || !judged.choose(e, q.Versions, q.SpecVersions) {
			continue
		}
		size += len(e.Raw)
		full := q.MaxBytes > 0 && size > q.MaxBytes && !q.WithoutRaw && len(p.Entries) > 0
		if len(p.Entries) == limit || full {
			p.More = true
			break
		}
		if q.WithoutRaw {
			e.Raw = nil
		}
		p.Entries = append(p.Entries, e.Entry)
	}
	return p
}

// passes applies the filters that need no other entry.
func (e modelEntry) passes(q store.Query) bool {
	return (q.AddedAfter.IsZero() || e.DateAdded.After(q.AddedAfter)) &&
		(q.IDs == nil || slices.Contains(q.IDs, e.ID)) &&
		(q.Types == nil || slices.Contains(q.Types, e.Type))
}

// delete removes what the arguments choose and returns how many entries went.
func (m *model) delete(id string, c store.Choice) int {
	v, specs := c.Versions, c.SpecVersions
	if whole := v.IsZero() || v.All; whole && specs == nil {
		v, specs = store.Versions{All: true}, []string{stix.Spec20, stix.Spec21}
	} else if whole {
		v.All = true
	}
	visible := m.released(c.Released)
	judged, going := judge(visible), map[uint64]bool{}
	for _, e := range visible {
		if e.ID == id && judged.choose(e, v, specs) {
			going[e.Position] = true
		}
	}
	m.entries = slices.DeleteFunc(m.entries, func(e modelEntry) bool { return going[e.Position] })
	return len(going)
}

// drop removes everything but the end.
func (m *model) drop() { m.entries, m.marks = nil, nil }

// advance makes the next entry come after a date, which positions have no part in.
func (m *model) advance(end time.Time) {
	m.date = later(m.date, end.UTC().Truncate(time.Microsecond))
}

// has reports whether there is any version of an object.
func (m *model) has(id string, to store.Released) bool {
	return slices.ContainsFunc(m.released(to), func(e modelEntry) bool { return e.ID == id })
}

func (m *model) stats() store.Stats {
	s := store.Stats{Entries: int64(len(m.entries)), LastAdded: m.date}
	seen := map[lineage]bool{}
	for _, e := range m.entries {
		s.Bytes += int64(len(e.Raw))
		seen[e.lineage()] = true
	}
	s.Objects = int64(len(seen))
	return s
}

// judgement is what can be said of versions only over all entries that there are for a reader.
type judgement struct {
	first, last map[lineage]stix.Timestamp
	latest      map[string]string // spec version by object id
}

func judge(entries []modelEntry) judgement {
	j := judgement{map[lineage]stix.Timestamp{}, map[lineage]stix.Timestamp{}, map[string]string{}}
	for _, e := range entries {
		if t, ok := j.first[e.lineage()]; !ok || e.instant.Compare(t) < 0 {
			j.first[e.lineage()] = e.instant
		}
		if t, ok := j.last[e.lineage()]; !ok || e.instant.Compare(t) > 0 {
			j.last[e.lineage()] = e.instant
		}
		j.latest[e.ID] = max(j.latest[e.ID], e.SpecVersion)
	}
	return j
}

// choose applies the filters by version and spec version to an entry.
func (j judgement) choose(e modelEntry, v store.Versions, specs []string) bool {
	if specs == nil {
		specs = []string{j.latest[e.ID]}
	}
	return slices.Contains(specs, e.SpecVersion) &&
		(v.All || v.First && e.instant == j.first[e.lineage()] ||
			(v.Last || v.IsZero()) && e.instant == j.last[e.lineage()] ||
			slices.Contains(v.Exact, e.shown()))
}

// shown is the instant that an exact version has to name.
func (e modelEntry) shown() stix.Timestamp {
	if e.instant.IsZero() {
		return stix.TimestampOf(e.DateAdded)
	}
	return e.instant
}

func versionText(o stix.Object, added time.Time) string {
	if v := o.Version(); v != "" {
		return v
	}
	return added.Format(dateForm)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
