package collectortest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

// Tools are those of a run by itself, at the beginning of 2026: nothing is in the collection, no
// guard minds the number of rows, and nobody is told what is skipped.
func Tools(fetch collectors.Fetcher) collectors.Tools {
	return collectors.Tools{
		Fetch:    fetch,
		Now:      func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Skip:     func(string, error) {},
		Rows:     func(int) error { return nil },
		Withdraw: func(...string) error { return nil },
		Recall: func(context.Context, ...string) (map[string]stix.Object, error) {
			return nil, nil
		},
		Log: slog.New(slog.DiscardHandler),
	}
}

// once is a fetcher that has one answer; after that there is nothing.
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

// ReadTwice has a feed read one answer in two runs, for fuzzing: both must make the same of it,
// and every object must be what the standard demands.
func ReadTwice(t *testing.T, kind collectors.Kind, feed collectors.Feed, cursor string, body []byte) {
	t.Helper()
	first, errFirst := read(t, kind, feed, cursor, body)
	second, errSecond := read(t, kind, feed, cursor, body)
	if diff := cmp.Diff(first, second); diff != "" || (errFirst == nil) != (errSecond == nil) {
		t.Errorf("%s: the second run differs: %v, %v\n%s", kind.Name, errFirst, errSecond, diff)
	}
}

func read(
	t *testing.T, kind collectors.Kind, feed collectors.Feed, cursor string, body []byte,
) (objects []string, err error) {
	t.Helper()
	c, err := kind.New(feed, Tools(&once{body: body}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Collect(t.Context(), cursor, func(o stix.Object) error {
		parsed, err := stix.Parse(o.Raw)
		for _, v := range rules.Report(parsed, err, stix.Must) {
			t.Errorf("%s: emitted an invalid object: %v\n%s", kind.Name, v, o.Raw)
		}
		objects = append(objects, string(o.Raw))
		return nil
	})
	return objects, err
}
