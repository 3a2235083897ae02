package pebblestore_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/store/storetest"
)

const batchLen = 1000

// indicators generates objects of about 1,000 bytes with words that compress as real ones do.
func indicators(tb testing.TB, seed uint64, n int) []store.Incoming {
	tb.Helper()
	random := rand.New(rand.NewPCG(seed, 1))
	words := make([]string, 2000)
	for i := range words {
		words[i] = fmt.Sprintf("%x", random.Uint32N(1<<20))
	}
	objects := make([]store.Incoming, n)
	for i := range objects {
		var text bytes.Buffer
		for text.Len() < 550 {
			text.WriteString(words[random.IntN(len(words))])
			text.WriteByte(' ')
		}
		raw := fmt.Appendf(nil, `{"type":"indicator","spec_version":"2.1",`+
			`"id":"indicator--%08x-%04x-4%03x-8%03x-%012x",`+
			`"created":"2026-01-02T03:04:05.%03dZ","modified":"2026-01-02T03:04:06.%03dZ",`+
			`"name":"connection to 192.0.2.%d","description":"%s","pattern_type":"stix",`+
			`"pattern":"[ipv4-addr:value = '192.0.2.%d']","valid_from":"2026-01-02T03:04:05Z"}`,
			random.Uint32(), random.Uint32N(1<<16), random.Uint32N(1<<12), random.Uint32N(1<<12),
			random.Uint64N(1<<48), random.IntN(1000), random.IntN(1000), random.IntN(256),
			text.Bytes(), random.IntN(256))
		object, err := stix.Parse(raw)
		if err != nil {
			tb.Fatal(err)
		}
		objects[i] = store.Incoming{Object: object}
	}
	return objects
}

func rawBytes(objects []store.Incoming) (n int64) {
	for _, o := range objects {
		n += int64(len(o.Object.Raw))
	}
	return n
}

func openBench(b *testing.B) *pebblestore.Store {
	b.Helper()
	s, err := pebblestore.Open(b.TempDir(), pebblestore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

func BenchmarkAdd(b *testing.B) {
	s := openBench(b)
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		objects := indicators(b, uint64(i), batchLen)
		b.SetBytes(rawBytes(objects))
		b.StartTimer()
		if _, err := s.Add(context.Background(), "c", objects); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*batchLen/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkPebbleAlone is the yardstick of BenchmarkAdd: the same bytes, one key each.
func BenchmarkPebbleAlone(b *testing.B) {
	db, err := pebble.Open(b.TempDir(), &pebble.Options{MemTableSize: 64 << 20})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		objects := indicators(b, uint64(i), batchLen)
		b.SetBytes(rawBytes(objects))
		b.StartTimer()
		batch := db.NewBatch()
		for j, o := range objects {
			key := fmt.Appendf(nil, "%016x%04x", i, j)
			if err := batch.Set(key, o.Object.Raw, nil); err != nil {
				b.Fatal(err)
			}
		}
		if err := batch.Commit(pebble.Sync); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*batchLen/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkContract prints what every store prints, on real files.
func BenchmarkContract(b *testing.B) {
	storetest.Bench(b, onFiles, 300_000)
}
