package collectors_test

import (
	"errors"
	"os/signal"
	"syscall"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
)

// A disk that is full is neither the source's fault nor that of the settings, and the source is
// not asked for the same document again and again.
func TestFetchWithAFullDisk(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", long()))
	t.Setenv("TMPDIR", t.TempDir())
	smallFiles(t, 4<<20)
	s, waits := session(t, collectors.Feed{ID: "list", URL: server.URL}, nil)
	_, err := s.Fetch(t.Context(), collectors.Request{Spool: true})
	if !errors.Is(err, syscall.EFBIG) || collectors.TroubleOf(err) != collectors.TroubleStore {
		t.Errorf("error %v, trouble %q, want %q",
			err, collectors.TroubleOf(err), collectors.TroubleStore)
	}
	if len(*waits) > 0 {
		t.Errorf("waits %v to ask again, want none", *waits)
	}
}

// smallFiles bounds the files that the process can write until the test ends.
func smallFiles(t *testing.T, size uint64) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	t.Cleanup(func() {
		_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before)
		signal.Reset(syscall.SIGXFSZ)
	})
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: before.Max}); err != nil {
		t.Fatal(err)
	}
}
