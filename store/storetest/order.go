package storetest

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// testOrder is about positions, dates and bytes (points 1, 3 and 4 of the contract). The
// model checks most of it at every Add.
func testOrder(t *testing.T, at placer) {
	t.Run("BatchesEndOnMilliseconds", func(t *testing.T) { batchesEndOnMilliseconds(t, at) })
	t.Run("StrangeClocks", func(t *testing.T) { strangeClocks(t, at) })
	t.Run("KeptDates", func(t *testing.T) { keptDates(t, at) })
	t.Run("OldDates", func(t *testing.T) { oldDates(t, at) })
	t.Run("NothingIsUsedTwice", func(t *testing.T) { nothingIsUsedTwice(t, at) })
	t.Run("BytesInBytesOut", func(t *testing.T) { bytesInBytesOut(t, at) })
	t.Run("CollectionsAreApart", func(t *testing.T) { collectionsAreApart(t, at) })
}

func batchesEndOnMilliseconds(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	for i, n := range []int{1, 2, 999, 1000, 1001, 2500, 1, 1} {
		c.put(numbered(strconv.Itoa(i)+"-", n)...)
	}
	all := numbered("mixed", 5)
	c.put(all[:2]...)
	c.put(all...) // the known ones must not keep the new ones off the millisecond
	c.put(all[1], all[0])
	c.put()
	c.check()
}

// strangeClocks has the clock stand still, jump on and jump back: the order does not care.
func strangeClocks(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	for i, move := range []time.Duration{
		0, 0, -time.Hour, 0, time.Nanosecond, -24 * time.Hour, 30 * 24 * time.Hour, 0,
		time.Microsecond, time.Hour, -time.Hour,
	} {
		f.clock.move(move)
		c.put(numbered(strconv.Itoa(i)+"-", 3)...)
	}
	f.clock.move(-24 * time.Hour)
	f.reopen(t)
	c.put(numbered("after", 1)...)
	c.walk(store.Query{Limit: 4})
	c.check()
}

func keptDates(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	day := time.Date(2024, 2, 29, 1, 2, 3, 456_789_000, time.UTC)
	batch := incoming(numbered("kept", 6)...)
	for i, offset := range []time.Duration{
		0, time.Microsecond, time.Hour, 0, time.Hour, 2 * time.Hour,
	} {
		batch[i].DateAdded = day.Add(offset)
	}
	added := c.add(batch...)
	// The fourth and the fifth are not later than the third and take the microseconds after it.
	for i, want := range []time.Time{
		day, day.Add(time.Microsecond), day.Add(time.Hour),
		day.Add(time.Hour + time.Microsecond), day.Add(time.Hour + 2*time.Microsecond),
		day.Add(2 * time.Hour),
	} {
		equal(t, "kept date", want, added[i].DateAdded)
	}
	batch[0].DateAdded = day.Add(100 * time.Hour)
	c.add(batch[0]) // known: its date stays
	c.put(numbered("now", 2)...)
	c.add(store.Incoming{Object: shape{typ: "ipv4-addr", name: "x"}.object(), DateAdded: day})
	c.walk(store.Query{AddedAfter: day})
	c.check()
}

// oldDates keeps dates from 1970 on, which is as far back as a date added can be.
func oldDates(t *testing.T, at placer) {
	c := open(t, at).twin(t)
	batch := incoming(numbered("old", 3)...)
	for i, date := range []time.Time{time.UnixMicro(1), time.UnixMicro(2), time.Unix(1<<30, 0)} {
		batch[i].DateAdded = date.In(elsewhere())
	}
	c.add(batch...)
	c.put(numbered("now", 2)...)
	for _, e := range c.walk(store.Query{Limit: 1}) {
		c.walk(store.Query{AddedAfter: e.DateAdded, Limit: 1})
	}
	c.check()
}

// nothingIsUsedTwice deletes the end of a collection, where a store could be tempted to go on
// from what is left. The model refuses positions and dates that do not rise.
func nothingIsUsedTwice(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	objects := numbered("again", 3)
	for _, restart := range []func(){
		func() {},
		func() { f.reopen(t) },
		func() { f.crash(t) },
	} {
		c.put(objects...)
		c.delete(objects[2].ID, store.Versions{})
		f.clock.move(-time.Hour)
		restart()
		c.put(objects[2])
		c.drop()
		restart()
		c.check()
		c.put(objects[0])
		c.walk(store.Query{})
		c.check()
	}
}

func bytesInBytesOut(t *testing.T, at placer) {
	f := open(t, at)
	c := f.twin(t)
	head := func(n string) string {
		return `"type" : "x-thing",` + "\n\t" + `"id":"` + stix.MintID("x-thing", n) + `"`
	}
	objects := []stix.Object{
		parse(`{ ` + head("dots") + ` , "$set":{"a.b":1,"$a":{"":0}}, "..":[[],{}],"\u0000":"\u0000" }`),
		parse(`{` + head("numbers") + `,"n":[1.0,1e400,-0,0.1000000000000000055511151231257827]}`),
		parse(`{` + head("big") + `,"i":123456789012345678901234567890,"j":9007199254740993}`),
		parse(`{` + head("text") + `,"x":"\u00e9é\uD83D\uDE00😀\/ \u2028","é":"é"}`),
		parse(`{` + head("long") + `,"data":"` + strings.Repeat("0123456789abcdef", 1<<16) + `"}`),
	}
	batch := incoming(objects...)
	want := make([][]byte, len(batch))
	for i := range batch {
		want[i] = bytes.Clone(batch[i].Object.Raw)
	}
	if _, err := f.store.Add(context.Background(), c.name, batch); err != nil {
		t.Fatalf("Add: %v", err)
	}
	// The store has its own copy of what came in, and so has the caller of what goes out.
	for range 2 {
		page, err := f.store.Page(context.Background(), c.name, store.Query{})
		if err != nil {
			t.Fatalf("Page: %v", err)
		}
		for i, e := range page.Entries {
			if !bytes.Equal(want[i], e.Raw) {
				t.Fatalf("stored %.200q, got back %.200q", want[i], e.Raw)
			}
			clear(e.Raw)
			clear(batch[i].Object.Raw)
		}
		equal(t, "number of entries", len(want), len(page.Entries))
	}
}

// confusable are names of collections that a careless key would mix up.
func confusable() []string {
	return []string{
		"a", "a/b", "ab", "a/", "a/b/c", "a\x00", "a\x00b", "b", "é", "$a.b", "A", "a ",
		strings.Repeat("long/", 60),
	}
}

// collectionsAreApart fills collections of confusable names.
func collectionsAreApart(t *testing.T, at placer) {
	f := open(t, at)
	var twins []*twin
	for i, name := range confusable() {
		c := &twin{t: t, f: f, name: name}
		c.put(append(numbered("shared", 2), numbered(strconv.Itoa(i)+"-", i)...)...)
		twins = append(twins, c)
	}
	shared := numbered("shared", 2)
	twins[0].delete(shared[0].ID, store.Versions{})
	twins[1].drop()
	for range 2 {
		for _, c := range twins {
			c.walk(store.Query{Limit: 3})
			c.walk(store.Query{IDs: []string{shared[0].ID}})
			c.walk(store.Query{Types: []string{"indicator"}, Versions: store.Versions{All: true}})
			c.checkHas(shared[0].ID)
			c.check()
		}
		f.reopen(t)
	}
	never := &twin{t: t, f: f, name: "never written"}
	never.walk(store.Query{})
	never.delete(shared[0].ID, store.Versions{})
	never.drop()
	never.check()
}
