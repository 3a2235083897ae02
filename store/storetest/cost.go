package storetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// perEntry and perValue bound what a page may read: records per entry of the page, one more
// than it has, since a store has to look whether another follows; and records to find the
// start of every combination of values that the filters name.
const (
	perEntry = 4
	perValue = 16
)

// testCost asserts point 6 of the contract on a collection made to break it: most of what it
// holds is what some filter leaves out.
func testCost(t *testing.T, at placer) {
	f := open(t, at)
	c, size := f.twin(t), costSize
	if f.place.Scans {
		size = costSize / 40
	}
	c.fillForCost(size)
	c.check()
	t.Run("Filled", func(t *testing.T) {
		c.walkShapes(t, size, time.Time{}, store.Versions{}, store.Versions{All: true},
			store.Versions{First: true, Last: true, Exact: exact(version(shared)).Exact},
			exact(version(shared)), exact(version(shared), version(size*9/10)))
	})
	t.Run("AddedAfter", func(t *testing.T) {
		middle := c.m.entries[len(c.m.entries)/2].DateAdded
		c.walkShapes(t, size, middle, store.Versions{}, exact(version(shared)))
	})
	t.Run("Marks", func(t *testing.T) { costOfMarks(t, f, size/5) })
	t.Run("MostLimit", func(t *testing.T) { mostLimit(t, f) })
	t.Run("AfterDeletes", func(t *testing.T) {
		// A stretch of the order and of one object's versions is gone and must cost nothing.
		var gone store.Versions
		for _, e := range c.m.entries {
			if e.ID == deepID() && len(gone.Exact) < size/5 {
				gone.Exact = append(gone.Exact, e.instant)
			}
		}
		c.delete(deepID(), gone)
		c.delete(hiddenID(), store.Versions{})
		c.walkShapes(t, size, time.Time{}, store.Versions{}, store.Versions{All: true})
	})
}

// costSize is how many objects the collection has, and how many versions its deepest one.
const costSize = 10_000

const shared = 7 // the version that half of all objects have

func deepID() string   { return shape{name: "deep"}.identifier() }
func hiddenID() string { return shape{name: "hidden"}.identifier() }

// fillForCost adds as many versions of one object, in no order, as it adds objects. Of these ten
// are of a rare type, half share a version and some are hidden behind a newer spec version. One
// object more has a fifth of as many versions, which one newer version hides at once.
func (c *twin) fillForCost(size int) {
	c.t.Helper()
	var objects []stix.Object
	rarity := size / 10
	versions := rand.New(rand.NewPCG(1, 2)).Perm(size)
	for i, n := range versions {
		objects = append(objects, shape{name: "deep", modified: version(n)}.object())
		s := shape{name: strconv.Itoa(i), modified: version(i)}
		if i%2 == 0 {
			s.modified = version(shared)
		}
		switch {
		case i%rarity == 2:
			s.typ = "x-rare"
		case i%rarity == 3:
			s.spec = stix.Spec20
		case i%(rarity/2) == 5:
			s.typ, s.modified = "ipv4-addr", ""
		case i%4 == 2:
			objects = append(objects, s.older())
		}
		objects = append(objects, s.object())
		if i%5 == 0 {
			objects = append(objects, shape{name: "hidden", modified: version(n)}.older())
		}
	}
	objects = append(objects, shape{name: "hidden", modified: version(1)}.object())
	c.fill(objects)
}

// fill adds objects that are all new, which the model would take long to find out.
func (c *twin) fill(objects []stix.Object) {
	c.t.Helper()
	for batch := range slices.Chunk(objects, 1000) {
		added, err := c.f.store.Add(context.Background(), c.name, incoming(batch...))
		if err != nil {
			c.t.Fatalf("Add: %v", err)
		}
		for i, a := range added {
			c.m.append(store.Incoming{Object: batch[i], Marks: "a"}, a)
		}
	}
}

// older is the same object in STIX 2.0.
func (s shape) older() stix.Object {
	s.spec = stix.Spec20
	return s.object()
}

// walkShapes holds pages of every filter with each of some choices of versions against the
// bound.
func (c *twin) walkShapes(
	t *testing.T, size int, after time.Time, choices ...store.Versions,
) {
	for _, choice := range choices {
		for i, q := range costFilters(size) {
			q.Versions, q.AddedAfter = choice, after
			t.Run(fmt.Sprintf("%s/%d", name(choice), i), func(t *testing.T) {
				c.walkShape(t, q)
			})
		}
	}
}

func costFilters(size int) []store.Query {
	older, both := []string{stix.Spec20}, []string{stix.Spec21, stix.Spec20}
	rare, common := []string{"x-rare"}, []string{"indicator"}
	var many []string
	for i := range 50 {
		many = append(many, shape{name: strconv.Itoa(i * size / 100)}.identifier())
	}
	return []store.Query{
		{}, {SpecVersions: older}, {SpecVersions: both}, {SpecVersions: []string{"2.2"}},
		{Types: rare}, {Types: common}, {Types: []string{"unknown"}}, {Types: append(rare, common...)},
		{Types: common, SpecVersions: older}, {Types: rare, SpecVersions: older},
		{IDs: []string{deepID()}}, {IDs: []string{hiddenID()}}, {IDs: many},
		{IDs: []string{hiddenID()}, SpecVersions: both}, {IDs: append(many, deepID())},
		{IDs: []string{deepID()}, Types: rare}, {IDs: []string{deepID()}, SpecVersions: older},
		{IDs: many, Types: common}, {IDs: []string{shape{name: "unknown"}.identifier()}},
	}
}

// walkShape reads short pages at the beginning, in the middle and at the end of what matches
// q, and a long one.
func (c *twin) walkShape(t *testing.T, q store.Query) {
	q.WithoutRaw = true
	matches := c.matches(q)
	starts := []int{0, len(matches) / 2, len(matches) - 11, len(matches) - 1}
	for _, start := range starts {
		if start < 0 || start > 0 && len(matches) < 12 {
			continue // a short list is one page
		}
		at := c.startAt(t, q, matches, start)
		for _, at.Limit = range []int{1, 10} {
			c.costOf(t, at, matches[start:])
		}
	}
	q.Limit = 200
	c.costOf(t, q, matches)
}

// startAt returns q with a cursor that starts at one of its matches. The date helps to get
// hold of the cursor; the query then names an early one, so that only the cursor is deep.
func (c *twin) startAt(t *testing.T, q store.Query, matches []modelEntry, start int) store.Query {
	t.Helper()
	if start == 0 {
		return q
	}
	before := q
	before.Limit, before.AddedAfter = 1, matches[start-1].DateAdded.Add(-time.Microsecond)
	q.Cursor = c.costOf(t, before, matches[start-1:]).Next
	if q.AddedAfter.IsZero() {
		q.AddedAfter = time.Unix(1, 0)
	}
	return q
}

// costOf reads a page, which has to hold the first of matches, and asserts its cost.
func (c *twin) costOf(t *testing.T, q store.Query, matches []modelEntry) store.Page {
	t.Helper()
	p, err := c.f.store.Page(context.Background(), c.name, q)
	if err != nil {
		t.Fatalf("Page: %v", err)
	}
	n := min(q.Limit, len(matches))
	same := slices.EqualFunc(matches[:n], p.Entries,
		func(want modelEntry, got store.Entry) bool { return want.Position == got.Position })
	if !same || p.More != (n < len(matches)) {
		t.Fatalf("page of %d has %d entries and More %v; %d match, the first at positions %v",
			q.Limit, len(p.Entries), p.More, len(matches), positions(matches[:min(n, 10)]))
	}
	bound := perEntry*(n+1) + perValue*values(q)*max(1, len(c.m.marks)*len(c.m.marks))
	if p.Examined > bound || p.Examined < n {
		t.Fatalf("%d records read for a page of %d of %d matches; at most %d are allowed",
			p.Examined, n, len(matches), bound)
	}
	return p
}

func positions(entries []modelEntry) []uint64 {
	var list []uint64
	for _, e := range entries {
		list = append(list, e.Position)
	}
	return list
}

// values counts the combinations of values that the filters of q name.
func values(q store.Query) int {
	specs := len(q.SpecVersions)
	if q.SpecVersions == nil {
		specs = 2
	}
	versions := len(q.Versions.Exact)
	for _, set := range []bool{q.Versions.All, q.Versions.First, q.Versions.Last} {
		if set {
			versions++
		}
	}
	return max(1, len(q.IDs)) * max(1, len(q.Types)) * max(1, specs) * max(1, versions)
}

// matches returns all entries that match q.
func (c *twin) matches(q store.Query) []modelEntry {
	var list []modelEntry
	entries := c.m.released(q.Released)
	judged := judge(entries)
	for _, e := range entries {
		if e.passes(q) && judged.choose(e, q.Versions, q.SpecVersions) {
			list = append(list, e)
		}
	}
	return list
}

// mostLimit asks for more than a page may hold, of a collection that has as much.
func mostLimit(t *testing.T, f *fixture) {
	c := f.twin(t)
	c.fill(numbered("", store.MaxLimit+1))
	q := store.Query{Versions: store.Versions{All: true}, WithoutRaw: true}
	for _, limit := range []int{0, -5, store.MaxLimit + 1} {
		q.Limit = limit
		p, err := c.f.store.Page(context.Background(), c.name, q)
		if err != nil {
			t.Fatalf("Page: %v", err)
		}
		equal(t, "length of the longest page", store.MaxLimit, len(p.Entries))
		equal(t, "More", true, p.More)
	}
}

func name(v store.Versions) string {
	text := ""
	for _, part := range []struct {
		set  bool
		name string
	}{
		{v.IsZero(), "Default"}, {v.All, "All"}, {v.First, "First"}, {v.Last, "Last"},
		{len(v.Exact) == 1, "Exact"}, {len(v.Exact) > 1, "SeveralExact"},
	} {
		if part.set {
			text += part.name
		}
	}
	return text
}
