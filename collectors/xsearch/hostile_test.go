package xsearch_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/xsearch"
	"github.com/cabstand/cabstand/stix"
)

type answer map[string]any

func (a answer) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	text, err := json.Marshal(a)
	return &collectors.Document{URL: req.URL, Body: text}, err
}

// Links stand for X's own short ones, each once: what calls any other text its link changes
// nothing, and targets that hold links again do not grow without end.
func TestCollect_LinksReplaceShortOnesOnly(t *testing.T) {
	links := []map[string]string{{"url": "bad", "expanded_url": "https://harmless.example.org/"}}
	for range 60 {
		links = append(links, map[string]string{
			"url": "https://t.co/a", "expanded_url": "https://a.example.net/https://t.co/a/https://t.co/a",
		})
	}
	post := map[string]any{
		"id": "1", "text": "c2 at bad.example[.]com https://t.co/a", "entities": map[string]any{"urls": links},
	}
	c, err := xsearch.Kind().New(collectors.Feed{
		ID: "x", Name: "X", Kind: "x-search", URL: "https://api.x.com/2/tweets/search/recent",
		Settings: map[string]any{"query": "c2", "links": true, "keep_reserved": true},
		Policy:   collectors.Policy{TLP: "clear", Redistribute: "internal", Licence: "terms"},
	}, collectors.Tools{
		Fetch: answer{"data": []any{post}, "meta": map[string]any{}}, Log: slog.New(slog.DiscardHandler),
		Now: func() time.Time { return day }, Skip: func(where string, err error) { t.Error(where, err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	_, err = c.Collect(t.Context(), "", func(o stix.Object) error {
		var said struct{ Pattern string }
		if err := json.Unmarshal(o.Raw, &said); err != nil || o.Type != "indicator" {
			return err
		}
		got = append(got, said.Pattern)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	want := []string{
		"[domain-name:value = 'bad.example.com']",
		"[url:value = 'https://a.example.net/https://t.co/a/https://t.co/a']",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
