package api_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/greynoise"
	"github.com/cabstand/cabstand/collectors/otx"
	"github.com/cabstand/cabstand/collectors/virustotal"
	"github.com/cabstand/cabstand/stix"
)

func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"next":"2","rows":[{"a":1},"b",null]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		elements, _, err := open(string(answer))
		if err != nil && !errors.Is(err, collectors.ErrFormat) {
			t.Errorf("%d elements, then %v: what is opened is whole", len(elements), err)
		}
	})
}

// once is a fetcher whose first answer is the one under test; after that there is nothing.
type once struct {
	body  []byte
	asked int
}

func (o *once) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	if o.asked++; o.asked > 1 {
		return nil, &collectors.StatusError{Status: 404}
	}
	return &collectors.Document{URL: req.URL, Body: o.body}, nil
}

// FuzzCollect has the kinds read what may be an answer.
func FuzzCollect(f *testing.F) {
	for _, file := range []string{
		"otx/testdata/cases/pulse", "otx/testdata/cases/hostile",
		"greynoise/testdata/cases/addresses", "greynoise/testdata/cases/hostile",
		"virustotal/testdata/cases/stream", "virustotal/testdata/cases/hostile",
	} {
		body, err := os.ReadFile("../" + file + "/input.json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range []collectors.Kind{otx.Kind(), greynoise.Kind(), virustotal.Kind()} {
			first, errFirst := collect(t, kind, body)
			second, errSecond := collect(t, kind, body)
			if diff := cmp.Diff(first, second); diff != "" || (errFirst == nil) != (errSecond == nil) {
				t.Errorf("%s: the second run differs: %v, %v\n%s", kind.Name, errFirst, errSecond, diff)
			}
		}
	})
}

// collect returns the objects that a kind makes of an answer, after checking each.
func collect(t *testing.T, kind collectors.Kind, body []byte) (objects []string, err error) {
	c, err := kind.New(
		collectors.Feed{
			ID: "fuzz", Name: "Fuzz", URL: "https://api.example.com/v1/list",
			Policy: collectors.Policy{TLP: "green", Redistribute: "internal", Licence: "terms"},
		},
		collectors.Tools{
			Fetch:    &once{body: body},
			Now:      func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
			Skip:     func(string, error) {},
			Rows:     func(int) error { return nil },
			Withdraw: func(...string) error { return nil },
			Recall: func(context.Context, ...string) (map[string]stix.Object, error) {
				return nil, nil
			},
			Log: slog.New(slog.DiscardHandler),
		})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Collect(t.Context(), "", func(o stix.Object) error {
		if _, err := stix.Parse(o.Raw); err != nil {
			t.Errorf("%s: emitted an invalid object: %v\n%s", kind.Name, err, o.Raw)
		}
		objects = append(objects, string(o.Raw))
		return nil
	})
	return objects, err
}
