package storetest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// testMarks is about readers to whom some entries are not released (point 7). Whatever such a
// reader asks is compared with a model that leaves those entries out before it does anything.
func testMarks(t *testing.T, at placer) {
	t.Run("NewestIsHidden", func(t *testing.T) { newestIsHidden(t, at) })
	t.Run("AnyOrderOfMarks", func(t *testing.T) { anyOrderOfMarks(t, at) })
	t.Run("SpecVersions", func(t *testing.T) { hiddenSpecVersion(t, at) })
	t.Run("SameVersionOtherMarks", func(t *testing.T) { sameVersionOtherMarks(t, at) })
	t.Run("Delete", func(t *testing.T) { deleteWhatIsReleased(t, at) })
	t.Run("TooMany", func(t *testing.T) { tooManyMarks(t, at) })
	t.Run("TooLong", func(t *testing.T) { tooLongMarks(t, at) })
	t.Run("AskedOnce", func(t *testing.T) { readerIsAskedOnce(t, at) })
	t.Run("CursorOfAnother", func(t *testing.T) { cursorOfAnother(t, at) })
	t.Run("Survive", func(t *testing.T) { marksSurvive(t, at) })
}

// released releases entries with these marks and no others.
func released(marks ...string) store.Released {
	return func(text string) bool { return slices.Contains(marks, text) }
}

// readers are kinds of readers. To be released to everybody is not to be released to anyone: what
// has no marks is for the first of them alone, who has no bounds.
func readers() []store.Released {
	return []store.Released{
		nil, released("a"), released("b"), released("a", "b"), released("b", "c"), released(),
		released(""), func(string) bool { return true },
	}
}

// walkReaders walks with every kind of reader for every choice of versions and spec versions.
func (c *twin) walkReaders() {
	c.t.Helper()
	for _, r := range readers() {
		for _, specs := range [][]string{nil, {stix.Spec20}, bothSpecs()} {
			for _, v := range []store.Versions{
				{}, {First: true}, {All: true}, {First: true, Last: true}, exact(version(2)),
				{Last: true, Exact: exact(version(1), version(3)).Exact},
			} {
				q := store.Query{Released: r, SpecVersions: specs, Versions: v, Limit: 2}
				c.walk(q)
				q.Types = []string{"indicator", "x-thing"}
				c.walk(q)
				q.Types, q.IDs = nil, c.ids()
				c.walk(q)
			}
		}
	}
}

// ids are those of all objects, and one of none.
func (c *twin) ids() []string {
	ids := []string{shape{name: "unknown"}.identifier()}
	for _, e := range c.m.entries {
		ids = append(ids, e.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// newestIsHidden makes an object stricter with its versions, and another one laxer.
func newestIsHidden(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	for n, marks := range []string{"a", "b", "c", "", "b"} {
		c.add(marked(marks, shape{name: "stricter", modified: version(n)}.object())...)
		c.add(marked(marks, shape{name: "laxer", modified: version(9 - n)}.object())...)
		c.walkReaders()
	}
	got := c.walk(store.Query{Released: released("a")})
	equal(t, "objects of the one who is cleared for the least", 2, len(got))
	c.checkHas(shape{name: "laxer"}.identifier())
	c.check()
}

// anyOrderOfMarks adds versions with marks in every order of both, in one batch and one by one.
func anyOrderOfMarks(t *testing.T, at placer) {
	f := open(t, at)
	for _, order := range [][]int{{1, 2, 3}, {1, 3, 2}, {2, 1, 3}, {2, 3, 1}, {3, 1, 2}, {3, 2, 1}} {
		for _, marks := range []string{"aab", "aba", "baa", "abc", "bab"} {
			one, each := f.twin(t), f.twin(t)
			var batch []store.Incoming
			for i, n := range order {
				o := shape{name: "a", modified: version(n)}.object()
				in := marked(string(marks[i]), o)
				each.add(in...)
				batch = append(batch, in...)
			}
			one.add(batch...)
			for _, c := range []*twin{one, each} {
				for _, r := range readers() {
					c.walk(store.Query{Released: r})
					c.walk(store.Query{Released: r, Versions: store.Versions{First: true}})
				}
			}
		}
	}
}

// hiddenSpecVersion is about an older spec version that is the latest one for some readers.
func hiddenSpecVersion(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	older := shape{name: "a", spec: stix.Spec20, modified: version(3)}
	c.add(marked("a", older.object())...)
	c.add(marked("b", shape{name: "a", modified: version(1)}.object())...)
	c.walkReaders()
	older.modified = version(4)
	c.add(marked("b", older.object())...)
	c.add(marked("c", shape{name: "a", modified: version(2)}.object())...)
	c.walkReaders()
	c.delete(older.identifier(), exact(version(1)))
	c.walkReaders()
	c.delete(older.identifier(), store.Versions{All: true}, stix.Spec21)
	c.walkReaders()
	c.check()
}

func sameVersionOtherMarks(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	o := shape{name: "a", modified: version(1)}.object()
	c.add(store.Incoming{Object: o, Marks: "a"}, store.Incoming{Object: o, Marks: "b"})
	c.add(store.Incoming{Object: o, Marks: "c"})
	sco := shape{typ: "ipv4-addr", name: "s"}.object()
	c.add(store.Incoming{Object: sco, Marks: "b"})
	c.add(store.Incoming{Object: sco, Marks: "a"})
	c.walkReaders()
	f.reopen(t)
	c.add(store.Incoming{Object: o, Marks: "b"})
	c.walkReaders()
}

// deleteWhatIsReleased deletes with the eyes of a reader: what is hidden stays.
func deleteWhatIsReleased(t *testing.T, at placer) {
	for _, v := range []store.Versions{
		{}, {First: true}, {Last: true}, {First: true, Last: true}, exact(version(2), version(3)),
	} {
		for _, r := range readers() {
			f := open(t, at)
			c := f.twin(t)
			for n, marks := range []string{"a", "a", "a", "c", "a", "b", "c"} {
				if n == 6 {
					n = -1 // the oldest version arrives last
				}
				c.add(marked(marks, shape{name: "a", modified: version(n)}.object(),
					shape{name: "a", spec: stix.Spec20, modified: version(n)}.object())...)
			}
			choice := store.Choice{Versions: v, Released: r}
			c.deleteOf(shape{name: "a"}.identifier(), choice)
			c.check()
			for _, r := range readers() {
				c.walk(store.Query{Released: r})
				c.walk(store.Query{Released: r, Versions: store.Versions{All: true},
					SpecVersions: bothSpecs()})
			}
			c.deleteOf(shape{name: "a"}.identifier(), choice)
			c.check()
			c.delete(shape{name: "a"}.identifier(), store.Versions{})
			c.walk(store.Query{SpecVersions: bothSpecs(), Versions: store.Versions{All: true}})
		}
	}
}

// tooManyMarks has one mark more than a collection may, and then drops it.
func tooManyMarks(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	fill := func(from int) {
		for n := from; n < from+store.MaxMarks+2; n++ {
			c.add(marked("m"+strconv.Itoa(n), shape{name: "a", modified: version(n)}.object(),
				shape{name: strconv.Itoa(n), modified: version(n)}.object())...)
		}
	}
	everything := func(string) bool { return true }
	fill(0)
	got := c.walk(store.Query{Released: everything})
	equal(t, "objects for somebody who is cleared for all marks", store.MaxMarks+1, len(got))
	c.walk(store.Query{Released: everything, Versions: store.Versions{All: true}})
	c.walk(store.Query{Released: released("m0")})
	f.reopen(t)
	c.add(marked("m1", shape{name: "late", modified: version(1)}.object())...)
	c.add(marked("new", shape{name: "later", modified: version(1)}.object())...)
	c.walk(store.Query{Released: everything})
	c.drop()
	fill(100)
	c.walk(store.Query{Released: everything})
	c.check()
}

func tooLongMarks(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	longest := strings.Repeat("é", store.MaxMarksLen/2)
	c.add(marked(longest, shape{name: "a", modified: version(1)}.object())...)
	c.add(marked(longest+"x", shape{name: "b", modified: version(1)}.object())...)
	got := c.walk(store.Query{Released: func(string) bool { return true }})
	equal(t, "objects for somebody who is cleared for all marks", 1, len(got))
	c.walk(store.Query{})
}

// readerIsAskedOnce counts the questions: they may cost a reader more than the page.
func readerIsAskedOnce(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	for n, marks := range []string{"a", "b", "a", "c", "b", "a"} {
		c.add(marked(marks, shape{name: "a", modified: version(n)}.object(),
			shape{name: "b" + marks, modified: version(n)}.object())...)
	}
	for _, q := range []store.Query{
		{}, {Versions: store.Versions{All: true}}, {IDs: c.ids()}, {Types: []string{"indicator"}},
		{Versions: exact(version(2), version(3))}, {IDs: c.ids(), Versions: exact(version(2))},
	} {
		asked := map[string]int{}
		q.Released = func(marks string) bool { asked[marks]++; return marks != "b" }
		if _, err := c.f.store.Page(context.Background(), c.name, q); err != nil {
			t.Fatalf("Page: %v", err)
		}
		for marks, n := range asked {
			if n > 1 || marks == "" {
				t.Errorf("asked %d times about %q for %+v", n, marks, q)
			}
		}
	}
}

// cursorOfAnother continues where somebody stopped who sees more.
func cursorOfAnother(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	for n := range 12 {
		marks := string("abc"[n%3])
		c.add(marked(marks, shape{name: strconv.Itoa(n), modified: version(n)}.object())...)
	}
	for limit := 1; limit < 12; limit++ {
		p := c.page(store.Query{Limit: limit}, store.Query{Limit: limit}, 0)
		for _, r := range readers() {
			want := store.Query{Released: r, Limit: 2}
			q := want
			q.Cursor = p.Next
			c.page(q, want, last(p).Position)
		}
	}
}

func marksSurvive(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	for n, marks := range []string{"a", "b", "c", "a"} {
		c.add(marked(marks, shape{name: "a", modified: version(n)}.object(),
			shape{name: marks, modified: version(n)}.object())...)
	}
	for _, stop := range []func(){func() { f.reopen(t) }, func() { f.crash(t) }, func() { f.swap(t) }} {
		stop()
		c.walkReaders()
		c.add(marked("b", shape{name: "a", modified: version(20 + len(c.m.entries))}.object())...)
		c.walkReaders()
	}
}

// costOfMarks asserts that a page costs a reader no more for what is hidden: with one entry in a
// thousand released, with all objects marked anew in their second version, and with one object
// of very many versions that differ in their marks.
func costOfMarks(t *testing.T, f *fixture, size int) {
	c := f.twin(t)
	var batch []store.Incoming
	for n := range size {
		marks := "a"
		if n%max(size/10, 1) == 3 {
			marks = "b"
		}
		o := shape{name: strconv.Itoa(n), modified: version(1)}
		batch = append(batch, marked(marks, o.object())...)
		o.modified = version(2)
		batch = append(batch, marked("c", o.object())...)
		o = shape{name: "deep", modified: version(n)}
		batch = append(batch, marked(string("ac"[n%2]), o.object())...)
	}
	for some := range slices.Chunk(batch, 1000) {
		added, err := c.f.store.Add(context.Background(), c.name, some)
		if err != nil {
			t.Fatalf("Add: %v", err)
		}
		for i, a := range added {
			c.m.append(some[i], a)
		}
	}
	for i, r := range []store.Released{
		nil, released("a"), released("b"), released("c"), released("a", "b"), released("b", "c"),
		released("a", "b", "c"), released(),
	} {
		for _, v := range []store.Versions{
			{}, {First: true}, {All: true}, exact(version(1)), exact(version(2)),
		} {
			for _, q := range []store.Query{
				{}, {Types: []string{"indicator"}}, {IDs: []string{deepID()}},
				{IDs: []string{deepID(), shape{name: "3"}.identifier()}},
			} {
				q.Released, q.Versions = r, v
				t.Run(strconv.Itoa(i)+name(v), func(t *testing.T) { c.walkShape(t, q) })
			}
		}
	}
}
