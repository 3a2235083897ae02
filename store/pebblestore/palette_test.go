package pebblestore_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// A collection whose versions differ in their marks in more ways than are kept apart tells a
// bounded reader too little, and nobody too much. Who has no bounds sees no difference.
func TestTooManyShades(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	opts := pebblestore.Options{Now: func() time.Time { return now }}
	opts.FS = vfs.NewMem()
	roomy := openWith(t, opts)
	opts.FS = vfs.NewMem()
	narrow := openWith(t, opts.WithFewShades())
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		now = now.Add(time.Second)
		in := store.Incoming{Object: anyVersion(t, random), Marks: string("abc"[random.IntN(3)])}
		for _, s := range []store.Store{roomy, narrow} {
			if _, err := s.Add(t.Context(), "c", []store.Incoming{in}); err != nil {
				t.Fatal(err)
			}
		}
		if random.IntN(8) == 0 {
			for _, s := range []store.Store{roomy, narrow} {
				c := store.Choice{Versions: store.Versions{Last: true}}
				if _, err := s.Delete(t.Context(), "c", in.Object.ID, c); err != nil {
					t.Fatal(err)
				}
			}
		}
		compareShades(t, roomy, narrow)
	}
}

func openWith(t *testing.T, opts pebblestore.Options) store.Store {
	t.Helper()
	s, err := pebblestore.Open("store", opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// anyVersion is one of a few versions of one of two objects, in either spec version.
func anyVersion(t *testing.T, random *rand.Rand) stix.Object {
	t.Helper()
	o, err := stix.Parse(fmt.Appendf(nil, `{"type":"tool","spec_version":"2.%d","id":%q,`+
		`"created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:00:%02dZ"}`, random.IntN(2),
		stix.MintID("tool", string("xy"[random.IntN(2)])), random.IntN(10)))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func compareShades(t *testing.T, roomy, narrow store.Store) {
	t.Helper()
	for _, v := range []store.Versions{{All: true}, {First: true}, {Last: true}} {
		for _, specs := range [][]string{nil, {stix.Spec20, stix.Spec21}} {
			q := store.Query{Versions: v, SpecVersions: specs}
			if diff := cmp.Diff(pageOf(t, roomy, q), pageOf(t, narrow, q)); diff != "" {
				t.Fatalf("%+v (-roomy +narrow):\n%s", q, diff)
			}
			for _, marks := range []string{"a", "b"} {
				q.Released = func(m string) bool { return m == marks }
				for _, e := range pageOf(t, narrow, q) {
					if e.Marks != marks {
						t.Fatalf("%+v shows an entry with the marks %q", q, e.Marks)
					}
				}
			}
		}
	}
}

func pageOf(t *testing.T, s store.Store, q store.Query) []store.Entry {
	t.Helper()
	p, err := s.Page(t.Context(), "c", q)
	if err != nil {
		t.Fatal(err)
	}
	return p.Entries
}
