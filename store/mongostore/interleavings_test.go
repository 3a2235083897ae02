package mongostore_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
)

// older is a version of STIX 2.0 of what sighting makes.
func older(t *testing.T, name string, version int) store.Incoming {
	t.Helper()
	o, err := stix.Parse(fmt.Appendf(nil, `{"type":"x-sighting","id":%q,`+
		`"created":"2020-01-01T00:00:00Z","modified":"2020-01-01T00:%02d:00.000Z"}`,
		stix.MintID("x-sighting", name), version))
	if err != nil {
		t.Fatal(err)
	}
	return store.Incoming{Object: o}
}

// recordOf returns the record of the collection and its entries.
func recordOf(t *testing.T, db *mongo.Database) (bson.M, *mongo.Collection) {
	t.Helper()
	record := document(t, db.Collection("collections"), "c")
	return record, db.Collection(record["in"].(string))
}

func change(t *testing.T, in *mongo.Collection, id any, fields bson.D) {
	t.Helper()
	_, err := in.UpdateOne(t.Context(), bson.D{{Key: "_id", Value: id}},
		bson.D{{Key: "$set", Value: fields}})
	if err != nil {
		t.Fatal(err)
	}
}

// TestTodo_HalfOfARelabeling has a server die in the middle of the one command by which four
// versions of 2.0 cease to be current, after the first and the last of them.
func TestTodo_HalfOfARelabeling(t *testing.T) {
	s := newSite(t, mongotest.Start(t))
	dying, next := s.mortal(t), s.start(t)
	l := ledger{}
	for version := range 4 {
		l.add(t, next, older(t, "x", version))
	}
	died := s.dies(t, dying, relabeling())
	if _, err := dying.Add(t.Context(), "c", []store.Incoming{sighting(t, "x", 5)}); err == nil || !died() {
		t.Fatalf("Add of a server that was to die: %v", err)
	}
	record, in := recordOf(t, s.database(t))
	for _, number := range []int64{1, 4} {
		var labels []string
		for _, label := range document(t, in, number)["k"].(bson.A) {
			if label.(string)[0] != 'c' {
				labels = append(labels, label.(string))
			}
		}
		change(t, in, number,
			bson.D{{Key: "k", Value: labels}, {Key: "r", Value: record["revision"]}})
	}
	if _, err := next.Add(t.Context(), "c", []store.Incoming{sighting(t, "y", 1)}); err != nil {
		t.Fatal("Add:", err)
	}
	for _, e := range walk(t, next, store.Query{Versions: store.Versions{All: true}}) {
		if e.SpecVersion == stix.Spec20 {
			t.Errorf("version %s of 2.0 is shown beside one of 2.1", e.Version)
		}
	}
}

// TestAdd_AfterADropElsewhere adds through a server that remembers a collection what is in it
// no more. The other server has died before the entries themselves were gone.
func TestAdd_AfterADropElsewhere(t *testing.T) {
	s := newSite(t, mongotest.Start(t))
	remembers, drops, reader := s.start(t), s.mortal(t), s.start(t)
	l := ledger{}
	l.add(t, remembers, sighting(t, "x", 1))
	died := s.dies(t, drops, at("drop", "entries_"))
	if err := drops.Drop(t.Context(), "c"); err == nil || !died() {
		t.Fatalf("Drop of a server that was to die: %v", err)
	}
	if _, err := remembers.Add(t.Context(), "c", []store.Incoming{sighting(t, "x", 1)}); err != nil {
		t.Fatal("Add:", err)
	}
	if n := len(walk(t, reader, store.Query{})); n != 1 {
		t.Errorf("after an acknowledged Add there are %d entries", n)
	}
}

// TestTurns_OfAServerThatIsGone leaves the mark of a server that has asked for a turn and died.
// It costs the others one look, and no more.
func TestTurns_OfAServerThatIsGone(t *testing.T) {
	s := newSite(t, mongotest.Start(t))
	count := &trips{}
	one := s.startAt(t, s.url, mongostore.Options{Monitor: count.monitor()})
	l := ledger{}
	l.add(t, one, sighting(t, "x", 1))
	records := s.database(t).Collection("collections")
	change(t, records, "c", bson.D{{Key: "wanted", Value: int64(12345)}})
	for i, want := range []int{3, 4, 3, 3} {
		if got := count.of(func() { l.add(t, one, sighting(t, fmt.Sprint(i), 1)) }); got != want {
			t.Errorf("envelope %d: %d commands, want %d", i, got, want)
		}
	}
}

// TestPage_APartThatIsLost asks for an object of which MongoDB has lost a part.
func TestPage_APartThatIsLost(t *testing.T) {
	s := newSite(t, mongotest.Start(t))
	count := &trips{}
	one := s.startAt(t, s.url, mongostore.Options{Monitor: count.monitor()})
	l := ledger{}
	l.add(t, one, sighting(t, "x", 1))
	_, in := recordOf(t, s.database(t))
	change(t, in, int64(1), bson.D{{Key: "m", Value: int64(1)}})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	got := count.of(func() {
		if _, err := one.Page(ctx, "c", store.Query{}); err == nil {
			t.Error("a page with an object that is not whole")
		}
	})
	if got > 10 {
		t.Errorf("%d commands for a page that cannot be read", got)
	}
}

// answer is what a find of one document is answered, or of none.
func answer(documents ...any) bson.D {
	return bson.D{
		{Key: "cursor", Value: bson.D{
			{Key: "firstBatch", Value: append(bson.A{}, documents...)},
			{Key: "id", Value: int64(0)}, {Key: "ns", Value: "db.collections"},
		}},
		{Key: "ok", Value: 1.0},
	}
}

// TestElection_TheMajorityIsBehindACommit answers the first look at a record after its commit as
// a new primary may, whose majority does not have the commit yet.
func TestElection_TheMajorityIsBehindACommit(t *testing.T) {
	s := newSite(t, mongotest.Start(t))
	one := s.start(t)
	l := ledger{}
	l.add(t, one, sighting(t, "x", 1), sighting(t, "y", 1))
	var committed, behind atomic.Bool
	s.server.Intercept(t, func(command string, body bson.Raw) (bson.D, bool) {
		if committing()(command, body) {
			committed.Store(true)
			return nil, false
		}
		in, _ := body.Lookup("find").StringValueOK()
		if in != "collections" || !committed.Load() || behind.Swap(true) {
			return nil, false
		}
		return answer(), true
	})
	id := stix.MintID("x-sighting", "x")
	if _, err := one.Delete(t.Context(), "c", id, store.Choice{}); err != nil {
		t.Fatal("Delete:", err)
	}
	if !behind.Load() {
		t.Error("nobody has looked at the record")
	}
	delete(l, id)
	l.check(t, one)
}

// TestElection_TheMajorityIsBehindADrop shows a server whose commit has failed the record as it
// was before the collection was dropped.
func TestElection_TheMajorityIsBehindADrop(t *testing.T) {
	s := newSite(t, mongotest.Start(t))
	one, other := s.start(t), s.start(t)
	l := ledger{}
	l.add(t, other, sighting(t, "old", 1))
	stale, _ := recordOf(t, s.database(t))
	if err := other.Drop(t.Context(), "c"); err != nil {
		t.Fatal("Drop:", err)
	}
	clear(l)
	l.add(t, one, sighting(t, "x", 1))
	l.add(t, one, sighting(t, "y", 1))
	id := stix.MintID("x-sighting", "y")
	// A deletion takes no number, so that the next writer fails no sooner than at its commit.
	if _, err := other.Delete(t.Context(), "c", id, store.Choice{}); err != nil {
		t.Fatal("Delete:", err)
	}
	delete(l, id)
	var failed, behind atomic.Bool
	s.server.Intercept(t, func(command string, body bson.Raw) (bson.D, bool) {
		if erasing()(command, body) {
			failed.Store(true)
			return nil, false
		}
		in, _ := body.Lookup("find").StringValueOK()
		if in != "collections" || !failed.Load() || behind.Swap(true) {
			return nil, false
		}
		return answer(stale), true
	})
	l.add(t, one, sighting(t, "z", 1))
	if !behind.Load() {
		t.Error("nobody has looked at the record")
	}
	l.check(t, other)
}

// TestPage_OfAnObjectThatChanges holds the read of one object by its id back until there is a
// newer version.
func TestPage_OfAnObjectThatChanges(t *testing.T) {
	s := newSite(t, mongotest.Start(t))
	writer, reader := s.start(t), s.start(t)
	l := ledger{}
	l.add(t, writer, sighting(t, "x", 1))
	l.add(t, writer, sighting(t, "x", 2))
	held := s.hold(t, filtersByID())
	var page store.Page
	var err error
	var reading sync.WaitGroup
	reading.Go(func() {
		id := stix.MintID("x-sighting", "x")
		page, err = reader.Page(t.Context(), "c", store.Query{IDs: []string{id}})
	})
	held.wait(t)
	l.add(t, writer, sighting(t, "x", 3))
	held.open()
	reading.Wait()
	if err != nil || len(page.Entries) != 1 {
		t.Errorf("%d entries of an object that was there all the time, error %v", len(page.Entries), err)
	}
}
