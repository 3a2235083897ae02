package logfile_test

import (
	"bufio"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/logfile"
	"github.com/cabstand/cabstand/stix"
)

// BenchmarkCollect reads a day of a million log-ins that failed, of 5,000 sources, in one run.
func BenchmarkCollect(b *testing.B) {
	const lines = 1_000_000
	path := filepath.Join(b.TempDir(), "auth.log")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	start := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	w := bufio.NewWriter(f)
	for i := range lines {
		at := start.Add(time.Duration(i) * 24 * time.Hour / lines)
		fmt.Fprintf(w, "%s gate sshd[%d]: Failed password for root from 203.0.%d.%d port 4711 ssh2\n",
			at.Format(time.RFC3339), i, i/250%20, i%250)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	feed := collectors.Feed{
		ID: "gate", Name: "Gate", Kind: "log", URL: path, Settings: map[string]any{"format": "sshd"},
		Policy: collectors.Policy{TLP: "amber", Redistribute: "members", Licence: "own"},
	}
	b.ReportAllocs()
	for b.Loop() {
		objects, most := 0, uint64(0)
		c, err := logfile.Kind(os.Getenv).New(feed, collectors.Tools{
			Now:  func() time.Time { return start.Add(30 * time.Hour) },
			Skip: func(where string, err error) { b.Error(where, err) },
			Log:  slog.New(slog.DiscardHandler),
		})
		if err != nil {
			b.Fatal(err)
		}
		_, err = c.Collect(b.Context(), "", func(stix.Object) error {
			if objects++; objects%10_000 == 0 {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(objects), "objects")
		b.ReportMetric(float64(most)/(1<<20), "MiB")
	}
}
