package otx_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/otx"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

func TestCases(t *testing.T) { collectortest.Run(t, otx.Kind()) }

// otxServer is a source whose pulses a test changes between runs.
type otxServer struct {
	pulses map[string]string // by id
	events []string
	other  http.Handler // answers instead, if there is one
}

func (s *otxServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.other != nil {
		s.other.ServeHTTP(w, r)
		return
	}
	results := s.events
	if strings.HasSuffix(r.URL.Path, "/subscribed") {
		results = nil
		for _, id := range slices.Sorted(maps.Keys(s.pulses)) {
			results = append(results, s.pulses[id])
		}
	}
	fmt.Fprintf(w, `{"count":%d,"next":null,"results":[%s]}`,
		len(results), strings.Join(results, ","))
}

// pulse has a domain for each name.
func pulse(id string, level string, names ...string) string {
	var lines []string
	for _, name := range names {
		lines = append(lines, fmt.Sprintf(`{"id":1,"type":"domain","indicator":"%s"}`, name))
	}
	return fmt.Sprintf(`{"id":"%s","name":"%s","tlp":"%s","modified":"2026-01-01T00:00:00",`+
		`"malware_families":["ExampleLoader"],"indicators":[%s]}`,
		id, id, level, strings.Join(lines, ","))
}

// world is a server of pulses, a store, and a runner with one feed.
type world struct {
	t      *testing.T
	source *otxServer
	store  *pebblestore.Store
	runner *collectors.Runner
	now    time.Time
}

func newWorld(t *testing.T) *world {
	w := &world{
		t: t, source: &otxServer{pulses: map[string]string{}},
		now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	server := httptest.NewServer(w.source)
	t.Cleanup(server.Close)
	var err error
	if w.store, err = pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.store.Close() })
	feed := collectors.Feed{
		ID: "otx", Name: "OTX", Kind: "otx", Collection: "feeds/otx",
		URL:    server.URL + "/api/v1/pulses/subscribed",
		Policy: collectors.Policy{TLP: "green", Redistribute: "internal", Licence: "terms"},
	}
	w.runner, err = collectors.New(collectors.RunnerConfig{
		Store: w.store, Documents: w.store, Kinds: []collectors.Kind{otx.Kind()},
		Feeds: []collectors.Feed{feed}, Now: func() time.Time { return w.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// run runs the feed a minute after the last time.
func (w *world) run() collectors.Report {
	w.t.Helper()
	w.now = w.now.Add(time.Minute)
	report, err := w.runner.RunNow(w.t.Context(), "otx")
	if err != nil {
		w.t.Fatal(err)
	}
	return report
}

// live are the names of the indicators and reports that are not revoked.
func (w *world) live() []string {
	w.t.Helper()
	page, err := w.store.Page(w.t.Context(), "feeds/otx", store.Query{Limit: 1000})
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, entry := range page.Entries {
		var o struct {
			Type, Name string
			Revoked    bool
		}
		if err := json.Unmarshal(entry.Raw, &o); err != nil {
			w.t.Fatal(err)
		}
		if (o.Type == "indicator" || o.Type == "report") && !o.Revoked {
			names = append(names, o.Name)
		}
	}
	slices.Sort(names)
	return names
}

func (w *world) want(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.live()); diff != "" {
		w.t.Errorf("live indicators and reports (-want +got):\n%s", diff)
	}
}

func TestRun_TakesBackWhatOnlyAnEditedPulseHad(t *testing.T) {
	w := newWorld(t)
	w.source.pulses["p1"] = pulse("p1", "green", "a.example.com", "b.example.com")
	w.source.pulses["p2"] = pulse("p2", "green", "b.example.com")
	w.run()
	w.want("a.example.com", "b.example.com", "b.example.com", "p1", "p2")
	if again := w.run(); again.New+again.Changed+again.Revoked > 0 {
		t.Errorf("the second run wrote: %+v", again.Counts)
	}
	w.source.pulses["p1"] = pulse("p1", "green", "a.example.com")
	w.run()
	w.want("a.example.com", "b.example.com", "p1", "p2")
}

// What a pulse lists again after it was taken back must not come and go with every run.
func TestRun_SettlesWhatAPulseListsAgain(t *testing.T) {
	w := newWorld(t)
	both := pulse("p1", "green", "a.example.com", "b.example.com")
	for _, text := range []string{both, pulse("p1", "green", "a.example.com"), both} {
		w.source.pulses["p1"] = text
		w.run()
	}
	if again := w.run(); again.New+again.Changed+again.Revoked > 0 {
		t.Errorf("a run without news wrote: %+v", again.Counts)
	}
	w.source.pulses["p1"] = pulse("p1", "green", "a.example.com")
	w.run()
	w.want("a.example.com", "p1")
}

func TestRun_TakesBackDeletedPulses(t *testing.T) {
	w := newWorld(t)
	w.source.pulses["p1"] = pulse("p1", "green", "a.example.com")
	w.source.pulses["p2"] = pulse("p2", "amber", "b.example.com")
	w.run()
	delete(w.source.pulses, "p2")
	w.source.events = []string{`{"action":"delete","object_type":"pulse","object_id":"p2",` +
		`"created":"2026-01-02T03:05:30"}`}
	w.run()
	w.want("a.example.com", "p1")
}

func TestRun_MarksAPulseAnewWhenItsLevelChanges(t *testing.T) {
	w := newWorld(t)
	w.source.pulses["p1"] = pulse("p1", "green", "a.example.com")
	w.run()
	w.source.pulses["p1"] = pulse("p1", "red", "a.example.com")
	report := w.run()
	w.want("a.example.com", "p1")
	if report.Revoked != 2 {
		t.Errorf("%d objects revoked, want the report and the indicator of the old level",
			report.Revoked)
	}
}

// A source that is cut off in the middle is read on from there, and nothing is missing at the end.
func TestRun_GoesOnWhereItBrokeOff(t *testing.T) {
	w := newWorld(t)
	const pages = 4
	failing := 3
	handler := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.URL.Query().Get("page"))
		if n == failing {
			rw.WriteHeader(http.StatusForbidden) // which is not repeated
			return
		}
		next := "null"
		if n < pages {
			next = fmt.Sprintf(`"http://%s%s?page=%d"`, r.Host, r.URL.Path, n+1)
		}
		name := fmt.Sprintf("p%d", n)
		fmt.Fprintf(rw, `{"count":4,"next":%s,"results":[%s]}`,
			next, pulse(name, "green", name+".example.com"))
	})
	w.source.other = handler
	w.run()
	w.want("p1", "p1.example.com", "p2", "p2.example.com")
	if _, err := w.runner.RunNow(t.Context(), "otx"); err == nil ||
		!strings.Contains(err.Error(), "the source does not accept the key") {
		t.Errorf("error %v, want the one of the page", err)
	}
	failing = 0
	w.run()
	w.want("p1", "p1.example.com", "p2", "p2.example.com",
		"p3", "p3.example.com", "p4", "p4.example.com")
}

// page is a source of one answer.
type page string

func (p page) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	return &collectors.Document{URL: req.URL, Body: []byte(p)}, nil
}

// A report has no room for all indicators of a large pulse. Those beyond are taken back while the
// source lists them as switched off.
func TestCollect_TakesBackIndicatorsThatTheReportHasNoRoomFor(t *testing.T) {
	refs := make([]string, 10_000)
	for n := range refs {
		refs[n] = fmt.Sprintf(`"indicator--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d%05d"`, n)
	}
	for name, test := range map[string]struct {
		refs []string
		want int
	}{"full": {refs, 10_001}, "not full": {refs[:9_999], 9_999}} {
		withdrawn := 0
		tools := collectortest.Tools(
			page(`{"count":1,"results":[{"id":"p1","name":"p1","created":"2026-01-01T00:00:00",` +
				`"indicators":[{"id":1,"type":"domain","indicator":"off.example.com","is_active":0}]}]}`))
		tools.Withdraw = func(ids ...string) error {
			withdrawn += len(ids)
			return nil
		}
		tools.Recall = func(_ context.Context, ids ...string) (map[string]stix.Object, error) {
			return map[string]stix.Object{ids[0]: { // the report, then the indicator
				ID: ids[0], Raw: fmt.Appendf(nil, `{"object_refs":[%s]}`, strings.Join(test.refs, ",")),
			}}, nil
		}
		c, err := otx.Kind().New(collectors.Feed{
			ID: "otx", Name: "OTX", URL: "https://otx.example.com/api/v1/pulses/subscribed",
			Policy:   collectors.Policy{TLP: "red", Redistribute: "internal", Licence: "terms"},
			Settings: map[string]any{"events": false},
		}, tools)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Collect(t.Context(), "", func(stix.Object) error { return nil }); err != nil {
			t.Fatal(err)
		}
		if withdrawn != test.want {
			t.Errorf("%s: %d objects taken back, want %d", name, withdrawn, test.want)
		}
	}
}
