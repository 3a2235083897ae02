package collectors_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
)

var errUnwanted = errors.New("unwanted")

// What the collection does not let in is counted and not written, in every run; the rest is.
func TestRunLeavesOutWhatTheCollectionDoesNotLetIn(t *testing.T) {
	server := collectortest.Serve(t,
		collectortest.Body("text/plain", "192.0.2.1\n192.0.2.2"),
		collectortest.Body("text/plain", "192.0.2.2\n192.0.2.1"))
	w := newWorld(t)
	cfg := w.config(feed(server.URL))
	asked := map[string]int{}
	cfg.Admit = func(_ context.Context, name string, objects []stix.Object) ([]error, error) {
		asked[name]++
		why := make([]error, len(objects))
		for i, o := range objects {
			if strings.Contains(string(o.Raw), "192.0.2.2") && o.Type != "ipv4-addr" {
				why[i] = errUnwanted
			}
		}
		return why, nil
	}
	runner, err := collectors.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.runner = runner

	first, second := counts(8, 0, 0, 0, 0), counts(0, 0, 8, 0, 0)
	first.Refused, second.Refused = 1, 1
	wantCounts(t, "first run", first, w.run("list").Counts)
	w.clock.move(time.Hour)
	wantCounts(t, "second run", second, w.run("list").Counts)
	if got := len(w.versions("indicator")); got != 1 {
		t.Errorf("%d indicators were written, want one", got)
	}
	status, err := w.runner.Status(t.Context())
	if err != nil || status[0].LastCounts.Refused != 1 {
		t.Errorf("status %+v, error %v; want one refused", status, err)
	}
	// Once for a batch, and once more at the end of the run for what was not let in.
	if diff := cmp.Diff(map[string]int{"r/c": 4}, asked); diff != "" {
		t.Errorf("asked for (-want +got):\n%s", diff)
	}
}

// What an object lacks may come behind it in the same run, and counts then.
func TestRunAsksAgainAtItsEnd(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1"))
	w := newWorld(t)
	cfg := w.config(feed(server.URL))
	calls := 0
	cfg.Admit = func(_ context.Context, _ string, objects []stix.Object) ([]error, error) {
		why := make([]error, len(objects))
		if calls++; calls == 1 {
			why[0], why[3] = errUnwanted, errUnwanted
		}
		return why, nil
	}
	runner, err := collectors.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.runner = runner
	wantCounts(t, "run", counts(6, 0, 0, 0, 0), w.run("list").Counts)
	if calls != 2 || len(w.versions()) != 6 {
		t.Errorf("asked %d times, %d objects written", calls, len(w.versions()))
	}
}

// Where nobody can say what the collection lets in, nothing is written.
func TestRunEndsWhereTheCollectionCannotBeAsked(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1"))
	w := newWorld(t)
	cfg := w.config(feed(server.URL))
	cfg.Admit = func(context.Context, string, []stix.Object) ([]error, error) {
		return nil, errUnwanted
	}
	runner, err := collectors.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runner.RunNow(t.Context(), "list"); !errors.Is(err, errUnwanted) {
		t.Errorf("error %v, want one that wraps %v", err, errUnwanted)
	}
	if found := w.versions(); len(found) > 0 {
		t.Errorf("written: %v", found)
	}
}
