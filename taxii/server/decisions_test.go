package server_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii/server"
)

// A collection that is released by markings to a caller who is cleared for green.
var marked = server.Collection{Key: "marked", Release: release.Policy{
	Clearance: marking.Green, Unmarked: marking.Red,
	Among: func([]string) bool { return false },
}}

func definitionID(n int) string {
	return fmt.Sprintf("marking-definition--7a0e2f4c-0000-4000-8000-%012d", n)
}

// defineIn puts a definition into a collection. One of STIX 2.0 is one without a spec_version.
func defineIn(t *testing.T, s store.Store, collection string, n int, spec, created, members string) {
	t.Helper()
	o, err := stix.Parse([]byte(`{"type":"marking-definition",` + spec + `"id":"` + definitionID(n) +
		`","created":"2026-03-01T09:00:0` + created + `.000Z","definition_type":` + members + `}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add(t.Context(), collection, []store.Incoming{{Object: o}}); err != nil {
		t.Fatal(err)
	}
}

func marksOf(level marking.Level, definitions ...int) string {
	m := marking.Marks{Level: level}
	for _, n := range definitions {
		m.Others = append(m.Others, definitionID(n))
	}
	return m.String()
}

// What a store asks about is decided by the definitions of that collection, those of both spec
// versions and those that stand under an id that had another one before.
func TestDecisions_LookDefinitionsUpInTheCollection(t *testing.T) {
	const spec21, statement, other = `"spec_version":"2.1",`,
		`"statement","definition":{"statement":"(c) Example"}`, `"x-own","definition":{}`
	s := newStore(t)
	defineIn(t, s, "marked", 1, spec21, "1", statement)
	defineIn(t, s, "marked", 2, "", "1", statement)
	defineIn(t, s, "marked", 3, spec21, "1", other)
	defineIn(t, s, "marked", 3, spec21, "2", statement)
	defineIn(t, s, "marked", 4, "", "1", other)
	defineIn(t, s, "marked", 4, spec21, "1", statement)
	for n := range 9 {
		defineIn(t, s, "marked", 5, spec21, fmt.Sprint(n), statement)
	}
	defineIn(t, s, "elsewhere", 6, spec21, "1", statement)
	srv, _ := newServer(t, server.Config{Store: s})

	want := map[string]string{ // why marks are held back
		marksOf(marking.None): "unmarked", marksOf(marking.Clear): "", marksOf(marking.Red): "level",
		marksOf(marking.Green, 1): "", marksOf(marking.Green, 2): "",
		marksOf(marking.Green, 1, 2): "",
		marksOf(marking.Green, 3):    "unknown-definition",
		marksOf(marking.Green, 4):    "unknown-definition",
		marksOf(marking.Green, 5):    "too-many-markings",
		marksOf(marking.Green, 6):    "missing-definition",
		marksOf(marking.Green, 7):    "missing-definition",
	}
	var given []string // what the store would give, call by call
	calls := 0
	held, err := srv.Settle(t.Context(), marked, func(released func(string) bool) error {
		calls++
		given = nil
		for marks := range want {
			if released(marks) {
				given = append(given, marks)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if calls != 2 {
		t.Errorf("the store was asked %d times, want 2", calls)
	}
	for marks, why := range want {
		if got := held[marks]; got != why || slices.Contains(given, marks) != (why == "") {
			t.Errorf("%s is held back for %q, want %q", marks, got, why)
		}
	}
}

// One call is enough where no definition has to be looked at. Between two calls there can be marks
// that were not there before.
func TestDecisions_GoOnUntilNothingIsNew(t *testing.T) {
	s := newStore(t)
	for n := range 3 {
		defineIn(t, s, "marked", n, `"spec_version":"2.1",`, "1",
			`"statement","definition":{"statement":"(c) Example"}`)
	}
	srv, _ := newServer(t, server.Config{Store: s})
	for name, test := range map[string]struct {
		asked []string
		want  [][]bool
	}{
		"levels": {
			[]string{marksOf(marking.Clear), marksOf(marking.Green), marksOf(marking.Amber)},
			[][]bool{{true, true, false}},
		},
		"definitions": {
			[]string{marksOf(marking.Green, 0), marksOf(marking.Red, 1), marksOf(marking.Green, 2)},
			[][]bool{{false}, {true, false, false}, {true, false, true}},
		},
	} {
		var given [][]bool
		_, err := srv.Settle(t.Context(), marked, func(released func(string) bool) error {
			var page []bool
			asked := test.asked
			if len(given) == 0 && len(test.want) > 1 {
				asked = asked[:1]
			}
			for _, marks := range asked {
				page = append(page, released(marks))
			}
			given = append(given, page)
			return nil
		})
		if diff := cmp.Diff(test.want, given); err != nil || diff != "" {
			t.Errorf("%s: error %v; pages (-want +got):\n%s", name, err, diff)
		}
	}
}

// A definition that cannot be read now is not missing: who takes it for that gives a page without
// an object that the poller would never be given again.
func TestDecisions_AStoreThatFailsEndsTheRequest(t *testing.T) {
	s := &faultyStore{Store: newStore(t), page: func(context.Context) error { return store.ErrUnavailable }}
	srv, _ := newServer(t, server.Config{Store: s})
	ask := func(marks string) error {
		_, err := srv.Settle(t.Context(), marked, func(released func(string) bool) error {
			released(marks)
			return nil
		})
		return err
	}
	if err := ask(marksOf(marking.Green, 1)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("error = %v", err)
	}
	if err := ask(marksOf(marking.Green)); err != nil {
		t.Errorf("error = %v, and there is nothing to look up", err)
	}
	broken := errors.New("no page")
	_, err := srv.Settle(t.Context(), marked, func(func(string) bool) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("error = %v", err)
	}
}
