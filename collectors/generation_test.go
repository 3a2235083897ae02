package collectors_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/google/go-cmp/cmp"
)

// again is the id under which an object goes on after it was revoked.
func again(id string) string { return stix.MintID(stix.TypeOfID(id), id, "again") }

// STIX 2.1 §3.6: no version may follow one that is revoked.
func TestRunGoesOnUnderAnotherIDWithWhatIsListedAgain(t *testing.T) {
	first := idOfIndicator("192.0.2.1")
	w, _ := played(t, nil, lists("192.0.2.1"), takesBack(nil, first), lists("192.0.2.1"))
	w.run("list")
	w.run("list")
	w.clock.move(time.Hour)
	// The indicator, and that it is based on the address.
	wantCounts(t, "listed again", counts(2, 0, 4, 0, 0), w.run("list").Counts)
	if diff := cmp.Diff([]string{"-" + first, "+" + again(first)}, w.lives("indicator")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantCounts(t, "and again", counts(0, 0, 6, 0, 0), w.run("list").Counts)
	links := w.versions("relationship")
	for i, want := range []string{first, again(first)} {
		if !strings.Contains(string(links[i].Raw), `"source_ref":"`+want+`"`) {
			t.Errorf("link %d does not come from %s: %s", i, want, links[i].Raw)
		}
	}
}

func TestRunTakesBackTheGenerationThatLives(t *testing.T) {
	first := idOfIndicator("192.0.2.1")
	list, back := lists("192.0.2.1"), takesBack(nil, first)
	w, _ := played(t, nil, list, back, list, back, list, list)
	for range 6 {
		w.run("list")
		w.clock.move(time.Hour)
	}
	want := []string{"-" + first, "-" + again(first), "+" + again(again(first))}
	if diff := cmp.Diff(want, w.lives("indicator")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := len(w.versions("indicator")); n != 5 {
		t.Errorf("%d versions, want 5", n)
	}
}

// A source that says both in one run would otherwise make a generation in each.
func TestRunKeepsWhatItEmitsAndTakesBack(t *testing.T) {
	first := idOfIndicator("192.0.2.1")
	for name, do := range map[string]step{
		"listed first":     both(lists("192.0.2.1"), takesBack(nil, first)),
		"taken back first": both(takesBack(nil, first), lists("192.0.2.1")),
	} {
		w, _ := played(t, nil, do)
		for range 3 {
			w.run("list")
		}
		if diff := cmp.Diff([]string{"+" + first}, w.lives("indicator")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// report emits an address and a report about its indicator and their relationship. between
// objects fill as many batches.
func report(between int) step {
	return func(_ context.Context, tools collectors.Tools, emit func(stix.Object) error) (string, error) {
		b, err := collectors.NewBuilder(feed(""), tools.Now())
		if err != nil {
			return "", err
		}
		var refs []string
		err = emitAddress(b, "192.0.2.1", func(o stix.Object) error {
			refs = append(refs, o.ID)
			return emit(o)
		})
		if err != nil {
			return "", err
		}
		for i := range between {
			o, err := b.SCO("domain-name", collectors.P("value", fmt.Sprintf("h%d.example.com", i)))
			if err != nil {
				return "", err
			}
			if err := emit(o); err != nil {
				return "", err
			}
		}
		o, err := b.Object("report", "r", collectors.P("name", "r"),
			collectors.P("published", now), collectors.P("object_refs", refs))
		if err != nil {
			return "", err
		}
		return "", emit(o)
	}
}

// What becomes of references must not depend on how objects are spread over batches.
func TestRunFollowsWhatGoesOn(t *testing.T) {
	first := idOfIndicator("192.0.2.1")
	var reports []string
	for _, between := range []int{0, 600} {
		w, _ := played(t, nil, report(between), takesBack(nil, first), report(between))
		w.run("list")
		w.run("list")
		w.clock.move(time.Hour)
		wantCounts(t, "listed again", counts(2, 1, 4+between, 0, 0), w.run("list").Counts)
		wantCounts(t, "and again", counts(0, 0, 7+between, 0, 0), w.run("list").Counts)
		versions := w.versions("report")
		last := string(versions[len(versions)-1].Raw)
		for _, o := range append(w.versions("indicator"), w.versions("relationship")...) {
			want := o.ID == again(first) || strings.Contains(string(o.Raw), again(first))
			if got := strings.Contains(last, o.ID); got != want {
				t.Errorf("the report names %s: %v, want %v", o.ID, got, want)
			}
		}
		reports = append(reports, last)
	}
	if diff := cmp.Diff(reports[0], reports[1]); diff != "" {
		t.Errorf("in one batch, and in two (-one +two):\n%s", diff)
	}
}

func TestRunGivesUpOnASourceThatCannotDecide(t *testing.T) {
	if testing.Short() {
		t.Skip("two hundred runs")
	}
	first := idOfIndicator("192.0.2.1")
	var steps []step
	for range 100 {
		steps = append(steps, lists("192.0.2.1"), takesBack(nil, first))
	}
	w, _ := played(t, nil, append(steps, lists("192.0.2.1"))...)
	for range 200 {
		w.run("list")
	}
	wantCounts(t, "the hundred and first time", collectors.Counts{Refused: 1, Unchanged: 5},
		w.run("list").Counts)
}
