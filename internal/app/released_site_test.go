package app_test

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/taxii"
)

// site is a server with the collections and callers of these tests.
type site struct {
	*running
	t      *testing.T
	people []person
	// rests are what cursors are made of beside positions, by collection and query: it must not
	// depend on who asks.
	rests map[string]string
	// slow is whether requests take so long that there can be only some.
	slow bool
	// Of every so many requests one is made. The number fits into no list of requests, so that each
	// is made on behalf of somebody.
	every, count int
	asked        int
}

// onEachStore runs a test with each store.
func onEachStore(t *testing.T, test func(s *site)) {
	for name, open := range map[string]func(t *testing.T) string{
		"Pebble":  func(t *testing.T) string { return "pebble:" + t.TempDir() },
		"MongoDB": func(t *testing.T) string { return mongotest.Start(t).Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := newConfig(t)
			cfg.Limits.LoginFailures, cfg.Limits.LoginFailuresAddress = 1e6, 1e6
			cfg.Limits.LoginFailuresUser = 1e6
			cfg.Store = open(t)
			s := &site{t: t, rests: map[string]string{}, every: 3}
			if s.slow = name == "MongoDB"; s.slow {
				s.every = 61
			}
			s.running = runApp(t, cfg)
			_, err := s.Admin().Apply(t.Context(), resources())
			check(t, err)
			s.people = people(t, s.running)
			test(s)
			t.Logf("%d requests", s.asked)
		})
	}
}

// fill adds objects with their dates to a collection, given as root and id.
func (s *site) fill(collection string, all []held) {
	s.t.Helper()
	var text strings.Builder
	for _, h := range all {
		text.WriteString(`{"date_added":` + quoted(h.added.Format(microseconds)) + `,"object":` + h.raw + "}\n")
	}
	counts, err := s.Admin().Import(s.t.Context(), collection, true, strings.NewReader(text.String()),
		func(f admin.ImportFailure) { s.t.Errorf("not imported: %+v", f) })
	check(s.t, err)
	if counts.Added != len(all) {
		s.t.Fatalf("imported %+v of %d", counts, len(all))
	}
}

// twin makes a collection for everybody that never had anything but these objects.
func (s *site) twin(id string, all []held) {
	s.t.Helper()
	_, err := s.Admin().Apply(s.t.Context(), config.Resources{Collections: []access.Collection{
		{Root: "twins", ID: id, Title: "Twin", Read: []string{access.Anyone}},
	}})
	check(s.t, err)
	s.fill("twins/"+id, all)
}

// skip reports whether this time a request is left out.
func (s *site) skip() bool {
	s.count++
	return s.count%s.every != 0
}

// few are all people, or some where requests take long.
func (s *site) few() []person {
	if !s.slow {
		return s.people
	}
	return []person{s.person("nobody"), s.person("greta"), s.person("cira")}
}

// answer is what came back.
type answer struct {
	*http.Response
	text string
}

// ask sends a request; a body is pushed as an envelope.
func (s *site) ask(p person, method, path, body string) answer {
	s.t.Helper()
	a, err := s.askBy(s.t, p, method, path, body)
	check(s.t, err)
	s.asked++
	return a
}

// askBy is ask for goroutines of the test.
func (s *site) askBy(t *testing.T, p person, method, path, body string) (answer, error) {
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if p.headers != nil {
		r.Header = p.headers.Clone()
	}
	r.Header.Set("Accept-Encoding", "identity")
	if body != "" {
		r.Header.Set("Content-Type", taxii.MediaType)
	}
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	return answer{got, string(text)}, err
}

var nextInBody = regexp.MustCompile(`^\{"more":true,"next":"([^"]*)"`)

// page takes a paged answer apart.
func (a answer) page() (p page, next string) {
	p = page{Status: a.StatusCode, Body: a.text}
	p.First = a.Header.Get("X-TAXII-Date-Added-First")
	p.Last = a.Header.Get("X-TAXII-Date-Added-Last")
	if found := nextInBody.FindStringSubmatch(a.text); found != nil {
		next = found[1]
		p.Body = `{"more":true` + a.text[len(found[0]):]
	}
	return p, next
}

// check compares a paged answer with the one that is expected, and returns its cursor.
func (s *site) check(what string, want page, a answer) (next string) {
	s.t.Helper()
	got, next := a.page()
	if want.Status >= http.StatusBadRequest && want.Body == "" {
		got.Body = "" // compared elsewhere
	}
	if diff := gocmp.Diff(want, got, gocmp.FilterPath(isEnd, gocmp.Ignore())); diff != "" {
		s.t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
	if length := a.Header.Get("Content-Length"); length != strconv.Itoa(len(a.text)) {
		s.t.Fatalf("%s: Content-Length %s of %d bytes", what, length, len(a.text))
	}
	if (next == "") != (want.end == nil) {
		s.t.Fatalf("%s: next is %q", what, next)
	}
	return next
}

func isEnd(p gocmp.Path) bool { return p.String() == "end" }

// opened takes a cursor apart: the position that the next page starts after, and the rest.
func opened(t *testing.T, cursor string) (position uint64, rest string) {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	check(t, err)
	const head, sum = 9, 4
	position, n := binary.Uvarint(b[head:])
	return position, string(b[:head]) + string(b[head+n:len(b)-sum])
}

// learnPositions has somebody who sees everything walk through a collection one by one.
func (s *site) learnPositions(id string, all []held) {
	s.t.Helper()
	q := query{limit: 1, versions: []string{"all"}, spec: []string{"2.0", "2.1"}}
	path, next := objectsOf("shared", id)+"?"+q.String(), ""
	for i := range all {
		got, cursor := s.ask(s.person("boss"), http.MethodGet, path+"&next="+next, "").page()
		if !strings.Contains(got.Body, all[i].raw) {
			s.t.Fatalf("entry %d is %s, want %s", i, got.Body, all[i].raw)
		}
		if next = cursor; next != "" {
			all[i].position, _ = opened(s.t, next)
		}
	}
}

func objectsOf(root, id string) string { return "/" + root + "/collections/" + id + "/objects/" }

func (s *site) person(name string) person {
	s.t.Helper()
	for _, p := range s.people {
		if p.name == name {
			return p
		}
	}
	s.t.Fatalf("nobody is called %s", name)
	return person{}
}

// released is what there is for somebody in one of the collections.
func released(all []held, id string, to reader) (visible []held) {
	j := judge{unmarked: cmp.Or(unmarkedIn[id], redLevel), declared: declaredMarkings()}
	for _, h := range all {
		j.all = append(j.all, h.object)
	}
	for _, h := range all {
		if j.releases(h.object, to) {
			visible = append(visible, h)
		}
	}
	return visible
}
