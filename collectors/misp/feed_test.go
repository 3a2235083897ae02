package misp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cabstand/cabstand/collectors"
)

// folder is a MISP feed.
type folder struct {
	URL string

	mu     sync.Mutex
	events []map[string]any
	stale  []map[string]any // files that the manifest does not list
	paths  []string
	// answer, if not nil, is asked first; true means that it has answered.
	answer func(w http.ResponseWriter, path string) bool
}

func serveFolder(t testing.TB, events ...map[string]any) *folder {
	f := &folder{events: events}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.URL = server.URL + "/feed"
	return f
}

func (f *folder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/feed/")
	f.paths = append(f.paths, path)
	if f.answer != nil && f.answer(w, path) {
		return
	}
	if path == "manifest.json" {
		manifest := map[string]any{}
		for _, e := range f.events {
			manifest[e["uuid"].(string)] = heads([]map[string]any{e})[0]
		}
		_ = json.NewEncoder(w).Encode(manifest)
		return
	}
	for _, e := range slices.Concat(f.events, f.stale) {
		if path == e["uuid"].(string)+".json" {
			_ = json.NewEncoder(w).Encode(map[string]any{"Event": e})
			return
		}
	}
	http.NotFound(w, r)
}

func (f *folder) asked() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.paths
	f.paths = nil
	return all
}

func (f *folder) change(edit func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	edit()
}

func folderFeed(f *folder, settings map[string]any) collectors.Feed {
	return collectors.Feed{
		ID: "partner", Name: "Partner", Kind: "misp-feed", URL: f.URL, Collection: "api/misp",
		Policy:   collectors.Policy{TLP: "clear", Redistribute: "public", Licence: "none"},
		Guards:   collectors.Guards{MinRows: 1, MaxDropPct: 50},
		Settings: settings,
	}
}

func TestFeed_ReadsOnlyWhatChanged(t *testing.T) {
	f := serveFolder(t, published(1, now-900, "a"), published(2, now-800, "b"))
	w := newWorld(t, folderFeed(f, nil))
	w.run()
	f.asked()
	if report, err := w.runner.RunNow(t.Context(), "partner"); err != nil || !report.NotModified {
		t.Errorf("second run: %+v, error %v", report, err)
	}
	f.asked()
	f.change(func() {
		f.events[1]["timestamp"] = fmt.Sprint(now - 30)
		attribute(f.events[1], 0)["deleted"] = true
		f.events = append(f.events, published(3, now-5000, "old"))
	})
	w.run()
	want := []string{
		"manifest.json", "0a000003-0000-4000-8000-000000000000.json",
		"0a000002-0000-4000-8000-000000000000.json",
	}
	if got := f.asked(); !slices.Equal(want, got) {
		t.Errorf("asked for %q, want %q", got, want)
	}
	w.wants(set("a", "old"), set("b"))
}

func TestFeed_GoesOnWhereARunBrokeOff(t *testing.T) {
	f := serveFolder(t, published(1, now-900, "a"), published(2, now-800, "b"),
		published(3, now-700, "c"))
	f.answer = func(w http.ResponseWriter, path string) bool {
		busy := strings.HasPrefix(path, "0a000002")
		if busy {
			w.WriteHeader(http.StatusTooManyRequests)
		}
		return busy
	}
	w := newWorld(t, folderFeed(f, nil))
	w.run()
	w.wants(set("a"), set())
	f.change(func() { f.answer = nil })
	f.asked()
	w.run()
	w.wants(set("a", "b", "c"), set())
	if got := len(f.asked()); got != 3 {
		t.Errorf("%d requests in the second run, want the manifest and two events", got)
	}
}

// cancelling is a feed whose run is over when an event is asked for.
type cancelling struct {
	files
	at     string
	cancel func()
}

func (c cancelling) Fetch(
	ctx context.Context, req collectors.Request,
) (*collectors.Document, error) {
	if strings.HasSuffix(req.URL, c.at+".json") {
		c.cancel()
		return nil, ctx.Err()
	}
	return c.files.Fetch(ctx, req)
}

func TestFeed_ARunWhoseTimeIsOverKeepsItsPlace(t *testing.T) {
	source, ids := many(3)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first, err := collectAll(ctx, t, cancelling{source, ids[1], cancel}, "")
	if err != nil {
		t.Fatal(err)
	}
	asked := &counting{files: source}
	if _, err := collectAll(t.Context(), t, asked, first); err != nil {
		t.Fatal(err)
	}
	want := []string{"manifest.json", ids[1] + ".json", ids[2] + ".json"}
	if !slices.Equal(want, asked.names) {
		t.Errorf("asked for %q, want %q", asked.names, want)
	}
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	_, err = collectAll(ctx, t, cancelling{source, ids[0], cancel}, "")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a run that read nothing: error %v, want %v", err, context.Canceled)
	}
}

// counting remembers what was asked for.
type counting struct {
	files
	names []string
}

func (c *counting) Fetch(
	ctx context.Context, req collectors.Request,
) (*collectors.Document, error) {
	c.names = append(c.names, req.URL[strings.LastIndexByte(req.URL, '/')+1:])
	return c.files.Fetch(ctx, req)
}

// many is a feed of that many events, and their UUIDs from the oldest on.
func many(n int) (files, []string) {
	source, manifest := files{}, map[string]any{}
	var ids []string
	for i := range n {
		id := fmt.Sprintf("0a000005-0000-4000-8000-%012d", i)
		ids = append(ids, id)
		manifest[id] = map[string]any{"timestamp": now - 100_000 + int64(i)}
		source[id+".json"] = fmt.Appendf(nil, `{"Event":{"uuid":%q}}`, id)
	}
	source["manifest.json"], _ = json.Marshal(manifest)
	return source, ids
}

// A cursor that did not hold every event would have them read in every run.
func TestFeed_TheCursorOfALargeFeedIsBounded(t *testing.T) {
	source, _ := many(10_500)
	cursor, err := collectAll(t.Context(), t, source, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(cursor) > 300_000 {
		t.Errorf("a cursor of %d bytes", len(cursor))
	}
	again := &counting{files: source}
	_, err = collectAll(t.Context(), t, again, cursor)
	if !errors.Is(err, collectors.ErrNotModified) || len(again.names) != 1 {
		t.Errorf("second run: %d requests, error %v", len(again.names), err)
	}
}

func TestFeed_AnEventThatCouldNotBeReadIsReadAgain(t *testing.T) {
	f := serveFolder(t, published(1, now-900, "a"), published(2, now-800, "b"))
	f.answer = func(w http.ResponseWriter, path string) bool {
		half := strings.HasPrefix(path, "0a000001")
		if half {
			_, _ = w.Write([]byte(`{"Event":{"uuid":"0a000001-`))
		}
		return half
	}
	w := newWorld(t, folderFeed(f, nil))
	if counts := w.run(); counts.Skipped != 1 {
		t.Errorf("first run: %+v", counts)
	}
	w.wants(set("b"), set())
	f.change(func() { f.answer = nil })
	w.run()
	w.wants(set("a", "b"), set())
}

func TestFeed_AnEventThatIsGoneStays(t *testing.T) {
	f := serveFolder(t, published(1, now-900, "a"), published(2, now-800, "b"))
	w := newWorld(t, folderFeed(f, nil))
	w.run()
	f.change(func() { f.stale, f.events = f.events[:1], f.events[1:] })
	if report, err := w.runner.RunNow(t.Context(), "partner"); err != nil || !report.NotModified {
		t.Errorf("second run: %+v, error %v", report, err)
	}
	w.wants(set("a", "b"), set())
}

func TestFeed_AnEventThatIsGoneIsTakenBackIfTheSettingsSaySo(t *testing.T) {
	f := serveFolder(t, published(1, now-900, "a"), published(2, now-800, "b"),
		published(3, now-700, "c"))
	w := newWorld(t, folderFeed(f, map[string]any{"withdraw_missing": true}))
	w.run()
	f.change(func() { f.stale, f.events = f.events[:1], f.events[1:] })
	if second := w.run(); second.Revoked != 2 { // the indicator and the report
		t.Errorf("second run: %+v", second)
	}
	w.wants(set("b", "c"), set("a"))
}

func TestFeed_AnEventWithoutItsFileIsTakenBackByItsReport(t *testing.T) {
	f := serveFolder(t, published(1, now-900, "a", "b"), published(2, now-800, "c"))
	w := newWorld(t, folderFeed(f, map[string]any{"withdraw_missing": true}))
	w.run()
	f.change(func() { f.events = f.events[1:] })
	w.run()
	w.wants(set("c"), set("a", "b"))
}

// Feeds do not say which attributes were deleted. They are not there any more.
func TestFeed_AnAttributeThatIsGoneIsTakenBack(t *testing.T) {
	f := serveFolder(t, published(1, now-900, "a", "b", "c"))
	w := newWorld(t, folderFeed(f, nil))
	w.run()
	f.change(func() {
		f.events[0]["timestamp"] = fmt.Sprint(now - 30)
		f.events[0]["Attribute"] = f.events[0]["Attribute"].([]any)[1:]
		attribute(f.events[0], 1)["value"] = "no domain"
	})
	w.run()
	w.wants(set("b", "c"), set("a"))
}

func TestFeed_NothingIsGoneFromAnEventOfWhichAPartCannotBeRead(t *testing.T) {
	f := serveFolder(t, published(1, now-900, "a", "b"))
	w := newWorld(t, folderFeed(f, nil))
	w.run()
	f.change(func() {
		f.events[0]["timestamp"] = fmt.Sprint(now - 30)
		f.events[0]["Attribute"].([]any)[0] = 7
	})
	w.run()
	w.wants(set("a", "b"), set())
}

func TestFeed_TooManyThatAreGoneAreAFaultOfTheSource(t *testing.T) {
	f := serveFolder(t, published(1, now-900, "a"), published(2, now-800, "b"),
		published(3, now-700, "c"))
	w := newWorld(t, folderFeed(f, map[string]any{"withdraw_missing": true}))
	w.run()
	f.change(func() {
		f.stale = f.events
		f.events = []map[string]any{
			published(4, now-600, "d"), published(5, now-500, "e"), published(6, now-400, "f"),
		}
	})
	_, err := w.runner.RunNow(t.Context(), "partner")
	if err == nil || !strings.Contains(err.Error(), "3 of 3 events are no longer in the manifest") {
		t.Errorf("error = %v", err)
	}
	_, revoked := w.indicators()
	if len(revoked) > 0 {
		t.Errorf("revoked %v", revoked)
	}
}
