package mongostore_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// loses makes the answer to the first command that is picked get lost: the server has carried
// it out, and nobody knows.
func (s *site) loses(t *testing.T, m moment) (lost func() bool) {
	t.Helper()
	var n atomic.Int64
	first := nth(1, m)
	s.server.LoseReplies(t, func(command string, body bson.Raw) bool {
		if !first(command, body) {
			return false
		}
		n.Add(1)
		return true
	})
	return func() bool { return n.Load() > 0 }
}

// insist makes a call until it succeeds, as a client does that gets a 503, and returns how
// often it failed.
func insist(t *testing.T, call func() error) (failures int) {
	t.Helper()
	for ; ; failures++ {
		err := call()
		if err == nil {
			return failures
		}
		if !errors.Is(err, store.ErrUnavailable) || failures == 3 {
			t.Fatalf("failed %d times, then: %v; want store.ErrUnavailable a few times", failures, err)
		}
	}
}

func TestLostReply_OfAnAdd(t *testing.T) {
	server := mongotest.Start(t)
	for name, c := range map[string]struct {
		m         moment
		committed bool // so that nobody is told that the entries are new
	}{
		"Record":     {at("insert", "collections"), false},
		"Indexes":    {at("createIndexes", "entries_"), false},
		"Insert":     {inserting(), false},
		"Commit":     {committing(), true},
		"Relabeling": {relabeling(), true},
	} {
		t.Run(name, func(t *testing.T) {
			s, l := newSite(t, server), ledger{}
			p := s.start(t)
			lost, fresh := s.loses(t, c.m), 0
			for version := range 3 {
				batch := []store.Incoming{sighting(t, "x", version), sighting(t, "y", version)}
				var added []store.Added
				insist(t, func() (err error) {
					added, err = p.Add(t.Context(), "c", batch)
					return err
				})
				for _, a := range added {
					if a.New {
						fresh++
					}
				}
				l.note(batch...)
				l.check(t, s.start(t))
			}
			if least := map[bool]int{false: 6, true: 4}[c.committed]; !lost() || fresh < least {
				t.Errorf("answer lost %v, %d entries were new, want %d", lost(), fresh, least)
			}
			s.holdsOnly(t, l, 0)
		})
	}
}

// A lost insert leaves entries that the same store removes at its next attempt, and the answer
// to that gets lost, too.
func TestLostReply_OfClearingUp(t *testing.T) {
	s, l := newSite(t, mongotest.Start(t)), ledger{}
	p := s.start(t)
	l.add(t, p, sighting(t, "x", 1))
	inserted, cleared := s.loses(t, inserting()), s.loses(t, erasing())
	var added []store.Added
	insist(t, func() (err error) {
		added, err = p.Add(t.Context(), "c", []store.Incoming{sighting(t, "x", 2)})
		return err
	})
	if !inserted() || !cleared() {
		t.Errorf("insert lost %v, removal lost %v, want both", inserted(), cleared())
	}
	if !added[0].New {
		t.Error("an entry that was never committed counts as stored")
	}
	l.note(sighting(t, "x", 2))
	l.check(t, p)
	s.holdsOnly(t, l, 0)
}

func TestLostReply_OfADelete(t *testing.T) {
	server := mongotest.Start(t)
	for name, m := range map[string]moment{
		"Commit": committing(), "Relabeling": relabeling(), "Vacating": nth(2, relabeling()),
	} {
		t.Run(name, func(t *testing.T) {
			s, l := newSite(t, server), ledger{}
			p := s.start(t)
			l.add(t, p, sighting(t, "y", 1))
			for version := range 4 {
				l.add(t, p, sighting(t, "x", version))
			}
			id := stix.MintID("x-sighting", "x")
			lost := s.loses(t, m)
			v := store.Versions{Exact: []stix.Timestamp{
				l[id][0].Object.VersionTime(), l[id][3].Object.VersionTime(),
			}}
			var n int
			failures := insist(t, func() (err error) {
				n, err = p.Delete(t.Context(), "c", id, store.Choice{Versions: v})
				return err
			})
			if !lost() || failures != 1 || n != 0 {
				t.Errorf("Delete removes %d after %d failures, want none after one", n, failures)
			}
			l[id] = l[id][1:3]
			l.check(t, p)
			l.check(t, s.start(t))
			s.holdsOnly(t, l, 2)
		})
	}
}

func TestLostReply_OfADrop(t *testing.T) {
	server := mongotest.Start(t)
	for name, m := range map[string]moment{
		"Indexes": at("createIndexes", "entries_"),
		"Commit":  committing(),
		"Drop":    at("drop", "entries_"),
	} {
		t.Run(name, func(t *testing.T) {
			s, l := newSite(t, server), ledger{}
			p := s.start(t)
			l.add(t, p, sighting(t, "x", 1))
			lost := s.loses(t, m)
			insist(t, func() error { return p.Drop(t.Context(), "c") })
			if !lost() {
				t.Error("no answer got lost")
			}
			ledger{}.check(t, p)
			l.add(t, p, sighting(t, "x", 2))
			clear(l)
			l.note(sighting(t, "x", 2))
			l.check(t, s.start(t))
			s.holdsOnly(t, l, 0)
		})
	}
}

// The document of a lost Put is there, as its next reader finds. One who insists on the old
// revision is told.
func TestLostReply_OfADocument(t *testing.T) {
	server := mongotest.Start(t)
	for _, revision := range []uint64{0, store.AnyRevision} {
		s := newSite(t, server)
		p := s.start(t)
		lost := s.loses(t, at("update", "documents"))
		put := store.Document{Kind: "user", Key: "ann", Value: []byte("1"), Revision: revision}
		if _, err := p.Put(t.Context(), put); !errors.Is(err, store.ErrUnavailable) || !lost() {
			t.Errorf("Put at %d: %v, want store.ErrUnavailable", revision, err)
		}
		got, err := p.Get(t.Context(), "user", "ann")
		if err != nil {
			t.Fatal(err)
		}
		put.Revision = got.Revision
		if diff := cmp.Diff(put, got); diff != "" {
			t.Errorf("document (-want +got):\n%s", diff)
		}
		put.Revision = 0
		if _, err := p.Put(t.Context(), put); !errors.Is(err, store.ErrConflict) {
			t.Errorf("Put of what is there: %v, want store.ErrConflict", err)
		}
		lost = s.loses(t, at("delete", "documents"))
		if err := p.Remove(t.Context(), "user", "ann"); !errors.Is(err, store.ErrUnavailable) || !lost() {
			t.Errorf("Remove: %v, want store.ErrUnavailable", err)
		}
		if err := p.Remove(t.Context(), "user", "ann"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("Remove again: %v, want store.ErrNotFound", err)
		}
	}
}
