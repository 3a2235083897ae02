package app_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/taxii"
)

// Whoever asks, for whatever, gets what the naive rules make of the objects that the naive judge
// releases: each answer whole, with its headers and errors. The same goes for a collection that
// never had any other objects, so that what is held back leaves no trace.
func TestReleased_Matrix(t *testing.T) {
	onEachStore(t, func(s *site) {
		all := corpus(s.t)
		for _, id := range []string{closedID, openID} {
			s.fill("shared/"+id, all)
			s.learnPositions(id, all)
		}
		s.checkEverybody(all)
		s.checkTwins(all)
		// What all callers are cleared for without a log-in counts at once.
		_, err := s.Admin().PutGroup(s.t.Context(), access.Group{Name: access.Anyone, Clearance: "green"})
		check(s.t, err)
		for i := range s.people {
			s.people[i].level = max(s.people[i].level, greenLevel)
		}
		for _, name := range []string{"nobody", "plain", "clara", "willy", "wrong password"} {
			if !s.slow {
				s.checkSomebody(s.person(name), all)
			}
		}
	})
}

func (s *site) checkEverybody(all []held) {
	s.t.Helper()
	for _, p := range s.few() {
		s.checkSomebody(p, all)
	}
}

func (s *site) checkSomebody(p person, all []held) {
	s.t.Helper()
	s.checkListings(p)
	for _, id := range []string{closedID, openID} {
		s.checkCollection(p, "shared", id, all, released(all, id, p.reader))
	}
	for _, id := range []string{vacantID, secretID} {
		s.checkCollection(p, "shared", id, all, nil)
	}
}

// checkTwins compares with collections that have no more than what is released.
func (s *site) checkTwins(all []held) {
	s.t.Helper()
	made := map[string]bool{}
	for i, p := range s.few() {
		if p.wrong || !p.may(closedID, "r") {
			continue
		}
		visible := released(all, closedID, p.reader)
		if key := fmt.Sprint(positions(visible)); !made[key] {
			made[key] = true
			id := fmt.Sprintf("6e1f5a00-0000-4000-9000-%012d", i)
			s.twin(id, visible)
			p.rights = map[string]string{id: "r"}
			s.checkCollection(p, "twins", id, all, visible)
		}
	}
	if !s.slow && len(made) < 8 {
		s.t.Errorf("only %d kinds of readers", len(made))
	}
}

func positions(all []held) (list []uint64) {
	for _, h := range all {
		list = append(list, h.position)
	}
	return list
}

// checkListings asks for what says which collections there are.
func (s *site) checkListings(p person) {
	s.t.Helper()
	var seen []taxii.Collection
	for _, c := range []taxii.Collection{
		{ID: closedID, Alias: "closed", Title: "Closed"}, {ID: openID, Alias: "open", Title: "Open"},
	} {
		c.CanRead, c.CanWrite = p.may(c.ID, "r"), p.may(c.ID, "w")
		c.MediaTypes = []string{taxii.STIXMediaType}
		want := 200
		if seen = append(seen, c); p.rights[c.ID] == "" || p.wrong {
			seen = seen[:len(seen)-1]
			want = p.refusal(c.ID, "r")
		}
		for _, name := range []string{c.ID, c.Alias} {
			s.checkJSON(p, "/shared/collections/"+name+"/", want, c)
		}
	}
	hidden := s.person("plain").refusal(secretID, "r")
	if p.wrong || p.anonymous() {
		hidden = http.StatusUnauthorized
	}
	s.checkJSON(p, "/secret/", hidden, nil)
	s.checkJSON(p, "/secret/collections/", hidden, nil)
	status := 200
	if p.wrong {
		status = http.StatusUnauthorized
	}
	s.checkJSON(p, "/shared/collections/", status, taxii.Collections{Collections: seen})
	if got := s.ask(p, http.MethodGet, "/taxii2/", ""); got.StatusCode != status ||
		strings.Contains(got.text, "secret") || strings.Contains(got.text, "shared") == p.wrong {
		s.t.Errorf("%s: discovery is %d %s", p.name, got.StatusCode, got.text)
	}
}

func (s *site) checkJSON(p person, path string, status int, want any) {
	s.t.Helper()
	got := s.ask(p, http.MethodGet, path, "")
	if got.StatusCode != status {
		s.t.Errorf("%s: %s is %d %s, want %d", p.name, path, got.StatusCode, got.text, status)
	}
	if status >= http.StatusBadRequest {
		return
	}
	text, err := json.Marshal(want)
	check(s.t, err)
	if diff := cmp.Diff(string(text), got.text); diff != "" {
		s.t.Errorf("%s: %s (-want +got):\n%s", p.name, path, diff)
	}
}

// checkCollection asks all that can be asked of one collection.
func (s *site) checkCollection(p person, root, id string, all, visible []held) {
	s.t.Helper()
	if !s.checkRefusals(p, root, id) {
		return
	}
	for _, q := range queries(all) {
		for _, endpoint := range []string{"objects", "manifest"} {
			if s.skip() {
				continue
			}
			path := "/" + root + "/collections/" + id + "/" + endpoint + "/"
			s.walk(p, path, endpoint, chosen(visible, q), q)
		}
	}
	ids := []string{indicatorID("unknown")}
	for _, h := range all {
		ids = append(ids, h.id)
	}
	slices.Sort(ids)
	for _, object := range slices.Compact(ids) {
		s.checkObject(p, objectsOf(root, id)+object+"/", object, visible)
	}
}

// checkRefusals compares refusals with those for a collection that does not exist, and reports
// whether there are none.
func (s *site) checkRefusals(p person, root, id string) bool {
	s.t.Helper()
	want := p.refusal(id, "r")
	for _, path := range []string{
		"objects/", "manifest/", "objects/" + indicatorID("none") + "/", "objects/" + indicatorID("stricter") + "/",
		"objects/" + indicatorID("stricter") + "/versions/", "objects/?limit=1&match[version]=all",
	} {
		if want == 0 {
			return true
		}
		got := s.ask(p, http.MethodGet, "/"+root+"/collections/"+id+"/"+path, "")
		s.check(p.name+" "+path, page{Status: want}, got)
		unknown := s.ask(p, http.MethodGet, "/"+root+"/collections/"+vacantID+"/"+path, "")
		if want != http.StatusForbidden && got.text != unknown.text {
			s.t.Errorf("%s: %s is %s, and of no collection %s", p.name, path, got.text, unknown.text)
		}
	}
	return want == 0
}

// checkObject asks for one object. One that is held back is as unknown as any.
func (s *site) checkObject(p person, path, id string, visible []held) {
	s.t.Helper()
	known := slices.ContainsFunc(visible, func(h held) bool { return h.id == id })
	for _, q := range objectQueries(id) {
		for endpoint, at := range map[string]string{"objects": path, "versions": path + "versions/"} {
			if s.skip() {
				continue
			}
			if !known {
				s.checkUnknown(p, at, q)
				continue
			}
			one := q // of which types and ids do not count (§5.6)
			if one.ids, one.types = []string{id}, nil; endpoint == "versions" {
				one.versions = []string{"all"}
			}
			s.walk(p, at, endpoint, chosen(visible, one), q)
		}
	}
}

func (s *site) checkUnknown(p person, path string, q query) {
	s.t.Helper()
	const body = `{"title":"Not Found","description":"The collection has no such object.",` +
		`"http_status":"404"}`
	got := s.ask(p, http.MethodGet, path+"?"+q.String(), "")
	s.check(p.name+" "+path, page{Status: http.StatusNotFound, Body: body}, got)
}

// walk reads all pages of a query and compares each.
func (s *site) walk(p person, path, endpoint string, matches []held, q query) {
	s.t.Helper()
	next := ""
	for {
		var want page
		want, matches = pageOf(endpoint, matches, q.limit)
		what := p.name + " " + path + "?" + q.String() + " after " + next
		url := path + "?" + q.String()
		if next != "" {
			url += "&next=" + next
		}
		next = s.check(what, want, s.ask(p, http.MethodGet, url, ""))
		if next == "" {
			return
		}
		s.checkCursor(what, path+q.String(), next, want.end.position)
	}
}

// checkCursor sees that a cursor tells of nothing but the last entry that its reader was given.
func (s *site) checkCursor(what, query, next string, position uint64) {
	s.t.Helper()
	got, rest := opened(s.t, next)
	if !strings.Contains(what, "/twins/") && got != position {
		s.t.Fatalf("%s: the cursor is at %d, the last entry at %d", what, got, position)
	}
	if known, ok := s.rests[query]; ok && known != rest {
		s.t.Fatalf("%s: the cursor is made of %q, that of another of %q", what, rest, known)
	}
	s.rests[query] = rest
}
