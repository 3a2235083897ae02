package kev_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/kev"
	"github.com/cabstand/cabstand/stix"
)

func TestCases(t *testing.T) { collectortest.Run(t, kev.Kind()) }

type source struct{ body string }

func (s source) Fetch(context.Context, collectors.Request) (*collectors.Document, error) {
	return &collectors.Document{Body: []byte(s.body)}, nil
}

// collect returns the number of references of the first vulnerability.
func collect(t *testing.T, body string) (references int, err error) {
	t.Helper()
	c, err := kev.Kind().New(collectors.Feed{
		ID: "kev", Name: "KEV", Kind: "cisa-kev",
		Policy: collectors.Policy{TLP: "clear", Redistribute: "public", Licence: "CC0-1.0"},
	}, collectors.Tools{
		Fetch: source{body}, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Skip: func(string, error) {}, Rows: func(int) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Collect(t.Context(), "", func(o stix.Object) error {
		var v struct {
			References []json.RawMessage `json:"external_references"`
		}
		if o.Type == "vulnerability" {
			err = json.Unmarshal(o.Raw, &v)
			references = len(v.References)
		}
		return err
	})
	return references, err
}

func TestCollect_BoundsWhatItHolds(t *testing.T) {
	body := `{"vulnerabilities":[` + strings.Repeat("1,", 4_000_001) + `1]}`
	if _, err := collect(t, body); err == nil || !strings.Contains(err.Error(), "at most 4000000") {
		t.Errorf("a catalogue of countless entries: error = %v", err)
	}
	body = `{"vulnerabilities":[{"cveID":"CVE-2026-0001","cwes":[` + strings.Repeat(`"CWE-1",`, 1000) +
		`"CWE-2"],"notes":"https://a.example.com/"}]}`
	got, err := collect(t, body)
	if want := 1 + 1 + 50 + 1; err != nil || got != want {
		t.Errorf("%d references, error %v; want %d", got, err, want)
	}
}
