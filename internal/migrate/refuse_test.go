package migrate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/migrate"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// refused is a change to stores that makes a migration fail, and a part of the sentence.
type refused struct {
	name   string
	change func(t *testing.T, m *migrate.Migration)
	want   string
}

// A target that holds anything of its own is left as it is.
func TestMigration_RefusesTargetsOfOthers(t *testing.T) {
	for _, test := range []refused{
		{"an entry in a collection of both", func(t *testing.T, m *migrate.Migration) {
			kept := numbered("mine", 1)
			kept[0].DateAdded = start.Add(-time.Hour)
			add(t, m.To, "a", kept...)
		}, `collection "a" of the target has tool--`},
		{"an entry in a collection of its own", func(t *testing.T, m *migrate.Migration) {
			add(t, m.To, "mine", numbered("", 1)...)
		}, `collection "mine" of the target has entries added until 2026-03-01T12:00:00.124Z, ` +
			`the source only until never`},
		{"an end after that of the source", func(t *testing.T, m *migrate.Migration) {
			if err := m.To.Advance(t.Context(), "b", start.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}, `collection "b" of the target has entries added until 2026-03-01T13:00:00.123456Z`},
		{"a part of the source with a gap", func(t *testing.T, m *migrate.Migration) {
			mustRun(t, *m)
			id := numbered("c", 4)[3].Object.ID
			if _, err := m.To.Delete(t.Context(), "c", id, store.Choice{}); err != nil {
				t.Fatal(err)
			}
		}, `collection "c" of the target lacks tool--`},
		{"a copy of what the source has lost", func(t *testing.T, m *migrate.Migration) {
			mustRun(t, *m)
			if err := m.From.Drop(t.Context(), "c"); err != nil {
				t.Fatal(err)
			}
		}, `which the source does not have; choose an empty target`},
		{"another object at a date of the source", func(t *testing.T, m *migrate.Migration) {
			mine := numbered("mine", 1)
			mine[0].DateAdded = dateOfFirst(t, m.From, "a")
			add(t, m.To, "a", mine...)
		}, `where the source has tool--`},
		{"a document", func(t *testing.T, m *migrate.Migration) {
			put(t, m.To, store.Document{Kind: "token", Key: "mine"})
		}, `the target has a document, token "mine", which the source does not have`},
		{"another document", func(t *testing.T, m *migrate.Migration) {
			put(t, m.To, store.Document{Kind: "user", Key: "7", Value: []byte("mine")})
		}, `the target has another document user "7" than the source`},
		{"the copy of another source", func(t *testing.T, m *migrate.Migration) {
			other := *m
			other.Source = "pebble:/other"
			breakOff(t, other, migrate.Copying, 10)
		}, `the target is the unfinished copy of pebble:/other; copy that again`},
		{"a mark that is not readable", func(t *testing.T, m *migrate.Migration) {
			put(t, m.To, store.Document{Kind: "migration", Key: "unfinished", Value: []byte("{")})
		}, `read the mark of the target: unexpected end of JSON input`},
		{"a source that is empty", func(t *testing.T, m *migrate.Migration) {
			m.From = inMemory(t, fixed)
		}, `the source holds nothing`},
		{"a source that is a part of a copy", func(t *testing.T, m *migrate.Migration) {
			third := migrate.Migration{From: m.From, To: inMemory(t, fixed), Source: "first", Batch: 5}
			breakOff(t, third, migrate.Copying, 10)
			m.From = third.To
		}, `source: this store is an unfinished copy of first, begun on 20`},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := small(t)
			test.change(t, &m)
			before := contentsOf(t, m.To)
			if _, err := m.Run(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if diff := cmp.Diff(before, contentsOf(t, m.To)); diff != "" {
				t.Errorf("the target was changed:\n%s", diff)
			}
		})
	}
}

func dateOfFirst(t *testing.T, s store.Store, collection string) time.Time {
	t.Helper()
	p, err := s.Page(t.Context(), collection, store.Query{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	return p.Entries[0].DateAdded
}

// Whatever is changed in the target or the source after it was copied is found, and the copy
// does not pass for finished.
func TestMigration_ChecksWhatItHasCopied(t *testing.T) {
	ctx := context.Background()
	for _, test := range []refused{
		{"an entry lacks", func(t *testing.T, m *migrate.Migration) {
			_, err := m.To.Delete(ctx, "b", numbered("b", 8)[7].Object.ID, store.Choice{})
			if err != nil {
				t.Fatal(err)
			}
		}, `collection "b" of the target lacks ` + numbered("b", 8)[7].Object.ID},
		{"an entry more", func(t *testing.T, m *migrate.Migration) {
			add(t, m.To, "c", numbered("more", 1)...)
		}, `collection "c" of the target has ` + numbered("more", 1)[0].Object.ID},
		{"other bytes", func(t *testing.T, m *migrate.Migration) {
			m.To = &tampering{m.To, func(e *store.Entry) { e.Raw[20] ^= 1 }}
		}, `collection "a" of the target has other bytes of ` + numbered("a", 1)[0].Object.ID},
		{"another version", func(t *testing.T, m *migrate.Migration) {
			m.To = &tampering{m.To, func(e *store.Entry) { e.Version = "2020-01-01T00:00:00.0Z" }}
		}, `where the source has ` + numbered("a", 1)[0].Object.ID},
		{"another spec version", func(t *testing.T, m *migrate.Migration) {
			m.To = &tampering{m.To, func(e *store.Entry) { e.SpecVersion = stix.Spec20 }}
		}, `STIX 2.0, added`},
		{"another position", func(t *testing.T, m *migrate.Migration) {
			m.To = &tampering{m.To, func(e *store.Entry) { e.Position++ }}
		}, `the source as a tool at `},
		{"a later end", func(t *testing.T, m *migrate.Migration) {
			if err := m.To.Advance(ctx, "c", start.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}, `until 2026-03-01 13:00:00.123456 +0000 UTC; and 50 entries`},
		{"a document lacks", func(t *testing.T, m *migrate.Migration) {
			if err := m.To.Remove(ctx, "user", "7"); err != nil {
				t.Fatal(err)
			}
		}, `the target lacks the document user "7"`},
		{"a document more", func(t *testing.T, m *migrate.Migration) {
			put(t, m.To, store.Document{Kind: "zebra", Key: "k"})
		}, `the target has a document, zebra "k", that the source does not have`},
		{"another document", func(t *testing.T, m *migrate.Migration) {
			put(t, m.To, store.Document{Kind: "user", Key: "7", Value: []byte("V")})
		}, `the document user "7" is not the same in both stores`},
		{"a document that expires", func(t *testing.T, m *migrate.Migration) {
			d := store.Document{Kind: "user", Key: "7", Value: []byte("v"), Expires: start.Add(time.Hour)}
			put(t, m.To, d)
		}, `the document user "7" is not the same in both stores`},
		{"an entry more in the source", func(t *testing.T, m *migrate.Migration) {
			add(t, m.From, "c", numbered("more", 1)...)
		}, `of the target lacks ` + numbered("more", 1)[0].Object.ID},
		{"a collection more in the source", func(t *testing.T, m *migrate.Migration) {
			add(t, m.From, "d", numbered("more", 1)...)
		}, `the source has other collections than before; if servers have written`},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := small(t)
			tampered := &tampered{Store: m.To}
			m.To = tampered
			m.Progress = func(p migrate.Progress) {
				if p.Stage == migrate.Checking && p.Done == 0 {
					changed := migrate.Migration{From: m.From, To: tampered.Store}
					test.change(t, &changed)
					tampered.Store = changed.To
				}
			}
			if _, err := m.Run(ctx); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if !unfinished(t, tampered.Store) {
				t.Error("the target passes for finished")
			}
		})
	}
}

// tampered is a store that can be replaced by another.
type tampered struct{ store.Store }

// tampering is a store whose first entry of collection a is not what was added.
type tampering struct {
	store.Store
	change func(*store.Entry)
}

func (s *tampering) Page(ctx context.Context, name string, q store.Query) (store.Page, error) {
	p, err := s.Store.Page(ctx, name, q)
	if name == "a" && q.Cursor == "" && len(p.Entries) > 0 {
		s.change(&p.Entries[0])
	}
	return p, err
}

// A store that gives its own positions cannot keep what pollers were promised.
func TestMigration_RefusesStoresWithOtherPositions(t *testing.T) {
	m := small(t)
	m.To = &counter{Store: m.To}
	_, err := m.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), `collection "a" of the target put tool--`) {
		t.Errorf("error %v, want one about where the target has put an object", err)
	}
}

// counter is a store whose positions count from one.
type counter struct{ store.Store }

func (s *counter) Add(
	ctx context.Context, name string, batch []store.Incoming,
) ([]store.Added, error) {
	added, err := s.Store.Add(ctx, name, batch)
	for i := range added {
		added[i].Position = uint64(i + 1)
	}
	return added, err
}

// An entry whose bytes do not say what the store says of it stops the copy.
func TestMigration_RefusesEntriesThatAreNotTheirBytes(t *testing.T) {
	other := "is kept as something else than its bytes say: tool--"
	for _, test := range []struct {
		want   string
		change func(*store.Entry)
	}{
		{"is no object that can be stored", func(e *store.Entry) { e.Raw = e.Raw[1:] }},
		{other, func(e *store.Entry) { e.ID = stix.MintID("tool", "x") }},
		{other, func(e *store.Entry) { e.SpecVersion = stix.Spec20 }},
		{other, func(e *store.Entry) { e.Version = "2021-01-01T00:00:00Z" }},
	} {
		m := small(t)
		m.From = &tampering{m.From, test.change}
		if _, err := m.Run(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("error %v, want one with %q", err, test.want)
		}
	}
}
