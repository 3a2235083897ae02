package otx_test

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"runtime"
	"strconv"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/otx"
	"github.com/cabstand/cabstand/stix"
)

// endless has pages of one pulse with so many domains.
type endless struct{ pages, domains int }

func (e endless) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	at, err := url.Parse(req.URL)
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(at.Query().Get("page"))
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	fmt.Fprintf(&body, `{"count":%d,"results":[{"id":"p%d","name":"Large","tlp":"green",`+
		`"created":"2026-01-01T00:00:00","modified":"2026-01-01T00:00:00","indicators":[`, e.pages, n)
	for i := range e.domains {
		if i > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"id":%d,"indicator":"host-%d-%d.example.com","type":"domain",`+
			`"created":"2026-01-01T00:00:00","content":"","title":"","description":"",`+
			`"expiration":null,"is_active":1,"role":null}`, i, n, i)
	}
	body.WriteString(`]}]`)
	if n < e.pages {
		fmt.Fprintf(&body, `,"next":"?page=%d"`, n+1)
	}
	body.WriteByte('}')
	return &collectors.Document{Body: body.Bytes()}, nil
}

// BenchmarkCollect reads a million indicators, in pulses of 50,000. What it holds does not grow
// with the number of pulses.
func BenchmarkCollect(b *testing.B) {
	const pages, domains = 20, 50_000
	for b.Loop() {
		var most uint64
		objects := 0
		tools := collectortest.Tools(endless{pages, domains})
		tools.Skip = func(where string, err error) { b.Errorf("%s: %v", where, err) }
		c, err := otx.Kind().New(collectors.Feed{
			ID: "otx", Name: "OTX", URL: "https://otx.example.com/api/v1/pulses/subscribed",
			Policy:   collectors.Policy{TLP: "green", Redistribute: "internal", Licence: "terms"},
			Settings: map[string]any{"events": false},
		}, tools)
		if err != nil {
			b.Fatal(err)
		}
		_, err = c.Collect(b.Context(), "", func(stix.Object) error {
			if objects++; objects%30_000 == 0 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
			return nil
		})
		if err != nil || objects < 3*pages*domains {
			b.Fatalf("%d objects, error %v", objects, err)
		}
		b.ReportMetric(float64(most)/(1<<20), "MiB-live")
	}
}
