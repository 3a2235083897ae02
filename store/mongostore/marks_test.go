package mongostore_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

func marked(marks string, in store.Incoming) store.Incoming {
	in.Marks = marks
	return in
}

// cleared releases entries with these marks and no others.
func cleared(marks ...string) store.Released {
	return func(text string) bool { return slices.Contains(marks, text) }
}

// shown returns the versions that a query finds, as their minutes.
func shown(t *testing.T, s store.Store, q store.Query) (minutes []string) {
	t.Helper()
	for _, e := range walk(t, s, q) {
		minutes = append(minutes, e.Version[len("2020-01-01T00:"):][:2])
	}
	slices.Sort(minutes)
	return minutes
}

// shows checks what a query finds.
func shows(t *testing.T, s store.Store, q store.Query, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, shown(t, s, q)); diff != "" {
		t.Errorf("versions found (-want +got):\n%s", diff)
	}
}

// labelsOf returns the labels of an entry.
func labelsOf(t *testing.T, in *mongo.Collection, number int64) (labels []string) {
	t.Helper()
	for _, label := range document(t, in, number)["k"].(bson.A) {
		labels = append(labels, label.(string))
	}
	return labels
}

// TestMarks_OfADatabaseWithoutThem goes on with a database of the layout that had no marks. What
// is in it is for unrestricted readers alone, as it was, and its labels stay what they were.
func TestMarks_OfADatabaseWithoutThem(t *testing.T) {
	s := newSite(t, mongotest.Start(t))
	before, l := s.start(t), ledger{}
	l.add(t, before, sighting(t, "x", 1), sighting(t, "x", 2), older(t, "y", 1))
	db := s.database(t)
	change(t, db.Collection("meta"), "cabstand", bson.D{{Key: "format", Value: 1}})
	_, err := db.Collection("collections").UpdateOne(t.Context(), bson.D{}, bson.D{{Key: "$unset",
		Value: bson.D{{Key: "marks", Value: ""}, {Key: "sets", Value: ""}, {Key: "moved", Value: ""}}}})
	check(t, err)
	_, in := recordOf(t, db)
	for number, want := range map[int64]string{
		1: "1A 1F 1=1", 2: "1A 1L 1=1", 3: "0A 0F 0L 0=1 cA cF cL c=1",
	} {
		var got []string
		for _, label := range labelsOf(t, in, number) {
			if at := strings.Index(label, "="); at > 0 {
				label = label[:at] + "=1"
			}
			got = append(got, label)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("labels of entry %d (-want +got):\n%s", number, diff)
		}
	}
	after := s.start(t)
	l.check(t, after)
	everything := store.Query{Released: func(string) bool { return true }}
	shows(t, after, everything)
	l.add(t, after, marked("a", sighting(t, "x", 3)))
	l.check(t, after)
	shows(t, after, everything, "03")
	if got := document(t, db.Collection("meta"), "cabstand")["format"]; got != int32(2) {
		t.Errorf("the layout is %v afterwards, want 2", got)
	}
}

// TestMarks_SetsAreCounted compares the count of labels in the record with the labels that there
// are, after changes of every kind.
func TestMarks_SetsAreCounted(t *testing.T) {
	s := newSite(t, mongotest.Start(t))
	stores := []store.Store{s.start(t), s.start(t)}
	random, most := rand.New(rand.NewPCG(1, 2)), 0
	for range 60 {
		on, name := stores[random.IntN(2)], fmt.Sprint(random.IntN(3))
		if random.IntN(3) == 0 {
			exact := sighting(t, name, random.IntN(12)).Object.VersionTime()
			_, err := on.Delete(t.Context(), "c", stix.MintID("x-sighting", name), store.Choice{
				Versions:     store.Versions{Last: random.IntN(3) == 0, Exact: []stix.Timestamp{exact}},
				SpecVersions: []string{stix.Spec20, stix.Spec21}[random.IntN(2):],
			})
			check(t, err)
		} else {
			var batch []store.Incoming
			for range 1 + random.IntN(3) {
				o := sighting(t, name, random.IntN(12))
				if random.IntN(2) == 0 {
					o = older(t, name, random.IntN(12))
				}
				batch = append(batch, marked([]string{"", "a", "b", "c"}[random.IntN(4)], o))
			}
			_, err := on.Add(t.Context(), "c", batch)
			check(t, err)
		}
		most = max(most, s.checkSets(t))
	}
	if most < 10 {
		t.Errorf("at most %d labels with sets, too few to show anything", most)
	}
}

// checkSets returns how many labels with sets there are.
func (s *site) checkSets(t *testing.T) int {
	t.Helper()
	record, in := recordOf(t, s.database(t))
	got, want := map[string]int64{}, map[string]int64{}
	for label, n := range asMap(t, record["sets"]) {
		if n != int64(0) {
			got[label] = n.(int64)
		}
	}
	cursor, err := in.Find(t.Context(), bson.D{{Key: "k", Value: bson.D{{Key: "$exists", Value: true}}}})
	check(t, err)
	named := regexp.MustCompile("^(c[0-9a-z]+[AFL]|.*-)")
	var entries []struct {
		Labels []string `bson:"k"`
	}
	check(t, cursor.All(t.Context(), &entries))
	for _, e := range entries {
		for _, label := range e.Labels {
			if named.MatchString(label) {
				want[label]++
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("labels with sets and how many entries have them (-want +got):\n%s", diff)
	}
	return len(want)
}

func asMap(t *testing.T, value any) bson.M {
	t.Helper()
	switch m := value.(type) {
	case bson.M:
		return m
	case bson.D:
		all := bson.M{}
		for _, e := range m {
			all[e.Key] = e.Value
		}
		return all
	case nil:
		return nil
	}
	t.Fatalf("a %T where a document was expected", value)
	return nil
}

// TestMarks_MoveWhileAPageIsRead holds back a reader that has read the record until an object has
// got a newer version that it must not see, so that the one that it sees has other labels.
func TestMarks_MoveWhileAPageIsRead(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, s store.Store){
		"NewestOfOtherMarks": func(t *testing.T, s store.Store) {
			ledger{}.add(t, s, marked("b", sighting(t, "x", 3)))
		},
		"NewestIsDeleted": func(t *testing.T, s store.Store) {
			_, err := s.Delete(t.Context(), "c", stix.MintID("x-sighting", "y"),
				store.Choice{Released: cleared("b")})
			check(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, l := newSite(t, mongotest.Start(t)), ledger{}
			writer, reader := s.start(t), s.start(t)
			l.add(t, writer, marked("a", sighting(t, "x", 1)), marked("a", sighting(t, "x", 2)),
				marked("a", sighting(t, "y", 3)), marked("b", sighting(t, "y", 4)))
			held := s.hold(t, at("find", "entries_"))
			var got []string
			var reading sync.WaitGroup
			reading.Go(func() { got = shown(t, reader, store.Query{Released: cleared("a")}) })
			held.wait(t)
			change(t, writer)
			held.open()
			reading.Wait()
			if diff := cmp.Diff([]string{"02", "03"}, got); diff != "" {
				t.Errorf("versions that are the newest for the reader (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMarks_DeadMover has a server die at each step by which an entry gets another label. Nobody
// misses the entry meanwhile, and somebody makes the other steps.
func TestMarks_DeadMover(t *testing.T) {
	server := mongotest.Start(t)
	noting := at("update", "collections")
	for name, moment := range map[string]func() moment{
		"BeforeItAddsLabels":    relabeling,
		"BeforeItNotesTheMove":  func() moment { return noting },
		"BeforeItRemovesLabels": func() moment { return after(noting, relabeling()) },
	} {
		for by, survivor := range survivors() {
			t.Run(name+"/"+by, func(t *testing.T) {
				s, l := newSite(t, server), ledger{}
				dying, reader := s.mortal(t), s.start(t)
				l.add(t, dying, marked("a", sighting(t, "x", 1)), marked("a", older(t, "z", 1)))
				batch := []store.Incoming{
					marked("b", sighting(t, "x", 2)), marked("b", sighting(t, "z", 2)),
				}
				died := s.dies(t, dying, moment())
				if _, err := dying.Add(t.Context(), "c", batch); err == nil || !died() {
					t.Fatalf("Add of the dying: %v", err)
				}
				l.note(batch...)
				x := batch[0].Object.ID
				seesNoLess(t, reader, ledger{x: l[x]})
				shows(t, reader, store.Query{Released: cleared("a")}, "01", "01")
				shows(t, reader, store.Query{Released: cleared("b")}, "02", "02")
				survivor(t, s, l)
				shows(t, reader, store.Query{Released: cleared("a")}, "01", "01")
				shows(t, reader, store.Query{Released: cleared("b")}, "02", "02")
				shows(t, reader, store.Query{Released: cleared("a", "b")}, "02", "02")
				s.checkSets(t)
			})
		}
	}
}

// TestMarks_NoRoomForASet has a collection with as many labels with sets as it can have. What
// takes another one is sealed, and hides nothing.
func TestMarks_NoRoomForASet(t *testing.T) {
	s, l := newSite(t, mongotest.Start(t)), ledger{}
	one := s.start(t)
	l.add(t, one, marked("a", sighting(t, "x", 1)), marked("b", sighting(t, "y", 1)))
	sets := bson.M{}
	for n := range 1024 {
		sets[fmt.Sprintf("1L1-%dzz", n)] = int64(1)
	}
	change(t, s.database(t).Collection("collections"), "c", bson.D{{Key: "sets", Value: sets}})
	two := s.start(t)
	l.add(t, two, marked("b", sighting(t, "x", 2)), marked("b", sighting(t, "y", 2)))
	l.check(t, two)
	shows(t, two, store.Query{Released: cleared("a")}, "01")
	shows(t, two, store.Query{Released: cleared("b")}, "02")
	shows(t, two, store.Query{Released: cleared("a", "b")}, "01", "02")
	for _, e := range walk(t, two, store.Query{}) {
		if want := map[bool]string{true: "", false: "b"}[e.ID == stix.MintID("x-sighting", "x")]; e.Marks != want {
			t.Errorf("%s has the marks %q, want %q", e.ID, e.Marks, want)
		}
	}
	check(t, one.Drop(t.Context(), "c"))
	clear(l)
	l.add(t, two, marked("a", sighting(t, "x", 1)), marked("b", sighting(t, "x", 2)))
	shows(t, two, store.Query{Released: cleared("a")}, "01")
}

// TestMarks_NewOnesBeforeADelete adds a version with new marks after whoever deletes was asked.
// It is asked about them too.
func TestMarks_NewOnesBeforeADelete(t *testing.T) {
	s, l := newSite(t, mongotest.Start(t)), ledger{}
	one, other := s.start(t), s.start(t)
	l.add(t, one, marked("a", sighting(t, "x", 1)))
	asked := map[string]int{}
	n, err := one.Delete(t.Context(), "c", stix.MintID("x-sighting", "x"), store.Choice{
		Released: func(marks string) bool {
			if asked[marks]++; marks == "a" {
				l.add(t, other, marked("b", sighting(t, "x", 2)), marked("c", sighting(t, "x", 3)))
			}
			return marks != "c"
		},
	})
	if n != 2 || err != nil {
		t.Errorf("Delete: %d entries, %v; want 2", n, err)
	}
	if diff := cmp.Diff(map[string]int{"a": 1, "b": 1, "c": 1}, asked); diff != "" {
		t.Errorf("how often was asked about marks (-want +got):\n%s", diff)
	}
	shows(t, other, store.Query{Versions: store.Versions{All: true}}, "03")
}
