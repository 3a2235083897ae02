package nvd_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/nvd"
	"github.com/cabstand/cabstand/stix"
)

// endless answers with pages of one window until total is reached, and with scores for as many
// CVEs as there are.
type endless struct {
	page, scores []byte
	asked, total int
}

const pageSize = 2000

func (e *endless) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	if strings.Contains(req.URL, "epss") {
		return &collectors.Document{URL: req.URL, Body: e.scores}, nil
	}
	e.asked++
	return &collectors.Document{URL: req.URL, Body: e.page}, nil
}

// BenchmarkCollect reads five and fifty pages of 2,000 CVEs, of six kilobytes each, with 300,000
// scores. The heap that is in use does not grow with the pages.
func BenchmarkCollect(b *testing.B) {
	for _, pages := range []int{5, 50} {
		b.Run(fmt.Sprintf("pages=%d", pages), func(b *testing.B) {
			source := &endless{total: pages * pageSize}
			var rows []string
			for i := range pageSize {
				rows = append(rows, fmt.Sprintf(`{"cve":{"id":"CVE-2026-%04d","vulnStatus":"Analyzed",`+
					`"descriptions":[{"lang":"en","value":%q}]}}`, i, strings.Repeat("A flaw. ", 750)))
			}
			source.page = fmt.Appendf(nil,
				`{"format":"NVD_CVE","version":"2.0","totalResults":%d,"vulnerabilities":[%s]}`,
				source.total, strings.Join(rows, ","))
			var list strings.Builder
			list.WriteString("#score_date:2026-01-02T00:00:00Z\ncve,epss,percentile\n")
			for i := range 300_000 {
				fmt.Fprintf(&list, "CVE-%d-%04d,0.12345,0.5\n", 2000+i/12_000, i%12_000)
			}
			source.scores = []byte(list.String())
			for b.Loop() {
				b.ReportMetric(float64(peak(b, source))/(1<<20), "MiB")
			}
		})
	}
}

// peak runs the collector once and returns by how much the heap has grown at most, as it is after
// a collection at every 10,000th object.
func peak(b *testing.B, source *endless) (most uint64) {
	c, err := nvd.Kind(func(context.Context, time.Duration) error { return nil }).New(
		collectors.Feed{
			ID: "nvd", Name: "NVD", Kind: "nvd", URL: "https://nvd.example.com/",
			Settings: map[string]any{"kev_url": "none"},
			Policy:   collectors.Policy{TLP: "clear", Redistribute: "public", Licence: "none"},
		}, collectors.Tools{
			Fetch: source, Now: func() time.Time { return now }, Skip: func(string, error) {},
			Rows: func(int) error { return nil }, Log: slog.New(slog.DiscardHandler),
		})
	if err != nil {
		b.Fatal(err)
	}
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	before, objects := stats.HeapAlloc, 0
	_, err = c.Collect(b.Context(), "", func(stix.Object) error {
		if objects++; objects%10_000 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&stats)
			most = max(most, stats.HeapAlloc-min(before, stats.HeapAlloc))
		}
		return nil
	})
	if err != nil || objects != source.total+2 {
		b.Fatalf("%d objects, error %v", objects, err)
	}
	return most
}
