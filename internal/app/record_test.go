package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/app"
	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// onRecord returns the events of a store that kinds select.
func onRecord(t *testing.T, api *admin.Client, kinds ...string) (all []audit.Event) {
	t.Helper()
	err := api.AuditEvents(t.Context(), admin.AuditQuery{Kinds: kinds}, func(line json.RawMessage) error {
		var e audit.Event
		err := json.Unmarshal(line, &e)
		all = append(all, e)
		return err
	}, func(warning string) { t.Error(warning) })
	check(t, err)
	return all
}

// isWhole reports a chain that is not.
func isWhole(t *testing.T, api *admin.Client) {
	t.Helper()
	report, err := api.AuditReport(t.Context(), "")
	check(t, err)
	if report.Faulted > 0 || report.Lost > 0 || report.Blocks == 0 {
		t.Errorf("the audit trail: %+v", report)
	}
}

// indicatorBody is an envelope with one object of its own.
func indicatorBody(n int) string {
	return fmt.Sprintf(`{"objects":[{"type":"mutex","spec_version":"2.1",`+
		`"id":"mutex--a1b2c3d4-0000-4000-8000-%012d","name":"m%d"}]}`, n, n)
}

// Two servers on one database write one chain, in which every push and every poll of both is.
func TestAudit_TwoServersWriteOneChain(t *testing.T) {
	const clients, each = 3, 8
	cfg := newConfig(t)
	cfg.Store = mongotest.Start(t).Database(t)
	servers := []*running{runApp(t, cfg), runApp(t, cfg)}
	var all sync.WaitGroup
	for i, s := range servers {
		for c := range clients {
			all.Go(func() {
				for n := range each {
					body := indicatorBody(1000*i + 100*c + n)
					if got := send(t, http.MethodPost, s.URL()+inbox, body); got.StatusCode != 202 {
						t.Errorf("push: %s", got.Status)
					}
					send(t, http.MethodGet, s.URL()+inbox+"?limit=2", "")
				}
			})
		}
	}
	all.Wait()
	for _, s := range servers {
		isWhole(t, s.Admin())
	}
	pushes := onRecord(t, servers[0].Admin(), "push")
	reads := onRecord(t, servers[1].Admin(), "read")
	if want := len(servers) * clients * each; len(pushes) != want {
		t.Errorf("%d pushes on record, want %d", len(pushes), want)
	}
	servers[0].end(t) // writes the reads that are queued
	if want := len(servers) * clients * each; len(reads) > want {
		t.Errorf("%d reads on record, want %d at most", len(reads), want)
	}
	if got := len(onRecord(t, servers[1].Admin(), "read")); got != len(servers)*clients*each {
		t.Errorf("%d reads on record, want %d", got, len(servers)*clients*each)
	}
	isWhole(t, servers[1].Admin())
	if got := len(onRecord(t, servers[1].Admin(), "start", "stop")); got != 3 {
		t.Errorf("%d starts and stops on record, want 3", got)
	}
}

// While its store is away a server answers, and what it answered is on record when the store is
// back.
func TestAudit_OutlivesAnAbsenceOfTheStore(t *testing.T) {
	mongo := mongotest.Start(t)
	cfg := newConfig(t)
	cfg.Store = soon(t, mongo.Database(t))
	a := runApp(t, cfg)
	becomes(t, http.StatusOK, func() *http.Response { return send(t, http.MethodGet, a.URL()+inbox, "") })
	mongo.Gone(t)
	comesBack := sync.OnceFunc(func() { mongo.Back(t) })
	defer comesBack()
	isTurnedAway(t, send(t, http.MethodPost, a.URL()+inbox, indicatorBody(1)))
	if got := send(t, http.MethodGet, a.URL()+"/taxii2/", ""); got.StatusCode != http.StatusOK {
		t.Errorf("discovery without the store: %s", got.Status)
	}
	comesBack()
	becomes(t, http.StatusAccepted, func() *http.Response {
		return send(t, http.MethodPost, a.URL()+inbox, indicatorBody(2))
	})
	var statuses []int
	for _, e := range onRecord(t, a.Admin(), "push") {
		statuses = append(statuses, e.Status)
	}
	if !slices.Contains(statuses, 503) || !slices.Contains(statuses, 202) {
		t.Errorf("pushes on record with %v, want the one turned away and the one accepted", statuses)
	}
	isWhole(t, a.Admin())
}

// The head of the chain is in the log, which is kept elsewhere.
func TestAudit_HeadIsLogged(t *testing.T) {
	cfg := newConfig(t)
	var log lockedText
	a, err := app.Open(t.Context(), cfg, slog.New(slog.NewTextHandler(&log, nil)))
	check(t, err)
	check(t, a.Listen())
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, func() {}) }()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(log.String(), "moment=start"); {
		if time.Now().After(deadline) {
			t.Fatalf("the log:\n%s", log.String())
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	check(t, <-ended)
	check(t, a.Close())
	found := regexp.MustCompile(`msg="audit trail" moment=(\w+) head=(\d+:[0-9a-f]{64})`).
		FindAllStringSubmatch(log.String(), -1)
	if len(found) != 2 || found[0][1] != "start" || found[1][1] != "stop" {
		t.Fatalf("heads in the log: %q", found)
	}
	again, err := app.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	check(t, err)
	defer func() { check(t, again.Close()) }()
	for _, head := range found {
		report, err := again.Admin().AuditReport(t.Context(), head[2])
		check(t, err)
		if report.Faulted > 0 {
			t.Errorf("the head that was logged at the %s: %q", head[1], report.Faults)
		}
	}
}

// lockedText is a log that is read while it is written.
type lockedText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedText) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lockedText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// What a client sends is on record as what it is, and no secret with it.
func TestAudit_OfARequest(t *testing.T) {
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	check(t, err)
	defer func() { check(t, s.Close()) }()
	to := audit.NewRecorder(s, audit.Options{})
	r := app.NewRecorder(to, slog.New(slog.DiscardHandler))
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	for _, a := range []server.Answered{
		{Endpoint: "objects", Status: 200, User: "kim", Token: "id", RemoteAddr: "[::ffff:192.0.2.1]:1",
			Filter: taxii.Filter{AddedAfter: now, Limit: 5, Next: "secret", IDs: []string{"a", "b"},
				Types: []string{"c"}, Versions: []string{"all"}, SpecVersions: []string{"2.1"}}},
		{Endpoint: "objects", Status: 401, LoginFailed: true, User: "cab_secret"},
		{Endpoint: "push", Status: 202, Objects: 3}, {Endpoint: "delete", Status: 200, Object: "x"},
		{Endpoint: "objects", Status: 200, Filter: taxii.Filter{IDs: slices.Repeat([]string{"long"}, 1000)}},
	} {
		a.Start = now
		r.Record(t.Context(), a)
	}
	check(t, to.Close(t.Context()))
	var got []audit.Event
	check(t, audit.NewTrail(s).Events(t.Context(), audit.Query{},
		func(e audit.Event, line []byte) error {
			if strings.Contains(string(line), "secret") {
				t.Errorf("a secret is on record: %s", line)
			}
			got = append(got, e)
			return nil
		}, nil))
	match := strings.Repeat("long,", 100)
	want := []audit.Event{
		{Kind: audit.Read, Endpoint: "objects", Status: 200, User: "kim", Token: "id", Address: "192.0.2.1",
			Filter: audit.Filter{AddedAfter: now, Limit: 5, Next: true,
				Match: "id=a,b type=c version=all spec_version=2.1"}},
		{Kind: audit.LoginFailed, Endpoint: "objects", Status: 401, User: "(a token)"},
		{Kind: audit.Push, Endpoint: "push", Status: 202, Objects: 3},
		{Kind: audit.Delete, Endpoint: "delete", Status: 200, Object: "x"},
		{Kind: audit.Read, Endpoint: "objects", Status: 200, Filter: audit.Filter{
			Match: ("id=" + match)[:500] + "..."}},
	}
	for i := range want {
		want[i].Time = now
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// polled returns a server with a collection of 1,000 objects that keeps a record or does not.
func polled(tb testing.TB, records bool) http.Handler {
	tb.Helper()
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	fatal(tb, err)
	directory, err := access.Open(tb.Context(), s, access.Options{})
	fatal(tb, err)
	_, err = directory.PutRoot(tb.Context(), access.Root{Name: "api"})
	fatal(tb, err)
	_, _, err = directory.PutCollection(tb.Context(), access.Collection{
		Root: "api", ID: strings.Split(inbox, "/")[3], Title: "Inbox",
		Read: []string{access.Anyone}, Write: []string{access.Anyone},
	})
	fatal(tb, err)
	cfg := server.Config{Store: s, Access: directory}
	to := audit.NewRecorder(s, audit.Options{})
	if records {
		cfg.Recorder = app.NewRecorder(to, slog.New(slog.DiscardHandler))
	}
	tb.Cleanup(func() {
		fatal(tb, to.Close(context.Background()))
		fatal(tb, s.Close())
	})
	h, err := server.New(cfg)
	fatal(tb, err)
	for n := range 10 {
		var objects []string
		for i := range 100 {
			one := strings.TrimSuffix(strings.TrimPrefix(indicatorBody(100*n+i), `{"objects":[`), "]}")
			objects = append(objects, one)
		}
		r := httptest.NewRequest("POST", inbox, strings.NewReader(
			`{"objects":[`+strings.Join(objects, ",")+`]}`))
		r.Header.Set("Content-Type", taxii.MediaType)
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	return h
}

func fatal(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// nowhere is an answer that nobody reads.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(b []byte) (int, error) { return len(b), nil }
func (n nowhere) WriteHeader(int)             {}

func pollOnce(h http.Handler, query string) {
	r := httptest.NewRequest("GET", inbox+query, nil)
	r.RemoteAddr = "192.0.2.1:4000"
	h.ServeHTTP(nowhere{http.Header{}}, r)
}

// What a record adds to a poll is one small allocation, of the text of the address.
func TestAudit_AddsHardlyAnAllocation(t *testing.T) {
	const query = "?added_after=2099-01-01T00:00:00Z"
	without, with := polled(t, false), polled(t, true)
	for range 2000 {
		pollOnce(with, query)
	}
	a := testing.AllocsPerRun(2000, func() { pollOnce(without, query) })
	b := testing.AllocsPerRun(2000, func() { pollOnce(with, query) })
	if b > a+2 {
		t.Errorf("%v allocations with a record, %v without", b, a)
	}
}

// BenchmarkAudit asks a server with a record and one without, turn by turn. The metric ratio is
// how much longer it takes with one: for an empty answer, which is the cheapest there is, and for
// a page of 1,000 small objects.
func BenchmarkAudit(b *testing.B) {
	for name, query := range map[string]string{
		"Empty": "?added_after=2099-01-01T00:00:00Z", "Page": "?limit=1000",
	} {
		b.Run(name, func(b *testing.B) {
			without, with := polled(b, false), polled(b, true)
			var plain, recorded time.Duration
			for b.Loop() {
				start := time.Now()
				pollOnce(without, query)
				middle := time.Now()
				pollOnce(with, query)
				plain += middle.Sub(start)
				recorded += time.Since(middle)
			}
			b.ReportMetric(float64(recorded)/float64(plain), "ratio")
			b.ReportMetric(float64(plain.Nanoseconds())/float64(b.N), "without-ns")
			b.ReportMetric(float64(recorded.Nanoseconds())/float64(b.N), "with-ns")
		})
	}
}

// A command that works on a store by itself puts on record what it changed, never values.
func TestAudit_ChangesInProcess(t *testing.T) {
	a, err := app.Open(t.Context(), newConfig(t), slog.New(slog.DiscardHandler))
	check(t, err)
	defer func() { check(t, a.Close()) }()
	api := a.Admin()
	declareInbox(t, api)
	_, err = api.PutUser(t.Context(), config.User{User: access.User{Name: "kim"}, Password: "hunter2"})
	check(t, err)
	_, err = api.PutUser(t.Context(), config.User{User: access.User{Name: "kim"}, Password: "hunter3"})
	check(t, err)
	made, err := api.AddToken(t.Context(), admin.NewToken{User: "kim"})
	check(t, err)
	_, err = api.RemoveToken(t.Context(), made.ID)
	check(t, err)
	_, err = api.RemoveUser(t.Context(), "kim")
	check(t, err)
	if _, err = api.RemoveUser(t.Context(), "kim"); err == nil {
		t.Error("a user was removed twice")
	}
	_, err = api.RemoveCollection(t.Context(), "api/"+strings.Split(inbox, "/")[3], false)
	check(t, err)
	_, err = api.RemoveRoot(t.Context(), "api")
	check(t, err)
	var got []string
	for _, e := range onRecord(t, api) {
		got = append(got, strings.TrimSpace(fmt.Sprint(e.Record, " ", e.Change, " ", strings.Join(e.Fields, ","))))
	}
	id := strings.Split(inbox, "/")[3]
	want := []string{
		"api_root api created", "collection api/" + id + " created",
		"user kim created", "user kim updated password_hash",
		"token " + made.ID + " created", "token " + made.ID + " removed", "user kim removed",
		"collection api/" + id + " removed", "api_root api removed",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes on record (-want +got):\n%s", diff)
	}
}
