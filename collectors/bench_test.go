package collectors_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors/collectortest"
)

// BenchmarkRun makes three objects of each of 10,000 rows: of new ones, and of ones that are
// there already.
func BenchmarkRun(b *testing.B) {
	const rows = 10_000
	list := addresses(rows)
	for b.Loop() {
		b.StopTimer()
		server := collectortest.Serve(b,
			collectortest.Body("text/plain", list), collectortest.Body("text/plain", list+"\n"))
		w := newWorld(b, feed(server.URL))
		b.StartTimer()
		w.run("list")
		w.run("list")
	}
	b.ReportMetric(float64(2*3*rows*b.N)/b.Elapsed().Seconds(), "objects/s")
}
