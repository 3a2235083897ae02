package rss_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/rss"
	"github.com/cabstand/cabstand/stix"
)

func TestCases(t *testing.T) { collectortest.Run(t, rss.Kind()) }

// site answers by URL, and keeps what it was asked for.
type site struct {
	pages map[string]func() (*collectors.Document, error)
	asked []collectors.Request
}

func (s *site) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	s.asked = append(s.asked, req)
	page, ok := s.pages[req.URL]
	if !ok {
		return nil, &collectors.StatusError{Status: 404}
	}
	doc, err := page()
	if doc != nil && doc.URL == "" {
		doc.URL = req.URL
	}
	return doc, err
}

func body(text string) func() (*collectors.Document, error) {
	return func() (*collectors.Document, error) {
		return &collectors.Document{Body: []byte(text)}, nil
	}
}

func refuse(err error) func() (*collectors.Document, error) {
	return func() (*collectors.Document, error) { return nil, err }
}

const home = "https://blog.example.org/feed"

// outcome is what a run came to.
type outcome struct {
	cursor  string
	reports map[string]string // name -> the report
	ids     map[string]string // name -> id
	skipped []string
	objects int
}

// collect runs a feed at a time.
func collect(
	t testing.TB, s *site, at time.Time, cursor string, settings map[string]any,
) (outcome, error) {
	t.Helper()
	all := map[string]any{"keep_reserved": true, "pause": "0s"}
	for name, value := range settings {
		all[name] = value
	}
	out := outcome{reports: map[string]string{}, ids: map[string]string{}}
	c, err := rss.Kind().New(collectors.Feed{
		ID: "blog", Name: "Blog", Kind: "rss", URL: home, Settings: all,
		Policy: collectors.Policy{TLP: "clear", Redistribute: "internal", Licence: "terms"},
	}, collectors.Tools{
		Fetch: s, Now: func() time.Time { return at }, Log: slog.New(slog.DiscardHandler),
		Skip: func(where string, err error) { out.skipped = append(out.skipped, where+": "+err.Error()) },
		Rows: func(int) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	out.cursor, err = c.Collect(t.Context(), cursor, func(o stix.Object) error {
		out.objects++
		if o.Type != "report" {
			return nil
		}
		var report struct{ Name, ID, Published string }
		if err := json.Unmarshal(o.Raw, &report); err != nil {
			return err
		}
		out.reports[report.Name], out.ids[report.Name] = report.Published, report.ID
		return nil
	})
	return out, err
}

var day = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func channel(items ...string) func() (*collectors.Document, error) {
	return body(`<rss version="2.0"><channel>` + strings.Join(items, "") + `</channel></rss>`)
}

func post(id, text string) string {
	return fmt.Sprintf(`<item><guid isPermaLink="false">%s</guid><title>%[1]s</title>`+
		`<link>https://blog.example.org/%[1]s</link><description>%s</description></item>`, id, text)
}

func TestCollect_MakesWhatIsNewOrEdited(t *testing.T) {
	s := &site{pages: map[string]func() (*collectors.Document, error){
		home: channel(post("one", "a[.]example[.]com"), post("two", "b[.]example[.]com")),
	}}
	first, err := collect(t, s, day, "", nil)
	if err != nil || len(first.reports) != 2 {
		t.Fatalf("%v, %v", first.reports, err)
	}
	again, err := collect(t, s, day.Add(time.Hour), first.cursor, nil)
	if !errors.Is(err, collectors.ErrNotModified) || again.objects > 0 || again.cursor != first.cursor {
		t.Errorf("%d objects of what was read, cursor %s, error %v", again.objects, again.cursor, err)
	}
	s.pages[home] = channel(post("three", "c[.]example[.]com"), post("one", "edited[.]example[.]com"))
	edited, err := collect(t, s, day.Add(2*time.Hour), again.cursor, nil)
	want := map[string]string{"one": "2026-01-02T03:04:05.000Z", "three": "2026-01-02T05:04:05.000Z"}
	if diff := cmp.Diff(want, edited.reports); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if edited.ids["one"] != first.ids["one"] {
		t.Error("an edited item has another report")
	}
	s.pages[home] = channel(post("two", "b[.]example[.]com"))
	if back, err := collect(t, s, day, edited.cursor, nil); err != nil || back.objects > 0 {
		t.Errorf("an item that comes back makes %d objects, error %v", back.objects, err)
	}
	if anew, err := collect(t, s, day, "not a memory", nil); err != nil || anew.objects == 0 {
		t.Errorf("without a memory: %d objects, error %v", anew.objects, err)
	}
}

func TestCollect_LeavesPagesForTheNextRun(t *testing.T) {
	s := &site{pages: map[string]func() (*collectors.Document, error){
		home: channel(post("one", ""), post("two", ""), post("three", "")),
	}}
	for _, id := range []string{"one", "two", "three"} {
		s.pages["https://blog.example.org/"+id] = body(id + "[.]example[.]com")
	}
	settings := map[string]any{"follow": true, "pages": 2}
	first, err := collect(t, s, day, "", settings)
	if err != nil || len(first.reports) != 2 {
		t.Fatalf("%v, %v", first.reports, err)
	}
	s.asked = nil
	second, err := collect(t, s, day, first.cursor, settings)
	if err != nil || len(second.reports) != 1 || second.reports["three"] == "" {
		t.Errorf("%v, %v", second.reports, err)
	}
	if len(s.asked) != 2 || !s.asked[0].Unconditional {
		t.Errorf("asked %+v; the feed has to be read even if it did not change", s.asked)
	}
	if third, err := collect(t, s, day, second.cursor, settings); !errors.Is(err, collectors.ErrNotModified) ||
		strings.Contains(third.cursor, "pending") || third.objects > 0 {
		t.Errorf("%d objects, %v, %s", third.objects, err, third.cursor)
	}
}

func TestCollect_AsksThreeTimesForAPage(t *testing.T) {
	s := &site{pages: map[string]func() (*collectors.Document, error){
		home: channel(post("one", "own[.]example[.]com")),
	}}
	settings, cursor := map[string]any{"follow": true}, ""
	for run := 1; run <= 4; run++ {
		got, err := collect(t, s, day, cursor, settings)
		if err != nil && !errors.Is(err, collectors.ErrNotModified) {
			t.Fatal(err)
		}
		if wanted := run <= 3; wanted != (len(got.skipped) == 1) || wanted != (len(got.reports) == 1) {
			t.Errorf("run %d: skipped %q, reports %v", run, got.skipped, got.reports)
		}
		cursor = got.cursor
	}
}

func TestCollect_LeavesAServerAloneThatHasEnough(t *testing.T) {
	s := &site{pages: map[string]func() (*collectors.Document, error){
		home:                           channel(post("one", ""), post("two", ""), post("three", "")),
		"https://blog.example.org/one": refuse(fmt.Errorf("fetch: %w", &collectors.StatusError{Status: 429})),
	}}
	got, err := collect(t, s, day, "", map[string]any{"follow": true})
	if err != nil || len(s.asked) != 2 || !strings.Contains(got.cursor, "pending") {
		t.Errorf("asked %d times, cursor %s, error %v", len(s.asked), got.cursor, err)
	}
}

func TestCollect_RefusesAPageThatLedElsewhere(t *testing.T) {
	s := &site{pages: map[string]func() (*collectors.Document, error){
		home: channel(post("one", "")),
		"https://blog.example.org/one": func() (*collectors.Document, error) {
			return &collectors.Document{URL: "https://elsewhere.example.net/", Body: []byte("x.example.com")}, nil
		},
	}}
	got, err := collect(t, s, day, "", map[string]any{"follow": true})
	want := []string{"item 1: its page: it leads to a host that is not in settings.hosts"}
	if diff := cmp.Diff(want, got.skipped); diff != "" || err != nil || got.objects > 0 {
		t.Errorf("%v, %d objects %s", err, got.objects, diff)
	}
}

func TestCollect_StopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	wanted := errors.New("the server stops")
	c, err := rss.Kind().New(collectors.Feed{
		ID: "blog", Name: "Blog", URL: home, Settings: map[string]any{"follow": true, "pause": "1m"},
		Policy: collectors.Policy{TLP: "clear", Redistribute: "internal", Licence: "terms"},
	}, collectors.Tools{
		Fetch: &site{pages: map[string]func() (*collectors.Document, error){home: func() (*collectors.Document, error) {
			time.AfterFunc(10*time.Millisecond, func() { cancel(wanted) })
			return channel(post("one", ""))()
		}}},
		Now: time.Now, Log: slog.New(slog.DiscardHandler), Rows: func(int) error { return nil },
		Skip: func(string, error) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Collect(ctx, "", func(stix.Object) error { return nil }); !errors.Is(err, wanted) {
		t.Errorf("error = %v, want %v", err, wanted)
	}
}
