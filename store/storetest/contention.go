package storetest

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// testContention has writers meet, in one process and in several where there can be.
func testContention(t *testing.T, at placer) {
	t.Run("BatchesStayWhole", func(t *testing.T) { batchesStayWhole(t, at) })
	t.Run("SameObjectsFromEverywhere", func(t *testing.T) { sameObjects(t, at) })
	t.Run("AddsAndDeletes", func(t *testing.T) { addsAndDeletes(t, at) })
}

// batchesStayWhole asserts that the entries of one call stand together, and end on a whole
// millisecond, when all writers are in one process.
func batchesStayWhole(t *testing.T, at placer) {
	f := open(t, at)
	const writers, batches, size = 6, 20, 5
	var wg sync.WaitGroup
	owner := map[string]string{} // batch by object id
	for w := range writers {
		var mine [][]stix.Object
		for b := range batches {
			prefix := strconv.Itoa(w) + "/" + strconv.Itoa(b) + "/"
			mine = append(mine, numbered(prefix, size))
			for _, o := range mine[b] {
				owner[o.ID] = prefix
			}
		}
		wg.Go(func() {
			for _, batch := range mine {
				if _, err := f.store.Add(context.Background(), "c", incoming(batch...)); err != nil {
					t.Errorf("Add: %v", err)
				}
			}
		})
	}
	wg.Wait()
	entries := f.adopt(t, "c").walk(store.Query{})
	equal(t, "number of entries", writers*batches*size, len(entries))
	for chunk := range slices.Chunk(entries, size) {
		for _, e := range chunk {
			equal(t, "batch of entry "+strconv.FormatUint(e.Position, 10), owner[chunk[0].ID], owner[e.ID])
		}
		if end := chunk[size-1].DateAdded; !end.Equal(end.Truncate(time.Millisecond)) {
			t.Fatalf("a batch ends on %v, which is no whole millisecond", end)
		}
	}
}

// sameObjects has everybody add the same objects at once, each in an order of their own: one
// of them is told that an object was new, and all are told of the same entry.
func sameObjects(t *testing.T, at placer) {
	f := open(t, at)
	objects := append(numbered("", 30), shape{typ: "ipv4-addr", name: "a"}.object())
	type answer struct {
		id string
		store.Added
	}
	answers := make([][]answer, 5)
	var wg sync.WaitGroup
	for w := range answers {
		s := f.handle(t)
		wg.Go(func() {
			mine := slices.Clone(objects)
			random := rand.New(rand.NewPCG(2, uint64(w)))
			random.Shuffle(len(mine), func(i, j int) { mine[i], mine[j] = mine[j], mine[i] })
			for batch := range slices.Chunk(mine, 7) {
				added, err := s.Add(context.Background(), "c", incoming(batch...))
				if err != nil {
					t.Errorf("Add: %v", err)
					return
				}
				for i, a := range added {
					answers[w] = append(answers[w], answer{batch[i].ID, a})
				}
			}
		})
	}
	wg.Wait()
	fresh := map[string]int{}
	stored := map[string]store.Entry{}
	for _, e := range f.adopt(t, "c").walk(store.Query{}) {
		stored[e.ID] = e
	}
	for _, a := range slices.Concat(answers...) {
		if a.New {
			fresh[a.id]++
		}
		e := stored[a.id]
		want := store.Added{Version: e.Version, Position: e.Position, DateAdded: e.DateAdded, New: a.New}
		equal(t, "what Add said of a stored entry", want, a.Added)
	}
	for _, o := range objects {
		equal(t, "writers to whom "+o.ID+" was new", 1, fresh[o.ID])
	}
}

// addsAndDeletes has versions of few objects come and go from everywhere. What is left must
// be in order in itself: first, last and latest where they belong, and the counts right.
func addsAndDeletes(t *testing.T, at placer) {
	f := open(t, at)
	var wg sync.WaitGroup
	for w := range 5 {
		s := f.handle(t)
		wg.Go(func() {
			random := rand.New(rand.NewPCG(3, uint64(w)))
			for range 40 {
				if err := addOrDelete(s, random); err != nil {
					t.Errorf("add or delete: %v", err)
					return
				}
			}
		})
	}
	wg.Wait()
	c := f.adopt(t, "c")
	c.walkVersions()
	c.walkSpecs()
	c.walkReaders()
	c.check()
}

func addOrDelete(s store.Store, random *rand.Rand) error {
	anything := func() shape {
		return shape{
			name:     strconv.Itoa(random.IntN(3)),
			spec:     []string{stix.Spec20, stix.Spec21}[random.IntN(2)],
			modified: version(random.IntN(6)),
		}
	}
	if random.IntN(3) > 0 {
		batch := incoming(anything().object(), anything().object())
		batch[0].Marks = []string{"a", "b", "c"}[random.IntN(3)]
		_, err := s.Add(context.Background(), "c", batch)
		return err
	}
	v := []store.Versions{{}, {First: true}, {Last: true}, exact(version(random.IntN(6)))}
	specs := [][]string{nil, {stix.Spec20}, {stix.Spec20, stix.Spec21}}
	_, err := s.Delete(context.Background(), "c", anything().identifier(), store.Choice{
		Versions: v[random.IntN(len(v))], SpecVersions: specs[random.IntN(len(specs))],
	})
	return err
}

// adopt returns a twin of a collection that others have filled, with a model made of all its
// entries. It asserts that they are in order.
func (f *fixture) adopt(t rapid.TB, name string) *twin {
	t.Helper()
	c := &twin{t: t, f: f, name: name}
	q := store.Query{
		Versions:     store.Versions{All: true},
		SpecVersions: []string{stix.Spec20, stix.Spec21},
	}
	for more := true; more; {
		p, err := f.store.Page(context.Background(), name, q)
		if err != nil {
			t.Fatalf("Page: %v", err)
		}
		for _, e := range p.Entries {
			if e.Position <= c.m.position || !e.DateAdded.After(c.m.date) {
				t.Fatalf("entry at %d, %v follows one at %d, %v",
					e.Position, e.DateAdded, c.m.position, c.m.date)
			}
			c.m.position, c.m.date = e.Position, e.DateAdded
			c.m.entries = append(c.m.entries, modelEntry{e, parse(string(e.Raw)).VersionTime()})
		}
		more, q.Cursor = p.More, p.Next
	}
	stats, err := f.store.Stats(context.Background(), name)
	if err != nil {
		t.Fatalf("Stats: %v", err)
	}
	c.m.date = later(c.m.date, stats.LastAdded) // the newest entry may be gone
	return c
}
