package crits_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/crits"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

func TestCases(t *testing.T) { collectortest.Run(t, crits.Kind()) }

// key is what the account of the tests logs in with.
const key = "ApiKey reader:0123456789"

// refused is how the error of a key begins that the server does not know.
const refused = "the source does not accept the key: it is sent as Authorization"

// critsServer is a server of indicators, which a test changes between requests.
type critsServer struct {
	rows   []string
	before func(offset int) (status int) // of a page; 0 is an answer as usual
	login  http.Handler                  // answers instead of a 401, if there is one
	asked  []url.Values
}

func (s *critsServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != key {
		if s.login != nil {
			s.login.ServeHTTP(w, r)
			return
		}
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	query := r.URL.Query()
	s.asked = append(s.asked, query)
	offset, _ := strconv.Atoi(query.Get("offset"))
	limit, _ := strconv.Atoi(query.Get("limit"))
	if s.before != nil {
		if status := s.before(offset); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	from := min(offset, len(s.rows))
	fmt.Fprintf(w, `{"meta":{"limit":%d,"offset":%d,"total_count":%d},"objects":[%s]}`, limit, offset,
		len(s.rows), strings.Join(s.rows[from:min(from+limit, len(s.rows))], ","))
}

// row is an indicator of a domain.
func row(n int, status string) string {
	return fmt.Sprintf(`{"_id":"54a1b2c3d4e5f60718%06d","type":"Domain","value":"%s","status":"%s",`+
		`"created":"2025-12-01 10:00:00","modified":"2025-12-30 11:00:00.123000"}`, n, name(n), status)
}

func name(n int) string { return fmt.Sprintf("d%03d.example.com", n) }

// names are those of the rows from one to another.
func names(from, to int) (all []string) {
	for n := from; n <= to; n++ {
		all = append(all, name(n))
	}
	return all
}

func rows(from, to int) (all []string) {
	for n := from; n <= to; n++ {
		all = append(all, row(n, "Analyzed"))
	}
	return all
}

// world is a server, a store, and a runner with one feed.
type world struct {
	t       *testing.T
	server  *critsServer
	store   *pebblestore.Store
	runner  *collectors.Runner
	now     time.Time
	account string
}

func newWorld(t *testing.T) *world {
	w := &world{
		t: t, server: &critsServer{}, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), account: key,
	}
	server := httptest.NewServer(w.server)
	t.Cleanup(server.Close)
	var err error
	if w.store, err = pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.store.Close() })
	w.runner, err = collectors.New(collectors.RunnerConfig{
		Store: w.store, Documents: w.store, Kinds: []collectors.Kind{crits.Kind()},
		Feeds: []collectors.Feed{{
			ID: "crits", Name: "CRITs", Kind: "crits", Collection: "feeds/crits", URL: server.URL,
			Auth:     collectors.Auth{HeaderEnv: map[string]string{"Authorization": "CRITS"}},
			Policy:   collectors.Policy{TLP: "green", Redistribute: "internal", Licence: "agreement"},
			Settings: map[string]any{"resources": []any{"indicators"}, "limit": 20},
		}},
		Now: func() time.Time { return w.now },
		HTTP: collectors.ClientConfig{
			Attempts: 1, Getenv: func(string) string { return w.account },
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// try runs the feed a minute after the last time.
func (w *world) try() (collectors.Report, error) {
	w.now = w.now.Add(time.Minute)
	return w.runner.RunNow(w.t.Context(), "crits")
}

func (w *world) run() collectors.Report {
	w.t.Helper()
	report, err := w.try()
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

// want compares the names of the indicators that are not revoked.
func (w *world) want(want []string) {
	w.t.Helper()
	page, err := w.store.Page(w.t.Context(), "feeds/crits", store.Query{
		Types: []string{"indicator"}, Limit: 1000,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	var live []string
	for _, entry := range page.Entries {
		var o struct {
			Name    string
			Revoked bool
		}
		if err := json.Unmarshal(entry.Raw, &o); err != nil {
			w.t.Fatal(err)
		}
		if !o.Revoked {
			live = append(live, o.Name)
		}
	}
	slices.Sort(live)
	if diff := cmp.Diff(want, live); diff != "" {
		w.t.Errorf("live indicators (-want +got):\n%s", diff)
	}
}

func TestRun_WritesNothingTwice(t *testing.T) {
	w := newWorld(t)
	w.server.rows = rows(1, 50)
	w.run()
	w.want(names(1, 50))
	if again := w.run(); again.New+again.Changed+again.Revoked > 0 {
		t.Errorf("the second run wrote: %+v", again.Counts)
	}
	since := w.server.asked[len(w.server.asked)-1].Get("c-modified__gt")
	if since != "2025-12-30T10:00:00" {
		t.Errorf("the second run reads from %q, want an hour before the newest object", since)
	}
	for _, query := range w.server.asked {
		if query.Has("api_key") || query.Has("username") {
			t.Errorf("the key is in the query: %v", query)
		}
	}
}

func TestRun_GoesOnWhereItBrokeOff(t *testing.T) {
	w := newWorld(t)
	w.server.rows = rows(1, 60)
	w.server.before = func(offset int) int {
		if offset >= 30 {
			return http.StatusForbidden
		}
		return 0
	}
	w.run()
	w.want(names(1, 38))
	if _, err := w.try(); err == nil || !strings.Contains(err.Error(), refused) {
		t.Errorf("error %v, want the one of the page", err)
	}
	w.server.before = nil
	w.run()
	w.want(names(1, 60))
}

// What is deleted on the server while it is read moves the rest to earlier offsets.
func TestRun_MissesNothingWhenObjectsAreDeleted(t *testing.T) {
	for _, deleted := range []int{1, 2, 10} {
		w := newWorld(t)
		w.server.rows = rows(1, 60)
		w.server.before = func(offset int) int {
			if offset > 30 && len(w.server.rows) == 60 {
				w.server.rows = w.server.rows[deleted:]
			}
			return 0
		}
		w.run()
		w.want(names(1, 60))
	}
}

func TestRun_GivesUpWhereObjectsNeverStayWhereTheyAre(t *testing.T) {
	w := newWorld(t)
	n := 0
	w.server.before = func(int) int {
		n++
		w.server.rows = rows(n*100, n*100+59)
		return 0
	}
	if _, err := w.try(); err == nil || !strings.Contains(err.Error(), "move while they are read") {
		t.Errorf("error %v, want one of what moves", err)
	}
}

func TestRun_TakesBackWhatIsDeprecatedAndBringsItBack(t *testing.T) {
	w := newWorld(t)
	w.server.rows = rows(1, 3)
	w.run()
	w.server.rows[1] = row(2, "Deprecated")
	if report := w.run(); report.Revoked != 1 {
		t.Errorf("%d objects revoked, want the indicator", report.Revoked)
	}
	w.want([]string{name(1), name(3)})
	w.run()
	w.server.rows[1] = row(2, "In Progress")
	w.run()
	w.want(names(1, 3))
	w.server.rows[1] = row(2, "Deprecated")
	w.run()
	w.want([]string{name(1), name(3)})
	if again := w.run(); again.New+again.Changed+again.Revoked > 0 {
		t.Errorf("the run after that wrote: %+v", again.Counts)
	}
}

func TestRun_TellsAWrongKey(t *testing.T) {
	page := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<html><form method="post"><input type="password" name="password"></form></html>`)
	}
	for what, login := range map[string]http.Handler{
		"401": nil, "a log-in page": http.HandlerFunc(page),
		"a redirect": http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/login/" {
				page(w, r)
				return
			}
			http.Redirect(w, r, "/login/?next="+url.QueryEscape(r.URL.Path), http.StatusFound)
		}),
	} {
		w := newWorld(t)
		w.server.rows, w.server.login, w.account = rows(1, 3), login, "ApiKey reader:wrong"
		_, err := w.try()
		if err == nil || !strings.Contains(err.Error(), refused) {
			t.Errorf("%s: error %v, want one of the key", what, err)
		}
		trouble := collectors.TroubleOf(err)
		if trouble != collectors.TroubleKey || strings.Contains(fmt.Sprint(err), "wrong") {
			t.Errorf("%s: trouble %s, or the error tells the key: %v", what, trouble, err)
		}
	}
}
