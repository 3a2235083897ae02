package configs_test

import (
	"bytes"
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/all"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// TestFeeds_WriteNothingTwice runs every feed as the server does, on a store, and again on a
// document that differs in nothing but a line end.
func TestFeeds_WriteNothingTwice(t *testing.T) {
	st, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	dir := t.TempDir()
	pack := slices.DeleteFunc(feeds(t), asks) // a store that is empty is no question
	for i := range pack {
		pack[i] = local(t, pack[i], dir)
	}
	runner, err := collectors.New(collectors.RunnerConfig{
		Store: st, Documents: st, Kinds: all.Kinds(), Feeds: pack,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range pack {
		if kindOf(t, f).SpeaksFor != nil {
			continue // it makes no objects
		}
		first, err := runner.RunNow(t.Context(), f.ID)
		if err != nil || first.New == 0 || first.Changed > 0 || first.Invalid > 0 {
			t.Errorf("%s: first run: %+v, error %v", f.ID, first.Counts, err)
		}
		appendTo(t, f.URL)
		second, err := runner.RunNow(t.Context(), f.ID)
		if err != nil || second.New > 0 || second.Changed > 0 {
			t.Errorf("%s: second run: %+v, error %v", f.ID, second.Counts, err)
		}
		if !second.NotModified && second.Unchanged == 0 {
			t.Errorf("%s: the second run looked at nothing: %+v", f.ID, second.Counts)
		}
	}
}

// local makes a feed read a copy of its sample, without guards made for the real source.
func local(t *testing.T, f collectors.Feed, dir string) collectors.Feed {
	t.Helper()
	folder := filepath.Join(dir, f.ID)
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, body := range inputOf(t, f.ID) {
		file := filepath.Join(folder, cmp.Or(name, "document"))
		if err := os.WriteFile(file, bytes.TrimRight(body, "\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if name == "" || name == "manifest.json" {
			f.URL = file
		}
	}
	f.Settings = maps.Clone(f.Settings)
	for setting, file := range others(t, f) {
		f.Settings[setting] = file
	}
	f.Collection, f.Guards = "feeds/"+f.ID, collectors.Guards{}
	return f
}

func appendTo(t *testing.T, file string) {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(body, '\n'), 0o600); err != nil {
		t.Fatal(err)
	}
}
