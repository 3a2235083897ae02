package mongostore_test

import (
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
)

// mortal opens the store of a process that is going to die: what it then still tries is to
// end soon, yet not before a busy machine has let it open.
func (s *site) mortal(t *testing.T) *process {
	t.Helper()
	return s.startAt(t, impatient(t, s.url), mongostore.Options{})
}

// survivors are those that do what a dead writer has left to do.
func survivors() map[string]func(t *testing.T, s *site, l ledger) store.Store {
	return map[string]func(t *testing.T, s *site, l ledger) store.Store{
		"Writer": func(t *testing.T, s *site, l ledger) store.Store {
			p := s.start(t)
			l.add(t, p, sighting(t, "of the writer", 1))
			return p
		},
		"Sweeper": func(t *testing.T, s *site, _ ledger) store.Store {
			p := s.startAt(t, s.url, mongostore.Options{SweepEvery: 10 * time.Millisecond})
			records := s.database(t).Collection("collections")
			eventually(t, "nothing is left to do", func() bool {
				return document(t, records, "c")["todo"] == nil
			})
			return p
		},
	}
}

func TestDeadWriter(t *testing.T) {
	server := mongotest.Start(t)
	t.Run("BeforeItsCommit", func(t *testing.T) { diesBeforeItsCommit(t, newSite(t, server)) })
	for name, survivor := range survivors() {
		t.Run("BeforeItRelabels/"+name, func(t *testing.T) {
			s, l := newSite(t, server), ledger{}
			a := s.mortal(t)
			l.add(t, a, sighting(t, "x", 1), sighting(t, "y", 2))
			batch := []store.Incoming{sighting(t, "x", 2), sighting(t, "y", 1)}
			died := s.dies(t, a, relabeling())
			if _, err := a.Add(t.Context(), "c", batch); err == nil || !died() {
				t.Fatalf("Add of the dying: %v", err)
			}
			l.note(batch...) // they were committed
			seesNoLess(t, s.start(t), l)
			l.check(t, survivor(t, s, l))
			s.holdsOnly(t, l, 0)
		})
		t.Run("InTheMiddleOfDelete/"+name, func(t *testing.T) {
			for n := range 2 { // the labels of those that stay come first, then those that go
				diesDeleting(t, newSite(t, server), n, survivor)
			}
		})
		t.Run("InTheMiddleOfDrop/"+name, func(t *testing.T) {
			diesDropping(t, newSite(t, server), survivor)
		})
	}
	t.Run("BeforeItsDrop", func(t *testing.T) {
		for _, moment := range []moment{at("createIndexes", "entries_"), committing()} {
			s, l := newSite(t, server), ledger{}
			a := s.mortal(t)
			l.add(t, a, sighting(t, "x", 1))
			died := s.dies(t, a, moment)
			if err := a.Drop(t.Context(), "c"); err == nil || !died() {
				t.Fatalf("Drop of the dying: %v", err)
			}
			b := s.start(t)
			l.check(t, b)
			l.add(t, b, sighting(t, "x", 2))
			l.check(t, b)
		}
	})
}

// diesBeforeItsCommit leaves entries that nobody may ever see.
func diesBeforeItsCommit(t *testing.T, s *site) {
	l := ledger{}
	a, b := s.mortal(t), s.start(t)
	l.add(t, b, sighting(t, "x", 1))
	died := s.dies(t, a, committing())
	lost := []store.Incoming{sighting(t, "x", 2), sighting(t, "lost", 1)}
	if _, err := a.Add(t.Context(), "c", lost); err == nil || !died() {
		t.Fatalf("Add of the dying: %v", err)
	}
	l.check(t, b)
	s.holdsOnly(t, l, int64(len(lost)))
	l.add(t, b, sighting(t, "y", 1))
	l.check(t, b)
	s.holdsOnly(t, l, 0)
	again, err := b.Add(t.Context(), "c", lost)
	if err != nil || !again[0].New || !again[1].New {
		t.Errorf("added again: %v, %v, want two new entries", again, err)
	}
	l.note(lost...)
	l.check(t, b)
}

// seesNoLess checks that a reader of a half-done change gets what it should, or more.
func seesNoLess(t *testing.T, s store.Store, l ledger) {
	t.Helper()
	for _, v := range []store.Versions{{All: true}, {First: true}, {Last: true}} {
		got := map[string]bool{}
		for _, e := range walk(t, s, store.Query{Versions: v}) {
			got[e.ID+" "+e.Version] = true
		}
		for _, line := range l.want(v) {
			if !got[line] {
				t.Errorf("%s is not in the page of %+v", line, v)
			}
		}
	}
}

// diesDeleting deletes the first and last of four versions and dies after n steps of that.
func diesDeleting(
	t *testing.T, s *site, n int, survivor func(*testing.T, *site, ledger) store.Store,
) {
	l := ledger{}
	a := s.mortal(t)
	for version := range 4 {
		l.add(t, a, sighting(t, "x", version))
	}
	l.add(t, a, sighting(t, "y", 1))
	died := s.dies(t, a, nth(int64(n)+1, relabeling()))
	id := stix.MintID("x-sighting", "x")
	_, err := a.Delete(t.Context(), "c", id,
		store.Choice{Versions: store.Versions{First: true, Last: true}})
	if err == nil || !died() {
		t.Fatalf("Delete of the dying after %d steps: %v", n, err)
	}
	before := maps.Clone(l)
	l[id] = l[id][1:3] // it was committed
	seesNoLess(t, s.start(t), []ledger{before, l}[n])
	l.check(t, survivor(t, s, l))
	s.holdsOnly(t, l, 2)
}

// diesDropping dies when the drop is committed and the old entries are still there.
func diesDropping(
	t *testing.T, s *site, survivor func(*testing.T, *site, ledger) store.Store,
) {
	l := ledger{}
	a := s.mortal(t)
	l.add(t, a, sighting(t, "x", 1), sighting(t, "y", 1))
	died := s.dies(t, a, at("drop", "entries_"))
	if err := a.Drop(t.Context(), "c"); err == nil || !died() {
		t.Fatalf("Drop of the dying: %v", err)
	}
	clear(l) // it was committed
	l.check(t, s.start(t))
	l.check(t, survivor(t, s, l))
	db := s.database(t)
	names, err := db.ListCollectionNames(t.Context(), entriesCollections())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{document(t, db.Collection("collections"), "c")["in"].(string)}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("collections of entries (-want +got):\n%s", diff)
	}
}

func entriesCollections() bson.D {
	return bson.D{{Key: "name", Value: bson.D{{Key: "$regex", Value: "^entries_"}}}}
}

// holdsOnly checks that MongoDB has the entries of a ledger and so many documents beside them.
func (s *site) holdsOnly(t *testing.T, l ledger, others int64) {
	t.Helper()
	db := s.database(t)
	in := document(t, db.Collection("collections"), "c")["in"].(string)
	got, err := db.Collection(in).CountDocuments(t.Context(), bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	if want := l.stats().Entries + others; got != want {
		t.Errorf("%d documents in %s, want %d", got, in, want)
	}
}
