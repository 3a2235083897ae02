package relay_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/relay"
)

// BenchmarkWork republishes 1,000 objects of a push, half of them relationships.
func BenchmarkWork(t *testing.B) {
	for n := 0; t.Loop(); n++ {
		t.StopTimer()
		b := newBench(t, relay.Settings{})
		var lines strings.Builder
		for i := range 500 {
			fmt.Fprintf(&lines, `{"type":"indicator",SDO,"id":"indicator--%08d-aaaa-4aaa-8aaa-aaaaaaaaaaaa","created_by_ref":"identity--9",`+
				`"name":"C2 %[1]d","description":"%[2]s","pattern":"[domain-name:value = 'bad%[1]d.example']","pattern_type":"stix","valid_from":"2026-05-01T10:00:00Z"}`+"\n",
				i, strings.Repeat("a few words of what was seen ", 20))
			fmt.Fprintf(&lines, `{"type":"relationship",SDO,"id":"relationship--%08d-aaaa-4aaa-8aaa-aaaaaaaaaaaa",`+
				`"relationship_type":"related-to","source_ref":"indicator--%08[1]d-aaaa-4aaa-8aaa-aaaaaaaaaaaa",`+
				`"target_ref":"indicator--00000001-aaaa-4aaa-8aaa-aaaaaaaaaaaa"}`+"\n", i)
		}
		b.push(long(lines.String()))
		t.StartTimer()
		b.work()
		t.StopTimer()
		if s := b.status(); s.Republished != 1000 {
			t.Fatalf("%+v", s)
		}
		t.StartTimer()
	}
	t.ReportMetric(1000*float64(t.N)/t.Elapsed().Seconds(), "objects/s")
}
