package excerpt_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// readers are those of the collection: what each is cleared for, and the lists that have them. The
// markings board and press are declared for the names that they have.
var readers = map[string]struct {
	level marking.Level
	names []string
}{
	"ann":  {marking.Clear, nil},
	"ben":  {marking.Green, []string{"board"}},
	"cleo": {marking.Amber, nil},
	"dan":  {marking.AmberStrict, []string{"press"}},
	"eve":  {marking.Red, nil},
	"fay":  {marking.Red, []string{"board", "press"}},
}

// access lets everybody of readers in by their name alone, and mia, who manages the collection.
type access struct {
	unmarked marking.Level
	redacted bool
}

func (a access) Authenticate(r *http.Request) (server.Caller, error) {
	name, _, _ := r.BasicAuth()
	return caller{a, name}, nil
}

type caller struct {
	access
	name string
}

func (c caller) Name() string { return c.name }

func (c caller) Roots() []server.Root { return []server.Root{{Name: "api", MaxContentLength: 1 << 20}} }

func (c caller) Root(name string) (server.Root, bool) { return c.Roots()[0], name == "api" }

func (c caller) Collections(string) []server.Collection {
	col := server.Collection{Key: collection, CanDelete: true, Collection: taxii.Collection{
		ID: "91a7b528-80eb-42ed-a74d-c6fbd5a26116", Title: "Shared", CanRead: true, CanWrite: true,
	}}
	if c.name != "mia" {
		col.Release = c.policy()
	}
	return []server.Collection{col}
}

func (c caller) Collection(root, id string) (server.Collection, bool) {
	all := c.Collections(root)
	return all[0], id == all[0].ID
}

func (c caller) policy() release.Policy {
	reader := readers[c.name]
	return release.Policy{
		Clearance: reader.level, Unmarked: c.unmarked, Redacted: c.redacted,
		Declared: release.Declare(map[string][]string{board: {"board"}, press: {"press"}}),
		Among: func(names []string) bool {
			return slices.ContainsFunc(names, func(name string) bool {
				return slices.Contains(reader.names, name)
			})
		},
	}
}

// site is a TAXII server in front of a store.
type site struct {
	t   testing.TB
	url string
}

func newSite(t testing.TB, s store.Store, who access) site {
	t.Helper()
	srv, err := server.New(server.Config{Store: s, Access: who})
	check(t, err)
	h := httptest.NewServer(srv)
	t.Cleanup(h.Close)
	return site{t, h.URL + "/api/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/"}
}

// do sends a request and returns the status and the body of the answer.
func (s site) do(user, method, path, body string) (status int, text string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	check(s.t, err)
	r.SetBasicAuth(user, "")
	r.Header.Set("Accept", taxii.MediaType)
	if body != "" {
		r.Header.Set("Content-Type", taxii.MediaType)
	}
	answer, err := http.DefaultClient.Do(r)
	check(s.t, err)
	defer answer.Body.Close()
	all, err := io.ReadAll(answer.Body)
	check(s.t, err)
	return answer.StatusCode, string(all)
}

// push pushes objects as mia does.
func (s site) push(objects ...string) {
	s.t.Helper()
	body := `{"objects":[` + strings.Join(objects, ",") + `]}`
	status, text := s.do("mia", http.MethodPost, "objects/", body)
	if status != http.StatusAccepted || !strings.Contains(text, `"failure_count":0`) {
		s.t.Fatalf("%d: %s", status, text)
	}
}

// object is what the tests look at of an object, and all that is said of it.
type object struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Modified    string   `json:"modified"`
	Revoked     bool     `json:"revoked"`
	Labels      []string `json:"labels"`
}

// poll returns what a user gets of the newest versions, in pages of two, and all bytes on the way.
func (s site) poll(user string) (objects []object, bytes string) {
	s.t.Helper()
	for next := ""; ; {
		status, text := s.do(user, http.MethodGet, "objects/?limit=2&next="+next, "")
		if status != http.StatusOK {
			s.t.Fatalf("%s gets %d: %s", user, status, text)
		}
		bytes += text
		var page struct {
			Objects []object `json:"objects"`
			Next    string   `json:"next"`
		}
		check(s.t, json.Unmarshal([]byte(text), &page))
		objects = append(objects, page.Objects...)
		if next = page.Next; next == "" {
			return objects, bytes
		}
	}
}
