package mutants_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/conformance/mutants"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client talks to one server as one user, and knows nothing of TAXII.
type client struct {
	t      *testing.T
	server *mutants.Server
	http   *http.Client
	who    mutants.Account
}

// answer is what came back, with the body decoded when it was JSON.
type answer struct {
	code   int
	header http.Header
	raw    string
	body   map[string]any
}

func start(t *testing.T, s *mutants.Server) *client {
	t.Helper()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		s.Close()
	})
	return &client{t: t, server: s, http: &http.Client{Transport: transport}, who: s.User()}
}

// as is the same client with other credentials.
func (c *client) as(who mutants.Account) *client {
	other := *c
	other.who = who
	return &other
}

// objects is the path of the objects of a collection, with more behind it.
func objects(collection, more string) string {
	return "/api1/collections/" + collection + "/objects/" + more
}

func (c *client) get(path string, header ...string) answer {
	c.t.Helper()
	return c.send(http.MethodGet, path, "", header...)
}

func (c *client) post(path, body string, header ...string) answer {
	c.t.Helper()
	header = append([]string{"Content-Type", "application/taxii+json;version=2.1"}, header...)
	return c.send(http.MethodPost, path, body, header...)
}

func (c *client) send(method, path, body string, header ...string) answer {
	c.t.Helper()
	r, err := http.NewRequest(method, c.server.URL()+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.SetBasicAuth(c.who.Name, c.who.Password)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.http.Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := answer{code: resp.StatusCode, header: resp.Header, raw: string(raw)}
	in := json.NewDecoder(bytes.NewReader(raw))
	in.UseNumber()
	_ = in.Decode(&a.body) // some answers have no body
	return a
}

// ids are the ids of the objects of an envelope or manifest, or the strings of a list.
func (a answer) ids(list string) []string {
	var ids []string
	values, _ := a.body[list].([]any)
	for _, v := range values {
		switch v := v.(type) {
		case string:
			ids = append(ids, v)
		case map[string]any:
			ids = append(ids, v["id"].(string))
		}
	}
	return ids
}

func mustBe(t *testing.T, a answer, code int) {
	t.Helper()
	if a.code != code {
		t.Fatalf("got %d, want %d: %s", a.code, code, a.raw)
	}
}
