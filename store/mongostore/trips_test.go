package mongostore_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/event"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
)

// trips counts the commands that a store sends. It counts apart the one by which a store
// that has nothing else to do tidies up after an envelope has been acknowledged.
type trips struct{ n, afterwards atomic.Int64 }

func (c *trips) monitor() *event.CommandMonitor {
	return &event.CommandMonitor{
		Started: func(_ context.Context, e *event.CommandStartedEvent) {
			if _, err := e.Command.LookupErr("updates", "0", "u", "$inc", "tidied"); err == nil {
				c.afterwards.Add(1)
				return
			}
			c.n.Add(1)
		},
	}
}

// of returns how many commands f takes.
func (c *trips) of(f func()) int {
	before := c.n.Load()
	f()
	return int(c.n.Load() - before)
}

// TestRoundTrips asserts the goals: two commands for a page, four for an envelope.
func TestRoundTrips(t *testing.T) {
	ctx := context.Background()
	count := &trips{}
	s := openStore(t, mongotest.Start(t).Database(t), mongostore.Options{Monitor: count.monitor()})
	add := func(objects []store.Incoming) {
		t.Helper()
		if _, err := s.Add(ctx, "c", objects); err != nil {
			t.Fatal("Add:", err)
		}
	}
	add(envelope(t, 0, 1)) // makes the collection
	for _, c := range []struct {
		name    string
		objects []store.Incoming
		want    int
	}{
		{"new objects", envelope(t, 0, 20), 3},
		{"more new objects", envelope(t, 20, 20), 3},
		{"new versions of all", versions(t, 0, 10, 2), 4},
		{"newer versions, older ones and the same", append(versions(t, 0, 5, 1), versions(t, 0, 10, 3)...), 4},
		{"nothing new", envelope(t, 0, 20), 2},
	} {
		if got := count.of(func() { add(c.objects) }); got != c.want {
			t.Errorf("envelope of %s: %d commands, want %d", c.name, got, c.want)
		}
	}
	if n := count.afterwards.Load(); n > 2 {
		t.Errorf("%d commands to tidy up after two envelopes with new versions", n)
	}
	var ids []string
	for _, o := range envelope(t, 0, 40) {
		ids = append(ids, o.Object.ID)
	}
	last, err := s.Stats(ctx, "c")
	if err != nil {
		t.Fatal("Stats:", err)
	}
	all := store.Versions{All: true, First: true, Last: true}
	for _, c := range []struct {
		name string
		q    store.Query
		want int
	}{
		{"first page", store.Query{Limit: 10}, 2},
		{"last page", store.Query{Limit: 10, AddedAfter: last.LastAdded.Add(-5000)}, 2},
		{"everything", store.Query{Versions: all}, 2},
		{"a few of everything", store.Query{Versions: all, Limit: 10}, 2},
		{"a few bytes", store.Query{Versions: all, MaxBytes: 1000}, 2},
		{"manifest", store.Query{WithoutRaw: true}, 2},
		{"type", store.Query{Types: []string{"x-thing", "x-other"}}, 2},
		{"one object", store.Query{IDs: ids[:1]}, 2},
		{"all versions of one object", store.Query{IDs: ids[:1], Versions: all}, 2},
		{"forty objects", store.Query{IDs: ids}, 2},
		{"an object that is not there", store.Query{IDs: []string{stix.MintID("x-thing", "none")}}, 3},
		{"nothing new", store.Query{AddedAfter: last.LastAdded}, 1},
	} {
		got := count.of(func() {
			if _, err := s.Page(ctx, "c", c.q); err != nil {
				t.Fatal("Page:", err)
			}
		})
		if got != c.want {
			t.Errorf("page of %s: %d commands, want %d", c.name, got, c.want)
		}
	}
}

// TestRoundTrips_Marks asserts what marks cost beside that: one command for a reader with bounds,
// and two where versions differ in their marks.
func TestRoundTrips_Marks(t *testing.T) {
	ctx := context.Background()
	count := &trips{}
	s := openStore(t, mongotest.Start(t).Database(t), mongostore.Options{Monitor: count.monitor()})
	add := func(marks string, objects []store.Incoming) {
		t.Helper()
		for i := range objects {
			objects[i].Marks = marks
		}
		if _, err := s.Add(ctx, "c", objects); err != nil {
			t.Fatal("Add:", err)
		}
	}
	add("a", envelope(t, 0, 1)) // makes the collection
	for _, c := range []struct {
		name, marks string
		objects     []store.Incoming
		want        int
	}{
		{"new objects", "a", envelope(t, 0, 10), 3},
		{"new objects of new marks", "b", envelope(t, 10, 10), 3},
		{"new versions", "a", versions(t, 0, 10, 5), 4},
		{"new versions of other marks", "b", versions(t, 0, 10, 7), 6},
		{"versions between others", "a", versions(t, 0, 10, 3), 4},
		{"nothing new", "a", versions(t, 0, 10, 3), 2},
		{"nothing new, of other marks", "b", versions(t, 0, 10, 3), 3},
	} {
		if got := count.of(func() { add(c.marks, c.objects) }); got != c.want {
			t.Errorf("envelope of %s: %d commands, want %d", c.name, got, c.want)
		}
	}
	last, err := s.Stats(ctx, "c")
	if err != nil {
		t.Fatal("Stats:", err)
	}
	all := store.Versions{All: true}
	for _, c := range []struct {
		name     string
		released store.Released
		q        store.Query
		want     int
	}{
		{"first page", cleared("a"), store.Query{Limit: 3}, 3},
		{"first page for everybody", nil, store.Query{Limit: 3}, 2},
		{"all versions", cleared("a"), store.Query{Versions: all}, 3},
		{"all versions of 2.1", cleared("a"), store.Query{Versions: all, SpecVersions: []string{"2.1"}}, 2},
		{"nothing new", cleared("a"), store.Query{AddedAfter: last.LastAdded}, 1},
		{"nothing released", cleared(), store.Query{}, 1},
	} {
		c.q.Released = c.released
		got := count.of(func() {
			if _, err := s.Page(ctx, "c", c.q); err != nil {
				t.Fatal("Page:", err)
			}
		})
		if got != c.want {
			t.Errorf("page of %s: %d commands, want %d", c.name, got, c.want)
		}
	}
}

// openStore opens a store until the test ends.
func openStore(t *testing.T, url string, opts mongostore.Options) *mongostore.Store {
	t.Helper()
	s, err := mongostore.Open(context.Background(), url, opts)
	if err != nil {
		t.Fatal("Open:", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error("Close:", err)
		}
	})
	return s
}

func envelope(t *testing.T, from, n int) []store.Incoming { return versions(t, from, n, 0) }

// versions makes a version of each of n objects.
func versions(t *testing.T, from, n, version int) []store.Incoming {
	t.Helper()
	var objects []store.Incoming
	for i := range n {
		raw := fmt.Appendf(nil, `{"type":"x-thing","spec_version":"2.1","id":%q,`+
			`"created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:%02dZ"}`,
			stix.MintID("x-thing", fmt.Sprint(from+i)), version)
		o, err := stix.Parse(raw)
		if err != nil {
			t.Fatal(err)
		}
		objects = append(objects, store.Incoming{Object: o})
	}
	return objects
}
