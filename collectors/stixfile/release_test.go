package stixfile_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/stixfile"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// technique is an object as MITRE ATT&CK writes them; more are members of its own.
func technique(number int, modified, more string) string {
	return fmt.Sprintf(`{"type": "attack-pattern","spec_version":"2.1",`+
		`"id":"attack-pattern--8c0a5b4e-4a4f-4f52-9d0c-%012d","created":"2020-01-01T00:00:00.000Z",`+
		`"modified":%q,"name":"Technique %d"%s}`, number, modified, number, more)
}

func release(objects ...string) string {
	return `{"type":"bundle","id":"bundle--8c0a5b4e-4a4f-4f52-9d0c-000000000000","objects":[` +
		strings.Join(objects, ",\n") + "]}"
}

// TestRun_KeepsTheVersionsOfReleases takes two releases of a knowledge base. What one revokes or
// deprecates is a version like any other, byte for byte, and what is gone from it stays.
func TestRun_KeepsTheVersionsOfReleases(t *testing.T) {
	first := []string{
		technique(1, "2025-01-01T00:00:00.000Z", `,"x_mitre_version":"1.0"`),
		technique(2, "2025-01-01T00:00:00.000Z", `,"x_mitre_version":"1.0"`),
		technique(3, "2025-01-01T00:00:00.000Z", `,"x_mitre_version":"1.0"`),
		technique(4, "2025-01-01T00:00:00.000Z", `,"x_mitre_version":"1.0"`),
	}
	changed := []string{
		technique(2, "2026-01-01T00:00:00.000Z", `,"x_mitre_version":"1.1"`),
		technique(3, "2026-01-01T00:00:00.000Z", `,"revoked": true`),
		technique(5, "2026-01-01T00:00:00.000Z", `,"x_mitre_deprecated": true`),
	}
	server := collectortest.Serve(t,
		collectortest.Tagged(`"1"`, release(first...)),
		collectortest.Tagged(`"2"`, release(append([]string{first[0]}, changed...)...)))
	st, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	f := feed
	f.URL, f.Collection = server.URL, "feeds/attack"
	f.Policy = collectors.Policy{TLP: "clear", Redistribute: "public", Licence: "terms"}
	runner, err := collectors.New(collectors.RunnerConfig{
		Store: st, Documents: st, Kinds: []collectors.Kind{stixfile.Kind()},
		Feeds: []collectors.Feed{f},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []collectors.Counts{{New: 4}, {New: 3, Unchanged: 1}, {}} {
		got, err := runner.RunNow(t.Context(), f.ID)
		if err != nil || got.New != want.New || got.Unchanged != want.Unchanged || got.Changed+got.Invalid > 0 {
			t.Fatalf("run %d: %+v, error %v; want %+v", i+1, got.Counts, err, want)
		}
	}
	page, err := st.Page(t.Context(), f.Collection, store.Query{Versions: store.Versions{All: true}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range page.Entries {
		got = append(got, string(entry.Raw))
	}
	if diff := cmp.Diff(append(first, changed...), got); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

// BenchmarkCollect takes a document as large as MITRE ATT&CK Enterprise, and shows how much the
// heap grows for it.
func BenchmarkCollect(b *testing.B) {
	var objects []string
	description := `,"description":"` + strings.Repeat("Adversaries may try. ", 100) + `"`
	for i := range 22_000 {
		objects = append(objects, technique(i, "2025-01-01T00:00:00.000Z", description))
	}
	body := []byte(release(objects...))
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		found, _, err := collect(b, body)
		runtime.ReadMemStats(&after)
		if err != nil || len(found) != len(objects) {
			b.Fatalf("%d objects, error %v", len(found), err)
		}
		b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/(1<<20), "MiB/op")
	}
}
