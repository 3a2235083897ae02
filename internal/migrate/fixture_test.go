package migrate_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/internal/migrate"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// start is the time of all stores in tests that do not set another.
var start = time.Date(2026, 3, 1, 12, 0, 0, 123_456_000, time.UTC)

func fixed() time.Time { return start }

// inMemory opens an empty store that lives as long as the test.
func inMemory(tb testing.TB, now func() time.Time) store.Store {
	tb.Helper()
	s := openMemory(tb, now)
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func openMemory(tb rapid.TB, now func() time.Time) store.Store {
	tb.Helper()
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem(), Now: now})
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// object composes an object: one without a version if modified is "".
func object(typ, name, spec, modified, note string) stix.Object {
	id := stix.MintID(typ, name)
	text := fmt.Sprintf(`{"type":%q,"id":%q,"spec_version":%q,"x_note":%q`, typ, id, spec, note)
	if modified != "" {
		text += fmt.Sprintf(`,"created":"2000-01-01T00:00:00Z","modified":%q`, modified)
	}
	o, err := stix.Parse([]byte(text + "}"))
	if err != nil {
		panic(fmt.Sprintf("the test composed an object with faults: %v", err))
	}
	return o
}

// numbered composes n objects that differ in their ids.
func numbered(prefix string, n int) []store.Incoming {
	batch := make([]store.Incoming, n)
	for i := range batch {
		name := fmt.Sprintf("%s%d", prefix, i)
		batch[i].Object = object("tool", name, stix.Spec21, "2020-01-01T00:00:00Z", name)
	}
	return batch
}

func add(tb rapid.TB, s store.Store, collection string, batch ...store.Incoming) []store.Added {
	tb.Helper()
	added, err := s.Add(context.Background(), collection, batch)
	if err != nil {
		tb.Fatal(err)
	}
	return added
}

func put(tb rapid.TB, s store.Store, d store.Document) {
	tb.Helper()
	d.Revision = store.AnyRevision
	if _, err := s.Put(context.Background(), d); err != nil {
		tb.Fatal(err)
	}
}

// everything asks for all entries of a collection.
func everything() store.Query {
	return store.Query{
		Versions:     store.Versions{All: true},
		SpecVersions: []string{stix.Spec20, stix.Spec21},
	}
}

// read returns all entries that q selects, their bytes as text.
func read(tb rapid.TB, s store.Store, collection string, q store.Query) []string {
	tb.Helper()
	var all []string
	for more := true; more; {
		p, err := s.Page(context.Background(), collection, q)
		if err != nil {
			tb.Fatal(err)
		}
		for _, e := range p.Entries {
			all = append(all, fmt.Sprintf("%d %v %s %s %s %s %s", e.Position, e.DateAdded, e.ID, e.Type,
				e.SpecVersion, e.Version, e.Raw))
		}
		more, q.Cursor = p.More, p.Next
	}
	return all
}

// contents is all that a store holds, as text by collection and by kind and key.
type contents struct {
	Collections map[string]string
	Documents   map[string]string
}

func contentsOf(tb rapid.TB, s store.Store) contents {
	tb.Helper()
	ctx := context.Background()
	c := contents{map[string]string{}, map[string]string{}}
	names, err := s.Collections(ctx, "", 0)
	if err != nil {
		tb.Fatal(err)
	}
	for _, name := range names {
		stats, err := s.Stats(ctx, name)
		if err != nil {
			tb.Fatal(err)
		}
		stats.Revision = 0 // as each store likes
		c.Collections[name] = fmt.Sprintf("%+v\n", stats) +
			strings.Join(read(tb, s, name, everything()), "\n")
	}
	kinds, err := s.Kinds(ctx)
	if err != nil {
		tb.Fatal(err)
	}
	for _, kind := range kinds {
		docs, err := s.List(ctx, kind, "", "", 0)
		if err != nil {
			tb.Fatal(err)
		}
		for _, d := range docs {
			c.Documents[d.Kind+" "+d.Key] = fmt.Sprintf("%q until %v", d.Value, d.Expires)
		}
	}
	return c
}

// sameStores compares two stores by what they answer.
func sameStores(tb rapid.TB, want, got store.Store) {
	tb.Helper()
	if diff := cmp.Diff(contentsOf(tb, want), contentsOf(tb, got)); diff != "" {
		tb.Fatalf("contents (-source +target):\n%s", diff)
	}
}

func unfinished(tb rapid.TB, s store.Store) bool {
	tb.Helper()
	return migrate.Unfinished(context.Background(), s) != nil
}
