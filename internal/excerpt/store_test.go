package excerpt_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/excerpt"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

const redDescription = `,"description":"d","object_marking_refs":["$green"],` +
	`"granular_markings":[{"marking_ref":"$red","selectors":["description"]}]`

// numbered returns the n-th of some objects with one excerpt each.
func numbered(t testing.TB, n int, description string) stix.Object {
	return parse(t, marked(fmt.Sprintf(`{"type":"tool","spec_version":"2.1",`+
		`"id":"tool--11111111-1111-4111-8111-%012d","created":"2026-01-02T03:04:05.000Z",`+
		`"modified":"2026-01-02T03:04:05.000Z","name":"n"`, n)+
		strings.Replace(redDescription, `"d"`, `"`+description+`"`, 1)+`}`))
}

// What is told of objects is of those that were given, in their order, whatever stands between.
func TestAdd_TellsOfTheObjectsGiven(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		s := over(t, bare)
		add(t, s, numbered(t, 2, "d"))
		added := add(t, s, numbered(t, 1, "d"), numbered(t, 2, "d"), numbered(t, 3, "d"))
		var isNew []bool
		for i, a := range added {
			isNew = append(isNew, a.New)
			page, err := bare.Page(t.Context(), collection, store.Query{IDs: []string{numbered(t, i+1, "d").ID}})
			check(t, err)
			if page.Entries[0].Position != a.Position {
				t.Errorf("object %d is at %d, not %d", i+1, page.Entries[0].Position, a.Position)
			}
		}
		if diff := cmp.Diff([]bool{true, false, true}, isNew); diff != "" {
			t.Errorf("new (-want +got):\n%s", diff)
		}
	})
}

// An excerpt of an object whose date is kept comes right behind it, before the next one.
func TestAdd_KeptDates(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		date := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
		var batch []store.Incoming
		for n := range 2 {
			in := store.Received(numbered(t, n, "d"))
			in.DateAdded = date.Add(time.Duration(n) * time.Hour)
			batch = append(batch, in)
		}
		_, err := over(t, bare).Add(t.Context(), collection, batch)
		check(t, err)
		var got []time.Time
		for _, e := range everything(t, bare) {
			got = append(got, e.DateAdded)
		}
		const after = time.Microsecond
		want := []time.Time{date, date.Add(after), date.Add(time.Hour), date.Add(time.Hour + after)}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// watched counts what is asked of a store, and fails after so many entries.
type watched struct {
	store.Store
	batches []int // entries in each
	pages   int
	keeps   int // of the next batch, of which the rest gets lost; -1 is all
}

func (w *watched) Add(ctx context.Context, in string, objects []store.Incoming) ([]store.Added, error) {
	w.batches = append(w.batches, len(objects))
	if w.keeps < 0 {
		return w.Store.Add(ctx, in, objects)
	}
	_, err := w.Store.Add(ctx, in, objects[:w.keeps])
	return nil, errors.Join(store.ErrUnavailable, err)
}

func (w *watched) Page(ctx context.Context, in string, q store.Query) (store.Page, error) {
	w.pages++
	return w.Store.Page(ctx, in, q)
}

// Excerpts of large objects do not pile up, and no object is apart from its own.
func TestAdd_WritesLargeExcerptsInParts(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		w := &watched{Store: bare, keeps: -1}
		s := over(t, w)
		var objects []stix.Object
		for n := range 12 {
			o := numbered(t, n, "d")
			o = parse(t, strings.Replace(string(o.Raw), `"n"`, `"`+strings.Repeat("n", 1<<20)+`"`, 1))
			objects = append(objects, o)
		}
		add(t, s, objects...)
		if diff := cmp.Diff([]int{16, 8}, w.batches); diff != "" {
			t.Errorf("batches (-want +got):\n%s", diff)
		}
	})
}

// However many new objects there are, one look at the store is enough; without anything that can
// have excerpts or had them, none is.
func TestAdd_LooksAtTheStoreOnce(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		w := &watched{Store: bare, keeps: -1}
		s := over(t, w)
		var objects []stix.Object
		for n := range 1000 {
			objects = append(objects, numbered(t, n, "d"))
		}
		add(t, s, objects...)
		if w.pages != 1 {
			t.Errorf("%d pages, want 1", w.pages)
		}
		plain := parse(t, tool("05", "n", ""))
		if add(t, s, plain); w.pages != 1 {
			t.Errorf("%d pages, want no more", w.pages-1)
		}
	})
}

// Whatever part of a batch a failure leaves behind, adding the batch again makes it whole.
func TestAdd_AgainAfterAFailure(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		first := parse(t, tool("05", "n", marked(redDescription)))
		second := parse(t, tool("06", "n", marked(strings.Replace(redDescription, "$red", "$amber", 1))))
		whole := over(t, newStore(t))
		add(t, whole, first)
		add(t, whole, second)
		want := contents(everything(t, whole))
		for kept := range 4 {
			c := fmt.Sprintf("api/%d", kept)
			w := &watched{Store: bare, keeps: -1}
			s := over(t, w)
			batch := []store.Incoming{store.Received(first)}
			_, err := s.Add(t.Context(), c, batch)
			check(t, err)
			batch[0] = store.Received(second)
			w.keeps = kept
			if _, err := s.Add(t.Context(), c, batch); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("failing: %v", err)
			}
			w.keeps = -1
			_, err = s.Add(t.Context(), c, batch)
			check(t, err)
			page, err := bare.Page(t.Context(), c, store.Query{Versions: store.Versions{All: true}})
			check(t, err)
			if diff := cmp.Diff(want, contents(page.Entries)); diff != "" {
				t.Errorf("%d kept (-want +got):\n%s", kept, diff)
			}
		}
	})
}

// contents are the bytes by the marks.
func contents(entries []store.Entry) map[string]string {
	all := map[string]string{}
	for _, e := range entries {
		all[e.Marks+" "+e.Version] += string(e.Raw)
	}
	return all
}

// A writer who says that an object is for nobody does not want its parts given either.
func TestAdd_OtherMarksThanItsOwn(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		s := over(t, bare)
		in := store.Incoming{Object: numbered(t, 1, "d")}
		_, err := s.Add(t.Context(), collection, []store.Incoming{in})
		check(t, err)
		if n := len(everything(t, bare)); n != 1 {
			t.Errorf("%d entries, want 1", n)
		}
	})
}

// Excerpts are made where the collection says so; adding objects again makes those that were not
// made before.
func TestAdd_GoesByTheCollection(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		redacts := false
		over(t, bare)
		s := excerpt.New(bare, func(key string) bool { return redacts && key == collection })
		add(t, s, numbered(t, 1, "d"))
		if n := len(everything(t, bare)); n != 1 {
			t.Errorf("%d entries, want 1", n)
		}
		redacts = true
		if added := add(t, s, numbered(t, 1, "d")); added[0].New {
			t.Error("it was not there")
		}
		if n := len(everything(t, bare)); n != 2 {
			t.Errorf("%d entries, want 2", n)
		}
		// Nobody had an excerpt of the first version, and so none needs to be revoked.
		redacts = false
		add(t, s, parse(t, tool("05", "n", marked(redDescription))))
		redacts = true
		add(t, s, parse(t, tool("06", "n", "")))
		if n := len(everything(t, bare)); n != 4 {
			t.Errorf("%d entries, want 4: %s", n, lines(everything(t, bare)))
		}
	})
}

// A store that cannot be read is an error that can be told, and nothing is written.
func TestAdd_AStoreThatFails(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		s := over(t, unreadable{bare})
		_, err := s.Add(t.Context(), collection, []store.Incoming{store.Received(numbered(t, 1, "d"))})
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("add: %v", err)
		}
		if _, err := s.Delete(t.Context(), collection, original, store.Choice{}); !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("delete: %v", err)
		}
		if n := len(everything(t, bare)); n != 0 {
			t.Errorf("%d entries", n)
		}
	})
}

type unreadable struct{ store.Store }

func (unreadable) Page(context.Context, string, store.Query) (store.Page, error) {
	return store.Page{}, store.ErrUnavailable
}
