package collectors_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
)

func TestRunRecallsWhatItMadeBefore(t *testing.T) {
	var ids, found []string
	for n := range 1200 { // more than one page of the store, and most of them not there
		ids = append(ids, fmt.Sprintf("tool--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d1%04d", n))
	}
	ids = append(ids, "tool--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f001")
	recalling := func(
		ctx context.Context, tools collectors.Tools, _ func(stix.Object) error,
	) (string, error) {
		objects, err := tools.Recall(ctx, ids...)
		for _, o := range objects {
			found = append(found, o.ID+" "+o.Modified)
		}
		return "", err
	}
	w, _ := played(t, nil, recalling, raw(tool(`,"name":"a"`)), raw(tool(`,"name":"b"`)), recalling)
	w.run("list")
	if len(found) > 0 {
		t.Errorf("the first run recalls %v", found)
	}
	w.run("list")
	w.clock.move(time.Minute)
	w.run("list")
	w.run("list")
	all := w.versions("tool")
	newest := all[len(all)-1]
	if want := newest.ID + " " + newest.Modified; len(all) != 2 || len(found) != 1 || found[0] != want {
		t.Errorf("recalled %v, want the newest of %d versions, %s", found, len(all), want)
	}
}

// unreadable is a store of which nothing can be read.
type unreadable struct{ store.Store }

func (unreadable) Page(context.Context, string, store.Query) (store.Page, error) {
	return store.Page{}, errors.New("the file is damaged")
}

func TestRunThatCannotRecallBlamesTheStore(t *testing.T) {
	w, _ := played(t, func(cfg *collectors.RunnerConfig) {
		cfg.Store = unreadable{cfg.Store.(store.Store)}
	}, func(ctx context.Context, tools collectors.Tools, _ func(stix.Object) error) (string, error) {
		_, err := tools.Recall(ctx, idOfIndicator("192.0.2.1"))
		return "", err
	})
	report, err := w.runner.RunNow(t.Context(), "list")
	if err == nil || report.Trouble != collectors.TroubleStore {
		t.Errorf("error %v, trouble %q, want %q", err, report.Trouble, collectors.TroubleStore)
	}
}

func TestBuilderStricter(t *testing.T) {
	b := builder(t) // of a green feed
	for _, level := range []marking.Level{marking.None, marking.Clear, marking.Green} {
		if s, err := b.Stricter(level); s != b || err != nil {
			t.Errorf("%v: another builder, error %v", level, err)
		}
	}
	red, err := b.Stricter(marking.Red)
	if err != nil {
		t.Fatal(err)
	}
	own, _ := b.Malware("Example")
	theirs, _ := red.Malware("Example")
	if own.ID == theirs.ID || own.CreatedByRef != theirs.CreatedByRef {
		t.Errorf("%s by %s and %s by %s, want two of one source",
			own.ID, own.CreatedByRef, theirs.ID, theirs.CreatedByRef)
	}
	if theirs.ID != red.ID("malware", "example") {
		t.Error("ID does not follow the level")
	}
	if marks := marking.MarksOf(theirs); marks.Level != marking.Red {
		t.Errorf("marked %v, want red", marks.Level)
	}
	sco, _ := b.SCO("domain-name", collectors.P("value", "example.com"))
	marked, _ := red.SCO("domain-name", collectors.P("value", "example.com"))
	if sco.ID != marked.ID {
		t.Error("an observable has two ids")
	}
}
