package misp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/misp"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// now is the time of all runs, in seconds.
const now = int64(1_767_323_045)

// world is a runner with one feed on a store in memory.
type world struct {
	t      testing.TB
	store  store.Store
	runner *collectors.Runner
	slept  []time.Duration
}

// world makes a runner for a feed of a source that listens at url.
func newWorld(t testing.TB, feed collectors.Feed) *world {
	st, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	w := &world{t: t, store: st}
	w.runner, err = collectors.New(collectors.RunnerConfig{
		Store: st, Documents: st, Kinds: []collectors.Kind{misp.Kind(), misp.FeedKind()},
		Feeds: []collectors.Feed{feed},
		Now:   func() time.Time { return time.Unix(now, 0).UTC() },
		HTTP: collectors.ClientConfig{
			Getenv: func(string) string { return "the key" },
			Rand:   func() float64 { return 0 },
			Sleep: func(_ context.Context, d time.Duration) error {
				w.slept = append(w.slept, d)
				return nil
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func serverFeed(f *fake, settings map[string]any) collectors.Feed {
	return collectors.Feed{
		ID: "partner", Name: "Partner", Kind: "misp", URL: f.URL + "/", Collection: "api/misp",
		Auth:     collectors.Auth{HeaderEnv: map[string]string{"Authorization": "MISP_KEY"}},
		Policy:   collectors.Policy{TLP: "green", Redistribute: "members", Licence: "none"},
		Settings: settings,
	}
}

func (w *world) run() collectors.Counts {
	w.t.Helper()
	report, err := w.runner.RunNow(w.t.Context(), "partner")
	if err != nil {
		w.t.Fatal(err)
	}
	return report.Counts
}

// indicators returns the patterns of the indicators that are in force, and of those revoked.
func (w *world) indicators() (valid, revoked map[string]bool) {
	w.t.Helper()
	valid, revoked = map[string]bool{}, map[string]bool{}
	for q := (store.Query{Types: []string{"indicator"}}); ; {
		page, err := w.store.Page(w.t.Context(), "api/misp", q)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, e := range page.Entries {
			var said struct {
				Name    string `json:"name"`
				Revoked bool   `json:"revoked"`
			}
			if err := json.Unmarshal(e.Raw, &said); err != nil {
				w.t.Fatal(err)
			}
			name := strings.TrimSuffix(said.Name, ".example.com")
			if said.Revoked {
				revoked[name] = true
			} else {
				valid[name] = true
			}
		}
		if !page.More {
			return valid, revoked
		}
		q.Cursor = page.Next
	}
}

func set(words ...string) map[string]bool {
	all := map[string]bool{}
	for _, word := range words {
		all[word] = true
	}
	return all
}

func (w *world) wants(valid, revoked map[string]bool) {
	w.t.Helper()
	gotValid, gotRevoked := w.indicators()
	if diff := cmp.Diff(valid, gotValid); diff != "" {
		w.t.Errorf("in force (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(revoked, gotRevoked); diff != "" {
		w.t.Errorf("revoked (-want +got):\n%s", diff)
	}
}

func TestServer_SecondRunWritesNothingAndReadsNothing(t *testing.T) {
	f := serve(t, published(1, now-7200, "a", "b"), published(2, now-60, "c"))
	w := newWorld(t, serverFeed(f, nil))
	if first := w.run(); first.New == 0 || first.Skipped > 0 || first.Invalid > 0 {
		t.Errorf("first run: %+v", first)
	}
	f.asked()
	if second := w.run(); second.New > 0 || second.Changed > 0 {
		t.Errorf("second run: %+v", second)
	}
	for _, s := range f.asked() {
		if !s.Heads {
			t.Errorf("events were read again: %+v", s)
		}
	}
	w.wants(set("a", "b", "c"), set())
}

func TestServer_WhatIsTakenBackIsRevoked(t *testing.T) {
	f := serve(t, published(1, now-7200, "deleted", "silent", "own", "red", "stays"))
	w := newWorld(t, serverFeed(f, nil))
	w.run()
	f.change(func(events []map[string]any) {
		e := events[0]
		e["publish_timestamp"] = fmt.Sprint(now - 30)
		attribute(e, 0)["deleted"] = true
		attribute(e, 1)["to_ids"] = false
		attribute(e, 2)["distribution"] = "0"
		attribute(e, 3)["Tag"] = []any{map[string]any{"name": "tlp:red"}}
		attribute(e, 4)["comment"] = "edited"
	})
	if second := w.run(); second.Revoked != 4 || second.Changed == 0 {
		t.Errorf("second run: %+v", second)
	}
	w.wants(set("stays"), set("deleted", "silent", "own", "red"))
}

// An event that was changed long ago and published just now has an old timestamp.
func TestServer_ReadsWhatIsPublishedLate(t *testing.T) {
	late := published(1, now-50_000, "late")
	late["published"] = false
	f := serve(t, late, published(2, now-600, "early"))
	w := newWorld(t, serverFeed(f, nil))
	w.run()
	w.wants(set("early"), set())
	f.change(func(events []map[string]any) {
		events[0]["published"] = true
		events[0]["publish_timestamp"] = fmt.Sprint(now - 30)
	})
	w.run()
	w.wants(set("early", "late"), set())
}

// An event that turns up behind the cursor, within the overlap, is read.
func TestServer_OverlapReadsLateArrivals(t *testing.T) {
	f := serve(t, published(1, now-600, "first"))
	w := newWorld(t, serverFeed(f, nil))
	w.run()
	f.change(func([]map[string]any) { f.events = append(f.events, published(2, now-900, "second")) })
	w.run()
	w.wants(set("first", "second"), set())
}

func TestServer_GoesOnWhereARunBrokeOff(t *testing.T) {
	var events []map[string]any
	want := map[string]bool{}
	for i := range 120 {
		word := fmt.Sprintf("w%d", i)
		events = append(events, published(i+1, now-100_000+int64(i)*100, word))
		want[word] = true
	}
	f := serve(t, events...)
	f.answer = func(w http.ResponseWriter, n int, _ search) bool {
		if n > 2 && n < 8 { // the list, a group, and then all attempts of the next group
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return n > 2 && n < 8
	}
	w := newWorld(t, serverFeed(f, nil))
	w.run()
	if valid, _ := w.indicators(); len(valid) != 50 {
		t.Errorf("%d indicators after the first run, want 50", len(valid))
	}
	f.change(func([]map[string]any) { f.answer = nil })
	f.asked()
	w.run()
	w.wants(want, set())
	if read := len(f.asked()) - 1; read != 2 {
		t.Errorf("%d groups in the second run, want 2", read)
	}
}

// While the pages of the list are read, an author edits an event of the first page, so that
// those behind it move one place to the front.
func TestServer_AnEventThatLeavesTheListHidesNoOther(t *testing.T) {
	var events []map[string]any
	for i := range 5001 {
		events = append(events, published(i+1, now-100_000+int64(i)))
	}
	events[5000] = published(5001, now-1, "behind")
	f := serve(t, events...)
	f.answer = func(_ http.ResponseWriter, n int, _ search) bool {
		if n == 2 { // the second page
			f.events[7]["published"] = false
		}
		return false
	}
	w := newWorld(t, serverFeed(f, nil))
	w.run()
	w.wants(set("behind"), set())
}

func TestServer_AnswersThatAreTooLargeAreAskedForInHalves(t *testing.T) {
	words := make([]string, 60)
	for i := range words {
		words[i] = strings.Repeat("x", 40) + fmt.Sprint(i)
	}
	f := serve(t, published(1, now-400, words...), published(2, now-300, words...),
		published(3, now-200, "small"))
	feed := serverFeed(f, nil)
	feed.MaxBytes = 24 << 10
	w := newWorld(t, feed)
	if counts := w.run(); counts.Skipped > 0 {
		t.Errorf("%+v", counts)
	}
	if valid, _ := w.indicators(); !valid["small"] || len(valid) != 61 {
		t.Errorf("%d indicators", len(valid))
	}
}

func TestServer_AnEventThatIsTooLargeIsReported(t *testing.T) {
	words := make([]string, 100)
	for i := range words {
		words[i] = strings.Repeat("x", 40) + fmt.Sprint(i)
	}
	f := serve(t, published(1, now-400, words...), published(2, now-300, "small"))
	feed := serverFeed(f, nil)
	feed.MaxBytes = 8 << 10
	w := newWorld(t, feed)
	if counts := w.run(); counts.Skipped != 1 {
		t.Errorf("%+v", counts)
	}
	w.wants(set("small"), set())
}

func TestServer_SaysWhatToDo(t *testing.T) {
	status := func(code int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(code) }
	}
	text := func(kind, body string) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, c := range map[string]struct {
		answer func(http.ResponseWriter)
		want   string
	}{
		"a wrong key":      {status(http.StatusForbidden), "the source does not accept the key: it is sent as Auth"},
		"no key":           {status(http.StatusUnauthorized), "keys are had at your profile on the server"},
		"an unknown path":  {status(http.StatusMethodNotAllowed), "check the feed's url"},
		"too many":         {status(http.StatusTooManyRequests), "the quota at the source is used up: set a longer"},
		"a page":           {text("text/html", "<html>log in</html>"), "MISP shows its log-in page"},
		"half an answer":   {text("application/json", `{"response":[{"Event":{"id":"1"`), "not as MISP"},
		"another format":   {text("application/json", `{"errors":["no"]}`), "not as MISP"},
		"a single value":   {text("application/json", `7`), "not as MISP"},
		"a list of values": {text("application/json", `[7]`), "not as MISP"},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t)
			f.answer = func(w http.ResponseWriter, _ int, _ search) bool {
				c.answer(w)
				return true
			}
			w := newWorld(t, serverFeed(f, nil))
			_, err := w.runner.RunNow(t.Context(), "partner")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestServer_WaitsAsLongAsItIsAskedTo(t *testing.T) {
	for name, c := range map[string]struct {
		retryAfter string
		want       time.Duration
	}{"with Retry-After": {"7", 7 * time.Second}, "without": {"", time.Second}} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, published(1, now-60, "a"))
			f.answer = func(w http.ResponseWriter, n int, _ search) bool {
				if n == 1 {
					w.Header().Set("Retry-After", c.retryAfter)
					w.WriteHeader(http.StatusTooManyRequests)
				}
				return n == 1
			}
			w := newWorld(t, serverFeed(f, nil))
			w.run()
			w.wants(set("a"), set())
			if diff := cmp.Diff([]time.Duration{c.want}, w.slept); diff != "" {
				t.Errorf("pauses (-want +got):\n%s", diff)
			}
		})
	}
}

func TestServer_AsksForWhatTheSettingsSay(t *testing.T) {
	f := serve(t, published(1, now-60, "a"))
	w := newWorld(t, serverFeed(f, map[string]any{"since": "2025-06-01", "unpublished": true}))
	w.run()
	got := f.asked()[0]
	want := search{Order: "timestamp asc", Page: 1, Limit: 5000, Heads: true, Change: 1748736000}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestServer_StopsAtAnErrorOfTheStore(t *testing.T) {
	f := serve(t, published(1, now-60, "a"))
	session, err := collectors.NewClient(collectors.ClientConfig{
		Getenv: func(string) string { return "the key" },
	}).Session(serverFeed(f, nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	c, err := misp.Kind().New(serverFeed(f, nil), collectors.Tools{
		Fetch: session, Now: func() time.Time { return time.Unix(now, 0) },
		Skip: func(where string, err error) { t.Error(where, err) },
		Recall: func(context.Context, ...string) (map[string]stix.Object, error) {
			return nil, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("the store is full")
	_, err = c.Collect(t.Context(), "", func(stix.Object) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("error = %v, want %v", err, full)
	}
}
