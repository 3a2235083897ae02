package nvd_test

import (
	"context"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/nvd"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// TestRun_WritesNoMoreThanHasChanged runs the feed on a store as the server does: what the three
// sources say anew becomes one version of the CVEs that they say it of, and nothing else is
// written.
func TestRun_WritesNoMoreThanHasChanged(t *testing.T) {
	f := serve(t, &fake{
		cves: []fakeCVE{
			{id: "CVE-2026-0001", modified: time.Hour, kev: true},
			{id: "CVE-2026-0002", modified: 50 * time.Hour},
			{id: "CVE-2026-0003", modified: 50 * time.Hour},
			{id: "CVE-2026-0004", modified: time.Hour},
		},
		kev:    []string{"CVE-2026-0001"},
		scores: map[string]string{"current": "CVE-2026-0002,0.02,0\nCVE-2026-0004,0.02,0\n"},
	})
	run := f.onStore(t)

	// Three of the feed's provenance, two of the extension, four CVEs; one was read twice.
	run("the first", 0, collectors.Counts{New: 9})
	run("nothing new", time.Hour, collectors.Counts{Unchanged: 7})

	f.today, f.scores = "2026-01-03", map[string]string{
		"2026-01-02": f.scores["current"], "current": "CVE-2026-0002,0.92,0\nCVE-2026-0004,0.03,0\n",
	}
	run("a score", 2*time.Hour, collectors.Counts{Changed: 1, Unchanged: 7})

	f.kev = []string{"CVE-2026-0001", "CVE-2026-0003"}
	run("an entry of the catalogue", 3*time.Hour, collectors.Counts{Changed: 1, Unchanged: 7})

	f.cves[2].modified, f.cves[2].status = -4*time.Hour, "Rejected"
	run("a rejection", 5*time.Hour, collectors.Counts{Revoked: 1, Unchanged: 7})
	run("a rejection that stays", 6*time.Hour, collectors.Counts{Unchanged: 7})
}

// onStore returns what runs the feed some time after now, and compares the counts.
func (f *fake) onStore(
	t *testing.T,
) func(what string, after time.Duration, want collectors.Counts) {
	t.Helper()
	st, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	clock := now
	noWait := func(context.Context, time.Duration) error { return nil }
	feed := f.feed(nil)
	feed.Collection = "feeds/nvd"
	runner, err := collectors.New(collectors.RunnerConfig{
		Store: st, Documents: st, Kinds: []collectors.Kind{nvd.Kind(noWait)},
		Feeds: []collectors.Feed{feed}, HTTP: collectors.ClientConfig{Sleep: noWait},
		Now: func() time.Time { return clock },
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(what string, after time.Duration, want collectors.Counts) {
		t.Helper()
		clock = now.Add(after)
		got, err := runner.RunNow(t.Context(), feed.ID)
		if diff := cmp.Diff(want, got.Counts); err != nil || diff != "" {
			t.Fatalf("%s: error %v (-want +got):\n%s", what, err, diff)
		}
	}
}
