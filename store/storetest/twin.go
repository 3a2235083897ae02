package storetest

import (
	"context"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// twin is one collection twice, in a store and as a model. Whatever is done to it is done to
// both, and they have to agree.
type twin struct {
	t    rapid.TB
	f    *fixture
	name string
	m    model
}

func (f *fixture) twin(t rapid.TB) *twin {
	return &twin{t: t, f: f, name: f.collection()}
}

// put adds objects as one batch.
func (c *twin) put(objects ...stix.Object) []store.Added {
	c.t.Helper()
	return c.add(incoming(objects...)...)
}

// add adds a batch, some of which may bring dates to keep.
func (c *twin) add(batch ...store.Incoming) []store.Added {
	c.t.Helper()
	added, err := c.f.store.Add(context.Background(), c.name, batch)
	if err != nil {
		c.t.Fatalf("Add: %v", err)
	}
	c.m.add(c.t, c.f.clock.now(), batch, added)
	return added
}

func (c *twin) delete(id string, v store.Versions, specs ...string) {
	c.t.Helper()
	c.deleteOf(id, store.Choice{Versions: v, SpecVersions: specs})
}

// deleteOf deletes what a reader has in view.
func (c *twin) deleteOf(id string, choice store.Choice) {
	c.t.Helper()
	got, err := c.f.store.Delete(context.Background(), c.name, id, choice)
	if err != nil {
		c.t.Fatalf("Delete: %v", err)
	}
	equal(c.t, "number of entries deleted", c.m.delete(id, choice), got)
}

func (c *twin) drop() {
	c.t.Helper()
	if err := c.f.store.Drop(context.Background(), c.name); err != nil {
		c.t.Fatalf("Drop: %v", err)
	}
	c.m.drop()
}

// advance moves the end of the collection, as the copy of another one does.
func (c *twin) advance(end time.Time) {
	c.t.Helper()
	if err := c.f.store.Advance(context.Background(), c.name, end); err != nil {
		c.t.Fatalf("Advance to %v: %v", end, err)
	}
	c.m.advance(end)
}

// page reads one page. Want is the query without its cursor: what the store has to answer
// after a position.
func (c *twin) page(q, want store.Query, after uint64) store.Page {
	c.t.Helper()
	got, err := c.f.store.Page(context.Background(), c.name, q)
	if err != nil {
		c.t.Fatalf("Page of %+v: %v", q, err)
	}
	c.checkPage(q, c.m.page(want, after), got)
	return got
}

func (c *twin) checkPage(q store.Query, want, got store.Page) {
	c.t.Helper()
	if diff := cmp.Diff(texts(want.Entries), texts(got.Entries)); diff != "" {
		c.t.Fatalf("page of %+v (-want +got):\n%s", q, diff)
	}
	equal(c.t, "More", want.More, got.More)
	if got.More != (got.Next != "") {
		c.t.Fatalf("page of %+v has More %v and Next %q", q, got.More, got.Next)
	}
	for _, e := range got.Entries {
		if e.DateAdded.Location() != time.UTC || (e.Raw == nil) != q.WithoutRaw {
			c.t.Fatalf("page of %+v has a date in %v, raw %v", q, e.DateAdded.Location(), e.Raw)
		}
	}
}

// walk reads all pages of a query and returns their entries.
func (c *twin) walk(q store.Query) []store.Entry {
	c.t.Helper()
	want, after := q, uint64(0)
	var all []store.Entry
	for {
		p := c.page(q, want, after)
		all = append(all, p.Entries...)
		if !p.More {
			return all
		}
		q.Cursor, after = p.Next, last(p).Position
	}
}

// check compares all that can be asked of the collection without a query.
func (c *twin) check() {
	c.t.Helper()
	got, err := c.f.store.Stats(context.Background(), c.name)
	if err != nil {
		c.t.Fatalf("Stats: %v", err)
	}
	want := c.m.stats()
	want.Revision = got.Revision // as the store likes
	equal(c.t, "Stats", want, got)
}

func (c *twin) checkHas(id string) {
	c.t.Helper()
	for _, r := range readers() {
		got, err := c.f.store.Has(context.Background(), c.name, id, r)
		if err != nil {
			c.t.Fatalf("Has: %v", err)
		}
		equal(c.t, "Has", c.m.has(id, r), got)
	}
}

// entryText is an entry that shows its bytes as text in a difference.
type entryText struct {
	store.Entry
	Raw string
}

func texts(entries []store.Entry) []entryText {
	list := make([]entryText, len(entries))
	for i, e := range entries {
		list[i] = entryText{e, string(e.Raw)}
		list[i].Entry.Raw = nil
	}
	return list
}

func last(p store.Page) store.Entry { return p.Entries[len(p.Entries)-1] }

func equal(t rapid.TB, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}
