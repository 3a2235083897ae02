package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii/server"
)

func TestNew_RefusesWhatCannotWork(t *testing.T) {
	s := newStore(t)
	for name, cfg := range map[string]server.Config{
		"no store":            {Access: people{}},
		"no access":           {Store: s},
		"a path":              {Store: s, Access: people{}, PublicURL: "https://taxii.example.com/taxii"},
		"no scheme":           {Store: s, Access: people{}, PublicURL: "taxii.example.com"},
		"another scheme":      {Store: s, Access: people{}, PublicURL: "ftp://taxii.example.com"},
		"a negative limit":    {Store: s, Access: people{}, Limits: server.Limits{PageMax: -1}},
		"a URL that is none":  {Store: s, Access: people{}, PublicURL: "https://taxii example.com"},
		"a query in the URL":  {Store: s, Access: people{}, PublicURL: "https://taxii.example.com?x"},
		"negative body bytes": {Store: s, Access: people{}, Limits: server.Limits{MaxBodyBytes: -5}},
	} {
		if _, err := server.New(cfg); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	for _, url := range []string{
		"", "https://taxii.example.com", "https://taxii.example.com:8443/", "http://[::1]:80",
	} {
		_, err := server.New(server.Config{Store: s, Access: people{}, PublicURL: url})
		if err != nil {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// What is asked of the store is bounded by both limits, and the default by the most.
func TestNew_PagesAreBounded(t *testing.T) {
	for query, want := range map[string]int{"": 7, "limit=5": 5, "limit=8": 7, "limit=2000000000": 7} {
		if got := limitAsked(t, server.Limits{PageMax: 7}, query); got != want {
			t.Errorf("%q with PageMax 7: %d, want %d", query, got, want)
		}
	}
	for query, want := range map[string]int{"": 1000, "limit=1001": 1001, "limit=9999": 5000} {
		if got := limitAsked(t, server.Limits{}, query); got != want {
			t.Errorf("%q by default: %d, want %d", query, got, want)
		}
	}
	if got := limitAsked(t, server.Limits{PageMax: 1 << 30}, "limit=1000000"); got != store.MaxLimit {
		t.Errorf("with any PageMax: %d, want %d", got, store.MaxLimit)
	}
}

// limitAsked returns the limit that a query of a client becomes on its way to the store.
func limitAsked(t *testing.T, limits server.Limits, query string) (limit int) {
	t.Helper()
	s, err := server.New(server.Config{Access: people{}, Limits: limits,
		Store: queried(func(q store.Query) { limit = q.Limit })})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", emptyObjects+"?"+query, nil)
	r.Header.Set("Authorization", "Bearer kim")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != 200 {
		t.Errorf("%q: %d %s", query, w.Code, w.Body)
	}
	return limit
}

// queriedStore tells of the queries that it gets, and has nothing.
type queriedStore struct {
	server.Store
	tell func(store.Query)
}

func queried(tell func(store.Query)) queriedStore { return queriedStore{tell: tell} }

func (queriedStore) Stats(context.Context, string) (store.Stats, error) {
	return store.Stats{}, nil
}

func (s queriedStore) Page(_ context.Context, _ string, q store.Query) (store.Page, error) {
	s.tell(q)
	return store.Page{}, nil
}

// closed is people without anything for those who do not log in.
type closed struct{}

func (closed) Authenticate(r *http.Request) (server.Caller, error) {
	if r.Header.Get("Authorization") == "" {
		return stranger{person("")}, nil
	}
	return people{}.Authenticate(r)
}

type stranger struct{ server.Caller }

func (stranger) Roots() []server.Root            { return nil }
func (stranger) Root(string) (server.Root, bool) { return server.Root{}, false }

// T21-8.2-12: where nothing is open, discovery asks for a login, too.
func TestDiscovery_AsksStrangersToLogIn(t *testing.T) {
	s, err := server.New(server.Config{Store: newStore(t), Access: closed{}})
	if err != nil {
		t.Fatal(err)
	}
	for token, want := range map[string]int{"": 401, "Bearer nell": 200} {
		r := httptest.NewRequest("GET", "/taxii2/", nil)
		if token != "" {
			r.Header.Set("Authorization", token)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		challenges := w.Header().Values("WWW-Authenticate")
		if w.Code != want || (want == 401) != (len(challenges) == 2) {
			t.Errorf("%q: %d, %q", token, w.Code, challenges)
		}
	}
}

// Without a public URL the request says how clients reach the server (T21-4.1-04).
func TestDiscovery_BuildsURLsOnWhatTheClientCalled(t *testing.T) {
	s, err := server.New(server.Config{Store: newStore(t), Access: people{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		headers []string
		want    string
	}{
		{nil, "http://example.com/api/"},
		{[]string{"X-Forwarded-Proto", "https"}, "https://example.com/api/"},
		{[]string{"X-Forwarded-Proto", "https, http",
			"X-Forwarded-Host", "taxii.example.org:8443, inner"}, "https://taxii.example.org:8443/api/"},
		{[]string{"X-Forwarded-Proto", "javascript", "X-Forwarded-Host", "evil.example.org/x"},
			"http://example.com/api/"},
		{[]string{"X-Forwarded-Host", `a"b`}, "http://example.com/api/"},
	} {
		r := httptest.NewRequest("GET", "/taxii2/", nil)
		for i := 0; i < len(test.headers); i += 2 {
			r.Header.Set(test.headers[i], test.headers[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), `"default":"`+test.want+`"`) {
			t.Errorf("%v: %s, want %s", test.headers, w.Body, test.want)
		}
	}
	r := httptest.NewRequest("GET", "https://taxii.example.com/taxii2/", nil) // over TLS
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), `"default":"https://taxii.example.com/api/"`) {
		t.Errorf("over TLS: %s", w.Body)
	}
}
