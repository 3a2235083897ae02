package nvd_test

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/nvd"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

// documents are what the three sources say, whatever is asked for.
type documents struct{ nvd, kev, epss string }

func (d documents) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	body := d.nvd
	switch {
	case strings.Contains(req.URL, "epss"):
		body = d.epss
	case strings.Contains(req.URL, "kev"):
		body = d.kev
	}
	return &collectors.Document{URL: req.URL, Body: []byte(body)}, nil
}

// FuzzCollect reads what may be answers of the three sources, from what may be a cursor.
func FuzzCollect(f *testing.F) {
	var seed [3]string
	for i, name := range []string{"nvd.json", "kev.json", "epss.csv"} {
		text, err := os.ReadFile("testdata/cases/merged/" + name)
		if err != nil {
			f.Fatal(err)
		}
		seed[i] = string(text)
	}
	f.Add(seed[0], seed[1], seed[2], "")
	hostile, err := os.ReadFile("testdata/cases/hostile/nvd.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(hostile), seed[1], seed[2],
		`{"until":"2026-01-01T00:00:00Z","epss":"2026-01-01","queue":["CVE-2026-10001"],`+
			`"window":{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","index":4,"total":9}}`)
	f.Fuzz(func(t *testing.T, page, kev, epss, cursor string) {
		d := documents{page, kev, epss}
		first, errFirst := collect(t, d, cursor)
		second, errSecond := collect(t, d, cursor)
		if diff := cmp.Diff(first, second); diff != "" || (errFirst == nil) != (errSecond == nil) {
			t.Errorf("the second run differs: %v, %v\n%s", errFirst, errSecond, diff)
		}
	})
}

// collect returns the objects of a run and the cursor, after checking each. A source that always
// has more to say is left after 50 pauses.
func collect(t *testing.T, d documents, cursor string) (texts []string, err error) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	pauses := 0
	c, err := nvd.Kind(func(ctx context.Context, _ time.Duration) error {
		if pauses++; pauses > 50 {
			cancel()
		}
		return context.Cause(ctx)
	}).New(collectors.Feed{
		ID: "nvd", Name: "NVD", Kind: "nvd", URL: "https://nvd.example.com/cves",
		Settings: map[string]any{
			"kev_url": "https://kev.example.com/", "epss_url": "https://epss.example.com/current",
			"software": true,
		},
		Policy: collectors.Policy{TLP: "clear", Redistribute: "public", Licence: "none"},
	}, collectors.Tools{
		Fetch: d, Now: func() time.Time { return now }, Skip: func(string, error) {},
		Rows: func(int) error { return nil }, Withdraw: func(...string) error { return nil },
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	next, err := c.Collect(ctx, cursor, func(o stix.Object) error {
		parsed, err := stix.Parse(o.Raw)
		for _, v := range rules.Report(parsed, err, stix.Must) {
			t.Errorf("emitted an invalid object: %v\n%s", v, o.Raw)
		}
		texts = append(texts, string(o.Raw))
		return nil
	})
	return append(texts, next), err
}
