package urlhaus_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/urlhaus"
	"github.com/cabstand/cabstand/stix"
)

func TestCases(t *testing.T) { collectortest.Run(t, urlhaus.Kind()) }

type source struct{ body []byte }

func (s source) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	return &collectors.Document{URL: req.URL, Body: s.body}, nil
}

func collect(t testing.TB, body []byte) ([]string, error) {
	feed := collectors.Feed{
		ID: "urlhaus", Name: "URLhaus", Kind: "urlhaus", URL: "https://urlhaus.example.com/",
		Policy: collectors.Policy{TLP: "clear", Redistribute: "internal", Licence: "terms"},
	}
	c, err := urlhaus.Kind().New(feed, collectors.Tools{
		Fetch: source{body},
		Now:   func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Skip:  func(string, error) {},
		Rows:  func(int) error { return nil },
		Log:   slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	var objects []string
	_, err = c.Collect(t.Context(), "", func(o stix.Object) error {
		if _, err := stix.Parse(o.Raw); err != nil {
			t.Fatalf("emitted an invalid object: %v\n%s", err, o.Raw)
		}
		objects = append(objects, string(o.Raw))
		return nil
	})
	return objects, err
}

func FuzzCollect(f *testing.F) {
	for _, file := range []string{
		"api/input.json", "dump/input.json", "ndjson/input.json", "csv/input.csv", "hostile/input.json",
	} {
		body, err := os.ReadFile("testdata/cases/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		first, errFirst := collect(t, body)
		second, errSecond := collect(t, body)
		if diff := cmp.Diff(first, second); diff != "" || (errFirst == nil) != (errSecond == nil) {
			t.Errorf("the second run differs: %v, %v\n%s", errFirst, errSecond, diff)
		}
		if errFirst == nil && len(first) == 0 {
			t.Error("a success without objects")
		}
	})
}

func TestRealSample(t *testing.T) {
	body, err := os.ReadFile("../../../shared/feeds/urlhaus.ndjson")
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("the sample is not here")
	} else if err != nil {
		t.Fatal(err)
	}
	objects, err := collect(t, body)
	const want = 2*3 + 3 // two URLs of one family, with indicators and relationships
	if err != nil || len(objects) != want {
		t.Errorf("%d objects and error %v, want %d", len(objects), err, want)
	}
}

func TestCollect_BoundsWhatItHolds(t *testing.T) {
	good := `"1","2026-01-01 08:00:00","http://malware.example.com/","online","","","","",""` + "\n"
	for name, body := range map[string]string{
		"members": `{` + strings.Repeat(`"1":1,`, 4_000_001) + `"2":2}`,
		"rows":    `{"query_status":"ok","urls":[` + strings.Repeat(`1,`, 4_000_001) + `1]}`,
	} {
		if _, err := collect(t, []byte(body)); err == nil || !strings.Contains(err.Error(), "at most 4000000") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
	objects, err := collect(t, []byte(`"`+strings.Repeat("x", 2<<20)+"\n"+good))
	if err != nil || len(objects) != 3 {
		t.Errorf("%d objects beside a long line, error %v", len(objects), err)
	}
}

func TestCollect_StopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, body := range []string{"#\n#\n", `{"url":"http://malware.example.com/"}`} {
		skipped := 0
		c, err := urlhaus.Kind().New(collectors.Feed{ID: "urlhaus"}, collectors.Tools{
			Fetch: source{[]byte(body)},
			Now:   time.Now,
			Skip:  func(string, error) { skipped++ },
			Rows:  func(int) error { return nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Collect(ctx, "", func(stix.Object) error { return nil })
		if !errors.Is(err, context.Canceled) || skipped > 0 {
			t.Errorf("error = %v after %d rows, want %v", err, skipped, context.Canceled)
		}
	}
}
