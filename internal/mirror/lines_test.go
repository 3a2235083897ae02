package mirror_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/mirror"
)

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFile_GrowsByALinePerObject(t *testing.T) {
	broken := strings.Replace(object(2, someVersion), ", ", ",\r\n ", 1)
	r := newRemote(t, object(1, someVersion), broken+",{}")
	path := filepath.Join(t.TempDir(), "objects.ndjson")
	got, err := r.run(t, mirror.Options{File: path})
	if diff := cmp.Diff(mirror.Counts{New: 2, Invalid: 1, Pages: 2}, got); diff != "" || err != nil {
		t.Errorf("error %v, counts (-want +got):\n%s", err, diff)
	}
	r.pages = append(r.pages, object(3, someVersion))
	if _, err := r.run(t, mirror.Options{File: path}); err != nil {
		t.Fatal(err)
	}
	want := object(1, someVersion) + "\n" + strings.ReplaceAll(broken, "\r\n", "  ") + "\n" +
		object(3, someVersion) + "\n"
	if diff := cmp.Diff(want, readFile(t, path)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestFile_CutsOffWhatAKilledRunWrote(t *testing.T) {
	r := newRemote(t, object(1, someVersion), object(2, someVersion))
	r.broken = 1
	path := filepath.Join(t.TempDir(), "objects.ndjson")
	if _, err := r.run(t, mirror.Options{File: path}); err == nil {
		t.Fatal("no error")
	}
	torn := readFile(t, path) + object(2, someVersion) + "\n" + object(3, someVersion)[:40]
	if err := os.WriteFile(path, []byte(torn), 0o644); err != nil {
		t.Fatal(err)
	}
	r.broken = -1
	if _, err := r.run(t, mirror.Options{File: path}); err != nil {
		t.Fatal(err)
	}
	want := object(1, someVersion) + "\n" + object(2, someVersion) + "\n"
	if diff := cmp.Diff(want, readFile(t, path)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestFile_OfSomeoneElseIsLeftAlone(t *testing.T) {
	r := newRemote(t, object(1, someVersion))
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := r.run(t, mirror.Options{File: path})
	if err == nil || !strings.Contains(err.Error(), "choose another file") ||
		readFile(t, path) != "mine" {
		t.Errorf("error %v, file %q", err, readFile(t, path))
	}
	if _, err := r.run(t, mirror.Options{File: os.DevNull, StateFile: path + ".state"}); err == nil {
		t.Error("a device was taken for a file")
	}
}

func TestFile_ThatShrankIsAnError(t *testing.T) {
	r := newRemote(t, object(1, someVersion))
	path := filepath.Join(t.TempDir(), "objects.ndjson")
	if _, err := r.run(t, mirror.Options{File: path}); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, 10); err != nil {
		t.Fatal(err)
	}
	if _, err := r.run(t, mirror.Options{File: path}); err == nil ||
		!strings.Contains(err.Error(), "has 10 bytes") {
		t.Errorf("error %v", err)
	}
}

func TestWriter_TakesLinesAndRemembersIfAsked(t *testing.T) {
	r := newRemote(t, object(1, someVersion))
	var out bytes.Buffer
	state := filepath.Join(t.TempDir(), "state")
	for range 2 {
		if _, err := r.run(t, mirror.Options{Writer: &out, StateFile: state}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(object(1, someVersion)+"\n", out.String()); diff != "" {
		t.Errorf("with a state (-want +got):\n%s", diff)
	}
	for range 2 {
		if _, err := r.run(t, mirror.Options{Writer: &out}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(out.String(), "\n"); n != 3 {
		t.Errorf("%d lines, want 3: without a state each run begins anew", n)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("disk full") }

func TestWriter_ThatFailsEndsTheRun(t *testing.T) {
	r := newRemote(t, object(1, someVersion))
	_, err := r.run(t, mirror.Options{Writer: full{}})
	if err == nil || !strings.Contains(err.Error(), "disk full") {
		t.Errorf("error %v", err)
	}
}
