package collectors_test

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
)

// long is more than what is kept in memory.
func long() string { return strings.Repeat("192.0.2.1\n", 500_000) }

// spooled fetches a document that may be spooled. Files go to a folder of the test's.
func spooled(t *testing.T, answer collectortest.Answer) (doc *collectors.Document, dir string, err error) {
	t.Helper()
	dir = t.TempDir()
	t.Setenv("TMPDIR", dir)
	server := collectortest.Serve(t, answer)
	s, _ := session(t, collectors.Feed{ID: "list", URL: server.URL, MaxBytes: 6 << 20}, nil)
	doc, err = s.Fetch(t.Context(), collectors.Request{Spool: true})
	return doc, dir, err
}

func TestFetchSpoolsWhatIsLarge(t *testing.T) {
	for name, answer := range map[string]collectortest.Answer{
		"plain":      collectortest.Body("text/plain", long()),
		"compressed": collectortest.Gzipped(long()),
	} {
		doc, dir, err := spooled(t, answer)
		if err != nil {
			t.Fatal(err)
		}
		if doc.Body != nil {
			t.Errorf("%s: %d bytes in memory", name, len(doc.Body))
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
			t.Errorf("%s: a crash would leave %v, error %v", name, files, err)
		}
		for range 2 {
			if body, err := io.ReadAll(doc.Open()); err != nil || string(body) != long() {
				t.Errorf("%s: %d bytes, error %v", name, len(body), err)
			}
		}
		small, _, err := fetchOnce(t, collectortest.Serve(t, collectortest.Body("text/plain", text)).URL)
		if err != nil || len(small.SHA256) != len(doc.SHA256) || small.SHA256 == doc.SHA256 {
			t.Errorf("%s: SHA-256 %q", name, doc.SHA256)
		}
		if err := doc.Close(); err != nil {
			t.Error(err)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
			t.Errorf("%s: %v is left, error %v", name, files, err)
		}
	}
}

func TestFetchKeepsWhatIsSmallInMemory(t *testing.T) {
	doc, _, err := spooled(t, collectortest.Body("text/plain", text))
	if err != nil || string(doc.Body) != text {
		t.Fatalf("%+v, error %v", doc, err)
	}
	if body, err := io.ReadAll(doc.Open()); err != nil || string(body) != text {
		t.Errorf("%q, error %v", body, err)
	}
}

func TestFetchSpoolsNothingThatIsWrong(t *testing.T) {
	for want, answer := range map[string]collectortest.Answer{
		"larger than max_bytes":      collectortest.Gzipped(long() + long()),
		"a web page instead of data": collectortest.Body("text/plain", "<!doctype html>"+long()),
		"unexpected EOF":             collectortest.HalfPage(long() + long()),
	} {
		_, dir, err := spooled(t, answer)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %s", err, want)
		}
		if files, err := os.ReadDir(dir); err != nil || len(files) > 0 {
			t.Errorf("%s: %v is left, error %v", want, files, err)
		}
	}
}

// A server without room for files reads large documents all the same.
func TestFetchWithoutRoomForFiles(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", long()))
	t.Setenv("TMPDIR", "/nowhere")
	s, _ := session(t, collectors.Feed{ID: "list", URL: server.URL}, nil)
	doc, err := s.Fetch(t.Context(), collectors.Request{Spool: true})
	if err != nil || string(doc.Body) != long() {
		t.Errorf("error %v", err)
	}
}
