package standing_test

import (
	"context"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/standing"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/versions"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

const (
	day     = 24 * time.Hour
	value   = "198.51.100.7"
	address = "[ipv4-addr:value = '198.51.100.7']"
)

// collection is a store with one, and counts what is read of it.
type collection struct {
	store.Store
	t        *testing.T
	examined int
}

func newCollection(t *testing.T) *collection {
	t.Helper()
	s, err := pebblestore.Open("db", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &collection{Store: s, t: t}
}

func (c *collection) Page(ctx context.Context, key string, q store.Query) (store.Page, error) {
	page, err := c.Store.Page(ctx, key, q)
	c.examined += page.Examined
	return page, err
}

func (c *collection) add(objects ...stix.Object) {
	c.t.Helper()
	for _, o := range objects {
		if _, err := c.Add(c.t.Context(), "r/c", []store.Incoming{store.Received(o)}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// indicator is what a feed says of the address since a time before now; ttl 0 is for ever.
func (c *collection) indicator(feed string, confidence int, age, ttl time.Duration) stix.Object {
	c.t.Helper()
	b, err := collectors.NewBuilder(collectors.Feed{
		ID: feed, Name: feed, Policy: collectors.Policy{TLP: "clear"},
		STIX: collectors.Output{Confidence: confidence, TTL: ttl},
	}, now.Add(-age))
	if err != nil {
		c.t.Fatal(err)
	}
	o, err := b.Indicator(collectors.Indicator{Pattern: address})
	if err != nil {
		c.t.Fatal(err)
	}
	return o
}

func (c *collection) of(feeds ...string) standing.Value {
	c.t.Helper()
	text, sco, err := standing.PatternOf("198[.]51.100.7")
	if err != nil || text != address {
		c.t.Fatalf("pattern %s, error %v", text, err)
	}
	v, err := standing.Of(c.t.Context(), c, "r/c",
		standing.Query{Pattern: text, Observable: sco, Feeds: feeds}, now)
	if err != nil {
		c.t.Fatal(err)
	}
	return v
}

func TestOf_CountsTheSourcesThatStillSaySo(t *testing.T) {
	c := newCollection(t)
	revoked := c.indicator("wrong", 90, day, 0)
	last, err := versions.Revoke(revoked, now)
	if err != nil {
		t.Fatal(err)
	}
	c.add(c.indicator("new", 80, 0, 0), c.indicator("unstated", 0, 0, 0),
		c.indicator("older", 80, 30*day/4, 0), c.indicator("lapsed", 90, 3*day, 2*day),
		c.indicator("to-come", 90, -day, 0), revoked, last)
	got := c.of("new", "unstated", "older", "lapsed", "to-come", "wrong", "silent")
	type line struct {
		feed, state        string
		stated, confidence int
	}
	var lines []line
	for _, in := range got.Indicators {
		lines = append(lines, line{in.Feed, in.State, in.Stated, in.Confidence})
	}
	want := []line{
		{"new", "valid", 80, 80}, {"unstated", "valid", 0, 50},
		{"older", "valid", 80, 40}, // half of it is gone after a quarter of thirty days
		{"lapsed", "lapsed", 90, 0}, {"to-come", "to-come", 90, 0}, {"wrong", "revoked", 90, 0},
	}
	if diff := cmp.Diff(want, lines, cmp.AllowUnexported(line{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got.Sources != 3 || got.Confidence != 94 || got.Observable != "" { // 1 - 0.2 × 0.5 × 0.6
		t.Errorf("%d sources, together %d, observable %q", got.Sources, got.Confidence, got.Observable)
	}
}

func TestOf_FindsWhatCameBackAndTheObservable(t *testing.T) {
	c := newCollection(t)
	first := c.indicator("list", 60, day, 0)
	last, err := versions.Revoke(first, now)
	if err != nil {
		t.Fatal(err)
	}
	b, err := collectors.NewBuilder(collectors.Feed{ID: "list", Policy: collectors.Policy{TLP: "clear"}}, now)
	if err != nil {
		t.Fatal(err)
	}
	sco, err := b.SCO("ipv4-addr", collectors.P("value", value))
	if err != nil {
		t.Fatal(err)
	}
	back, err := stix.Parse([]byte(`{"type":"indicator","spec_version":"2.1","id":"` +
		stix.MintID("indicator", first.ID, "again") + `","created":"2026-03-04T05:06:07.000Z",` +
		`"modified":"2026-03-04T05:06:07.000Z","pattern":"` + address + `","confidence":30}`))
	if err != nil {
		t.Fatal(err)
	}
	c.add(sco, first, last, back)
	got := c.of("list")
	if got.Observable != sco.ID || len(got.Indicators) != 1 || got.Indicators[0].ID != back.ID ||
		got.Confidence != 30 {
		t.Errorf("%+v", got)
	}
}

func TestOf_FindsAnIndicatorOfNoFeedByItsID(t *testing.T) {
	c := newCollection(t)
	pushed := c.indicator("partner", 40, 0, 0)
	c.add(pushed, c.indicator("list", 60, 0, 0))
	for feeds, want := range map[string]int{"list": 2, "partner": 1} {
		q := standing.Query{Pattern: address, Feeds: []string{feeds}, ID: pushed.ID}
		v, err := standing.Of(t.Context(), c, "r/c", q, now)
		if err != nil || v.Sources != want || v.Indicators[want-1].ID != pushed.ID {
			t.Errorf("%+v, error %v; want %d sources", v, err, want)
		}
	}
}

// What it costs depends on the number of feeds, and not on what the collection has.
func TestOf_ReadsNothingElse(t *testing.T) {
	c := newCollection(t)
	c.add(c.indicator("list", 60, day, 0))
	c.of("list", "other")
	alone := c.examined
	for i := range 300 {
		o, err := stix.Parse([]byte(`{"type":"indicator","spec_version":"2.1","id":"` +
			stix.MintID("indicator", time.Duration(i).String()) + `","created":"2026-03-04T05:06:07.000Z",` +
			`"modified":"2026-03-04T05:06:07.000Z"}`))
		if err != nil {
			t.Fatal(err)
		}
		c.add(o)
	}
	c.examined = 0
	c.of("list", "other")
	if c.examined != alone {
		t.Errorf("%d records read, and %d in an empty collection", c.examined, alone)
	}
}

func TestPatternOf_WhatIsNoValue(t *testing.T) {
	for _, text := range []string{"", "CVE-2021-44228", "no value at all"} {
		if got, _, err := standing.PatternOf(text); err == nil {
			t.Errorf("%q has the pattern %s", text, got)
		}
	}
}
