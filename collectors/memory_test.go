package collectors_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"runtime"
	"runtime/metrics"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/table"
	"github.com/cabstand/cabstand/store"
)

// swallow is a store that keeps nothing, so that what is in memory is the collector's.
type swallow struct {
	objects int
	each    func(objects int) // told of the number so far
}

func (s *swallow) Add(_ context.Context, _ string, objects []store.Incoming) ([]store.Added, error) {
	added := make([]store.Added, len(objects))
	for i := range added {
		added[i].New = true
	}
	s.objects += len(objects)
	if s.each != nil {
		s.each(s.objects)
	}
	return added, nil
}

func (s *swallow) Page(context.Context, string, store.Query) (store.Page, error) {
	return store.Page{}, nil
}

// states keeps the documents of one feed.
type states struct {
	store.Documents
	docs map[string]store.Document
}

func (s *states) Get(_ context.Context, kind, key string) (store.Document, error) {
	doc, ok := s.docs[kind+" "+key]
	if !ok {
		return doc, store.ErrNotFound
	}
	return doc, nil
}

func (s *states) Put(_ context.Context, d store.Document) (uint64, error) {
	before := s.docs[d.Kind+" "+d.Key].Revision
	if d.Revision != store.AnyRevision && d.Revision != before {
		return 0, store.ErrConflict
	}
	d.Revision = before + 1
	s.docs[d.Kind+" "+d.Key] = d
	return d.Revision, nil
}

func (s *states) List(
	_ context.Context, kind, prefix, after string, limit int,
) (docs []store.Document, err error) {
	return nil, nil
}

// rowsOf answers with a table of addresses with ports, made while it is sent.
func rowsOf(n int) collectortest.Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		out := bufio.NewWriter(w)
		defer out.Flush()
		for i := range n {
			fmt.Fprintf(out, "%d.%d.%d.%d:%d,2026-03-01 08:00:00,a host that was seen, 75\n",
				20+i>>24, i>>16&255, i>>8&255, i&255, 1024+i&1023)
		}
	}
}

// runTable runs a feed of a table with n rows: for each an address, traffic to its port, an
// indicator, and that it is based on the traffic. It returns the number of objects.
func runTable(t testing.TB, n int, sink *swallow, change func(f *collectors.Feed)) int {
	t.Helper()
	f := feed(collectortest.Serve(t, rowsOf(n)).URL)
	f.Kind, f.Timeout = "csv", time.Hour
	f.Settings = map[string]any{"type": "ip:port", "fields": map[string]any{
		"value": "1", "first_seen": "2", "description": "3", "confidence": "4",
	}}
	if change != nil {
		change(&f)
	}
	runner, err := collectors.New(collectors.RunnerConfig{
		Store: sink, Documents: &states{docs: map[string]store.Document{}}, Kinds: table.Kinds(),
		Feeds: []collectors.Feed{f}, Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	report, err := runner.RunNow(t.Context(), "list")
	if err != nil || report.Skipped > 0 || report.New != 4*n+3 {
		t.Fatalf("%+v, error %v", report.Counts, err)
	}
	return report.New
}

// live is what of the heap is in use, after a collection.
func live() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// What a run remembers of a row is a few bytes for each of its objects, and nothing of its text.
func TestRunOfALongTableRemembersLittle(t *testing.T) {
	const rows = 15_000
	var use []int64
	runTable(t, rows, &swallow{each: func(objects int) {
		if objects%10_000 < 500 {
			use = append(use, live())
		}
	}}, func(f *collectors.Feed) { f.STIX.Missing, f.Guards.MaxDropPct = "revoke", 10 })
	first, most := use[0], slices.Max(use)
	// Four hashes of eight bytes, an id of sixteen, and what slices have to spare.
	if grown := most - first; len(use) < 5 || grown > rows*128 {
		t.Errorf("%d bytes for each row, of %d measurements", grown/rows, len(use))
	}
}

// BenchmarkMemory streams a table of a million rows, and prints the most that was in use: of the
// heap after collections, and with what was not yet collected. Store and source have none of it.
func BenchmarkMemory(b *testing.B) {
	const rows = 1_000_000
	objects := 0
	for b.Loop() {
		live()
		peak, stop := watchHeap()
		objects += runTable(b, rows, &swallow{}, nil)
		stop()
		b.ReportMetric(float64(peak[0].Load())/(1<<20), "live-MiB")
		b.ReportMetric(float64(peak[1].Load())/(1<<20), "heap-MiB")
		if used := peak[1].Load(); used > 100<<20 {
			b.Errorf("%d bytes of heap, want 100 MiB at most", used)
		}
	}
	b.ReportMetric(float64(objects)/b.Elapsed().Seconds(), "objects/s")
}

// watchHeap keeps the largest figures until stop is called.
func watchHeap() (peak *[2]atomic.Uint64, stop func()) {
	peak = &[2]atomic.Uint64{}
	done, ended := make(chan struct{}), make(chan struct{})
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/objects:bytes"},
	}
	go func() {
		defer close(ended)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(samples)
			for i := range samples {
				peak[i].Store(max(peak[i].Load(), samples[i].Value.Uint64()))
			}
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	return peak, func() { close(done); <-ended }
}
