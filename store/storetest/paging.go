package storetest

import (
	"context"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// testPages is about pages while the collection changes between them.
func testPages(t *testing.T, at placer) {
	t.Run("EveryLimit", func(t *testing.T) { everyLimit(t, at) })
	t.Run("LastPageIsFull", func(t *testing.T) { lastPageIsFull(t, at) })
	t.Run("AddedBetween", func(t *testing.T) { addedBetween(t, at) })
	t.Run("DeletedBetween", func(t *testing.T) { deletedBetween(t, at) })
	t.Run("NewVersionBetween", func(t *testing.T) { newVersionBetween(t, at) })
	t.Run("DroppedBetween", func(t *testing.T) { droppedBetween(t, at) })
	t.Run("AddedAfter", func(t *testing.T) { addedAfter(t, at) })
	t.Run("WithoutRaw", func(t *testing.T) { withoutRaw(t, at) })
	t.Run("MaxBytes", func(t *testing.T) { maxBytes(t, at) })
}

// maxBytes bounds pages by what their objects weigh, for small and large objects mixed.
func maxBytes(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	batch := numbered("", 9)
	for _, i := range []int{0, 4, 5} {
		batch[i] = shape{name: "large", modified: version(i + 1), note: strings.Repeat("x", 3000)}.object()
	}
	c.put(batch...)
	for _, most := range []int{1, len(batch[1].Raw), 2 * len(batch[1].Raw), 3000, 6500, 1 << 30} {
		for _, limit := range []int{2, 100} {
			q := store.Query{Versions: store.Versions{All: true}, MaxBytes: most, Limit: limit}
			c.walk(q)
			q.WithoutRaw = true
			c.walk(q)
		}
	}
}

func everyLimit(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	c.put(numbered("", 12)...)
	for limit := -1; limit <= 14; limit++ {
		equal(t, "number of entries", 12, len(c.walk(store.Query{Limit: limit})))
	}
}

// lastPageIsFull has pages end where the matches end although more entries follow: a client
// that is promised more must get some.
func lastPageIsFull(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	c.put(numbered("", 4)...)
	c.put(shape{typ: "x-thing", name: "t"}.object(), shape{name: "0", modified: version(50)}.object())
	for _, q := range []store.Query{
		{Types: []string{"indicator"}, Versions: store.Versions{First: true}},
		{SpecVersions: []string{stix.Spec21}, Types: []string{"indicator"}},
		{Versions: exact(version(1), version(2))},
		{IDs: []string{shape{name: "1"}.identifier()}},
	} {
		for limit := 1; limit <= 4; limit++ {
			q.Limit = limit
			c.walk(q)
		}
	}
}

// steps walks in pages of two and calls between after each page but the last.
func (c *twin) steps(q store.Query, between func(p store.Page)) []store.Entry {
	c.t.Helper()
	q.Limit = 2
	want, after := q, uint64(0)
	var all []store.Entry
	for {
		p := c.page(q, want, after)
		all = append(all, p.Entries...)
		if !p.More {
			return all
		}
		q.Cursor, after = p.Next, last(p).Position
		between(p)
	}
}

func addedBetween(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	c.put(numbered("old", 9)...)
	fresh := numbered("new", 4)
	got := c.steps(store.Query{}, func(store.Page) {
		if len(fresh) > 0 {
			c.put(fresh[0])
			fresh = fresh[1:]
		}
	})
	equal(t, "number of entries", 13, len(got))
}

// deletedBetween removes what was just read, what the cursor stands on and what comes next.
func deletedBetween(t *testing.T, at placer) {
	for _, offset := range []int{-1, 0, 1, 2} {
		c := open(t, at).twin(t)
		c.put(numbered("", 12)...)
		c.steps(store.Query{}, func(p store.Page) {
			for i, e := range c.m.entries {
				if e.Position == last(p).Position && i+offset < len(c.m.entries) {
					c.delete(c.m.entries[i+offset].ID, store.Versions{})
					return
				}
			}
		})
		c.check()
	}
}

// newVersionBetween moves objects to the end while pages are read: each is met in its newest
// version, and again when that came later.
func newVersionBetween(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	c.put(numbered("", 8)...)
	n := 0
	c.steps(store.Query{}, func(store.Page) {
		if n < 6 {
			c.put(shape{name: string(rune('0' + n)), modified: version(100 + n)}.object())
			c.delete(shape{name: "7"}.identifier(), store.Versions{Last: true})
			n++
		}
	})
	c.check()
}

func droppedBetween(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	c.put(numbered("", 8)...)
	dropped := false
	got := c.steps(store.Query{}, func(store.Page) {
		if !dropped {
			c.drop()
			c.put(numbered("", 3)...)
		}
		dropped = true
	})
	equal(t, "number of entries", 2+3, len(got))
}

func addedAfter(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	for range 3 {
		c.put(numbered(f.collection(), 4)...)
	}
	for _, e := range c.walk(store.Query{}) {
		for _, beside := range []int{-1000, -1, 0, 1, 999, 1000} {
			after := e.DateAdded.Add(nanoseconds(beside))
			c.walk(store.Query{AddedAfter: after, Limit: 3})
			c.walk(store.Query{AddedAfter: after, Types: []string{"indicator"}})
			c.walk(store.Query{AddedAfter: after, IDs: []string{e.ID}})
		}
	}
	c.walk(store.Query{AddedAfter: f.clock.now().AddDate(900, 0, 0)})
	c.walk(store.Query{AddedAfter: f.clock.now().AddDate(-900, 0, 0)})
	// Another offset is another text of the same instant.
	c.walk(store.Query{AddedAfter: f.clock.now().In(elsewhere())})
}

func withoutRaw(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	c.put(numbered("", 5)...)
	want := c.walk(store.Query{WithoutRaw: true, Limit: 2})
	got, err := c.f.store.Page(context.Background(), c.name, store.Query{WithoutRaw: true})
	if err != nil {
		t.Fatalf("Page: %v", err)
	}
	equal(t, "entries without bytes", want, got.Entries)
}
