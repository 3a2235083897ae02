package storetest

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/cabstand/cabstand/store"
)

// testInventory is about what a copy of a store needs: the names of what there is, and the ends
// of collections.
func testInventory(t *testing.T, at placer) {
	t.Run("Collections", func(t *testing.T) { collectionsAreListed(t, at) })
	t.Run("Kinds", func(t *testing.T) { kindsAreListed(t, at) })
	t.Run("AdvanceEmpty", func(t *testing.T) { advanceEmpty(t, at) })
	t.Run("AdvanceNeverBack", func(t *testing.T) { advanceNeverBack(t, at) })
	t.Run("AdvanceKeptDates", func(t *testing.T) { advanceKeptDates(t, at) })
	t.Run("AdvanceSurvives", func(t *testing.T) { advanceSurvives(t, at) })
	t.Run("AdvanceAmidAdds", func(t *testing.T) { advanceAmidAdds(t, at) })
}

// collectionsAreListed makes collections that are filled, dropped, emptied and only advanced.
// Those that were looked at, or dropped without ever having had anything, do not count.
func collectionsAreListed(t *testing.T, at placer) {
	f := open(t, at)
	names := confusable()
	for i, name := range names {
		c := &twin{t: t, f: f, name: name}
		objects := numbered("", 2)
		switch i % 4 {
		case 0:
			c.put(objects...)
		case 1:
			c.put(objects...)
			c.drop()
		case 2:
			c.put(objects[0])
			c.delete(objects[0].ID, store.Versions{})
		case 3:
			c.advance(f.clock.now())
		}
		c.check()
	}
	slices.Sort(names)
	for _, other := range []string{"0 never written", "b never written", "ü never written"} {
		c := &twin{t: t, f: f, name: other}
		c.walk(store.Query{})
		c.check()
		c.checkHas(shape{name: "0"}.identifier())
		c.delete(shape{name: "0"}.identifier(), store.Versions{})
		c.drop()
	}
	f.checkCollections(t, names)
	f.crash(t)
	f.checkCollections(t, names)
}

// checkCollections lists all collections at once, from beside every name, and in pages of every
// length.
func (f *fixture) checkCollections(t *testing.T, names []string) {
	t.Helper()
	list := func(after string, limit int) []string {
		t.Helper()
		got, err := f.store.Collections(context.Background(), after, limit)
		if err != nil {
			t.Fatalf("Collections after %q: %v", after, err)
		}
		return got
	}
	equal(t, "all collections", names, list("", 0))
	for i, name := range names {
		equal(t, "two collections after "+strconv.Quote(name),
			append([]string{}, names[i+1:min(i+3, len(names))]...), append([]string{}, list(name, 2)...))
	}
	equal(t, "collections after the last", 0, len(list("\xff", 0)))
	equal(t, "the collection after one that is not there", []string{"é"}, list("m", 1))
	for _, limit := range []int{1, 3, len(names) - 1, len(names), len(names) + 1} {
		var all []string
		for after := ""; ; after = all[len(all)-1] {
			page := list(after, limit)
			if len(page) > limit {
				t.Fatalf("Collections returned %d names, the limit is %d", len(page), limit)
			}
			if all = append(all, page...); len(page) < limit {
				break
			}
		}
		equal(t, "collections in pages of "+strconv.Itoa(limit), names, all)
	}
}

func kindsAreListed(t *testing.T, at placer) {
	f, ctx := open(t, at), context.Background()
	check := func(want ...string) {
		t.Helper()
		got, err := f.store.Kinds(ctx)
		if err != nil {
			t.Fatalf("Kinds: %v", err)
		}
		equal(t, "kinds", want, got)
	}
	check()
	for _, kind := range []string{"b", "aa", "user", "a", "a-b", "aa"} {
		for _, key := range []string{"", "k", "k\x00", "\xff", kind} {
			d := store.Document{Kind: kind, Key: kind + key, Revision: store.AnyRevision}
			if _, err := f.store.Put(ctx, d); err != nil {
				t.Fatalf("Put: %v", err)
			}
		}
	}
	f.twin(t).put(numbered("", 2)...) // entries are no documents
	check("a", "a-b", "aa", "b", "user")
	f.crash(t)
	check("a", "a-b", "aa", "b", "user")
	list, err := f.store.List(ctx, "aa", "", "", 0)
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	for _, d := range list {
		if err := f.store.Remove(ctx, "aa", d.Key); err != nil {
			t.Fatalf("Remove: %v", err)
		}
	}
	check("a", "a-b", "b", "user")
}

// advanceEmpty advances collections that have nothing yet, before and after the clock, and on
// and beside a millisecond: the first batch ends as any other.
func advanceEmpty(t *testing.T, at placer) {
	f := open(t, at)
	for _, offset := range []time.Duration{
		-10 * 365 * 24 * time.Hour, -time.Microsecond, 0, time.Microsecond, 543_210 * time.Nanosecond,
		time.Hour, 20 * 365 * 24 * time.Hour,
	} {
		c := f.twin(t)
		end := f.clock.now().Add(offset)
		c.advance(end.In(elsewhere()))
		c.check()
		c.walk(store.Query{})
		added := c.put(numbered("", 60)...)
		if !added[0].DateAdded.After(end.Truncate(time.Microsecond)) {
			t.Fatalf("an entry has date %v after Advance to %v", added[0].DateAdded, end)
		}
		c.put(numbered("more", 1)...)
		c.walk(store.Query{AddedAfter: end})
		c.check()
	}
}

// advanceNeverBack advances a collection that is ahead already, to its end and to nothing, and
// one whose newest entries are gone.
func advanceNeverBack(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	c.advance(time.Time{})
	c.check()
	c.put(numbered("", 5)...)
	for _, offset := range []time.Duration{
		-time.Hour, -time.Microsecond, 0, time.Nanosecond, time.Microsecond, 700 * time.Microsecond,
		time.Second, -time.Second,
	} {
		c.advance(c.m.date.Add(offset))
		c.check()
		c.advance(time.Time{})
		c.advance(time.Unix(-1, 0))
		c.check()
		c.put(numbered(offset.String(), 3)...)
	}
	c.delete(c.m.entries[len(c.m.entries)-1].ID, store.Versions{})
	c.advance(c.m.date.Add(-time.Microsecond))
	c.check()
	c.drop()
	c.advance(c.m.date.Add(-time.Microsecond))
	c.put(numbered("", 1)...)
	c.walk(store.Query{})
	c.check()
}

// advanceKeptDates has dates to keep around an end: those that are not after it move to the
// microseconds that follow it.
func advanceKeptDates(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	end := time.Date(2024, 2, 29, 1, 2, 3, 456_789_000, time.UTC)
	c.advance(end)
	batch := incoming(numbered("kept", 4)...)
	for i, offset := range []time.Duration{-time.Hour, 0, 2 * time.Microsecond, time.Minute} {
		batch[i].DateAdded = end.Add(offset)
	}
	for i, want := range []time.Duration{
		time.Microsecond, 2 * time.Microsecond, 3 * time.Microsecond, time.Minute,
	} {
		got := c.add(batch[i])
		equal(t, "kept date", end.Add(want), got[0].DateAdded)
	}
	c.put(numbered("now", 2)...)
	c.walk(store.Query{AddedAfter: end})
	c.check()
}

// advanceSurvives stops the store right after an Advance, in any way.
func advanceSurvives(t *testing.T, at placer) {
	f := open(t, at)
	filled, empty := f.twin(t), f.twin(t)
	filled.put(numbered("", 3)...)
	for i, stop := range []func(){
		func() { f.crash(t) }, func() { f.reopen(t) }, func() { f.swap(t) },
	} {
		for _, c := range []*twin{filled, empty} {
			c.advance(f.clock.now().Add(time.Duration(i+1) * time.Hour))
			stop()
			c.check()
			c.put(numbered(strconv.Itoa(i)+"/", 2)...)
			c.delete(shape{name: strconv.Itoa(i) + "/1"}.identifier(), store.Versions{})
			stop()
			c.check()
			c.walk(store.Query{})
		}
	}
}

// advanceAmidAdds advances a collection from everywhere while it is filled from everywhere. What
// is added after an Advance has returned comes after its date, and nothing moves that was
// there.
func advanceAmidAdds(t *testing.T, at placer) {
	f := open(t, at)
	const rounds = 15
	added := make([][]store.Added, 4)
	ends := make([]time.Time, len(added))
	var wg sync.WaitGroup
	for w := range added {
		s := f.handle(t)
		wg.Go(func() {
			for i := range rounds {
				ends[w] = f.clock.now().Add(time.Duration(i*len(added)+w) * 1300 * time.Microsecond)
				if err := s.Advance(context.Background(), "c", ends[w]); err != nil {
					t.Errorf("Advance: %v", err)
					return
				}
				batch := incoming(numbered(strconv.Itoa(w)+"/"+strconv.Itoa(i)+"/", 3)...)
				got, err := s.Add(context.Background(), "c", batch)
				if err != nil {
					t.Errorf("Add: %v", err)
					return
				}
				if !got[0].DateAdded.After(ends[w].Truncate(time.Microsecond)) {
					t.Errorf("an entry has date %v after Advance to %v", got[0].DateAdded, ends[w])
				}
				added[w] = append(added[w], got...)
			}
		})
	}
	wg.Wait()
	c := f.adopt(t, "c")
	dates := map[uint64]time.Time{}
	for _, e := range c.walk(store.Query{}) {
		dates[e.Position] = e.DateAdded
	}
	equal(t, "number of entries", len(added)*rounds*3, len(dates))
	for _, a := range slices.Concat(added...) {
		equal(t, "date of what Add said is at "+strconv.FormatUint(a.Position, 10),
			a.DateAdded, dates[a.Position])
	}
	c.check()
}
