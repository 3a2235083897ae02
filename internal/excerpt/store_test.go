package excerpt_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
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

// The secret is made once, however many servers need it at once, and only where it is needed.
func TestAdd_ServersShareOneSecret(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		plain := parse(t, tool("05", "n", ""))
		add(t, excerpt.New(bare, func(string) bool { return true }), plain)
		if _, err := bare.Get(t.Context(), "secret", "excerpts"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a secret for nothing: %v", err)
		}
		var servers sync.WaitGroup
		for range 8 {
			servers.Go(func() {
				s := excerpt.New(bare, func(string) bool { return true })
				_, err := s.Add(t.Context(), collection, []store.Incoming{store.Received(numbered(t, 1, "d"))})
				if err != nil {
					t.Error(err)
				}
			})
		}
		servers.Wait()
		// One that has looked before another one made it.
		add(t, excerpt.New(&late{Store: bare}, func(string) bool { return true }), numbered(t, 1, "d"))
		if entries := everything(t, bare); len(entries) != 3 {
			t.Errorf("%d entries, want 3: %s", len(entries), lines(entries))
		}
		other := newStore(t)
		add(t, excerpt.New(other, func(string) bool { return true }), numbered(t, 1, "d"))
		if everything(t, other)[1].ID == everything(t, bare)[2].ID {
			t.Error("two stores have the same secret")
		}
	})
}

// late is a store in which a document is not there when it is looked for first.
type late struct {
	store.Store
	looked bool
}

func (l *late) Get(ctx context.Context, kind, key string) (store.Document, error) {
	if !l.looked {
		l.looked = true
		return store.Document{}, store.ErrNotFound
	}
	return l.Store.Get(ctx, kind, key)
}

func TestStore_ADamagedSecretIsAnError(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		_, err := bare.Put(t.Context(), store.Document{Kind: "secret", Key: "excerpts", Value: []byte("a1")})
		check(t, err)
		s := excerpt.New(bare, func(string) bool { return true })
		_, err = s.Add(t.Context(), collection, []store.Incoming{store.Received(numbered(t, 1, "d"))})
		if err == nil || !strings.Contains(err.Error(), "damaged") || strings.Contains(err.Error(), "a1") {
			t.Errorf("add: %v", err)
		}
		if _, err := s.Delete(t.Context(), collection, original, store.Choice{}); err == nil {
			t.Error("delete works")
		}
	})
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

// Excerpts of versions that the deleter does not see stay, and those of an object without versions
// go with it.
func TestDelete_GoesByWhatIsReleased(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		s := over(t, bare)
		amber := strings.Replace(redDescription, "$red", "$amber", 1)
		add(t, s, parse(t, tool("05", "n", marked(amber))), parse(t, tool("06", "n", marked(redDescription))))
		file := parse(t, marked(`{"type":"file","spec_version":"2.1","id":"file--7ad1d6a3-2bb4-5ee1-8c5c-2f8a6ba0bbd1",`+
			`"name":"a","size":3,"object_marking_refs":["$green"],"granular_markings":[{"marking_ref":"$red","selectors":["size"]}]}`))
		add(t, s, file)

		n, err := s.Delete(t.Context(), collection, original, store.Choice{
			Released: func(marks string) bool { return marks == "amber" },
		})
		check(t, err)
		var left []string
		for _, e := range everything(t, bare) {
			left = append(left, e.Type+" "+e.Version[len(e.Version)-7:]+" "+e.Marks)
		}
		want := []string{"tool 06.000Z red", "tool 06.000Z green unless red"}
		if diff := cmp.Diff(want, left[:2]); diff != "" || n != 1 || len(left) != 4 {
			t.Errorf("%d deleted (-want +got):\n%s", n, diff)
		}
		// The same in STIX 2.0 goes by itself.
		add(t, s, parse(t, strings.Replace(string(file.Raw), "2.1", "2.0", 1)))
		choice := store.Choice{SpecVersions: []string{stix.Spec20}}
		if n, err := s.Delete(t.Context(), collection, file.ID, choice); n != 1 || err != nil {
			t.Errorf("%d deleted, %v", n, err)
		}
		if n := len(everything(t, bare)); n != 4 {
			t.Errorf("%d left, want 4: %s", n, lines(everything(t, bare)))
		}
		for _, id := range []string{original, file.ID} {
			if n, err := s.Delete(t.Context(), collection, id, store.Choice{}); n != 1 || err != nil {
				t.Errorf("%s: %d deleted, %v", id, n, err)
			}
		}
		if left := everything(t, bare); len(left) > 0 {
			t.Errorf("left: %s", lines(left))
		}
	})
}
