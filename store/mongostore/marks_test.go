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
	labelled := bson.D{{Key: "k", Value: bson.D{{Key: "$exists", Value: true}}}}
	cursor, err := in.Find(t.Context(), labelled)
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

// TestMarks_MoveWhileAPageIsRead holds back a reader that has read the record until the version
// that it sees has a label that the record does not know.
func TestMarks_MoveWhileAPageIsRead(t *testing.T) {
	for name, c := range map[string]struct {
		marks  []string
		want   string
		change func(t *testing.T, s store.Store) error
	}{
		"NewestOfOtherMarks": {[]string{"a", "a"}, "01", func(t *testing.T, s store.Store) error {
			_, err := s.Add(t.Context(), "c", []store.Incoming{marked("d", sighting(t, "x", 4))})
			return err
		}},
		"NewestOfOthersIsDeleted": {[]string{"a", "a", "b", "c"}, "01", deletesLast("c")},
		"NewestIsDeleted":         {[]string{"a", "b", "a"}, "00", deletesLast("a")},
		"OnlyOneOf21IsDeleted":    {[]string{"2.0 a", "b", "a", "b"}, "00", deletesLast("a")},
	} {
		t.Run(name, func(t *testing.T) {
			s, l := newSite(t, mongotest.Start(t)), ledger{}
			writer, reader := s.start(t), s.start(t)
			for version, marks := range c.marks {
				o := marked(marks, sighting(t, "x", version))
				if first, ok := strings.CutPrefix(marks, "2.0 "); ok {
					o = marked(first, older(t, "x", version))
				}
				l.add(t, writer, o)
			}
			held := s.hold(t, at("find", "entries_"))
			var got []string
			var reading sync.WaitGroup
			reading.Go(func() { got = shown(t, reader, store.Query{Released: cleared("a")}) })
			held.wait(t)
			check(t, c.change(t, writer))
			held.open()
			reading.Wait()
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Errorf("versions that are the newest for the reader (-want +got):\n%s", diff)
			}
		})
	}
}

// deletesLast deletes the last version for a reader.
func deletesLast(marks string) func(t *testing.T, s store.Store) error {
	return func(t *testing.T, s store.Store) error {
		_, err := s.Delete(t.Context(), "c", stix.MintID("x-sighting", "x"),
			store.Choice{Versions: store.Versions{Last: true}, Released: cleared(marks)})
		return err
	}
}

// TestMarks_HalfOfAMove stops a deletion, by which the version before gets another label that the
// record knows already, at each of its steps. The version always has a label by which readers
// find it who have read the record before, or read it now.
func TestMarks_HalfOfAMove(t *testing.T) {
	server, noting := mongotest.Start(t), at("update", "collections")
	for _, step := range []struct {
		name  string
		stop  moment
		want  string
		noted bool
	}{
		{"before labels are added", relabeling(), "1A1 1F1 1L1-4 ", false},
		{"before the move is noted", noting, "1A1 1F1 1L1-4 1L1 ", false},
		{"before labels are removed", after(noting, relabeling()), "1A1 1F1 1L1-4 1L1 ", true},
	} {
		t.Run(step.name, func(t *testing.T) {
			s, l := newSite(t, server), ledger{}
			writer, reader := s.start(t), s.start(t)
			l.add(t, writer, marked("a", sighting(t, "x", 1)), marked("b", sighting(t, "x", 2)))
			held := s.hold(t, step.stop)
			var deleting sync.WaitGroup
			deleting.Go(func() {
				_, err := writer.Delete(t.Context(), "c", stix.MintID("x-sighting", "x"),
					store.Choice{Versions: store.Versions{Last: true}})
				check(t, err)
			})
			held.wait(t)
			shows(t, reader, store.Query{Released: cleared("a")}, "01")
			record, in := recordOf(t, s.database(t))
			got := ""
			for _, label := range labelsOf(t, in, 1) {
				if !strings.Contains(label, "=") {
					got += label + " "
				}
			}
			if diff := cmp.Diff(step.want, got); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			if noted := record["moved"] == record["revision"]; noted != step.noted {
				t.Errorf("the move is noted: %v, want %v", noted, step.noted)
			}
			held.open()
			deleting.Wait()
			shows(t, reader, store.Query{Released: cleared("a")}, "01")
			shows(t, reader, store.Query{}, "01")
			s.checkSets(t)
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
		sealed := e.ID == stix.MintID("x-sighting", "x")
		if sealed != (e.Marks == "") {
			t.Errorf("%s has the marks %q; to be sealed: %v", e.ID, e.Marks, sealed)
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

// TestMarks_VersionInTheMiddleAgain adds a version again with marks of which the collection has
// other entries. It is there already, though its object's first and last versions do not tell.
func TestMarks_VersionInTheMiddleAgain(t *testing.T) {
	s, l := newSite(t, mongotest.Start(t)), ledger{}
	one := s.start(t)
	l.add(t, one, marked("a", sighting(t, "x", 1)), marked("a", sighting(t, "x", 2)),
		marked("a", sighting(t, "x", 3)), marked("b", sighting(t, "y", 1)))
	for _, marks := range []string{"b", "c", ""} {
		added, err := one.Add(t.Context(), "c", []store.Incoming{marked(marks, sighting(t, "x", 2))})
		if err != nil || added[0].New {
			t.Errorf("added again with marks %q: %+v, %v; want nothing new", marks, added, err)
		}
	}
	l.check(t, one)
	shows(t, one, store.Query{Released: cleared("b", "c")}, "01")
}

// TestMarks_SupersededForSomeMore has versions of 2.0, one of them neither first nor last, cease to
// be of the latest spec version for one reader after the other.
func TestMarks_SupersededForSomeMore(t *testing.T) {
	s, l := newSite(t, mongotest.Start(t)), ledger{}
	one := s.start(t)
	l.add(t, one, marked("a", older(t, "x", 1)), marked("a", older(t, "x", 2)),
		marked("a", older(t, "x", 3)))
	all := store.Query{Versions: store.Versions{All: true}}
	for n, marks := range []string{"b", "c", "a"} {
		l.add(t, one, marked(marks, sighting(t, "x", 5+n)))
		for i, other := range []string{"b", "c", "a"} {
			all.Released = cleared("a", other)
			want := []string{"01", "02", "03"}
			if i <= n {
				want = []string{fmt.Sprintf("%02d", 5+i)}
			}
			if n == 2 && i < 2 {
				want = append(want, "07")
			} else if n == 2 {
				want = []string{"07"}
			}
			shows(t, one, all, want...)
		}
	}
	s.checkSets(t)
}
