package server_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// benchObject returns an object of the size of ATT&CK's, 1.3 kB.
func benchObject(n int) string {
	return fmt.Sprintf(`{"type":"indicator","spec_version":"2.1",`+
		`"id":"indicator--00000000-0000-4000-a000-%012d",`+
		`"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z",`+
		`"pattern":"[domain-name:value = 'host-%d.example.com']","pattern_type":"stix",`+
		`"valid_from":"2026-01-01T00:00:00Z","labels":["benchmark","made-up"],`+
		`"description":"%s"}`, n, n, strings.Repeat("Plain words of no weight. ", 34))
}

// benchServer returns a server over a store on disk whose collection empty holds n objects.
func benchServer(b *testing.B, n int, limits server.Limits) *httptest.Server {
	b.Helper()
	s, err := pebblestore.Open(b.TempDir(), pebblestore.Options{FS: vfs.Default})
	if err != nil {
		b.Fatal(err)
	}
	_, h := newServer(b, server.Config{Store: s, Access: roomy{}, Limits: limits})
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	for start := 0; start < n; start += 1000 {
		if status, text := push(b, h, strings.NewReader(benchEnvelope(start))); status != 202 {
			b.Fatalf("%d %s", status, text)
		}
	}
	return h
}

func benchEnvelope(start int) string {
	objects := make([]string, 1000)
	for i := range objects {
		objects[i] = benchObject(start + i)
	}
	return envelope(objects...)
}

// fetch reads one answer to its end and returns how long it is.
func fetch(b *testing.B, client *http.Client, url string) int64 {
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer kim")
	response, err := client.Do(r)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if err != nil || response.StatusCode != 200 {
		b.Fatalf("status %d, %v", response.StatusCode, err)
	}
	return n
}

// BenchmarkPage reads pages of 1,000 objects and, turn by turn in the same run, the same bytes
// from a net/http handler that has them in memory; the metric of-memory is how much of that
// one's rate the server reaches, with the page out of its cache and read from the store.
func BenchmarkPage(b *testing.B) {
	b.Run("Kept", func(b *testing.B) { benchPage(b, server.Limits{}) })
	b.Run("Read", func(b *testing.B) { benchPage(b, server.Limits{CacheBytes: -1}) })
}

func benchPage(b *testing.B, limits server.Limits) {
	h := benchServer(b, 10_000, limits)
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	page := h.URL + emptyObjects + "?limit=1000"
	r := httptest.NewRecorder()
	q := httptest.NewRequest("GET", emptyObjects+"?limit=1000", nil)
	q.Header.Set("Authorization", "Bearer kim")
	h.Config.Handler.ServeHTTP(r, q)
	text := r.Body.Bytes()
	memory := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", taxii.MediaType)
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		_, _ = w.Write(text)
	}))
	defer memory.Close()
	var ours, theirs time.Duration
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		start := time.Now()
		fetch(b, client, page)
		middle := time.Now()
		fetch(b, client, memory.URL)
		ours += middle.Sub(start)
		theirs += time.Since(middle)
	}
	b.ReportMetric(float64(theirs)/float64(ours), "of-memory")
	b.ReportMetric(float64(ours.Microseconds())/float64(b.N), "page-us")
	b.ReportMetric(float64(theirs.Microseconds())/float64(b.N), "memory-us")
}

// BenchmarkEmptyPoll asks whether there is anything new when there is not.
func BenchmarkEmptyPoll(b *testing.B) {
	h := benchServer(b, 10_000, server.Limits{})
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	url := h.URL + emptyObjects + "?added_after=2099-01-01T00:00:00Z"
	for b.Loop() {
		fetch(b, client, url)
	}
}

// BenchmarkPush pushes envelopes of 1,000 new objects, validated and synced.
func BenchmarkPush(b *testing.B) {
	h := benchServer(b, 0, server.Limits{})
	n := 0
	for b.Loop() {
		b.StopTimer()
		text := benchEnvelope(n)
		n += 1000
		b.StartTimer()
		if status, answer := push(b, h, strings.NewReader(text)); status != 202 {
			b.Fatalf("%d %s", status, answer)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "objects/s")
}
