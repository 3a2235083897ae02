package access_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

const (
	releasedID  = "00000000-0000-4000-8000-0000000000c1"
	releasedKey = "api/" + releasedID
	amberMark   = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
	greenMark   = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	lateMark    = "marking-definition--00000000-0000-4000-9000-000000000001"
)

// hookedStore lets a test act in between, and counts pages that are no look at definitions.
type hookedStore struct {
	store.Store
	beforePage, afterAdd func()
	pages                int
}

func (s *hookedStore) Page(ctx context.Context, c string, q store.Query) (store.Page, error) {
	if q.IDs == nil {
		s.pages++
		once(&s.beforePage)
	}
	return s.Store.Page(ctx, c, q)
}

func (s *hookedStore) Add(
	ctx context.Context, c string, objects []store.Incoming,
) ([]store.Added, error) {
	added, err := s.Store.Add(ctx, c, objects)
	once(&s.afterAdd)
	return added, err
}

func once(hook *func()) {
	if do := *hook; do != nil {
		*hook = nil
		do()
	}
}

// community is a server with a collection that is released by marking: alice and adam are cleared
// for amber, greta for green.
type community struct {
	*server.Server
	t     *testing.T
	store *hookedStore
}

func newCommunity(t *testing.T) *community {
	t.Helper()
	c := &community{t: t, store: &hookedStore{Store: newStore(t)}}
	d, err := access.Open(t.Context(), c.store, access.Options{})
	check(t, err)
	_, err = d.PutRoot(t.Context(), access.Root{Name: "api"})
	check(t, err)
	_, _, err = d.PutCollection(t.Context(), access.Collection{
		Root: "api", ID: releasedID, Title: "Released", Read: []string{"members"},
		Write: []string{"members"}, Release: access.ReleaseRule{By: "marking"}, Validation: "off",
	})
	check(t, err)
	for name, clearance := range map[string]string{"alice": "amber", "adam": "amber", "greta": "green"} {
		_, err := d.PutUser(t.Context(), access.User{
			Name: name, Groups: []string{"members"}, Clearance: clearance,
			PasswordHash: access.HashPassword(name),
		})
		check(t, err)
	}
	c.Server, err = server.New(server.Config{Store: c.store, Access: d})
	check(t, err)
	return c
}

// ask sends a request as a user, with an envelope if there are objects.
func (c *community) ask(user, method, query string, objects ...string) *httptest.ResponseRecorder {
	c.t.Helper()
	body := `{"objects":[` + strings.Join(objects, ",") + `]}`
	r := httptest.NewRequestWithContext(c.t.Context(), method,
		"/api/collections/"+releasedID+"/objects/?"+query, strings.NewReader(body))
	r.SetBasicAuth(user, user)
	r.Header.Set("Content-Type", taxii.MediaType)
	answer := httptest.NewRecorder()
	c.ServeHTTP(answer, r)
	if answer.Code >= http.StatusBadRequest {
		c.t.Fatalf("%s %s: %d %s", method, query, answer.Code, answer.Body)
	}
	return answer
}

func (c *community) add(objects ...string) {
	c.t.Helper()
	for _, text := range objects {
		o, err := stix.Parse([]byte(text))
		check(c.t, err)
		_, err = c.store.Store.Add(c.t.Context(), releasedKey, []store.Incoming{store.Received(o)})
		check(c.t, err)
	}
}

func markedObject(n int, marks ...string) string {
	return fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"indicator--`+
		`00000000-0000-4000-a000-%012d","created":"2026-01-01T00:00:00.000Z",`+
		`"modified":"2026-01-01T00:00:00.000Z","object_marking_refs":["%s"]}`,
		n, strings.Join(marks, `","`))
}

const lateDefinition = `{"type":"marking-definition","spec_version":"2.1","id":"` + lateMark +
	`","created":"2026-01-01T00:00:00.000Z","definition_type":"statement",` +
	`"definition":{"statement":"Be kind."}}`

// A definition that arrives between the look for it and the page counts for that page: else the
// objects that came with it would be lost to a poller who goes on after them.
func TestReleased_SecondLookFindsLateDefinitions(t *testing.T) {
	c := newCommunity(t)
	c.add(markedObject(1, greenMark, lateMark), markedObject(2, greenMark))
	before := c.ask("alice", http.MethodGet, "").Body.String()
	if strings.Contains(before, lateMark) {
		t.Fatalf("released without a definition: %s", before)
	}
	c.store.beforePage = func() {
		c.add(lateDefinition, markedObject(3, greenMark, lateMark), markedObject(4, greenMark))
	}
	got := c.ask("alice", http.MethodGet, "").Body.String()
	if !strings.Contains(got, "000000000003") || !strings.Contains(got, "000000000004") {
		t.Errorf("a page with what came meanwhile: %s", got)
	}
}

// A stricter definition that arrives in between counts, too: else what came with it would be out.
func TestReleased_SecondLookFindsStricterDefinitions(t *testing.T) {
	c := newCommunity(t)
	c.add(lateDefinition, markedObject(1, greenMark, lateMark))
	for range 2 { // the second time, the verdict is remembered
		if got := c.ask("greta", http.MethodGet, "").Body.String(); !strings.Contains(got, lateMark) {
			t.Fatalf("not released by a statement: %s", got)
		}
	}
	stricter := strings.Replace(lateDefinition, `"2026-01-01T00:00:00.000Z"`,
		`"2026-01-02T00:00:00.000Z","object_marking_refs":["`+amberMark+`"]`, 1)
	c.store.beforePage = func() { c.add(stricter, markedObject(2, greenMark, lateMark)) }
	got := c.ask("greta", http.MethodGet, "limit=10").Body.String()
	if strings.Contains(got, "000000000002") {
		t.Errorf("released against its definition: %s", got)
	}
}

// A writer cannot let out by definitions what others marked, nor take definitions away.
func TestReleased_WritersDoNotLetOut(t *testing.T) {
	c := newCommunity(t)
	c.add(markedObject(1, lateMark), lateDefinition)
	public := `{"type":"marking-definition","spec_version":"2.1","id":"` + lateMark + `",` +
		`"created":"2026-01-03T00:00:00.000Z","extensions":{"extension-definition--3a65884d-005a-4290-` +
		`8335-cb2d778a83ce":{"extension_type":"property-extension","identifier":"isa:guide.19001.x",` +
		`"create_date_time":"2026-01-03T00:00:00.000Z","responsible_entity_custodian":"USA.EXA",` +
		`"policy_reference":"urn:isa:policy:acs:ns:v3.0?privdefault=permit&sharedefault=permit",` +
		`"control_set":{"classification":"U","formal_determination":["PUBREL"]}}}}`
	c.ask("greta", http.MethodPost, "", public)
	if got := c.ask("greta", http.MethodGet, "").Body.String(); strings.Contains(got, "indicator") {
		t.Errorf("let out by a definition: %s", got)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodDelete,
		"/api/collections/"+releasedID+"/objects/"+lateMark+"/", nil)
	r.SetBasicAuth("greta", "greta")
	answer := httptest.NewRecorder()
	c.ServeHTTP(answer, r)
	if answer.Code != http.StatusForbidden {
		t.Errorf("delete of a definition: %d %s", answer.Code, answer.Body)
	}
}

// Whose object hardly anybody gets, because the collection cannot tell more markings apart, is told.
func TestReleased_TooManyMarkingsAreTold(t *testing.T) {
	c := newCommunity(t)
	var status taxii.Status
	for n := range store.MaxMarks + 1 {
		mark := fmt.Sprintf("marking-definition--00000000-0000-4000-9000-%012d", n)
		answer := c.ask("greta", http.MethodPost, "", markedObject(n, mark))
		check(t, json.Unmarshal(answer.Body.Bytes(), &status))
		told := strings.Contains(status.Successes[0].Message, "too many different markings")
		if want := n == store.MaxMarks; told != want {
			t.Fatalf("object %d: %q", n, status.Successes[0].Message)
		}
	}
}

// Those who are cleared for the same share pages that are kept, and nobody else gets them.
func TestReleased_KeptPagesAreForEqualsAlone(t *testing.T) {
	c := newCommunity(t)
	c.add(markedObject(1, greenMark), markedObject(2, amberMark), markedObject(3, greenMark))
	want := map[string]string{}
	for _, user := range []string{"alice", "greta", "alice", "greta"} {
		want[user] = c.ask(user, http.MethodGet, "limit=5").Body.String()
	}
	if strings.Contains(want["greta"], amberMark) || !strings.Contains(want["alice"], amberMark) {
		t.Fatalf("released: %v", want)
	}
	want["adam"] = want["alice"]
	read := c.store.pages
	for _, user := range []string{"greta", "adam", "alice", "greta", "adam"} {
		if got := c.ask(user, http.MethodGet, "limit=5").Body.String(); got != want[user] {
			t.Errorf("%s got %s, want %s", user, got, want[user])
		}
	}
	if c.store.pages != read {
		t.Errorf("%d pages were read again", c.store.pages-read)
	}
}

// A push that is too large for one step brings its definitions with the first: a poller who comes
// in between loses nothing of it.
func TestReleased_DefinitionsComeBeforeTheRestOfAPush(t *testing.T) {
	c := newCommunity(t)
	objects := make([]string, 5001, 5002)
	for i := range objects {
		objects[i] = markedObject(i, greenMark)
	}
	objects[10] = markedObject(10, greenMark, lateMark)
	var first *httptest.ResponseRecorder
	c.store.afterAdd = func() { first = c.ask("greta", http.MethodGet, "limit=5000") }
	c.ask("alice", http.MethodPost, "", append(objects, lateDefinition)...)
	rest := c.ask("greta", http.MethodGet, "added_after="+first.Header().Get("X-TAXII-Date-Added-Last"))
	got := first.Body.String() + rest.Body.String()
	if n := strings.Count(got, greenMark); n != len(objects) {
		t.Errorf("a poller got %d objects of %d", n, len(objects))
	}
}
