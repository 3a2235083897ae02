package admin_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "the secret"

// redMark is the marking TLP:RED of TLP 2.0.
const redMark = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newHandler returns a handler on a store in memory, which wrap may change, with the
// collection api/inbox.
func newHandler(t *testing.T, wrap func(store.Store) store.Store) *admin.Handler {
	t.Helper()
	var s store.Store
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	log := slog.New(slog.DiscardHandler)
	directory, err := access.Open(t.Context(), s, access.Options{})
	check(t, err)
	runner, err := collectors.New(collectors.RunnerConfig{Store: s, Documents: s, Kinds: kinds()})
	check(t, err)
	feeds, err := admin.OpenFeeds(t.Context(), s, runner, directory, log)
	check(t, err)
	relays, err := relay.New(relay.Config{Store: s, Collection: func(name string) (string, error) {
		c, err := directory.FindCollection(name)
		return c.Key(), err
	}})
	check(t, err)
	if wrap != nil {
		s = wrap(s)
	}
	return declared(t, admin.New(admin.Config{
		Store: s, Directory: directory, Feeds: feeds, Relays: relays, Secret: secret, Log: log,
		Audit: newRecorder(t, s)}))
}

// newRecorder returns a recorder that ends with the test, before the store does.
func newRecorder(t testing.TB, s store.Store) *audit.Recorder {
	t.Helper()
	r := audit.NewRecorder(s, audit.Options{Interval: time.Hour}) // writes when it is asked to
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = r.Close(ctx) // some tests break the store
	})
	return r
}

func declared(t *testing.T, h *admin.Handler) *admin.Handler {
	t.Helper()
	_, err := direct(h).Apply(t.Context(), config.Resources{
		APIRoots:    []access.Root{{Name: "api"}},
		Collections: []access.Collection{{Root: "api", Alias: "inbox", Title: "Inbox", Read: []string{"a"}}},
	})
	check(t, err)
	return h
}

func direct(h http.Handler) *admin.Client {
	return admin.NewClient("http://in-process", secret, admin.Direct{Handler: h})
}

// clients returns a client in process and one over the network.
func clients(t *testing.T, h http.Handler) map[string]*admin.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return map[string]*admin.Client{
		"in process":       direct(h),
		"over the network": admin.NewClient(server.URL, secret, server.Client().Transport),
	}
}

func mutexes(n int) string {
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, `{"type":"mutex","spec_version":"2.1",`+
			`"id":"mutex--a1b2c3d4-0000-4000-8000-%012d","name":"m"}`+"\n", i)
	}
	return lines.String()
}

func TestHandler_NeedsTheSecret(t *testing.T) {
	h := newHandler(t, nil)
	for name, test := range map[string]struct {
		path, authorization string
		header              [2]string
		want                int
	}{
		"right":             {"/v1/users", "Bearer " + secret, [2]string{}, http.StatusOK},
		"none":              {"/v1/users", "", [2]string{}, http.StatusUnauthorized},
		"wrong":             {"/v1/users", "Bearer another", [2]string{}, http.StatusUnauthorized},
		"without its word":  {"/v1/users", secret, [2]string{}, http.StatusUnauthorized},
		"export":            {"/v1/export/api/inbox", "", [2]string{}, http.StatusUnauthorized},
		"profiles":          {"/debug/pprof/", "", [2]string{}, http.StatusUnauthorized},
		"unknown path":      {"/v2/", "", [2]string{}, http.StatusUnauthorized},
		"health is open":    {"/healthz", "", [2]string{}, http.StatusOK},
		"readiness is open": {"/readyz", "", [2]string{}, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, test.path, nil)
			r.Header.Set("Authorization", test.authorization)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != test.want {
				t.Errorf("status %d, want %d", w.Code, test.want)
			}
		})
	}
}

func TestHandler_RefusesWhatOtherSitesSend(t *testing.T) {
	h := newHandler(t, nil)
	r := httptest.NewRequest(http.MethodPut, "/v1/roots/evil", strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer "+secret)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("status %d, want 403", w.Code)
	}
}

func TestClient_ImportAndExport(t *testing.T) {
	for name, api := range clients(t, newHandler(t, nil)) {
		t.Run(name, func(t *testing.T) {
			objects := mutexes(2345) // several batches and pages
			input := strings.Replace(objects, "\n", "\n{\"type\":\n", 1)
			var failures []admin.ImportFailure
			counts, err := api.Import(t.Context(), "api/inbox", false, strings.NewReader(input),
				func(f admin.ImportFailure) { failures = append(failures, f) })
			check(t, err)
			if counts.Read != 2346 || counts.Added+counts.Unchanged != 2345 || counts.Failed != 1 {
				t.Errorf("counts %+v", counts)
			}
			if len(failures) != 1 || failures[0].Line != 2 {
				t.Errorf("failures %+v, want one of line 2", failures)
			}
			body, err := api.Export(t.Context(), "api/inbox", admin.Export{})
			check(t, err)
			defer body.Close()
			got, err := io.ReadAll(body)
			check(t, err)
			if diff := cmp.Diff(objects, string(got)); diff != "" {
				t.Errorf("exported (-want +got):\n%.2000s", diff)
			}
		})
	}
}

// failing is a store whose n-th page, and whose additions, fail.
type failing struct {
	store.Store
	pages int
}

func (f *failing) Page(ctx context.Context, key string, q store.Query) (store.Page, error) {
	if f.pages--; f.pages < 0 {
		return store.Page{}, store.ErrUnavailable
	}
	return f.Store.Page(ctx, key, q)
}

func TestExport_ThatFailsIsNotTakenForAWholeOne(t *testing.T) {
	var broken *failing
	h := newHandler(t, func(s store.Store) store.Store {
		broken = &failing{Store: s}
		return broken
	})
	_, err := direct(h).Import(t.Context(), "api/inbox", false, strings.NewReader(mutexes(1500)), nil)
	check(t, err)
	for name, api := range clients(t, h) {
		t.Run(name, func(t *testing.T) {
			broken.pages = 2
			body, err := api.Export(t.Context(), "api/inbox", admin.Export{})
			check(t, err)
			defer body.Close()
			if _, err := io.Copy(io.Discard, body); err == nil {
				t.Error("the export ended without an error")
			}
		})
	}
}

// endless is an import that ends only with its caller's patience.
type endless struct {
	line []byte
	rest []byte
	left int
	end  func()
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.rest) == 0 {
		if e.left--; e.left == 0 {
			e.end()
		}
		e.rest = e.line
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestClient_ImportEndsWithItsContext(t *testing.T) {
	for name, api := range clients(t, newHandler(t, nil)) {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			in := &endless{line: []byte(mutexes(1)), left: 5000, end: cancel}
			_, err := api.Import(ctx, "api/inbox", false, in, nil)
			if err == nil {
				t.Error("an import without an end ended well")
			}
		})
	}
}

func TestClient_TellsTheHandlersSentence(t *testing.T) {
	for name, api := range clients(t, newHandler(t, nil)) {
		t.Run(name, func(t *testing.T) {
			_, err := api.RemoveUser(t.Context(), "nobody")
			var refused *admin.Error
			want := &admin.Error{Status: http.StatusNotFound, Message: `user "nobody": not found`}
			if !errors.As(err, &refused) || cmp.Diff(want, refused) != "" {
				t.Errorf("error %v, want %v", err, want)
			}
		})
	}
}

func TestClient_PlacesWhatIsWrongWithADeclaration(t *testing.T) {
	const rest = "    policy: {tlp: clear, redistribute: public, licence: own}\n    name: Name\n"
	text := "feeds:\n  - id: mine\n    kind: text\n" + rest +
		"  - id: other\n    collection: api/inbox\n    kind: none\n    schedule: often\n" + rest
	r, err := config.ParseResources("r.yaml", []byte(text), config.Source{})
	check(t, err)
	for name, api := range clients(t, newHandler(t, nil)) {
		t.Run(name, func(t *testing.T) {
			_, err := api.Apply(t.Context(), r)
			var faults config.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("error %v, want faults", err)
			}
			var got []string
			for _, f := range faults {
				got = append(got, fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column))
			}
			want := []string{"r.yaml:2:5", "r.yaml:9:15", "r.yaml:8:11"}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("places (-want +got):\n%s\n%v", diff, err)
			}
		})
	}
}

// What stands before a mistake is not done either, whatever the mistake is in.
func TestApply_MistakeChangesNothing(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"unknown root": {"collections:\n  - {root: api, alias: inbox, title: New}\n" +
			"  - {root: none, alias: x, title: X}\n", "r.yaml:4:6: "},
		"alias of another": {"collections:\n  - {root: api, id: 5e0a2f6c-6d0b-4b8c-9a51-0c4f2d7e1e01, " +
			"alias: inbox, title: X}\n", "r.yaml:3:6: "},
		"certificate of another": {"users:\n  - {name: bo, certificates: ['dns:a.example.com']}\n" +
			"  - {name: cy, certificates: ['dns:a.example.com']}\n", "r.yaml:4:6: "},
		"hash that is none": {"users:\n  - {name: bo}\n  - {name: cy, password_hash: none}\n", "r.yaml:4:6: "},
		"marking of TLP": {"groups: [{name: members, clearance: red}]\nmarkings:\n" +
			"  - {id: marking-definition--00000000-0000-4000-8000-000000000001}\n" +
			"  - {id: " + redMark + "}\n", "r.yaml:5:6: "},
		"relay from nowhere": {"groups: [{name: members, clearance: red}]\nrelays:\n" +
			relayLine("out", "api/inbox", "api/out") + relayLine("on", "api/none", "api/out") +
			"collections: [{root: api, alias: out, title: Out}]\n", "r.yaml:5:6: "},
		"relays in a circle": {"groups: [{name: members, clearance: red}]\nrelays:\n" +
			relayLine("out", "api/inbox", "api/out") + relayLine("back", "api/out", "api/inbox") +
			"collections: [{root: api, alias: out, title: Out}]\n", "r.yaml:5:6: "},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHandler(t, nil)
			before := recordsOf(t, direct(h))
			r, err := config.ParseResources("r.yaml",
				[]byte("api_roots: [{name: api, title: New}, {name: more}]\n"+test.text), config.Source{})
			check(t, err)
			_, err = direct(h).Apply(t.Context(), r)
			var faults config.Faults
			if !errors.As(err, &faults) || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %v, want one at %s", err, test.want)
			}
			if diff := cmp.Diff(before, recordsOf(t, direct(h))); diff != "" {
				t.Errorf("records (-before +after):\n%s", diff)
			}
		})
	}
}

func relayLine(name, from, to string) string {
	return fmt.Sprintf("  - {name: %s, from: %s, to: %s, identity: {name: Us}, key_env: RELAY_KEY}\n",
		name, from, to)
}

// recordsOf is what operators can declare, but for feeds.
func recordsOf(t *testing.T, api *admin.Client) []any {
	t.Helper()
	roots, err := api.Roots(t.Context())
	check(t, err)
	collections, err := api.Collections(t.Context())
	check(t, err)
	users, err := api.Users(t.Context())
	check(t, err)
	groups, err := api.Groups(t.Context())
	check(t, err)
	markings, err := api.Markings(t.Context())
	check(t, err)
	relays, err := api.Relays(t.Context())
	check(t, err)
	return []any{roots, collections, users, groups, markings, relays}
}

func TestDirect_AbortedAnswerIsAnError(t *testing.T) {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		panic(http.ErrAbortHandler)
	})
	r := httptest.NewRequest(http.MethodGet, "http://x/", nil)
	answer, err := admin.Direct{Handler: h}.RoundTrip(r)
	check(t, err)
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); string(text) != "half" || err == nil {
		t.Errorf("read %q, %v; want half and an error", text, err)
	}
}

// FuzzImportDated feeds the reader of records with dates whatever comes.
func FuzzImportDated(f *testing.F) {
	f.Add([]byte(`{"date_added":"2020-01-01T00:00:00Z","object":{"type":"mutex"}}`))
	f.Add([]byte(`{"date_added":1,"object":[]} 7 "x" {`))
	f.Add([]byte(`{"object":{},"object":{"id":"\ud800"}}`))
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		f.Fatal(err)
	}
	defer s.Close()
	directory, err := access.Open(f.Context(), s, access.Options{})
	if err != nil {
		f.Fatal(err)
	}
	h := admin.New(admin.Config{Store: s, Directory: directory, Secret: secret, Log: slog.New(slog.DiscardHandler), Audit: newRecorder(f, s)})
	_, err = directory.PutRoot(f.Context(), access.Root{Name: "api"})
	if err == nil {
		_, _, err = directory.PutCollection(f.Context(), access.Collection{Root: "api", Alias: "inbox", Title: "x"})
	}
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		counts, _ := direct(h).Import(t.Context(), "api/inbox", true, bytes.NewReader(text),
			func(admin.ImportFailure) {})
		if counts.Read != counts.Added+counts.Unchanged+counts.Failed {
			t.Errorf("counts do not add up: %+v", counts)
		}
	})
}
