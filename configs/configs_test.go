package configs_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/all"
	"github.com/cabstand/cabstand/configs"
	"github.com/cabstand/cabstand/stix"
)

var update = flag.Bool("update", false, "write the .want files of the samples")

// feeds decodes the starter pack as strictly as the server does.
func feeds(t *testing.T) []collectors.Feed {
	t.Helper()
	files, err := fs.Glob(configs.Feeds, "feeds/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	var pack []collectors.Feed
	for _, file := range files {
		text, err := configs.Feeds.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var resources struct {
			Feeds []collectors.Feed `yaml:"feeds"`
		}
		if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&resources); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		pack = append(pack, resources.Feeds...)
	}
	return pack
}

func kindOf(t *testing.T, f collectors.Feed) collectors.Kind {
	t.Helper()
	kinds := all.Kinds()
	i := slices.IndexFunc(kinds, func(k collectors.Kind) bool { return k.Name == f.Kind })
	if i < 0 {
		t.Fatalf("feed %s: no kind %q", f.ID, f.Kind)
	}
	return kinds[i]
}

// publicDomain are the licences under which a feed may be on without anybody's decision.
var publicDomain = []string{"CC0-1.0"}

func TestFeeds_SayWhoseTheyAreAndWhatIsAllowed(t *testing.T) {
	ids := map[string]bool{}
	for _, f := range feeds(t) {
		if err := f.Validate(); err != nil {
			t.Error(err)
		}
		if ids[f.ID] {
			t.Errorf("%s: twice in the pack", f.ID)
		}
		ids[f.ID] = true
		if f.Enabled && !slices.Contains(publicDomain, f.Policy.Licence) {
			t.Errorf("%s: on by default, and not in the public domain", f.ID)
		}
		if f.Policy.Terms == "" || f.Policy.Attribution == "" {
			t.Errorf("%s: neither terms nor attribution may be missing", f.ID)
		}
		// The rows of a search come page by page, and look-ups have none.
		if f.Guards.MinRows == 0 && f.Kind != "x-search" && !asks(f) {
			t.Errorf("%s: guards.min_rows is missing", f.ID)
		}
		every, err := time.ParseDuration(strings.TrimPrefix(f.Schedule, "@every "))
		if err != nil || f.MinInterval == 0 || every < f.MinInterval {
			t.Errorf("%s: schedule %q, min_interval %s: more often than allowed",
				f.ID, f.Schedule, f.MinInterval)
		}
		if !strings.HasPrefix(f.URL, "https://") {
			t.Errorf("%s: %s is not https", f.ID, f.URL)
		}
	}
	if len(ids) < 14 {
		t.Errorf("%d feeds", len(ids))
	}
}

// asks reports whether a feed asks about what its collection holds. Its sample is the answer to
// each question, and beside it stands an object to ask about.
func asks(f collectors.Feed) bool { return f.Kind == "virustotal-lookup" }

// held returns the object that a feed asks about, and of other feeds nothing.
func held(t *testing.T, f collectors.Feed) (stretch collectors.Stretch) {
	t.Helper()
	if !asks(f) {
		return stretch
	}
	text, err := os.ReadFile("testdata/samples/" + f.ID + ".held.json")
	if err != nil {
		t.Fatal(err)
	}
	o, err := stix.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	stretch.End = collectors.PlaceAt(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	stretch.Held = []collectors.Held{collectors.NewHeld(o, stretch.End)}
	return stretch
}

// sample is a fetcher that has one document, and others at some URLs.
type sample struct {
	body   []byte
	others map[string][]byte
}

func (s sample) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	body, other := s.others[req.URL]
	if !other {
		body = s.body
	}
	return &collectors.Document{URL: req.URL, Body: body}, nil
}

// inputOf returns the sample of a feed, under "", or of a source that is a folder its documents
// by their names.
func inputOf(t *testing.T, id string) map[string][]byte {
	t.Helper()
	found, _ := filepath.Glob("testdata/samples/" + id + ".input.*")
	if len(found) != 1 {
		t.Fatalf("testdata/samples/%s.input.*: %v", id, found)
	}
	if body, err := os.ReadFile(found[0]); err == nil {
		return map[string][]byte{"": body}
	}
	entries, err := os.ReadDir(found[0])
	if err != nil {
		t.Fatal(err)
	}
	documents := map[string][]byte{}
	for _, e := range entries {
		body, err := os.ReadFile(filepath.Join(found[0], e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		documents[e.Name()] = body
	}
	return documents
}

// others returns the samples of the documents that the settings of a feed name beside its own,
// by setting.
func others(t *testing.T, f collectors.Feed) map[string]string {
	t.Helper()
	found := map[string]string{}
	for setting, value := range f.Settings {
		if text, ok := value.(string); !ok || !strings.HasPrefix(text, "https://") {
			continue
		}
		files, _ := filepath.Glob("testdata/samples/" + f.ID + "." + setting + ".*")
		if len(files) != 1 {
			t.Fatalf("testdata/samples/%s.%s.*: %v", f.ID, setting, files)
		}
		found[setting] = files[0]
	}
	return found
}

// TestFeeds_ReadTheirSource runs every feed on a document in the shape of its source, with
// values of our own.
func TestFeeds_ReadTheirSource(t *testing.T) {
	for _, f := range feeds(t) {
		t.Run(f.ID, func(t *testing.T) {
			got := collect(t, f, inputOf(t, f.ID))
			file := "testdata/samples/" + f.ID + ".want"
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", file, diff)
			}
		})
	}
}

// collect runs a feed and returns a line for each skipped row, each object and each that is
// withdrawn.
func collect(t *testing.T, f collectors.Feed, input map[string][]byte) string {
	t.Helper()
	var out strings.Builder
	said := 0
	documents := sample{input[""], map[string][]byte{}}
	for name, body := range input {
		documents.others[strings.TrimSuffix(f.URL, "/")+"/"+name] = body
	}
	for setting, file := range others(t, f) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		documents.others[f.Settings[setting].(string)] = text
	}
	c, err := kindOf(t, f).New(f, collectors.Tools{
		Fetch: documents,
		Now:   func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Skip:  func(where string, err error) { fmt.Fprintf(&out, "skipped %s: %v\n", where, err) },
		Rows:  func(int) error { return nil },
		Withdraw: func(ids ...string) error {
			for _, id := range ids {
				said++
				fmt.Fprintln(&out, "withdrawn "+id)
			}
			return nil
		},
		Recall: func(context.Context, ...string) (map[string]stix.Object, error) {
			return nil, nil // there is nothing before the first run
		},
		Objects: func(context.Context, []string, string) (collectors.Stretch, error) {
			return held(t, f), nil
		},
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Collect(t.Context(), "", func(o stix.Object) error {
		said++
		_, err := fmt.Fprintln(&out, describe(o))
		return err
	})
	if err != nil || said == 0 {
		t.Fatalf("%d objects emitted or withdrawn, error %v", said, err)
	}
	return out.String()
}

// describe writes what a reader of an object looks at first.
func describe(o stix.Object) string {
	var p struct {
		Pattern    string            `json:"pattern"`
		Value      string            `json:"value"`
		Name       string            `json:"name"`
		Relation   string            `json:"relationship_type"`
		Number     int               `json:"number"`
		Hashes     map[string]string `json:"hashes"`
		Port       int               `json:"dst_port"`
		ValidFrom  string            `json:"valid_from"`
		Confidence int               `json:"confidence"`
		Labels     []string          `json:"labels"`
	}
	if err := json.Unmarshal(o.Raw, &p); err != nil {
		return err.Error()
	}
	switch o.Type {
	case "indicator":
		return fmt.Sprintf("indicator %s from %s confidence %d labels %v",
			p.Pattern, p.ValidFrom, p.Confidence, p.Labels)
	case "autonomous-system", "network-traffic":
		return fmt.Sprintf("%s %d", o.Type, p.Number+p.Port)
	case "file":
		return fmt.Sprintf("file %v", p.Hashes)
	}
	return o.Type + " " + p.Value + p.Name + p.Relation
}
