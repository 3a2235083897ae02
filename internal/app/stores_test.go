package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/app"
	"github.com/cabstand/cabstand/store"
)

func TestOpenStore_SaysWhatToDo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for url, want := range map[string]string{
		"":                "it must be pebble: and a folder",
		"here":            `the store is "here"; it must be`,
		"pebble:":         "pebble: without a folder",
		"pebble:" + file:  "make the folder of the store: ",
		"redis://a:b@c/d": `the store is "redis://a:xxxxx@c/d"; it must be`,
	} {
		_, err := app.OpenStore(t.Context(), url, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("OpenStore(%q): %v, want %q", url, err, want)
		}
	}
}

func TestOpenStore_LocksTheStore(t *testing.T) {
	url := "pebble:" + t.TempDir()
	s, err := app.OpenStore(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := app.OpenStore(t.Context(), url, nil); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second OpenStore: %v, want ErrLocked", err)
	}
}

func TestFindStore_MakesNone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "none")
	err := app.FindStore("pebble:" + dir)
	if err == nil || !strings.Contains(err.Error(), "there is no store in "+dir) {
		t.Errorf("FindStore without a store: %v", err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("FindStore made something: %v", err)
	}
	s, err := app.OpenStore(t.Context(), "pebble:"+dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := app.FindStore("pebble:" + dir); err != nil {
		t.Errorf("FindStore of a store: %v", err)
	}
}

func TestStoreName_HasNoSecrets(t *testing.T) {
	for url, want := range map[string]string{
		"pebble:/var/lib/a@b:c?d":                         "pebble:/var/lib/a@b:c?d",
		"mongodb://db.example.com/cabstand":               "mongodb://db.example.com/cabstand",
		"mongodb://a.example.com:1,b.example.com:2/c?x=y": "mongodb://a.example.com:1,b.example.com:2/c",
		"mongodb://alice@db.example.com/c":                "mongodb://alice@db.example.com/c",
		"mongodb://alice:secret@db.example.com/c":         "mongodb://alice:xxxxx@db.example.com/c",
		"mongodb://alice:secret@a:1,b:2/c?w=1":            "mongodb://alice:xxxxx@a:1,b:2/c",
		// Those that forget to escape their passwords are not told to everybody either.
		"mongodb://alice:se@cret:@db.example.com/c":      "mongodb://alice:xxxxx@db.example.com/c",
		"mongodb://alice:se/cret@db.example.com/c":       "mongodb://alice:xxxxx@db.example.com/c",
		"mongodb://alice:se?cret@db.example.com/c":       "mongodb://xxxxx",
		"mongodb+srv://alice:%73ecret@db.example.com/?a": "mongodb+srv://alice:xxxxx@db.example.com/",
		"mongodb://db.example.com/?password=se@cret":     "mongodb://xxxxx",
		"mongodb://": "mongodb://",
		"":           "",
	} {
		if got := app.StoreName(url); got != want {
			t.Errorf("StoreName(%q) = %q, want %q", url, got, want)
		}
	}
}

// Half a copy must not be served: what it was given would stand before what is to come.
func TestOpen_RefusesAnUnfinishedCopy(t *testing.T) {
	cfg := newConfig(t)
	s, err := app.OpenStore(t.Context(), cfg.Store, nil)
	if err != nil {
		t.Fatal(err)
	}
	mark := store.Document{
		Kind: "migration", Key: "unfinished", Value: []byte(`{"source":"pebble:/old"}`),
	}
	if _, err := s.Put(t.Context(), mark); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = app.Open(t.Context(), cfg, nil)
	if err == nil || !strings.Contains(err.Error(), "an unfinished copy of pebble:/old") {
		t.Errorf("Open of an unfinished copy: %v", err)
	}
	if s, err = app.OpenStore(t.Context(), cfg.Store, nil); err != nil {
		t.Fatal("the store was left open:", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
