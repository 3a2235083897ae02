package app_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/app"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inbox is a collection that anyone may use.
const inbox = "/api/collections/5e0a2f6c-6d0b-4b8c-9a51-0c4f2d7e1e01/objects/"

const object = `{"type":"mutex","spec_version":"2.1",` +
	`"id":"mutex--a1b2c3d4-0000-4000-8000-000000000009","name":"m"}`

func newConfig(t *testing.T) config.Config {
	t.Helper()
	cfg := config.Default()
	cfg.Listen, cfg.Admin.Listen = "127.0.0.1:0", "127.0.0.1:0"
	cfg.Store = "pebble:" + t.TempDir()
	return cfg
}

// running is a server under test.
type running struct {
	*app.App
	stop  context.CancelFunc
	ended chan error
}

// runApp opens and runs a server with the inbox. The test ends it if it has not itself.
func runApp(t *testing.T, cfg config.Config) *running {
	t.Helper()
	a, err := app.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	check(t, err)
	declareInbox(t, a.Admin())
	check(t, a.Listen())
	ctx, stop := context.WithCancel(context.Background())
	r := &running{App: a, stop: stop, ended: make(chan error, 1)}
	ready := make(chan struct{})
	go func() { r.ended <- a.Run(ctx, func() { close(ready) }) }()
	<-ready
	t.Cleanup(func() { r.end(t) })
	return r
}

// end stops the server and waits for it; further calls do nothing.
func (r *running) end(t *testing.T) {
	t.Helper()
	if r.stop == nil {
		return
	}
	r.stop()
	r.stop = nil
	check(t, errors.Join(<-r.ended, r.Close()))
	http.DefaultClient.CloseIdleConnections()
}

func declareInbox(t *testing.T, api *admin.Client) {
	t.Helper()
	_, err := api.Apply(t.Context(), config.Resources{
		APIRoots: []access.Root{{Name: "api"}},
		Collections: []access.Collection{{
			Root: "api", ID: strings.Split(inbox, "/")[3], Title: "Inbox",
			Read: []string{access.Anyone}, Write: []string{access.Anyone},
		}},
	})
	check(t, err)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get returns the status and the body of an answer.
func get(t *testing.T, url string) (int, string) {
	t.Helper()
	answer, err := http.Get(url)
	check(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	check(t, err)
	return answer.StatusCode, string(body)
}

func TestRun_StopsAfterTheRequestsUnderWay(t *testing.T) {
	cfg := newConfig(t)
	a := runApp(t, cfg)
	body, feed := io.Pipe()
	answered := make(chan *http.Response, 1)
	go func() { answered <- pushWhenAsked(t, a.URL()+inbox, body) }()
	_, err := feed.Write([]byte(`{"objects":[`)) // returns when the server has asked for it
	check(t, err)
	address, adminAddress := strings.TrimPrefix(a.URL(), "http://"), a.AdminAddress()
	a.stop()
	for { // until the server takes no new connections
		c, err := net.Dial("tcp", address)
		if err != nil {
			break
		}
		c.Close()
		time.Sleep(time.Millisecond)
	}
	if status, text := get(t, "http://"+adminAddress+"/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("readyz while stopping: %d %s, want 503", status, text)
	}
	_, err = feed.Write([]byte(object + "]}"))
	check(t, err)
	check(t, feed.Close())
	answer := <-answered
	if answer == nil || answer.StatusCode != http.StatusAccepted {
		t.Fatalf("the request under way was answered %v, want 202", answer)
	}
	answer.Body.Close()
	a.end(t)

	again := runApp(t, cfg)
	if _, text := get(t, again.URL()+inbox); !strings.Contains(text, object) {
		t.Errorf("after a restart: %s, want the object of the last request", text)
	}
}

// pushWhenAsked sends a body only when the server asks for it, which it does when its handler
// begins to read.
func pushWhenAsked(t *testing.T, url string, body io.Reader) *http.Response {
	transport := &http.Transport{ExpectContinueTimeout: time.Minute, DisableKeepAlives: true}
	r, err := http.NewRequest(http.MethodPost, url, body)
	if err != nil {
		t.Error(err)
		return nil
	}
	r.Header.Set("Content-Type", taxii.MediaType)
	r.Header.Set("Expect", "100-continue")
	answer, err := transport.RoundTrip(r)
	if err != nil {
		t.Error(err)
	}
	return answer
}

func TestRun_AnswersHealthAndMetrics(t *testing.T) {
	a := runApp(t, newConfig(t))
	get(t, a.URL()+"/taxii2/")
	for path, want := range map[string]string{
		"/healthz": "ok", "/readyz": "ok", "/metrics": "cabstand_audit_lost_events_total 0",
	} {
		if status, text := get(t, "http://"+a.AdminAddress()+path); status != http.StatusOK || !strings.Contains(text, want) {
			t.Errorf("%s: %d %.100s, want 200 and %s", path, status, text, want)
		}
	}
	for _, path := range []string{"/v1/users", "/debug/pprof/", "/v1/export/api/x"} {
		if status, _ := get(t, "http://"+a.AdminAddress()+path); status != http.StatusUnauthorized {
			t.Errorf("%s without the secret: %d, want 401", path, status)
		}
	}
}

func TestRun_LimitsRequests(t *testing.T) {
	cfg := newConfig(t)
	cfg.Limits.RequestsPerMinute = 3
	a := runApp(t, cfg)
	allowed, limited := 0, ""
	for limited == "" && allowed < 100 { // the minute may end meanwhile, but not so often
		switch status, text := get(t, a.URL()+inbox); status {
		case http.StatusOK:
			allowed++
		case http.StatusTooManyRequests:
			limited = text
		default:
			t.Fatalf("status %d: %s", status, text)
		}
	}
	if allowed < 3 || !strings.Contains(limited, `"http_status":"429"`) {
		t.Errorf("after %d requests: %q, want 3 at least and then 429", allowed, limited)
	}
	for range 10 { // operators are not limited
		if status, text := get(t, "http://"+a.AdminAddress()+"/metrics"); status != http.StatusOK ||
			!strings.Contains(text, `cabstand_taxii_limited_total{limit="requests",sender="anonymous"} 1`) {
			t.Errorf("metrics: %d, want 200 and one limited request", status)
		}
	}
}

// Guesses from one address are refused after a while, those behind a trusted proxy by the
// address that it tells, and the right password passes nevertheless.
func TestRun_ThrottlesLogIns(t *testing.T) {
	cfg := newConfig(t)
	cfg.Limits.LoginFailures = 3
	cfg.TrustedProxies = []string{"127.0.0.1"}
	a := runApp(t, cfg)
	_, err := a.Admin().PutUser(t.Context(), config.User{
		User: access.User{Name: "alice"}, Password: "the right one",
	})
	check(t, err)
	try := func(from, password string) (status int, retryAfter string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL()+"/taxii2/", nil)
		check(t, err)
		r.SetBasicAuth("alice", password)
		r.Header.Set("X-Forwarded-For", "203.0.113.9, "+from)
		answer, err := http.DefaultClient.Do(r)
		check(t, err)
		check(t, answer.Body.Close())
		return answer.StatusCode, answer.Header.Get("Retry-After")
	}
	if status, _ := try("192.0.2.1", "the right one"); status != http.StatusOK {
		t.Fatalf("right password: %d", status)
	}
	for n := range 4 {
		if status, _ := try("192.0.2.1", "wrong"); status != http.StatusUnauthorized {
			t.Fatalf("guess %d: %d, want 401", n+1, status)
		}
	}
	if status, wait := try("192.0.2.1", "wrong"); status != http.StatusTooManyRequests || wait == "" {
		t.Errorf("one guess more: %d, Retry-After %q, want 429", status, wait)
	}
	if status, _ := try("192.0.2.2", "wrong"); status != http.StatusUnauthorized {
		t.Errorf("another address: %d, want 401", status)
	}
	if status, _ := try("192.0.2.1", "the right one"); status != http.StatusOK {
		t.Errorf("the right password after it: %d, want 200", status)
	}
	_, metrics := get(t, "http://"+a.AdminAddress()+"/metrics")
	for _, want := range []string{
		`cabstand_access_logins_refused_total{reason="wrong"} 5`,
		`cabstand_access_logins_refused_total{reason="throttled_pair"} 1`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("metrics without %s", want)
		}
	}
}

// The limits of the configuration on bytes and pushes are those of the server.
func TestRun_LimitsBytesAndPushes(t *testing.T) {
	cfg := newConfig(t)
	cfg.Limits.BytesPerMinute = 500
	cfg.Limits.ConcurrentPushes, cfg.Limits.ConcurrentPushesPerUser = 2, 1
	a := runApp(t, cfg)
	body, feed := io.Pipe()
	answered := make(chan *http.Response, 1)
	go func() { answered <- pushWhenAsked(t, a.URL()+inbox, body) }()
	_, err := feed.Write([]byte(`{"objects":[` + object)) // returns when the server has asked for it
	check(t, err)
	answer := send(t, http.MethodPost, a.URL()+inbox, `{"objects":[]}`)
	if answer.StatusCode != http.StatusTooManyRequests || answer.Header.Get("Retry-After") != "5" {
		t.Errorf("a second push at once: %s, Retry-After %q", answer.Status, answer.Header.Get("Retry-After"))
	}
	_, err = feed.Write([]byte("]}" + strings.Repeat(" ", 100_000))) // more than an hour pays for
	check(t, err)
	check(t, feed.Close())
	if first := <-answered; first == nil || first.StatusCode != http.StatusAccepted {
		t.Fatalf("the first push: %v, want 202", first)
	} else {
		check(t, first.Body.Close())
	}
	answer = send(t, http.MethodGet, a.URL()+inbox, "")
	if wait, _ := strconv.Atoi(answer.Header.Get("Retry-After")); wait < 3000 ||
		answer.StatusCode != http.StatusTooManyRequests {
		t.Errorf("after 100 kB: %s, Retry-After %d, want 429 for about an hour", answer.Status, wait)
	}
	_, metrics := get(t, "http://"+a.AdminAddress()+"/metrics")
	for _, want := range []string{
		`cabstand_taxii_limited_total{limit="bytes",sender="anonymous"} 1`,
		`cabstand_taxii_limited_total{limit="sender_pushes",sender="anonymous"} 1`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("metrics without %s", want)
		}
	}
}

func TestOpen_SaysWhatToDo(t *testing.T) {
	cfg := newConfig(t)
	a, err := app.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	check(t, err)
	defer a.Close()
	_, err = app.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), "stop that one") {
		t.Errorf("opened twice: %v, want ErrLocked in a sentence", err)
	}
}

// What a command changed is undone by the next start if a file says otherwise; then the log
// names the record and what was put back.
func TestApply_LogTellsWhichFieldsChanged(t *testing.T) {
	file := filepath.Join(t.TempDir(), "resources.yaml")
	text := "api_roots: [{name: api}]\ncollections:\n" +
		"  - {root: api, alias: inbox, title: Inbox, read: [anyone]}\n"
	check(t, os.WriteFile(file, []byte(text), 0o600))
	cfg := newConfig(t)
	cfg.Resources = []string{file}
	var log strings.Builder
	a, err := app.Open(t.Context(), cfg, slog.New(slog.NewTextHandler(&log, nil)))
	check(t, err)
	defer func() { check(t, a.Close()) }()
	check(t, a.Apply(t.Context(), config.Source{}))
	all, err := a.Admin().Collections(t.Context())
	check(t, err)
	changed := all[0].Collection
	changed.Validation = server.ValidationWarn
	_, err = a.Admin().PutCollection(t.Context(), changed)
	check(t, err)
	log.Reset()
	check(t, a.Apply(t.Context(), config.Source{}))
	const want = `msg="resource applied" kind=collection name=api/inbox change=updated fields=validation`
	if got := log.String(); !strings.Contains(got, want) || strings.Count(got, "\n") != 1 {
		t.Errorf("the log:\n%s\nwant only: %s", got, want)
	}
	log.Reset()
	check(t, a.Apply(t.Context(), config.Source{}))
	if log.Len() > 0 {
		t.Errorf("applied again:\n%s", log.String())
	}
}

// Nothing is bound before: other tests must not find a server on the network either.
func TestListen_RefusesPlainHTTPOffLoopback(t *testing.T) {
	cfg := newConfig(t)
	cfg.Listen = "192.0.2.1:6100" // which no machine has
	a, err := app.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	check(t, err)
	defer func() { check(t, a.Close()) }()
	err = a.Listen()
	if err == nil || !strings.Contains(err.Error(), "on 192.0.2.1:6100 passwords and tokens would cross") {
		t.Errorf("Listen: %v, want a refusal that says what to set", err)
	}
}

func TestListen_TakenAddressIsASentence(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close()
	for key, set := range map[string]func(*config.Config){
		"listen":       func(c *config.Config) { c.Listen = l.Addr().String() },
		"admin.listen": func(c *config.Config) { c.Admin.Listen = l.Addr().String() },
	} {
		cfg := newConfig(t)
		set(&cfg)
		a, err := app.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
		check(t, err)
		err = a.Listen()
		if want := "set " + key + " in the configuration"; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", key, err, want)
		}
		check(t, a.Close())
	}
}

func TestOpen_SecretsAreTheOwnersAlone(t *testing.T) {
	cfg := newConfig(t)
	dir, _ := cfg.StoreDir()
	cfg.Store = "pebble:" + filepath.Join(dir, "new")
	a := runApp(t, cfg)
	defer a.end(t)
	for name, want := range map[string]os.FileMode{
		"new": 0o700, "new/" + admin.SecretFile: 0o600, "new/" + admin.AddressFile: 0o600,
	} {
		info, err := os.Stat(filepath.Join(dir, name))
		check(t, err)
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
}
