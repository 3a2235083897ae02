package server_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// faultyStore fails where a test says so; the rest is a working store.
type faultyStore struct {
	server.Store
	add  func(ctx context.Context) error // before Add
	put  func(d store.Document) error    // before Put
	page func(ctx context.Context) error // instead of Page
}

func (f *faultyStore) Add(
	ctx context.Context, collection string, objects []store.Incoming,
) ([]store.Added, error) {
	if f.add != nil {
		if err := f.add(ctx); err != nil {
			return nil, err
		}
	}
	return f.Store.Add(ctx, collection, objects)
}

func (f *faultyStore) Put(ctx context.Context, d store.Document) (uint64, error) {
	if f.put != nil {
		if err := f.put(d); err != nil {
			return 0, err
		}
	}
	return f.Store.Put(ctx, d)
}

func (f *faultyStore) Page(
	ctx context.Context, collection string, q store.Query,
) (store.Page, error) {
	if f.page != nil {
		return store.Page{}, f.page(ctx)
	}
	return f.Store.Page(ctx, collection, q)
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func get(t testing.TB, url, user string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", basic(user))
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := response.Header.Get("Content-Type"); got != taxii.MediaType {
		t.Errorf("Content-Type is %q", got)
	}
	return response, string(text)
}

func TestStoreUnavailableIs503AndNothingIsAcknowledged(t *testing.T) {
	full := fmt.Errorf("write wal: %w: no space left on device", store.ErrUnavailable)
	for name, f := range map[string]*faultyStore{
		"objects": {add: func(context.Context) error { return full }},
		"status":  {put: func(store.Document) error { return full }},
	} {
		f.Store = newStore(t)
		_, h := newServer(t, server.Config{Store: f})
		status, text := push(t, h, strings.NewReader(envelope(objectNo(1))))
		if status != 503 || strings.Contains(text, "success") || strings.Contains(text, "space") {
			t.Errorf("%s: %d %s", name, status, text)
		}
		f.add, f.put = nil, nil
		serves(t, h)
	}
	f := &faultyStore{Store: newStore(t), page: func(context.Context) error { return full }}
	_, h := newServer(t, server.Config{Store: f})
	response, text := get(t, h.URL+emptyObjects, "kim")
	if response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
		t.Errorf("read: %d %v %s", response.StatusCode, response.Header, text)
	}
}

// T21-4.3-02: a status can be read for a day at least.
func TestStatus_ExpiresAfterItsTime(t *testing.T) {
	for ttl, want := range map[time.Duration]time.Duration{
		0: 48 * time.Hour, 24 * time.Hour: 24 * time.Hour,
	} {
		now := time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
		var expires time.Time
		f := &faultyStore{Store: newStore(t), put: func(d store.Document) error {
			expires = d.Expires
			return nil
		}}
		_, h := newServer(t, server.Config{
			Store: f, StatusTTL: ttl, Now: func() time.Time { return now },
		})
		serves(t, h)
		if !expires.Equal(now.Add(want)) {
			t.Errorf("TTL %v: expires %v, want %v", ttl, expires, now.Add(want))
		}
	}
}

// Several batches go to the store one after the other; one that fails fails the push.
func TestPush_LaterBatchThatFailsFailsThePush(t *testing.T) {
	calls := 0
	f := &faultyStore{Store: newStore(t), add: func(context.Context) error {
		if calls++; calls == 2 {
			return store.ErrUnavailable
		}
		return nil
	}}
	_, h := newServer(t, server.Config{Store: f, Access: roomy{}})
	objects := make([]string, 12_000)
	for i := range objects {
		objects[i] = objectNo(i)
	}
	if status, text := push(t, h, strings.NewReader(envelope(objects...))); status != 503 {
		t.Errorf("status %d %.200s", status, text)
	}
	status, text := push(t, h, strings.NewReader(envelope(objects...)))
	if status != 202 || calls != 5 {
		t.Errorf("again: status %d, %d calls", status, calls)
	}
	var got taxii.Status
	if err := json.Unmarshal([]byte(text), &got); err != nil {
		t.Fatal(err)
	}
	if got.SuccessCount != 12_000 || len(got.Successes) != 10_000 || got.TotalCount != 12_000 {
		t.Errorf("status counts %d of %d and lists %d",
			got.SuccessCount, got.TotalCount, len(got.Successes))
	}
}

// T21-4.3-07: a status stays small whatever was pushed. Each list is whole for up to 10,000
// objects; a longer one begins with those and says how many are missing. The counts stay right.
func TestStatus_ListsTheFirstTenThousand(t *testing.T) {
	_, h := newServer(t, server.Config{Access: roomy{}})
	short := `"` + strings.Repeat("x", 40) + `"`
	long := `{"type":"a-b","id":"` + strings.Repeat("x", 400) + `"}`
	for name, test := range map[string]struct {
		bad    string
		n      int
		listed int
		end    string // of the last message listed
	}{
		"as many as fit":      {short, 10_000, 10_000, ": expected a STIX object, found a string (S21-3.7-03)"},
		"one too many":        {short, 10_001, 10_000, "); 1 more object is not listed"},
		"many":                {short, 14_999, 10_000, "); 4999 more objects are not listed"},
		"bad ones with texts": {long, 9_999, 9_999, "; and 1 more"},
	} {
		objects := append(slices.Repeat([]string{test.bad}, test.n), objectNo(1), objectNo(2))
		status, text := push(t, h, strings.NewReader(envelope(objects...)))
		got := decodeStatus(t, text)
		if status != 202 || got.FailureCount != test.n || len(got.Failures) != test.listed ||
			got.TotalCount != test.n+2 || got.SuccessCount != 2 || len(got.Successes) != 2 {
			t.Errorf("%s: %d, %d failures of %d, %d listed, %d successes listed", name, status,
				got.FailureCount, got.TotalCount, len(got.Failures), len(got.Successes))
			continue
		}
		if last := got.Failures[test.listed-1].Message; !strings.HasSuffix(last, test.end) {
			t.Errorf("%s: the last message is %q", name, last)
		}
		if last := got.Failures[test.listed-2].Message; strings.Contains(last, "listed") {
			t.Errorf("%s: the last message but one is %q", name, last)
		}
		if len(text) > 8<<20 {
			t.Errorf("%s: a status of %d bytes", name, len(text))
		}
	}
}

// The list of successes begins with the first likewise, whether or not there is anything else
// to say of the last that it names.
func TestStatus_ListsTheFirstTenThousandSuccesses(t *testing.T) {
	_, h := newServer(t, server.Config{Access: roomy{}})
	var fine, warned []string
	for i := range 10_002 {
		fine = append(fine, campaign(i, `"created":"2026-03-01T00:00:00.000Z","description":"Of one."`))
		warned = append(warned, objectNo(i)) // its identifier should be a UUIDv5
	}
	for name, test := range map[string]struct {
		objects []string
		want    string
	}{
		"fine":   {fine, "2 more objects are not listed"},
		"warned": {warned, "); 2 more objects are not listed"},
	} {
		_, text := push(t, h, strings.NewReader(envelope(test.objects...)))
		got := decodeStatus(t, text)
		if got.SuccessCount != 10_002 || len(got.Successes) != 10_000 {
			t.Errorf("%s: %d of %d listed", name, len(got.Successes), got.SuccessCount)
			continue
		}
		last := got.Successes[9_999].Message
		if !strings.HasSuffix(last, test.want) || name == "fine" && last != test.want {
			t.Errorf("%s: the last message is %q", name, last)
		}
	}
}

// Objects with many faults do not push the others out of the status: beyond a size it tells
// fewer faults of each, and shorter ones.
func TestStatus_TellsOfEveryObjectThoughAllHaveManyFaults(t *testing.T) {
	_, h := newServer(t, server.Config{Access: roomy{}})
	const n = 9_999
	many := `"` + strings.Repeat("foo", 60) + `":1,"bar":2,"baz":3,"qux":4,"quux":5,"corge":6`
	var warned, refused []string
	for i := range n {
		warned = append(warned, campaign(i, `"created":"2026-03-01T00:00:00.000Z",`+many))
		refused = append(refused, campaign(i, `"created":"2026-03-02T00:00:00.000Z",`+many))
	}
	_, text := push(t, h, strings.NewReader(envelope(warned...)))
	successes := decodeStatus(t, text).Successes
	_, text = push(t, h, strings.NewReader(envelope(refused...)))
	failures := decodeStatus(t, text).Failures
	for name, test := range map[string]struct {
		list []taxii.StatusDetail
		want string // what the message of the last object begins with
	}{
		"warned":  {successes, "warning: /objects/9998/foo"},
		"refused": {failures, "/objects/9998/modified: "},
	} {
		if len(test.list) != n {
			t.Errorf("%s: %d of %d are listed", name, len(test.list), n)
			continue
		}
		first, last := test.list[0].Message, test.list[n-1].Message
		if !strings.HasPrefix(last, test.want) || !strings.Contains(last, "; and ") ||
			len(last) > 320 || len(first) <= len(last) {
			t.Errorf("%s: the first message is %q, the last %q", name, first, last)
		}
	}
}

// Names are the sender's: whatever they are, a message names the rule and keeps to its bounds.
func TestStatus_MessagesAreShortAndNameTheRule(t *testing.T) {
	_, h := newServer(t, server.Config{})
	long := strings.Repeat("x", 5000)
	_, text := push(t, h, strings.NewReader(envelope(
		campaign(1, `"created":"2026-03-01T00:00:00.000Z","`+long+`":1`),
		campaign(2, `"created":"2026-03-01T00:00:00.000Z","`+long+`":1,"a`+long+`":1,"b`+long+`":1,"c`+long+`":1`))))
	status := decodeStatus(t, text)
	for _, o := range slices.Concat(status.Successes, status.Failures) {
		if len(o.Message) > 1100 || !strings.Contains(o.Message, "(S21-") {
			t.Errorf("%d bytes: %s", len(o.Message), o.Message)
		}
	}
}

func decodeStatus(t *testing.T, text string) (status taxii.Status) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &status); err != nil {
		t.Fatal(err)
	}
	return status
}

// roomy is people with the server's limit for all roots.
type roomy struct{}

func (roomy) Authenticate(r *http.Request) (server.Caller, error) {
	c, err := people{}.Authenticate(r)
	if err != nil {
		return nil, err
	}
	return roomyCaller{c}, nil
}

type roomyCaller struct{ server.Caller }

func (c roomyCaller) Root(name string) (server.Root, bool) {
	root, ok := c.Caller.Root(name)
	root.MaxContentLength = 0
	return root, ok
}

func TestUnknownErrorsAre500WithAnIDThatIsInTheLog(t *testing.T) {
	var log lockedBuffer
	f := &faultyStore{Store: newStore(t), page: func(context.Context) error {
		return errors.New("secret inner text")
	}}
	_, h := newServer(t, server.Config{
		Store: f, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	for name, url := range map[string]string{
		"an error": h.URL + emptyObjects, "a panic": h.URL + "/panic/collections/",
	} {
		response, text := get(t, url, "kim")
		var e taxii.Error
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != 500 || e.HTTPStatus != "500" || e.ErrorID == "" {
			t.Errorf("%s: %d %s", name, response.StatusCode, text)
		}
		if strings.Contains(text, "secret") || strings.Contains(text, "fixture") {
			t.Errorf("%s: inner text in %s", name, text)
		}
		if !strings.Contains(log.String(), e.ErrorID) {
			t.Errorf("%s: error_id %s is not in the log:\n%s", name, e.ErrorID, log.String())
		}
	}
	for _, want := range []string{"secret inner text", "the fixture was told to", "fixture_test.go"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not in the log", want)
		}
	}
	f.page = nil
	serves(t, h)
}

func TestStoreThatTakesTooLongIs503(t *testing.T) {
	for name, why := range map[string]func(context.Context) error{
		"its cause": context.Cause, "its error": context.Context.Err,
	} {
		f := &faultyStore{Store: newStore(t), page: func(ctx context.Context) error {
			<-ctx.Done()
			return why(ctx)
		}}
		_, h := newServer(t, server.Config{
			Store: f, Limits: server.Limits{RequestTimeout: 10 * time.Millisecond},
		})
		response, text := get(t, h.URL+emptyObjects, "kim")
		if response.StatusCode != 503 || response.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", name, response.StatusCode, text)
		}
	}
}

// A client that does not wait for its page is nothing for an operator to look at.
func TestClientThatWentAwayIsNoFault(t *testing.T) {
	var log lockedBuffer
	entered := make(chan struct{})
	f := &faultyStore{Store: newStore(t), page: func(ctx context.Context) error {
		close(entered)
		<-ctx.Done()
		return ctx.Err()
	}}
	_, h := newServer(t, server.Config{
		Store: f, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	conn := dial(t, h)
	fmt.Fprintf(conn, "%s\r\n", strings.Replace(rawHead, "POST", "GET", 1))
	<-entered
	conn.Close()
	for range 500 { // until the server has noticed
		if strings.Contains(log.String(), "status=503") {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	text := log.String()
	if !strings.Contains(text, "status=503") || strings.Contains(text, "level=ERROR") {
		t.Errorf("the log:\n%s", text)
	}
}

// T21-B-04.
func TestLogNamesTheRequestAndNoSecret(t *testing.T) {
	var log lockedBuffer
	_, h := newServer(t, server.Config{Logger: slog.New(slog.NewJSONHandler(&log, nil))})
	get(t, h.URL+emptyObjects+"?next=top-secret-value", "kim")
	if status, _ := push(t, h, strings.NewReader(envelope(objectNo(77), "5"))); status != 202 {
		t.Fatal("the push failed")
	}
	id := "ipv4-addr--00000000-0000-4000-9000-000000000077"
	for _, request := range [][3]string{
		{"GET", "/api/", "Bearer wrong-secret-token"}, {"DELETE", emptyObjects + id + "/", "Bearer kim"},
	} {
		r, err := http.NewRequest(request[0], h.URL+request[1], nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", request[2])
		response, err := h.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
	}

	text := log.String()
	for _, want := range []string{
		`"user":"kim"`, `"endpoint":"push"`, `"status":202`, `"objects":1,"refused":1,`, `"request_id":"`,
		`"collection":"` + idEmpty + `"`, `"status":401`, `"bytes_in":`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%s is not in the log:\n%s", want, text)
		}
	}
	if n := strings.Count(text, `"refused":`); n != 1 {
		t.Errorf("%d lines tell of refused objects, want that of the push:\n%s", n, text)
	}
	if n := strings.Count(text, `"objects":1,`); n != 2 { // the push and the deletion
		t.Errorf("%d lines count an object, want 2:\n%s", n, text)
	}
	for _, secret := range []string{"kim-pw", base64.StdEncoding.EncodeToString([]byte("kim:kim-pw")),
		"wrong-secret", "top-secret", "192.0.2.1"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s is in the log:\n%s", secret, text)
		}
	}
}

func TestMetricsCountWithLabelsThatClientsCannotGrow(t *testing.T) {
	registry := prometheus.NewRegistry()
	_, h := newServer(t, server.Config{Registerer: registry})
	pushed := envelope(objectNo(1), objectNo(2), `{"type":"a-b"}`,
		campaign(1, `"created":"2026-03-02T00:00:00.000Z","foo":1`), // before modified
		campaign(2, `"created":"2026-03-01T00:00:00.000Z","foo":1`))
	push(t, h, strings.NewReader(pushed))
	tolerated := envelope(campaign(3, `"created":"2026-03-02T00:00:00.000Z","foo":1`))
	pushTo(t, h, "/api/collections/"+idWarn+"/objects/", "pat", strings.NewReader(tolerated))
	get(t, h.URL+emptyObjects, "kim")
	for i := range 50 {
		get(t, fmt.Sprintf("%s/nowhere-%d/%d/", h.URL, i, i), "kim")
		get(t, fmt.Sprintf("%s/root-%d/", h.URL, i), "kim")
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := family.GetName()
			for _, label := range m.GetLabel() {
				name += " " + label.GetValue()
			}
			got[name] = m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
		}
	}
	for name, want := range map[string]float64{
		"cabstand_taxii_requests_total push 202":          2,
		"cabstand_taxii_requests_total objects 200":       1,
		"cabstand_taxii_requests_total unknown 404":       50,
		"cabstand_taxii_requests_total api_root 404":      50,
		"cabstand_taxii_request_seconds push":             2,
		"cabstand_taxii_objects_total in":                 4,
		"cabstand_taxii_objects_total out":                3,
		"cabstand_taxii_object_failures_total S21-3.2-10": 1,
		// One object counts once, under the worst of what is wrong with it.
		"cabstand_taxii_object_failures_total S21-3.6-02": 1,
		// In alphabetical order of the labels: level, rule.
		"cabstand_taxii_object_warnings_total should S21-11.1-01": 1,
		"cabstand_taxii_object_warnings_total must S21-3.6-02":    1,
		"cabstand_taxii_bytes_total in":                           float64(len(pushed) + len(tolerated)),
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if len(got) > 20 {
		t.Errorf("%d series: %v", len(got), got)
	}
	again := server.Config{Store: newStore(t), Access: people{}, Registerer: registry}
	if _, err := server.New(again); err == nil {
		t.Error("the same metrics were registered twice")
	}
}
