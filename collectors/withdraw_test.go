package collectors_test

import (
	"context"
	"errors"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

const toolID = "tool--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f001"

// withdrawing is a step that takes objects back and ends with err.
func withdrawing(err error, ids ...string) step {
	return func(_ context.Context, tools collectors.Tools, _ func(stix.Object) error) (string, error) {
		return "", errors.Join(tools.Withdraw(ids...), err)
	}
}

// revoked is what the last version of the tool says.
func (w *world) revoked() bool {
	w.t.Helper()
	all := w.versions("tool")
	if len(all) == 0 {
		w.t.Fatal("the tool is not in the collection")
	}
	return all[len(all)-1].Revoked
}

func TestRunRevokesWhatTheSourceTakesBack(t *testing.T) {
	w, _ := played(t, nil, raw(tool(`,"name":"a"`)),
		withdrawing(nil, toolID, toolID, "tool--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f002"))
	w.run("list")
	wantRevoked := func(run string, want int) {
		t.Helper()
		if got := w.run("list").Revoked; got != want {
			t.Errorf("%s revoked %d objects, want %d", run, got, want)
		}
	}
	wantRevoked("the first run", 1)
	if !w.revoked() {
		t.Error("the newest version is not revoked")
	}
	wantRevoked("the same run again", 0)
}

func TestRunThatFailsTakesNothingBack(t *testing.T) {
	w, _ := played(t, nil, raw(tool(`,"name":"a"`)),
		withdrawing(errors.New("broken off"), toolID))
	w.run("list")
	if report, err := w.runner.RunNow(t.Context(), "list"); err == nil || report.Revoked != 0 {
		t.Errorf("error %v, %d revoked", err, report.Revoked)
	}
	if w.revoked() {
		t.Error("the object was revoked all the same")
	}
}

func TestRunLeavesRevokedObjectsAlone(t *testing.T) {
	w, _ := played(t, nil, raw(tool(`,"name":"a"`)), withdrawing(nil, toolID), raw(tool(`,"name":"b"`)))
	w.run("list")
	w.run("list")
	w.run("list")
	if got := len(w.versions("tool")); got != 2 {
		t.Errorf("%d versions, want the first and the one that revokes it", got)
	}
}
