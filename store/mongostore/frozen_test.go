package mongostore_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// adding is an Add that is under way.
type adding struct {
	done  sync.WaitGroup
	added []store.Added
	err   error
}

func addLater(t *testing.T, s store.Store, batch ...store.Incoming) *adding {
	a := &adding{}
	a.done.Go(func() { a.added, a.err = s.Add(t.Context(), "c", batch) })
	return a
}

// wait checks that the Add succeeds, with all that it adds being new.
func (a *adding) wait(t *testing.T) {
	t.Helper()
	a.done.Wait()
	if a.err != nil {
		t.Fatalf("Add: %v", a.err)
	}
	for i, added := range a.added {
		if !added.New {
			t.Errorf("object %d of the batch is not new", i)
		}
	}
}

// follower asks again and again for what comes after the last date that it was given.
type follower struct {
	quit chan struct{}
	done sync.WaitGroup
	seen []string
}

func follow(t *testing.T, s store.Store) *follower {
	f := &follower{quit: make(chan struct{})}
	f.done.Go(func() {
		q := store.Query{Versions: store.Versions{All: true}}
		for last := false; ; {
			for _, e := range walk(t, s, q) {
				f.seen, q.AddedAfter = append(f.seen, e.ID+" "+e.Version), e.DateAdded
			}
			if last {
				return
			}
			select {
			case <-f.quit:
				last = true
			case <-time.After(time.Millisecond):
			}
		}
	})
	return f
}

// check stops the follower. In the end it must have seen what a newcomer sees, in that order.
func (f *follower) check(t *testing.T, s store.Store) {
	t.Helper()
	close(f.quit)
	f.done.Wait()
	var want []string
	for _, e := range walk(t, s, store.Query{Versions: store.Versions{All: true}}) {
		want = append(want, e.ID+" "+e.Version)
	}
	if diff := cmp.Diff(want, f.seen); diff != "" {
		t.Errorf("what a poller has seen (-want +got):\n%s", diff)
	}
}

func TestFrozenWriter(t *testing.T) {
	server := mongotest.Start(t)
	for name, test := range map[string]func(*testing.T, *site){
		"CommitOfOneThatWasGivenUp":    commitsLate,
		"CommitWhileItIsGivenUp":       commitsMeanwhile,
		"InsertIntoTakenNumbers":       insertsLate,
		"InsertIntoDeletedNumbers":     insertsIntoDeleted,
		"InsertIntoADroppedCollection": insertsIntoDropped,
		"RelabelingAfterAnother":       relabelsLate,
		"RevisionOfTheHalfDone":        countsLate,
		"LabelsOfAnEarlierAdd":         labelsLate,
		"LabelsOfItsOwnDelete":         deletesLate,
	} {
		t.Run(name, func(t *testing.T) { test(t, newSite(t, server)) })
	}
}

// commitsLate has a writer sleep between its entries and their commit until another has lost
// patience and gone on.
func commitsLate(t *testing.T, s *site) {
	l := ledger{}
	a, b, c := s.start(t), s.start(t), s.start(t)
	l.add(t, b, sighting(t, "x", 1))
	f := follow(t, c)
	g := s.hold(t, committing())
	batch := []store.Incoming{sighting(t, "x", 2), sighting(t, "slow", 1)}
	slow := addLater(t, a, batch...)
	g.wait(t)
	l.add(t, b, sighting(t, "y", 1), sighting(t, "x", 3))
	l.check(t, c)
	g.open()
	slow.wait(t)
	l.note(batch...)
	f.check(t, c)
	l.check(t, c)
	s.holdsOnly(t, l, 0)
}

// commitsMeanwhile has a writer wake up when another has removed its entries and not yet written
// any in their place.
func commitsMeanwhile(t *testing.T, s *site) {
	l := ledger{}
	a, b := s.start(t), s.start(t)
	l.add(t, b, sighting(t, "x", 1))
	g := s.hold(t, committing())
	slow := addLater(t, a, sighting(t, "slow", 1))
	g.wait(t)
	next := s.hold(t, after(erasing(), inserting()))
	other := addLater(t, b, sighting(t, "y", 1))
	next.wait(t)
	g.open()
	slow.wait(t)
	l.note(sighting(t, "slow", 1))
	l.check(t, s.start(t))
	next.open()
	other.wait(t)
	l.note(sighting(t, "y", 1))
	l.check(t, s.start(t))
	s.holdsOnly(t, l, 0)
}

// insertsLate has the entries of a writer arrive when others have taken their numbers.
func insertsLate(t *testing.T, s *site) {
	l := ledger{}
	a, b, c := s.start(t), s.start(t), s.start(t)
	l.add(t, b, sighting(t, "x", 1))
	f := follow(t, c)
	g := s.hold(t, inserting())
	slow := addLater(t, a, sighting(t, "slow", 1), sighting(t, "slow", 2))
	g.wait(t)
	l.add(t, b, sighting(t, "y", 1))
	l.check(t, c)
	g.open()
	slow.wait(t)
	l.note(sighting(t, "slow", 1), sighting(t, "slow", 2))
	f.check(t, c)
	l.check(t, c)
	s.holdsOnly(t, l, 0)
}

// insertsIntoDeleted has the entries of a writer, who then dies, arrive at numbers that were
// deleted meanwhile. If they got in, they would count.
func insertsIntoDeleted(t *testing.T, s *site) {
	l := ledger{}
	a, b := s.mortal(t), s.start(t)
	l.add(t, b, sighting(t, "x", 1))
	g := s.hold(t, inserting())
	slow := addLater(t, a, sighting(t, "dead", 1))
	g.wait(t)
	l.add(t, b, sighting(t, "y", 1))
	n, err := b.Delete(t.Context(), "c", stix.MintID("x-sighting", "y"), store.Choice{})
	if n != 1 || err != nil {
		t.Fatalf("Delete: %d, %v", n, err)
	}
	delete(l, stix.MintID("x-sighting", "y"))
	died := s.dies(t, a, either(erasing(), committing()))
	g.open()
	if slow.done.Wait(); slow.err == nil || !died() {
		t.Fatalf("Add of the dying: %v", slow.err)
	}
	l.check(t, b)
	l.add(t, b, sighting(t, "z", 1))
	l.check(t, b)
	s.holdsOnly(t, l, 1) // and a number that stays taken
}

// insertsIntoDropped has entries arrive after their collection was dropped.
func insertsIntoDropped(t *testing.T, s *site) {
	l := ledger{}
	a, b := s.start(t), s.start(t)
	l.add(t, b, sighting(t, "x", 1))
	g := s.hold(t, inserting())
	slow := addLater(t, a, sighting(t, "slow", 1))
	g.wait(t)
	if err := b.Drop(t.Context(), "c"); err != nil {
		t.Fatalf("Drop: %v", err)
	}
	clear(l)
	l.check(t, b)
	g.open()
	slow.wait(t)
	l.note(sighting(t, "slow", 1))
	l.check(t, b)
	s.holdsOnly(t, l, 0)
}

// relabelsLate has a writer sleep between the commit of a newer version and taking its label from
// the older one, until the older one is the last again.
func relabelsLate(t *testing.T, s *site) {
	l := ledger{}
	a, b := s.start(t), s.start(t)
	l.add(t, b, sighting(t, "x", 1))
	g := s.hold(t, relabeling())
	slow := addLater(t, a, sighting(t, "x", 2))
	g.wait(t)
	id := stix.MintID("x-sighting", "x")
	v := store.Versions{Last: true}
	if n, err := b.Delete(t.Context(), "c", id, store.Choice{Versions: v}); n != 1 || err != nil {
		t.Fatalf("Delete: %d, %v", n, err)
	}
	l.check(t, b)
	g.open()
	slow.wait(t)
	l.check(t, b)
}

// countsLate looks at a collection while a writer sleeps between its commit and carrying it out:
// pages change then though no count does, so that nobody may keep one.
func countsLate(t *testing.T, s *site) {
	l := ledger{}
	a, b := s.start(t), s.start(t)
	l.add(t, b, sighting(t, "x", 1))
	steady := func() bool {
		one, err := b.Stats(t.Context(), "c")
		check(t, err)
		two, err := b.Stats(t.Context(), "c")
		check(t, err)
		return one.Revision == two.Revision
	}
	if !steady() {
		t.Error("the revision changes while nothing happens")
	}
	g := s.hold(t, relabeling())
	slow := addLater(t, a, sighting(t, "x", 2))
	g.wait(t)
	if steady() {
		t.Error("the revision does not change while a change is half done")
	}
	g.open()
	slow.wait(t)
	eventually(t, "the revision stays", steady)
}

// labelsLate has a process look what a dead one has left to do, and sleep until another has
// done that and more.
func labelsLate(t *testing.T, s *site) {
	l := ledger{}
	a, b := s.mortal(t), s.start(t)
	l.add(t, b, sighting(t, "x", 1), sighting(t, "x", 2))
	died := s.dies(t, a, relabeling())
	third := sighting(t, "x", 3)
	if _, err := a.Add(t.Context(), "c", []store.Incoming{third}); err == nil || !died() {
		t.Fatalf("Add of the dying: %v", err)
	}
	l.note(third)
	g := s.hold(t, filtersByID())
	slow := addLater(t, s.start(t), sighting(t, "slow", 1))
	g.wait(t)
	l.add(t, b, sighting(t, "x", 4))
	g.open()
	slow.wait(t)
	l.note(sighting(t, "slow", 1))
	l.check(t, b)
}

// deletesLate has a process sleep between the commit of its Delete and carrying it out.
func deletesLate(t *testing.T, s *site) {
	l := ledger{}
	a, b := s.start(t), s.start(t)
	for version := range 3 {
		l.add(t, b, sighting(t, "x", version))
	}
	id := stix.MintID("x-sighting", "x")
	g := s.hold(t, after(committing(), filtersByID()))
	var slow sync.WaitGroup
	slow.Go(func() {
		v := store.Versions{Exact: []stix.Timestamp{l[id][1].Object.VersionTime()}}
		if n, err := a.Delete(t.Context(), "c", id, store.Choice{Versions: v}); n != 1 || err != nil {
			t.Errorf("Delete: %d, %v", n, err)
		}
	})
	g.wait(t)
	newest := sighting(t, "x", 3)
	if _, err := b.Add(t.Context(), "c", []store.Incoming{newest}); err != nil {
		t.Fatalf("Add: %v", err)
	}
	v := store.Versions{Exact: []stix.Timestamp{sighting(t, "x", 2).Object.VersionTime()}}
	if n, err := b.Delete(t.Context(), "c", id, store.Choice{Versions: v}); n != 1 || err != nil {
		t.Fatalf("Delete: %d, %v", n, err)
	}
	g.open()
	slow.Wait()
	l[id] = []store.Incoming{sighting(t, "x", 0), newest}
	l.check(t, b)
}
