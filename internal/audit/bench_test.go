package audit_test

import (
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/audit"
)

// poll is what a poll leaves on record.
func poll() audit.Event {
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	return audit.Event{
		Time: now, Kind: audit.Read, RequestID: "1d1f4a4e-5f0b-4a9d-9a43-1c5e3c3f7a02", User: "kim",
		Address: "192.0.2.1", Agent: "a tool/1.0", Endpoint: "objects", Root: "api",
		Collection: "472c94ae-3113-4e3e-a4dd-a9f4ac7471d4", Filter: audit.Filter{AddedAfter: now},
		Status: 200, Objects: 1000, First: now, Last: now,
	}
}

// A poll must not pay for its record with memory. The writer of the blocks pays a little.
func TestRecord_AllocatesNothing(t *testing.T) {
	r := newRecorder(t, newStore(t), audit.Options{})
	e := poll()
	for range 2000 { // fills the spare pages
		r.Record(t.Context(), e)
	}
	if n := testing.AllocsPerRun(5000, func() { r.Record(t.Context(), e) }); n > 0 {
		t.Errorf("%v allocations an event", n)
	}
}

// BenchmarkRecord is what a request pays.
func BenchmarkRecord(b *testing.B) {
	r := newRecorder(b, newStore(b), audit.Options{})
	e := poll()
	b.ReportAllocs()
	for b.Loop() {
		r.Record(b.Context(), e)
	}
}

// BenchmarkVerify walks a chain of 100,000 events.
func BenchmarkVerify(b *testing.B) {
	s := newStore(b)
	r := newRecorder(b, s, audit.Options{})
	e := poll()
	for range 100_000 {
		r.Record(b.Context(), e)
	}
	check(b, r.Commit(b.Context()))
	for b.Loop() {
		isWhole(b, s)
	}
	b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "events/s")
}
