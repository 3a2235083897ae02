package taxiipeer_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/taxiipeer"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/taxii"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	collectionID = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
	otherID      = "52892447-4d7e-4f70-b94d-d7f22742ff63"
)

// peer is a TAXII server with one root and two collections. Its dates added are the positions
// of its objects, in seconds.
type peer struct {
	*httptest.Server
	objects  []string // raw
	pageSize int
	failAt   int // answer 500 from this position on, 0 is never
	header   http.Header
	queries  []string
}

func servePeer(t *testing.T, objects ...string) *peer {
	p := &peer{objects: objects, pageSize: 2}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /taxii2/{$}", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, taxii.Discovery{Title: "peer", APIRoots: []string{p.URL + "/api/"}})
	})
	mux.HandleFunc("GET /api/{$}", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, taxii.APIRoot{Title: "api", Versions: []string{taxii.MediaType}, MaxContentLength: 1000})
	})
	mux.HandleFunc("GET /api/collections/{$}", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, taxii.Collections{Collections: []taxii.Collection{
			{ID: collectionID, Title: "Shared", Alias: "shared", CanRead: true},
			{ID: otherID, Title: "Other", CanRead: true},
		}})
	})
	mux.HandleFunc("GET /api/collections/"+collectionID+"/objects/{$}", p.page)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", taxii.MediaType)
	_ = json.NewEncoder(w).Encode(v)
}

// date is the date added of the n-th object.
func date(n int) string { return fmt.Sprintf("2026-01-01T00:00:%02d.000000Z", n) }

func (p *peer) page(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	p.header = r.Header
	p.queries = append(p.queries, query.Get("added_after")+" "+query.Get("match[type]"))
	first := 0
	for first < len(p.objects) && date(first) <= query.Get("added_after") {
		first++
	}
	if next := query.Get("next"); next != "" {
		_, _ = fmt.Sscan(next, &first)
	}
	if p.failAt > 0 && first >= p.failAt {
		w.WriteHeader(http.StatusForbidden) // one that is not worth a second try
		return
	}
	last := min(first+p.pageSize, len(p.objects))
	body := `{"more":false}`
	if first < last {
		more := fmt.Sprintf(`"more":%t,"next":"%d",`, last < len(p.objects), last)
		body = `{` + more + `"objects":[` + strings.Join(p.objects[first:last], ",") + `]}`
		w.Header().Set(taxii.HeaderDateAddedFirst, date(first))
		w.Header().Set(taxii.HeaderDateAddedLast, date(last-1))
	}
	w.Header().Set("Content-Type", taxii.MediaType)
	_, _ = w.Write([]byte(body))
}

func object(n int) string {
	return fmt.Sprintf(`{"type": "identity","spec_version":"2.1",`+
		`"id":"identity--0d0cd2f6-8f38-4f0e-9c53-0a2f7f1f6b%02d",`+
		`"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z", `+
		`"name":"n\u00e9%d"}`, n, n)
}

func feed(url string, settings map[string]any) collectors.Feed {
	return collectors.Feed{
		ID: "peer", Name: "Peer", Kind: "taxii", URL: url, Settings: settings,
		Policy: collectors.Policy{TLP: "green", Redistribute: "members", Licence: "by agreement"},
	}
}

type run struct {
	next    string
	objects []string
	skipped []string
}

func getenv(name string) string {
	return map[string]string{"PEER_USER": "cab", "PEER_PASSWORD": "stand", "PEER_KEY": "key"}[name]
}

func newCollector(t *testing.T, f collectors.Feed, r *run) collectors.Collector {
	t.Helper()
	c, err := taxiipeer.Kind(getenv).New(f, collectors.Tools{
		Skip: func(where string, _ error) { r.skipped = append(r.skipped, where) },
		Log:  slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func collect(t *testing.T, f collectors.Feed, cursor string) (run, error) {
	t.Helper()
	var r run
	next, err := newCollector(t, f, &r).Collect(t.Context(), cursor, func(o stix.Object) error {
		r.objects = append(r.objects, string(o.Raw))
		return nil
	})
	r.next = next
	return r, err
}

func shared() map[string]any { return map[string]any{"collection": "shared"} }

func TestCollect_TakesEveryPageByteForByte(t *testing.T) {
	p := servePeer(t, object(0), object(1), object(2), object(3), object(4))
	got, err := collect(t, feed(p.URL, shared()), "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p.objects, got.objects); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestCollect_GoesOnWhereItWas(t *testing.T) {
	p := servePeer(t, object(0), object(1), object(2))
	first, err := collect(t, feed(p.URL, shared()), "")
	if err != nil {
		t.Fatal(err)
	}
	p.objects = append(p.objects, object(3))
	second, err := collect(t, feed(p.URL, shared()), first.next)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{object(3)}, second.objects); diff != "" {
		t.Errorf("objects of the second run (-want +got):\n%s", diff)
	}
	third, err := collect(t, feed(p.URL, shared()), second.next)
	if err != nil || len(third.objects) > 0 {
		t.Errorf("third run: %d objects, error %v", len(third.objects), err)
	}
}

func TestCollect_OtherFiltersBeginAnew(t *testing.T) {
	p := servePeer(t, object(0), object(1))
	first, err := collect(t, feed(p.URL, shared()), "")
	if err != nil {
		t.Fatal(err)
	}
	settings := shared()
	settings["types"] = []any{"identity", "malware"}
	second, err := collect(t, feed(p.URL, settings), first.next)
	if err != nil || len(second.objects) != 2 {
		t.Errorf("%d objects, error %v", len(second.objects), err)
	}
	if last := p.queries[len(p.queries)-1]; last != " identity,malware" {
		t.Errorf("the peer was asked for %q", last)
	}
}

func TestCollect_UnreadableCursorBeginsAnew(t *testing.T) {
	p := servePeer(t, object(0))
	got, err := collect(t, feed(p.URL, shared()), "what is this")
	if err != nil || len(got.objects) != 1 {
		t.Errorf("%d objects, error %v", len(got.objects), err)
	}
}

func TestCollect_BeginsAtAddedAfter(t *testing.T) {
	p := servePeer(t, object(0), object(1), object(2))
	settings := shared()
	settings["added_after"] = "2026-01-01T01:00:01+01:00"
	got, err := collect(t, feed(p.URL, settings), "")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{object(2)}, got.objects); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestCollect_ABreakAfterWholePagesKeepsThem(t *testing.T) {
	p := servePeer(t, object(0), object(1), object(2), object(3))
	p.failAt = 2
	first, err := collect(t, feed(p.URL, shared()), "")
	if err != nil || len(first.objects) != 2 {
		t.Fatalf("%d objects, error %v", len(first.objects), err)
	}
	if _, err := collect(t, feed(p.URL, shared()), first.next); err == nil {
		t.Error("a run that gets nothing but a fault is no success")
	}
	p.failAt = 0
	second, err := collect(t, feed(p.URL, shared()), first.next)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p.objects[2:], second.objects); diff != "" {
		t.Errorf("objects of the second run (-want +got):\n%s", diff)
	}
}

func TestCollect_InvalidObjectsAreSkipped(t *testing.T) {
	bad := `{"type":"identity","spec_version":"2.1",` +
		`"id":"identity--0d0cd2f6-8f38-4f0e-9c53-0a2f7f1f6b99"}`
	p := servePeer(t, bad, object(1), `"text"`)
	got, err := collect(t, feed(p.URL, shared()), "")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"identity--0d0cd2f6-8f38-4f0e-9c53-0a2f7f1f6b99", "object 1 of a page"}
	if diff := cmp.Diff(want, got.skipped); diff != "" || len(got.objects) != 1 {
		t.Errorf("%d objects; skipped (-want +got):\n%s", len(got.objects), diff)
	}
}

func TestCollect_SendsTheNamedSecrets(t *testing.T) {
	p := servePeer(t, object(0))
	f := feed(p.URL, shared())
	f.Auth = collectors.Auth{
		UserEnv: "PEER_USER", PasswordEnv: "PEER_PASSWORD",
		HeaderEnv: map[string]string{"X-Key": "PEER_KEY"},
	}
	if _, err := collect(t, f, ""); err != nil {
		t.Fatal(err)
	}
	user, password, _ := (&http.Request{Header: p.header}).BasicAuth()
	if user != "cab" || password != "stand" || p.header.Get("X-Key") != "key" {
		t.Errorf("the peer got %q, %q and key %q", user, password, p.header.Get("X-Key"))
	}
}

func TestCollect_NamesTheSecretThatIsMissing(t *testing.T) {
	f := feed("https://peer.example.com/taxii2/", shared())
	f.Auth.BearerEnv = "PEER_TOKEN"
	_, err := collect(t, f, "")
	if err == nil || !strings.Contains(err.Error(), "PEER_TOKEN is not set") {
		t.Errorf("error = %v", err)
	}
}

func TestCollect_StopsAtTheFirstErrorOfEmit(t *testing.T) {
	p := servePeer(t, object(0), object(1), object(2))
	full, calls := errors.New("disk full"), 0
	c := newCollector(t, feed(p.URL, shared()), &run{})
	_, err := c.Collect(t.Context(), "", func(stix.Object) error { calls++; return full })
	if !errors.Is(err, full) || calls != 1 {
		t.Errorf("error %v after %d calls", err, calls)
	}
}

func TestCollect_StopsWithItsContext(t *testing.T) {
	p := servePeer(t, object(0))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := newCollector(t, feed(p.URL, shared()), &run{})
	_, err := c.Collect(ctx, "", func(stix.Object) error { return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}
}

func TestCollect_DoesNotGoRoundForEver(t *testing.T) {
	p := servePeer(t, object(0))
	settings := shared()
	settings["own_urls"] = []any{p.URL + "/api/"}
	got, err := collect(t, feed(p.URL, settings), "")
	if err == nil || !strings.Contains(err.Error(), "round for ever") || len(got.objects) > 0 {
		t.Errorf("%d objects, error %v", len(got.objects), err)
	}
}

func TestNew_RefusesSettingsThatCannotBe(t *testing.T) {
	const url = "https://peer.example.com/taxii2/"
	own := func(url string) map[string]any { return map[string]any{"own_urls": []any{url}} }
	const itself = "feed peer: url: is this server itself"
	for name, test := range map[string]struct {
		url      string
		settings map[string]any
		want     string
	}{
		"itself":          {url, own("http://PEER.example.com/"), itself},
		"itself by port":  {"https://peer.example.com:443/x/", own("https://peer.example.com"), itself},
		"own url":         {url, own("peer"), "settings.own_urls[0]: is not a URL"},
		"half a key":      {url, map[string]any{"cert_file": "cert.pem"}, "settings.cert_file"},
		"no time":         {url, map[string]any{"added_after": "yesterday"}, "settings.added_after"},
		"unknown setting": {url, map[string]any{"colection": "x"}, "did you mean collection?"},
		"url":             {"ftp://peer.example.com/", nil, "feed peer: url:"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := taxiipeer.Kind(getenv).New(feed(test.url, test.settings), collectors.Tools{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want %s", err, test.want)
			}
		})
	}
}

func TestNew_AnotherServerOnTheSameHostIsNotItself(t *testing.T) {
	for _, own := range []string{
		"https://peer.example.com:9000/", "https://peer.example.com/taxii22/",
		"https://other.example.com/",
	} {
		f := feed("https://peer.example.com/taxii2/", map[string]any{"own_urls": []any{own}})
		if _, err := taxiipeer.Kind(getenv).New(f, collectors.Tools{}); err != nil {
			t.Errorf("own URL %s: %v", own, err)
		}
	}
}

func TestCollect_KeepsWholePagesWhenItsTimeEnds(t *testing.T) {
	p := servePeer(t, object(0), object(1), object(2), object(3), object(4))
	f := feed(p.URL, shared())
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var r run
	over := errors.New("the run is over")
	next, err := newCollector(t, f, &r).Collect(ctx, "", func(o stix.Object) error {
		if len(r.objects) == 3 { // the second page is half emitted
			cancel()
			return over
		}
		r.objects = append(r.objects, string(o.Raw))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rest, err := collect(t, f, next)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{object(2), object(3), object(4)}, rest.objects); diff != "" {
		t.Errorf("second run (-want +got):\n%s", diff)
	}
}

func TestCollect_AnErrorOfTheStoreIsOne(t *testing.T) {
	p := servePeer(t, object(0), object(1), object(2))
	var r run
	full, emitted := errors.New("disk full"), 0
	c := newCollector(t, feed(p.URL, shared()), &r)
	_, err := c.Collect(t.Context(), "", func(stix.Object) error {
		if emitted++; emitted == 3 {
			return full
		}
		return nil
	})
	if !errors.Is(err, full) {
		t.Errorf("error = %v, want %v", err, full)
	}
}

func TestCollect_TellsHowLongThePeerAsksToWait(t *testing.T) {
	for _, path := range []string{"/taxii2/", "/objects/"} {
		p := servePeer(t, object(0))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, path) {
				w.Header().Set("Retry-After", "7200")
				w.WriteHeader(http.StatusTooManyRequests)
				return
			}
			p.Config.Handler.ServeHTTP(w, r)
		}))
		defer server.Close()
		p.URL = server.URL // discovery names it
		_, err := collect(t, feed(server.URL, shared()), "")
		status, ok := errors.AsType[*collectors.StatusError](err)
		if !ok || status.RetryAfter != 2*time.Hour {
			t.Errorf("%s: error = %v, want one that asks to wait two hours", path, err)
		}
	}
}

func TestCollect_TellsWhatKindOfTroubleThePeerMakes(t *testing.T) {
	for name, tc := range map[string]struct {
		answer http.HandlerFunc
		want   collectors.Trouble
	}{
		"refused": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, collectors.TroubleKey},
		"a page":  {func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>") }, collectors.TroubleFormat},
	} {
		server := httptest.NewServer(tc.answer)
		defer server.Close()
		_, err := collect(t, feed(server.URL, shared()), "")
		if got := collectors.TroubleOf(err); got != tc.want {
			t.Errorf("%s: trouble %q of %v, want %q", name, got, err, tc.want)
		}
	}
	_, err := collect(t, feed(servePeer(t, object(0)).URL, map[string]any{"collection": "none"}), "")
	if got := collectors.TroubleOf(err); got != collectors.TroubleSettings {
		t.Errorf("no such collection: trouble %q of %v", got, err)
	}
	f := feed(servePeer(t, object(0)).URL, shared())
	f.Auth.BearerEnv = "NOT_SET"
	if _, err = collect(t, f, ""); collectors.TroubleOf(err) != collectors.TroubleKey {
		t.Errorf("no secret: trouble %q of %v", collectors.TroubleOf(err), err)
	}
}

func TestCollect_NoAnswerLeadsIntoOurNetwork(t *testing.T) {
	asked := 0
	inner := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer inner.Close()
	to := strings.Replace(inner.URL, "127.0.0.1", "localhost", 1) // the feed has 127.0.0.1
	server := httptest.NewServer(http.RedirectHandler(to, http.StatusFound))
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	log := &firstLine{then: cancel} // the client would try again
	c, err := taxiipeer.Kind(getenv).New(feed(server.URL, shared()), collectors.Tools{
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Collect(ctx, "", func(stix.Object) error { return nil })
	if err == nil || asked > 0 {
		t.Errorf("error = %v after %d requests inside", err, asked)
	}
	if want := collectors.ErrPrivateAddress.Error(); !strings.Contains(log.text, want) {
		t.Errorf("log = %q, want one with %q", log.text, want)
	}
}

// firstLine is a log that calls then when it has a line.
type firstLine struct {
	text string
	then func()
}

func (l *firstLine) Write(line []byte) (int, error) {
	l.text += string(line)
	l.then()
	return len(line), nil
}
