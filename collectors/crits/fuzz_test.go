package crits_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/crits"
	"github.com/cabstand/cabstand/stix"
)

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

// resources are all that the API has.
var resources = [...]string{
	"campaigns", "actors", "ips", "domains", "samples", "indicators", "events", "emails",
}

// FuzzCollect reads what may be an answer as a page of every resource.
func FuzzCollect(f *testing.F) {
	for _, file := range []string{
		"types/input", "hostile/input", "hostile-context/campaigns", "hostile-context/domains",
		"hostile-context/samples", "hostile-context/emails", "everything/domains", "everything/events",
	} {
		body, err := os.ReadFile("testdata/cases/" + file + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, resource := range resources {
			first, errFirst := collect(t, resource, body)
			second, errSecond := collect(t, resource, body)
			if diff := cmp.Diff(first, second); diff != "" || (errFirst == nil) != (errSecond == nil) {
				t.Errorf("%s: the second run differs: %v, %v\n%s", resource, errFirst, errSecond, diff)
			}
		}
	})
}

// collect returns the objects that come of an answer, after checking each.
func collect(t *testing.T, resource string, body []byte) (objects []string, err error) {
	c, err := crits.Kind().New(
		collectors.Feed{
			ID: "fuzz", Name: "Fuzz", URL: "https://crits.example.com",
			Policy: collectors.Policy{TLP: "green", Redistribute: "internal", Licence: "terms"},
			Settings: map[string]any{
				"resources": []any{resource}, "email_addresses": true,
			},
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
	_, err = c.Collect(t.Context(), `{"`+resource+`":{}}`, func(o stix.Object) error {
		if _, err := stix.Parse(o.Raw); err != nil {
			t.Errorf("%s: emitted an invalid object: %v\n%s", resource, err, o.Raw)
		}
		objects = append(objects, string(o.Raw))
		return nil
	})
	return objects, err
}
