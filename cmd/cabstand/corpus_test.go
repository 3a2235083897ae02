package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/app"
	"github.com/cabstand/cabstand/internal/config"
)

// corpus holds published objects, one a row in raw.
const corpus = "../../../shared/corpora/stix_objects.jsonl"

// Real ATT&CK objects go in by import and come out of a poll byte for byte.
func TestRun_PublishedObjectsComeOutOfAPollAsTheyWere(t *testing.T) {
	objects := publishedObjects(t)
	dir := t.TempDir()
	environ := []string{"CABSTAND_STORE=pebble:" + dir + "/store",
		"CABSTAND_LISTEN=127.0.0.1:0", "CABSTAND_ADMIN_LISTEN=127.0.0.1:0"}
	url := serving(t, environ)
	cabstand := func(in string, args ...string) {
		t.Helper()
		var out, errs bytes.Buffer
		if status := run(args, strings.NewReader(in), &out, &errs, environ); status != exitOK {
			t.Fatalf("cabstand %s: exit status %d\n%s", args, status, errs.String())
		}
	}
	cabstand("", "root", "add", "api")
	cabstand("", "collection", "add", "api", "--title", "ATT&CK", "--alias", "attack", "--read", "anyone")
	cabstand(`{"type":"bundle","objects":[`+strings.Join(objects, ",")+"]}",
		"import", "--collection", "api/attack", "-")
	cabstand("", "poll", url+"/api/", "--dir", dir+"/polled")

	polled := map[string]bool{}
	err := filepath.WalkDir(dir+"/polled", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		polled[string(bytes.TrimSpace(text))] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range newest(t, objects) {
		if !polled[want] {
			t.Errorf("not polled as it was imported: %.200s", want)
		}
	}
}

// publishedObjects returns the ATT&CK objects of the corpus.
func publishedObjects(t *testing.T) []string {
	t.Helper()
	f, err := os.Open(corpus)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the corpus of published objects is not beside this repository")
	} else if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var objects []string
	rows := bufio.NewScanner(f)
	rows.Buffer(nil, 16<<20)
	for rows.Scan() {
		var row struct {
			Src string `json:"src"`
			Raw string `json:"raw"`
		}
		if err := json.Unmarshal(rows.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(row.Src, "mitre-") {
			objects = append(objects, strings.TrimSpace(row.Raw))
		}
	}
	if err := rows.Err(); err != nil || len(objects) < 1000 {
		t.Fatalf("%d objects, error %v", len(objects), err)
	}
	return objects
}

// newest returns the newest version of each object: what a poll without filters brings.
func newest(t *testing.T, objects []string) map[string]string {
	t.Helper()
	type head struct{ ID, Modified, Created string }
	heads, texts := map[string]head{}, map[string]string{}
	for _, text := range objects {
		var h head
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			t.Fatal(err)
		}
		if h.Modified+h.Created >= heads[h.ID].Modified+heads[h.ID].Created {
			heads[h.ID], texts[h.ID] = h, text
		}
	}
	return texts
}

// serving runs a server in this process for the length of a test and returns its URL.
func serving(t *testing.T, environ []string) string {
	t.Helper()
	cfg, err := config.Load("", environ)
	if err != nil {
		t.Fatal(err)
	}
	c := &cli{errs: os.Stderr}
	a, err := app.Open(t.Context(), cfg, c.logger(config.Log{Level: "warn", Format: "text"}))
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Listen(); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- a.Run(ctx, func() { close(ready) }) }()
	<-ready
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, a.Close()); err != nil {
			t.Error(err)
		}
	})
	return a.URL()
}
