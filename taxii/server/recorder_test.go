package server_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// recordFunc is a Recorder of one function.
type recordFunc func(a server.Answered)

func (f recordFunc) Record(_ context.Context, a server.Answered) { f(a) }

// withTokens is people of whom some come with a token.
type withTokens struct{ person }

func (withTokens) TokenID() string { return "the id" }

// ask sends a request of somebody and returns the answer.
func ask(s *server.Server, method, path, authorization, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.RemoteAddr = "192.0.2.1:4000"
	r.Header.Set("User-Agent", "a tool")
	r.Header.Set("X-Request-Id", "an-id")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	if body != "" {
		r.Header.Set("Content-Type", taxii.MediaType)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// Each request is told once, with who it was, where it went and what came of it.
func TestRecorder_IsToldOfEveryRequest(t *testing.T) {
	const rw = "/api/collections/" + idRW + "/"
	const mutex = "mutex--a1b2c3d4-0000-4000-8000-000000000001"
	object := `{"objects":[{"type":"mutex","spec_version":"2.1","id":"` + mutex + `","name":"m"},{}]}`
	after := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, test := range map[string]struct {
		method, path, authorization, body string
		want                              server.Answered
	}{
		"Discovery": {"GET", "/taxii2/", "", "", server.Answered{Endpoint: "discovery", Status: 200}},
		"Read": {"GET", rw + "objects/?limit=3&match[type]=x&next=abc", basic("kim"), "",
			server.Answered{Endpoint: "objects", Status: 400, User: "kim", Root: "api", Collection: idRW,
				Filter: taxii.Filter{Limit: 3, Types: []string{"x"}, Next: "abc"}}},
		"Empty": {"GET", rw + "objects/?added_after=2026-01-02T03:04:05Z", basic("kim"), "",
			server.Answered{Endpoint: "objects", Status: 200, User: "kim", Root: "api", Collection: idRW,
				Filter: taxii.Filter{AddedAfter: after}}},
		"Alias": {"GET", "/api/collections/shared/", basic("kim"), "",
			server.Answered{Endpoint: "collection", Status: 200, User: "kim", Root: "api", Collection: idRW}},
		"Hidden": {"GET", "/api/collections/" + idNone + "/objects/", basic("kim"), "",
			server.Answered{Endpoint: "objects", Status: 404, User: "kim", Root: "api", Collection: idNone}},
		"WithoutLogin": {"GET", "/members/", "", "",
			server.Answered{Endpoint: "api_root", Status: 401, Root: "members"}},
		"WrongPassword": {"GET", rw + "objects/", "Basic a2ltOndyb25n", "",
			server.Answered{Endpoint: "objects", Status: 401, LoginFailed: true, User: "kim", Root: "api",
				Collection: idRW}},
		"WrongToken": {"GET", rw + "objects/", "Bearer wrong", "",
			server.Answered{Endpoint: "objects", Status: 401, LoginFailed: true, Root: "api",
				Collection: idRW}},
		"Busy": {"GET", rw + "objects/", basic("busy"), "",
			server.Answered{Endpoint: "objects", Status: 429, User: "busy", Root: "api", Collection: idRW}},
		"Push": {"POST", rw + "objects/", basic("kim"), object,
			server.Answered{Endpoint: "push", Status: 202, User: "kim", Root: "api", Collection: idRW,
				Objects: 1, Refused: 1}},
		"BadPush": {"POST", rw + "objects/", basic("kim"), "{",
			server.Answered{Endpoint: "push", Status: 400, User: "kim", Root: "api", Collection: idRW}},
		"DeleteNothing": {"DELETE", rw + "objects/" + mutex + "/", basic("kim"), "",
			server.Answered{Endpoint: "delete", Status: 404, User: "kim", Root: "api", Collection: idRW,
				Object: mutex}},
		"Panic": {"GET", "/panic/", basic("kim"), "",
			server.Answered{Endpoint: "api_root", Status: 500, User: "kim", Root: "panic"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []server.Answered
			s, _ := newServer(t, server.Config{
				Limiter:  limits{},
				Recorder: recordFunc(func(a server.Answered) { got = append(got, a) }),
			})
			ask(s, test.method, test.path, test.authorization, test.body)
			test.want.ID, test.want.UserAgent, test.want.RemoteAddr = "an-id", "a tool", "192.0.2.1:4000"
			ignore := cmpopts.IgnoreFields(server.Answered{}, "Start")
			if diff := cmp.Diff([]server.Answered{test.want}, got, ignore); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
			if len(got) > 0 && got[0].Start.IsZero() {
				t.Error("told without a time")
			}
		})
	}
}

// Nobody is known at such a path, and nothing is given.
func TestRecorder_IsNotToldOfWhatNoServerHas(t *testing.T) {
	s, _ := newServer(t, server.Config{Recorder: recordFunc(func(a server.Answered) {
		t.Errorf("told of %+v", a)
	})})
	ask(s, "GET", "/a/b/c/d/e/f/", basic("kim"), "")
	ask(s, "PATCH", "/api/", basic("kim"), "")
}

// A page out of the cache was given like any other, with the same dates.
func TestRecorder_IsToldOfPagesOfTheCache(t *testing.T) {
	var got []server.Answered
	st := newStore(t)
	seed(t, st, "rw")
	page, err := st.Page(t.Context(), "rw", store.Query{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	s, _ := newServer(t, server.Config{
		Store: st, Recorder: recordFunc(func(a server.Answered) { got = append(got, a) }),
	})
	for range 4 { // read, read and kept, kept, kept
		ask(s, "GET", "/api/collections/"+idRW+"/objects/?limit=2", basic("kim"), "")
	}
	for i, a := range got {
		if a.Objects != 2 || !a.First.Equal(page.Entries[0].DateAdded) ||
			!a.Last.Equal(page.Entries[1].DateAdded) {
			t.Errorf("poll %d: %d objects from %v to %v, want %v to %v", i, a.Objects, a.First, a.Last,
				page.Entries[0].DateAdded, page.Entries[1].DateAdded)
		}
	}
	if len(got) != 4 {
		t.Errorf("told %d times of 4 polls", len(got))
	}
}

// Who has an answer can rely on the record: it comes first.
func TestRecorder_IsToldBeforeTheAnswerGoesOut(t *testing.T) {
	w := httptest.NewRecorder()
	told := false
	s, _ := newServer(t, server.Config{Recorder: recordFunc(func(server.Answered) {
		told = true
		if w.Body.Len() > 0 || len(w.Header()) > 0 {
			t.Error("the answer went out first")
		}
	})})
	s.ServeHTTP(w, httptest.NewRequest("GET", "/taxii2/", nil))
	if !told || w.Body.Len() == 0 {
		t.Error("no record, or no answer")
	}
}

// tokens is an Access of one user who comes with a token.
type tokens struct{}

func (tokens) Authenticate(r *http.Request) (server.Caller, error) {
	return withTokens{person("kim")}, nil
}

func TestRecorder_IsToldTheToken(t *testing.T) {
	var got string
	s, _ := newServer(t, server.Config{
		Access: tokens{}, Recorder: recordFunc(func(a server.Answered) { got = a.User + " " + a.Token }),
	})
	ask(s, "GET", "/api/", "Bearer secret", "")
	if got != "kim the id" {
		t.Errorf("told %q, want the user and the id", got)
	}
}
