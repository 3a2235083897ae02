package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// asked is a request as it may come over the network: what net/http would not hand to a handler
// cannot be made.
type asked struct {
	method, target string // the target as it stands in the request line
	header         http.Header
	body           string
}

// ask returns the answer, or nil for a target that net/http refuses.
func (a asked) ask(h http.Handler) *httptest.ResponseRecorder {
	u, err := url.ParseRequestURI(a.target)
	if err != nil || strings.ContainsAny(a.target, " \r\n") {
		return nil
	}
	r := httptest.NewRequest(a.method, "/", strings.NewReader(a.body))
	r.URL, r.RequestURI = u, a.target
	r.Header = a.header
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// isAnswer reports an answer that no request may get: one of another status than those, or with a
// body that is no TAXII resource, or that is longer than anything there is to be said.
func isAnswer(t *testing.T, a asked, w *httptest.ResponseRecorder, statuses ...int) {
	t.Helper()
	const most = 64 << 10
	if !slices.Contains(statuses, w.Code) {
		t.Errorf("%s %q %q: status %d, want one of %d; %s", a.method, a.target, a.header, w.Code,
			statuses, w.Body)
	}
	if got := w.Header().Get("Content-Type"); got != taxii.MediaType {
		t.Errorf("%s %q: Content-Type %q", a.method, a.target, got)
	}
	if w.Body.Len() > most {
		t.Errorf("%s %q: an answer of %d bytes", a.method, a.target, w.Body.Len())
	}
	if a.method == http.MethodHead || w.Code == http.StatusOK && w.Body.Len() == 0 {
		return
	}
	if !json.Valid(w.Body.Bytes()) {
		t.Errorf("%s %q: %q is no JSON", a.method, a.target, w.Body)
	}
	if w.Code < http.StatusBadRequest {
		return
	}
	var told taxii.Error
	err := json.Unmarshal(w.Body.Bytes(), &told)
	if err != nil || told.HTTPStatus != strconv.Itoa(w.Code) || told.Title == "" || len(told.Description) > 1000 {
		t.Errorf("%s %q: %v, status %d, error %+v", a.method, a.target, err, w.Code, told)
	}
}

// fuzzedServer has a collection with objects.
func fuzzedServer(f *testing.F) http.Handler {
	f.Helper()
	s := newStore(f)
	seed(f, s, "rw")
	h, err := server.New(server.Config{Store: s, Access: people{}})
	if err != nil {
		f.Fatal(err)
	}
	return h
}

func as(user string) http.Header { return http.Header{"Authorization": {basic(user)}} }

// Whatever parameters come in whatever form, to whichever endpoint: they are read, or 400 says
// what is wrong, or there is no such object. Nothing is deleted by a request that is not read.
func FuzzFilters(f *testing.F) {
	const object = "objects/indicator--00000000-0000-4000-8000-000000000001/"
	const cursor = "next=AQ"
	names := []string{"added_after", "limit", "next", "match[id]", "match[type]", "match[version]",
		"match[spec_version]", "match[other]", "other", "match%5Bid%5D", "match[id", "MATCH[ID]", ""}
	values := []string{"", "1", "0", "-1", "99999999999999999999", "1e3", "2020-01-01T00:00:00Z",
		"2020-01-01T00:00:00.1234567890Z", "0000-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "2020-13-01",
		"first,last,all", "all,all", ",", "a,,b", "indicator", "indicator--00000000-0000-4000-8000-000000000001",
		"2.0,2.1", "3.0", "%00", "%ff", "%zz", "%", "+", "%2c", "%252c", "AQ", "\u2028", "\x7f",
		strings.Repeat("a,", 2000), strings.Repeat("x", 5000)}
	for i, name := range names {
		for j, value := range values {
			f.Add(i+j, name+"="+value)
		}
		f.Add(i, name)
		f.Add(i, name+"=1&"+name+"=2")
	}
	for i, query := range []string{
		"&", "=", "&&&=", "limit=1;limit=2", "limit=1&limit=1", cursor + "&" + cursor, "?limit=1",
		"match[id]=a&match[type]=b&match[version]=all&match[spec_version]=2.1&added_after=2020-01-01T00:00:00Z&limit=2",
		"match[version]=last&match[version]=first", "match[id]=a&match%5bid%5D=b",
		strings.Repeat("match[id]=a&", 3000), strings.Repeat("&", 5000), "#limit=1", "limit=%31",
	} {
		f.Add(i, query)
	}
	h := fuzzedServer(f)
	endpoints := []struct{ method, path string }{
		{"GET", "objects/"}, {"GET", "manifest/"}, {"GET", object}, {"GET", object + "versions/"},
		{"DELETE", "objects/indicator--00000000-0000-4000-8000-000000000000/"}, {"GET", ""}, {"HEAD", "objects/"},
	}
	f.Fuzz(func(t *testing.T, n int, query string) {
		at := endpoints[int(uint(n)%uint(len(endpoints)))]
		a := asked{method: at.method, header: as("kim"),
			target: "/api/collections/" + idRW + "/" + at.path + "?" + query}
		w := a.ask(h)
		if w == nil {
			return
		}
		statuses := []int{200, 400}
		if strings.HasPrefix(at.path, "objects/i") {
			statuses = append(statuses, 404)
		}
		isAnswer(t, a, w, statuses...)
		if again := a.ask(h); at.method == "GET" && again.Code != w.Code {
			t.Errorf("%q: status %d and then %d", a.target, w.Code, again.Code)
		}
	})
}

// Whatever the path: what nobody has is 404 or 405, and it gives nobody more than the rights that
// the tidy form of it gives.
func FuzzPaths(f *testing.F) {
	for _, path := range []string{
		"/", "//", "/taxii2", "/taxii2/", "/TAXII2/", "/api", "/api/", "/api//collections///" + idRW + "//objects",
		"/api/collections/" + idRW + "/objects/../../" + idNone + "/objects/", "/api/./collections/",
		"/api/collections/" + idNone + "/objects/", "/members/collections/" + idSecret + "/objects/",
		"/api/collections/shared/objects/x/versions/", "/api/status/x/", "/api%2fcollections/", "/%61pi/",
		"/api/collections/%2e%2e/%2e%2e/taxii2/", "/api/collections/" + strings.ToUpper(idRW) + "/", "/api/%00/",
		"/api/collections/" + idRW + "/objects/%ff%fe/", "/api/collections/" + idRW + "/objects/" + strings.Repeat("x", 3000),
		"/api/\u0130/", "/*", "/:root/", "/api/collections/:collection/", "http://other.example/api/", "//other.example/api/",
		"/api;x=1/", "/api/collections/" + idRW + "%20/", "/api/collections/" + idRW + "\\objects",
	} {
		for i := range 3 {
			f.Add(i, path)
		}
	}
	h := fuzzedServer(f)
	methods := []string{"GET", "POST", "DELETE", "HEAD", "PUT", "OPTIONS", "PATCH", "TRACE", "X-Y"}
	f.Fuzz(func(t *testing.T, n int, target string) {
		if path, _ := url.PathUnescape(target); strings.Contains(path, "panic") {
			return // what the fixture does with this one is tested elsewhere
		}
		a := asked{method: methods[int(uint(n)%uint(len(methods)))], target: target, header: as("kim"), body: "{}"}
		a.header.Set("Content-Type", taxii.MediaType)
		w := a.ask(h)
		if w == nil {
			return
		}
		isAnswer(t, a, w, 200, 400, 401, 403, 404, 405, 422)
		for _, hidden := range []string{"Lee's own", "Members"} {
			if strings.Contains(w.Body.String(), hidden) {
				t.Errorf("%s %q shows %q: %s", a.method, target, hidden, w.Body)
			}
		}
		a.header = http.Header{"Authorization": {"Bearer nobody"}, "Content-Type": {taxii.MediaType}}
		if stranger := a.ask(h); !slices.Contains([]int{401, 404, 405}, stranger.Code) ||
			stranger.Code != 401 && w.Code != stranger.Code {
			t.Errorf("%s %q: %d for wrong credentials, %d for kim", a.method, target, stranger.Code, w.Code)
		}
	})
}

// Whatever a client says it sends and takes: the answer is a TAXII resource, or 406 or 415 says
// what it could be.
func FuzzMediaTypes(f *testing.F) {
	for _, text := range []string{
		"", taxii.MediaType, "application/taxii+json", "application/taxii+json; version=2.1", "*/*", "application/*",
		"application/taxii+json;version=2.0", "application/taxii+json;version=\"2.1\"", "application/stix+json;version=2.1",
		"application/vnd.oasis.stix+json", "text/html", ",", ";", "*/*;q=0", "*/*;q=x", "a/b;c=\"", "a/b;c=\"\\\"", "/", "*",
		"application/taxii+json;version=2.1;version=2.0", "APPLICATION/TAXII+JSON;VERSION=2.1", "application/json;charset=utf-8",
		strings.Repeat("a/b,", 3000), strings.Repeat(";a=b", 3000), "\x00", "\xff", "application/taxii+json;version=2.1, */*;q=0.1",
		"application/taxii+json;version=2.1;q=0", " ", "\t", "application/taxii+json;version=",
	} {
		f.Add(text, text)
		f.Add(text, taxii.MediaType)
		f.Add(taxii.MediaType, text)
	}
	h := fuzzedServer(f)
	f.Fuzz(func(t *testing.T, accept, contentType string) {
		header := as("kim")
		header["Accept"] = []string{accept}
		header["Content-Type"] = []string{contentType}
		for _, path := range []string{"/taxii2/", "/api/", "/api/collections/" + idRW + "/objects/"} {
			a := asked{method: "GET", target: path, header: header}
			isAnswer(t, a, a.ask(h), 200, 406)
		}
		a := asked{method: "POST", target: emptyObjects, header: header, body: envelope(objectNo(1))}
		isAnswer(t, a, a.ask(h), 202, 406, 415)
		if contentType == taxii.MediaType && accept == taxii.MediaType && a.ask(h).Code != 202 {
			t.Error("a proper push was not taken")
		}
	})
}
