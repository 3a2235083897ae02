package storetest

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// testCursor is about what a cursor carries and where it counts.
func testCursor(t *testing.T, at placer) {
	t.Run("CarriesFilters", func(t *testing.T) { carriesFilters(t, at) })
	t.Run("GivenFiltersWin", func(t *testing.T) { givenFiltersWin(t, at) })
	t.Run("OutlivesTheProcess", func(t *testing.T) { outlivesTheProcess(t, at) })
	t.Run("OfAnotherCollection", func(t *testing.T) { ofAnotherCollection(t, at) })
	t.Run("TooWide", func(t *testing.T) { tooWide(t, at) })
	t.Run("Damaged", func(t *testing.T) { damaged(t, at) })
	t.Run("PagesOfAnyLength", func(t *testing.T) { pagesOfAnyLength(t, at) })
}

// fillForCursor adds three versions of eight objects of two types, one of them in STIX 2.0.
func (c *twin) fillForCursor() {
	c.t.Helper()
	for n := range 3 {
		for i := range 8 {
			s := shape{name: string(rune('a' + i)), modified: version(n)}
			if i%3 == 1 {
				s.typ = "x-thing"
			}
			if i == 7 {
				s.spec = stix.Spec20
			}
			c.put(s.object())
		}
	}
}

// first returns the first page of q, which has to have a next.
func (c *twin) first(q store.Query) store.Page {
	c.t.Helper()
	p := c.page(q, q, 0)
	if !p.More {
		c.t.Fatalf("query %+v of the suite has a single page", q)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(p.Next) {
		c.t.Fatalf("cursor %q is not safe in a URL", p.Next)
	}
	return p
}

func cursorQueries() []store.Query {
	a, b, d := shape{name: "a"}.identifier(), shape{typ: "x-thing", name: "b"}.identifier(),
		shape{name: "d"}.identifier()
	return []store.Query{
		{}, {Versions: store.Versions{All: true}}, {Versions: store.Versions{First: true}},
		{Versions: exact(version(1))}, {Versions: exact(version(0), version(2))},
		{IDs: []string{a, b, d}}, {Types: []string{"x-thing"}},
		{SpecVersions: []string{stix.Spec20}, Versions: store.Versions{All: true}},
		{SpecVersions: []string{stix.Spec21, stix.Spec20}},
		{IDs: []string{b, d}, Types: []string{"x-thing", "indicator"},
			Versions: store.Versions{First: true, Last: true}, SpecVersions: []string{stix.Spec21}},
	}
}

// carriesFilters continues with nothing but the cursor, as clients do that put it in a URL.
func carriesFilters(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	c.fillForCursor()
	for _, want := range cursorQueries() {
		for _, e := range c.m.entries[:2] {
			want.Limit = 1
			p := c.first(want)
			for p.More {
				p = c.page(store.Query{Cursor: p.Next, Limit: 1}, want, last(p).Position)
			}
			want.AddedAfter = e.DateAdded
		}
	}
}

func givenFiltersWin(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	c.fillForCursor()
	late := c.m.entries[15].DateAdded
	for _, old := range cursorQueries() {
		old.Limit = 1
		p := c.first(old)
		for _, q := range append(cursorQueries(), store.Query{AddedAfter: late}) {
			want := override(old, q)
			want.Limit = 0
			q.Cursor = p.Next
			c.page(q, want, last(p).Position)
		}
	}
}

func outlivesTheProcess(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	c.fillForCursor()
	for _, q := range cursorQueries() {
		crash := sync.OnceFunc(func() { f.crash(t) })
		c.steps(q, func(store.Page) { crash() })
	}
	f.reopen(t)
	p := c.first(store.Query{Limit: 1})
	rest, err := f.handle(t).Page(context.Background(), c.name, store.Query{Cursor: p.Next})
	if err != nil {
		t.Fatalf("Page through another process: %v", err)
	}
	c.checkPage(store.Query{}, c.m.page(store.Query{}, last(p).Position), rest)
}

// ofAnotherCollection sends a cursor where it does not belong: clients do, and get the
// beginning, with the filters of the query alone.
func ofAnotherCollection(t *testing.T, at placer) {
	f := open(t, at)
	c, other := f.twin(t), f.twin(t)
	c.fillForCursor()
	other.fillForCursor()
	empty := f.twin(t)
	for _, q := range cursorQueries() {
		q.Limit = 1
		p := c.first(q)
		other.page(store.Query{Cursor: p.Next, Limit: 3}, store.Query{Limit: 3}, 0)
		only := store.Query{Types: []string{"x-thing"}}
		asked := only
		asked.Cursor = p.Next
		other.page(asked, only, 0)
		empty.page(store.Query{Cursor: p.Next}, store.Query{}, 0)
	}
}

// tooWide names more values than may be, at once and by means of a cursor.
func tooWide(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	c.fillForCursor()
	var ids []string
	for i := range 100 {
		ids = append(ids, shape{name: string(rune('a' + i))}.identifier())
	}
	var versions store.Versions
	for n := range store.MaxCombinations / len(ids) {
		versions.Exact = append(versions.Exact, exact(version(n)).Exact...)
	}
	widest := store.Query{IDs: ids, Versions: versions, Limit: 1}
	next := c.first(widest).Next
	versions.Last = true
	for _, q := range []store.Query{
		{IDs: ids, Versions: versions}, {Types: ids, Versions: versions},
		{Cursor: next, Versions: versions},
	} {
		if _, err := c.f.store.Page(context.Background(), c.name, q); !errors.Is(err, store.ErrTooWide) {
			t.Errorf("%d ids or types and %d versions: %v", len(ids), len(versions.Exact)+1, err)
		}
	}
}

// damaged sends cursors that no store made, whole or in part.
func damaged(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	c.fillForCursor()
	q := store.Query{Limit: 1, Types: []string{"x-thing"}, Versions: exact(version(1))}
	good := c.first(q).Next
	bad := []string{
		"0", "1", "AAAA", "null", "{}", "-1", "%", "2", "ü", "\x00", " ", good + "A", "A" + good,
		good + good, good + "==", strings.ToLower(good), strings.Repeat("A", 1<<16),
		"undefined", "2026-01-01T00:00:00Z", shape{name: "a"}.identifier(),
	}
	for i := 1; i < len(good); i++ {
		bad = append(bad, good[:i], good[i:])
	}
	for i := range len(good) {
		for bit := range 8 {
			flipped := []byte(good)
			flipped[i] ^= 1 << bit
			bad = append(bad, string(flipped))
		}
	}
	for _, cursor := range bad {
		for _, collection := range []string{c.name, "never written"} {
			p, err := c.f.store.Page(context.Background(), collection, store.Query{Cursor: cursor})
			if !errors.Is(err, store.ErrBadCursor) {
				t.Fatalf("cursor %.80q gave %d entries and error %v", cursor, len(p.Entries), err)
			}
		}
	}
}

// pagesOfAnyLength changes the limit from page to page and reads one page twice.
func pagesOfAnyLength(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	c.fillForCursor()
	want := store.Query{Versions: store.Versions{All: true}, Limit: 5}
	p := c.first(want)
	for _, limit := range []int{2, 1, 7, 3} {
		want.Limit = limit
		q, after := store.Query{Cursor: p.Next, Limit: limit}, last(p).Position
		again := c.page(q, want, after)
		p = c.page(q, want, after)
		equal(t, "the same page again", texts(again.Entries), texts(p.Entries))
	}
	want.Limit = 0
	c.page(store.Query{Cursor: p.Next}, want, last(p).Position)
}
