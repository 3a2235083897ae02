package stixfile_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/stixfile"
	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
)

func TestCases(t *testing.T) { collectortest.Run(t, stixfile.Kind()) }

type source struct{ body []byte }

func (s source) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	return &collectors.Document{URL: req.URL, Body: s.body}, nil
}

var feed = collectors.Feed{
	ID: "partner", Name: "Partner", Kind: "stix", URL: "https://partner.example.com/",
}

func collect(t testing.TB, body []byte) (objects []stix.Object, skipped []string, err error) {
	t.Helper()
	c, err := stixfile.Kind().New(feed, collectors.Tools{
		Fetch: source{body},
		Skip:  func(where string, _ error) { skipped = append(skipped, where) },
		Rows:  func(int) error { return nil },
		Log:   slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Collect(t.Context(), "", func(o stix.Object) error {
		objects = append(objects, o)
		return nil
	})
	return objects, skipped, err
}

// TestCollect_KeepsEveryByte holds the emitted bytes against the file itself: escapes, blanks,
// digits and the order of members included.
func TestCollect_KeepsEveryByte(t *testing.T) {
	body, err := os.ReadFile("testdata/cases/bundle/input.json")
	if err != nil {
		t.Fatal(err)
	}
	objects, skipped, err := collect(t, body)
	if err != nil || len(objects) != 3 || len(skipped) != 3 {
		t.Fatalf("%d objects, skipped %v, error %v", len(objects), skipped, err)
	}
	for _, o := range objects {
		if !bytes.Contains(body, o.Raw) {
			t.Errorf("changed on the way: %s", o.Raw)
		}
	}
}

func TestCollect_StopsAtTheFirstErrorOfEmit(t *testing.T) {
	body, err := os.ReadFile("testdata/cases/bundle/input.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := stixfile.Kind().New(feed, collectors.Tools{
		Fetch: source{body}, Skip: func(string, error) {}, Rows: func(int) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	full, calls := errors.New("disk full"), 0
	_, err = c.Collect(t.Context(), "", func(stix.Object) error { calls++; return full })
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

// TestRealATTACK takes bundles of MITRE ATT&CK and compares each object's bytes.
func TestRealATTACK(t *testing.T) {
	var raw []string
	for row := range casefile.Corpus[struct{ Src, Raw string }](t, "stix_objects.jsonl") {
		if strings.HasPrefix(row.Src, "mitre-") {
			raw = append(raw, row.Raw)
		}
	}
	bundle := `{"type":"bundle","objects":[` + strings.Join(raw, ",\n") + `]}`
	objects, skipped, err := collect(t, []byte(bundle))
	if err != nil || len(skipped) > 0 || len(objects) != len(raw) {
		t.Fatalf("%d of %d objects, skipped %v, error %v", len(objects), len(raw), skipped, err)
	}
	for i, o := range objects {
		if string(o.Raw) != raw[i] {
			t.Errorf("%s has changed on the way", o.ID)
		}
	}
}

func TestRealSamples(t *testing.T) {
	for file, want := range map[string]int{
		"tweetfeed_stix_bundle.json":     4,
		"taxii_static_page_objects.json": 1,
	} {
		t.Run(file, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join("../../../shared/feeds", file))
			if errors.Is(err, os.ErrNotExist) {
				t.Skip("the samples are not here")
			} else if err != nil {
				t.Fatal(err)
			}
			objects, skipped, err := collect(t, body)
			if err != nil || len(objects) != want || len(skipped) > 0 {
				t.Errorf("%d objects, skipped %v, error %v; want %d", len(objects), skipped, err, want)
			}
		})
	}
}
