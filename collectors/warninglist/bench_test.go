package warninglist_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"testing"

	"github.com/cabstand/cabstand/collectors/warninglist"
)

// million is a list of a million entries.
func million(b *testing.B, form, entry string) []byte {
	b.Helper()
	entries := make([]string, 1_000_000)
	for i := range entries {
		entries[i] = fmt.Sprintf(entry, i>>16, i>>8&255, i&255)
	}
	source, err := json.Marshal(map[string]any{"type": form, "list": entries})
	if err != nil {
		b.Fatal(err)
	}
	return source
}

func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// BenchmarkMillion reads a million entries and tells what each takes, beside a look-up.
func BenchmarkMillion(b *testing.B) {
	for _, of := range []struct{ form, entry, kind, value string }{
		{"string", "host-%d-%d-%d.example.com", "domain", "host-9-200-7.example.com"},
		{"hostname", "host-%d-%d-%d.example.com", "domain", "a.b.c.host-9-200-7.example.net"},
		{"cidr", "11.%d.%d.%d", "ip", "11.9.200.7"},
	} {
		source := million(b, of.form, of.entry)
		b.Run("read/"+of.form, func(b *testing.B) {
			before := heap()
			var list *warninglist.List
			for b.Loop() {
				var err error
				if list, err = warninglist.ReadMISP("x", source); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((heap()-before)/1e6, "bytes/entry")
			runtime.KeepAlive(list)
		})
		list, err := warninglist.ReadMISP("x", source)
		if err != nil {
			b.Fatal(err)
		}
		kind, err := warninglist.ParseKinds([]string{of.kind})
		if err != nil {
			b.Fatal(err)
		}
		b.Run("match/"+of.form, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				list.Match(kind, of.value)
			}
		})
	}
}
