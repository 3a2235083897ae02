package audit_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/store"
)

// counting counts what is read of a store.
type counting struct {
	store.Documents
	lists int
}

func (c *counting) List(
	ctx context.Context, kind, prefix, after string, limit int,
) ([]store.Document, error) {
	c.lists++
	return c.Documents.List(ctx, kind, prefix, after, limit)
}

// hours returns a chain of 100 blocks, an hour apart, of one event each.
func hours(t testing.TB) (store.Store, time.Time) {
	t.Helper()
	s := newStore(t)
	return s, fillHours(t, s)
}

func fillHours(t testing.TB, s store.Store) (begin time.Time) {
	t.Helper()
	c := newClock()
	r := newRecorder(t, s, audit.Options{Now: c.Now})
	begin = c.Now()
	for n := range 100 {
		user, kind, collection := "kim", audit.Read, "c1"
		if n%2 == 1 {
			user, kind, collection = "lee", audit.Push, "c2"
		}
		r.Record(t.Context(), audit.Event{
			Kind: kind, User: user, Address: "192.0.2.1", Root: "api", Collection: collection,
			Objects: n + 1,
		})
		check(t, r.Commit(t.Context()))
		c.pass(time.Hour)
	}
	check(t, r.Close(t.Context()))
	return begin
}

func TestEvents_Filters(t *testing.T) { onBothStores(t, filters) }

func filters(t *testing.T, s store.Store) {
	begin := fillHours(t, s)
	at := func(n int) time.Time { return begin.Add(time.Duration(n) * time.Hour) }
	for name, test := range map[string]struct {
		q                  audit.Query
		count, first, last int
	}{
		"All":        {audit.Query{}, 100, 1, 100},
		"Since":      {audit.Query{Since: at(90)}, 10, 91, 100},
		"Until":      {audit.Query{Until: at(10)}, 10, 1, 10},
		"Between":    {audit.Query{Since: at(50), Until: at(52)}, 2, 51, 52},
		"User":       {audit.Query{User: "lee"}, 50, 2, 100},
		"Kind":       {audit.Query{Kinds: []audit.Kind{audit.Read}}, 50, 1, 99},
		"Collection": {audit.Query{Root: "api", Collection: "c1"}, 50, 1, 99},
		"OtherRoot":  {audit.Query{Root: "x", Collection: "c1"}, 0, 0, 0},
		"Address":    {audit.Query{Address: "192.0.2.2"}, 0, 0, 0},
		"Last":       {audit.Query{Limit: 3}, 3, 98, 100},
		"LastOfUser": {audit.Query{Limit: 3, User: "kim"}, 3, 95, 99},
		"LastSince":  {audit.Query{Limit: 60, Since: at(90)}, 10, 91, 100},
		"LastUntil":  {audit.Query{Limit: 5, Until: at(10)}, 5, 6, 10},
		"Future":     {audit.Query{Since: at(1000)}, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			got := events(t, s, test.q)
			if len(got) != test.count {
				t.Fatalf("%d events, want %d", len(got), test.count)
			}
			if test.count > 0 && (got[0].Objects != test.first || got[len(got)-1].Objects != test.last) {
				t.Errorf("events %d to %d, want %d to %d",
					got[0].Objects, got[len(got)-1].Objects, test.first, test.last)
			}
		})
	}
}

// A question about the last hour does not read the last year.
func TestEvents_SinceReadsLittle(t *testing.T) {
	s, begin := hours(t)
	c := &counting{Documents: s}
	if got := events(t, c, audit.Query{Since: begin.Add(98 * time.Hour)}); len(got) != 2 {
		t.Errorf("%d events, want 2", len(got))
	}
	if c.lists > 30 {
		t.Errorf("%d lists to find the last 2 of 100 blocks", c.lists)
	}
}

// Neither a hole that somebody made nor one that is there by rule makes the last events hard to
// find, and a key that no server would reach does not either.
func TestEvents_LastBeyondHoles(t *testing.T) {
	s, _ := hours(t)
	all := blocks(t, s)
	for _, doc := range all[10:90] {
		check(t, s.Remove(t.Context(), "audit", doc.Key))
	}
	far := all[50]
	far.Key = "00000000900000000000"
	put(t, s, far)
	c := &counting{Documents: s}
	if got := events(t, c, audit.Query{Limit: 21}); len(got) != 21 || got[0].Objects != 1 {
		t.Errorf("%d events, want all 21 there are", len(got))
	}
	if c.lists > 300 {
		t.Errorf("%d lists for 21 blocks", c.lists)
	}
}

func TestEvents_WarnsOfBrokenBlocks(t *testing.T) {
	s, _ := hours(t)
	doc := blocks(t, s)[1]
	doc.Value = []byte(strings.Replace(string(doc.Value), "lee", "kim", 1))
	put(t, s, doc)
	var warnings []string
	n := 0
	err := audit.NewTrail(s).Events(t.Context(), audit.Query{},
		func(audit.Event, []byte) error { n++; return nil },
		func(w string) error { warnings = append(warnings, w); return nil })
	check(t, err)
	want := []string{"block 00000000000000000002 of the audit trail is broken: its content does not " +
		"match its own SHA-256: it has been changed"}
	if diff := cmp.Diff(want, warnings); diff != "" || n != 100 {
		t.Errorf("%d events, warnings (-want +got):\n%s", n, diff)
	}
}

func TestEvents_EndWithTheReader(t *testing.T) {
	s, _ := hours(t)
	gone := errors.New("gone")
	n := 0
	for _, limit := range []int{0, 50} {
		err := audit.NewTrail(s).Events(t.Context(), audit.Query{Limit: limit},
			func(audit.Event, []byte) error { n++; return gone }, nil)
		if !errors.Is(err, gone) {
			t.Errorf("limit %d: %v", limit, err)
		}
	}
	if n != 2 {
		t.Errorf("%d events after the reader went away", n-2)
	}
}

// The blocks of a server whose clock is behind do not hide those of one that is right.
func TestEvents_SinceAllowsForClocks(t *testing.T) {
	s, right, late := newStore(t), newClock(), newClock()
	late.pass(-3 * time.Minute)
	first, second := newRecorder(t, s, audit.Options{Now: right.Now}), newRecorder(t, s, audit.Options{Now: late.Now})
	write(t, first, 1)
	write(t, second, 1, 1, 1, 1)
	if got := events(t, s, audit.Query{Since: right.Now().Add(-time.Minute)}); len(got) != 1 {
		t.Errorf("%d events of the last minute, want that of the server whose clock is right", len(got))
	}
}
