package threatfox_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/threatfox"
)

func TestCases(t *testing.T) { collectortest.Run(t, threatfox.Kind()) }

// asked remembers the request, and answers that there is nothing.
type asked struct{ req collectors.Request }

func (a *asked) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	a.req = req
	return nil, collectors.ErrNotModified
}

func TestCollect_AsksBackToTheCursor(t *testing.T) {
	now := time.Date(2026, 1, 20, 12, 0, 0, 0, time.UTC)
	for cursor, want := range map[string]string{
		"":                     `{"query":"get_iocs","days":2}`,
		"another kind's":       `{"query":"get_iocs","days":2}`,
		"2026-01-20T11:00:00Z": `{"query":"get_iocs","days":2}`,
		"2026-01-16T11:00:00Z": `{"query":"get_iocs","days":5}`,
		"2026-01-01T00:00:00Z": `{"query":"get_iocs","days":7}`,
		"2999-01-01T00:00:00Z": `{"query":"get_iocs","days":2}`,
		"0001-01-02T00:00:00Z": `{"query":"get_iocs","days":7}`,
	} {
		source := &asked{}
		c, err := threatfox.Kind().New(
			collectors.Feed{ID: "threatfox", Settings: map[string]any{"days": 2}},
			collectors.Tools{
				Fetch: source, Now: func() time.Time { return now },
				Log: slog.New(slog.DiscardHandler),
			})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Collect(t.Context(), cursor, nil); err == nil {
			t.Errorf("cursor %q: no error", cursor)
		}
		if got := string(source.req.Body); got != want || source.req.Method != "POST" {
			t.Errorf("cursor %q: %s %s, want POST %s", cursor, source.req.Method, got, want)
		}
	}
}
