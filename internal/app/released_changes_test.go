package app_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/taxii"
)

// The status of a push says nothing of what the collection had: an id or a version that is held
// back from its sender gets the answer that a new one gets.
func TestReleased_PushTellsNothing(t *testing.T) {
	onEachStore(t, func(s *site) {
		s.fill("shared/"+closedID, corpus(s.t))
		greta := s.person("greta")
		known := []string{
			indicator("2.1", "stricter", 5, marked("green")), // there, red
			indicator("2.1", "laxer", 1, marked("clear")),    // there, red
			indicator("2.1", "stricter", 1, marked("clear")), // there, and greta may know it
			indicator("2.1", "none", 1, ""),
			`{"type":"ipv4-addr","id":"` + addressID("red") + `","value":"192.0.2.1"}`,
			definition("nobody's", statement), definition("circle", statement),
		}
		var fresh []string
		for _, raw := range known {
			fresh = append(fresh, strings.NewReplacer(
				"-0000-4000-8000-", "-0000-4000-8001-", "-0000-5000-8000-", "-0000-5000-8001-",
				"-0000-4000-9000-", "-0000-4000-9001-").Replace(raw))
		}
		for range 2 {
			old, _ := s.push(greta, closedID, known...)
			got, path := s.push(greta, closedID, fresh...)
			for i := range got.Successes {
				got.Successes[i].ID = old.Successes[i].ID
				old.Successes[i].Version, got.Successes[i].Version = sameDay(old, i), sameDay(got, i)
			}
			old.ID, old.RequestTimestamp, got.RequestTimestamp = got.ID, nil, nil
			if diff := cmp.Diff(old, got); diff != "" {
				s.t.Errorf("status of known (-) and new (+) objects:\n%s", diff)
			}
			s.checkStatusOf(path)
		}
		for i, p := range s.people {
			s.checkPush(p, indicator("2.1", "pushed", i, marked("red")))
		}
	})
}

// checkPush has somebody push an object, whom it may be hidden from afterwards.
func (s *site) checkPush(p person, raw string) {
	s.t.Helper()
	for _, id := range []string{closedID, openID, secretID} {
		want := p.refusal(id, "w")
		if want == 0 {
			want = http.StatusAccepted
		}
		got := s.ask(p, http.MethodPost, objectsOf("shared", id), `{"objects":[`+raw+`]}`)
		if got.StatusCode != want {
			s.t.Errorf("%s: push to %s is %d %s, want %d", p.name, id, got.StatusCode, got.text, want)
		}
	}
}

// sameDay is the version that a status tells, or a word for when the push came: an address has no
// version of its own.
func sameDay(status taxii.Status, i int) string {
	if status.Successes[i].Version == status.RequestTimestamp.String() {
		return "of the request"
	}
	return status.Successes[i].Version
}

// checkStatusOf has everybody ask for the status of a push by greta.
func (s *site) checkStatusOf(path string) {
	s.t.Helper()
	for _, p := range s.people {
		want := http.StatusNotFound
		switch {
		case p.wrong, p.anonymous():
			want = http.StatusUnauthorized
		case p.user == "greta", p.may(closedID, "m"):
			want = http.StatusOK
		}
		if got := s.ask(p, http.MethodGet, path, ""); got.StatusCode != want {
			s.t.Errorf("%s: status of a push is %d, want %d", p.name, got.StatusCode, want)
		}
	}
}

func addressID(word string) string {
	return strings.Replace(indicatorID(word), "indicator", "ipv4-addr", 1)
}

// push pushes objects and returns the status, and where it can be read again.
func (s *site) push(p person, id string, raws ...string) (status taxii.Status, path string) {
	s.t.Helper()
	got := s.ask(p, http.MethodPost, objectsOf("shared", id), `{"objects":[`+strings.Join(raws, ",")+`]}`)
	if got.StatusCode != http.StatusAccepted {
		s.t.Fatalf("%s: push is %d %s", p.name, got.StatusCode, got.text)
	}
	check(s.t, json.Unmarshal([]byte(got.text), &status))
	return status, "/shared/status/" + status.ID + "/"
}

// Who deletes, deletes what is released to that user and not more; what is held back is not found.
func TestReleased_DeleteTakesWhatIsReleased(t *testing.T) {
	onEachStore(t, func(s *site) {
		all := corpus(s.t)
		s.fill("shared/"+closedID, all)
		greta, rufus := s.person("greta"), s.person("rufus")
		for _, step := range []struct {
			who    person
			object string
			query  query
		}{
			{greta, "red and clear", query{}}, {greta, "own missing", query{}}, {greta, "unknown", query{}},
			{greta, "stricter", query{versions: []string{"last"}}}, {greta, "stricter", query{}},
			{greta, "stricter", query{}}, {greta, "laxer", query{versions: []string{"first"}}},
			{greta, "laxer", query{versions: []string{versionText(1)}}}, {greta, "better", query{}},
			{greta, "superseded", query{spec: []string{"2.0"}, versions: []string{"first"}}},
			{greta, "all hidden", query{versions: []string{"all"}}}, {rufus, "mixed", query{}},
			{rufus, "laxer", query{versions: []string{"last"}}}, {rufus, "stricter", query{}},
			{rufus, "old", query{}}, {rufus, "none", query{}}, {greta, "2.0 clear", query{}},
			{s.person("willy"), "tlp clear", query{}}, {s.person("plain"), "tlp clear", query{}},
			{s.person("boss"), "all hidden", query{}}, {s.person("nobody"), "tlp clear", query{}},
			{s.person("token of greta for w and "), "tlp clear", query{}},
			{s.person("token of rufus for  and r"), "tlp clear", query{}},
			{s.person("token of boss for r and r"), "tlp clear", query{}},
			{s.person("token of rufus for rw and "), "2.0 red", query{}},
			{s.person("wrong password"), "tlp clear", query{}}, {s.person("strange"), "tlp clear", query{}},
		} {
			all = s.delete(step.who, indicatorID(step.object), step.query, all)
			s.checkList("boss", all)
		}
		for _, name := range []string{"greta", "rufus", "cira", "stella"} {
			s.checkList(name, all)
		}
	})
}

// delete deletes, compares the answer and returns what must be left.
func (s *site) delete(p person, object string, q query, all []held) (left []held) {
	s.t.Helper()
	want, says := p.refusal(closedID, "r"), "no such collection"
	if want == 0 && !p.may(closedID, "w") {
		want = http.StatusForbidden
	}
	going := map[string]bool{}
	if want == 0 {
		for _, h := range toDelete(released(all, closedID, p.reader), object, q) {
			going[h.raw] = true
		}
		if want = http.StatusOK; len(going) == 0 {
			want, says = http.StatusNotFound, "no such object, or no such version of it"
		}
	}
	path := objectsOf("shared", closedID) + object + "/?" + q.String()
	got := s.ask(p, http.MethodDelete, path, "")
	if got.StatusCode != want || want == http.StatusOK && got.text != "" ||
		want == http.StatusNotFound && !strings.Contains(got.text, says) {
		s.t.Errorf("%s: DELETE %s is %d %s, want %d", p.name, path, got.StatusCode, got.text, want)
	}
	return slices.DeleteFunc(slices.Clone(all), func(h held) bool { return going[h.raw] })
}

// toDelete is all of an object unless the query says which versions.
func toDelete(visible []held, object string, q query) []held {
	if q.versions == nil {
		q.versions = []string{"all"}
	}
	if q.spec == nil && q.versions[0] == "all" {
		q.spec = []string{"2.0", "2.1"}
	}
	q.ids = []string{object}
	return chosen(visible, q)
}

// checkList compares all that somebody has of the closed collection.
func (s *site) checkList(name string, all []held) {
	s.t.Helper()
	p := s.person(name)
	visible := released(all, closedID, p.reader)
	for _, q := range []query{{}, {versions: []string{"all"}, spec: []string{"2.0", "2.1"}}} {
		want, _ := pageOf("objects", chosen(visible, q), 0)
		s.check(name, want, s.ask(p, http.MethodGet, objectsOf("shared", closedID)+"?"+q.String(), ""))
	}
}

// More combinations of markings than a store tells apart are for those who manage the collection
// alone, whoever else would be cleared for them.
func TestReleased_TooManyMarkings(t *testing.T) {
	onEachStore(t, func(s *site) {
		raws := []string{definition("public", acs(`"PUBREL"`)), definition("statement", statement)}
		names := []string{"public", "statement", "anyone's"} // all that plain is cleared for
		levels := []string{"clear"}
		for i := range 70 { // each makes another combination, of definitions that are there
			name := "p" + strings.Repeat("x", i)
			raws = append(raws, definition(name, acs(`"PUBREL"`)), indicator("2.1", name, 1, marked(name)))
		}
		for _, name := range append(names, levels...) {
			raws = append(raws, indicator("2.1", name, 1, marked(name)))
		}
		all := dated(s.t, raws)
		s.fill("shared/"+closedID, all)
		s.checkList("boss", all)
		for _, name := range []string{"plain", "rufus"} {
			want, _ := pageOf("objects", firstMarks(released(all, closedID, s.person(name).reader), all), 0)
			s.check(name, want, s.ask(s.person(name), http.MethodGet, objectsOf("shared", closedID), ""))
		}
	})
}

// firstMarks leaves those objects whose markings are among the first 63 combinations of all.
func firstMarks(visible, all []held) (kept []held) {
	texts := map[string]bool{}
	for _, h := range all {
		if text := marksText(h); len(texts) < 63 {
			texts[text] = true
		}
	}
	for _, h := range visible {
		if texts[marksText(h)] {
			kept = append(kept, h)
		}
	}
	return kept
}

func marksText(h held) string {
	level, others, _ := markings(h.object)
	slices.Sort(others)
	return string(rune('0'+level)) + strings.Join(others, ",")
}
