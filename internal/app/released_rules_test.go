package app_test

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// This file answers TAXII requests a second time: over a list of objects that has nothing else
// than what there is for a reader, searched from end to end for everything.

// held is one object as a collection has it.
type held struct {
	raw      string
	object   map[string]any
	added    time.Time
	position uint64 // as cursors have it

	id, kind, spec, version string
	instant                 time.Time // of the version
}

// The form of dates with microseconds, which is also that of versions of objects without one.
const microseconds = "2006-01-02T15:04:05.000000Z"

// hold reads what counts of an object. Of the types in these tests, only ipv4-addr is of 2.1
// without saying so.
func hold(t *testing.T, raw string, added time.Time) held {
	t.Helper()
	h := held{raw: raw, object: decoded(t, raw), added: added}
	text := func(name string) string { value, _ := h.object[name].(string); return value }
	h.id, h.kind = text("id"), text("type")
	h.spec = cmp.Or(text("spec_version"), map[string]string{"ipv4-addr": "2.1"}[h.kind], "2.0")
	h.version = cmp.Or(text("modified"), text("created"), added.Format(microseconds))
	var err error
	h.instant, err = time.Parse(time.RFC3339Nano, h.version)
	check(t, err)
	return h
}

func (h held) mediaType() string { return "application/stix+json;version=" + h.spec }

// query is what a client asks.
type query struct {
	limit          int
	after          time.Time
	ids, types     []string
	versions, spec []string
}

// String is the query as a client sends it.
func (q query) String() string {
	v := url.Values{}
	if q.limit > 0 {
		v.Set("limit", strconv.Itoa(q.limit))
	}
	if !q.after.IsZero() {
		v.Set("added_after", q.after.Format(microseconds))
	}
	for name, list := range map[string][]string{
		"id": q.ids, "type": q.types, "version": q.versions, "spec_version": q.spec,
	} {
		if list != nil {
			v.Set("match["+name+"]", strings.Join(list, ","))
		}
	}
	return v.Encode()
}

// chosen returns what a query matches among all that there is, in the order of dates.
func chosen(all []held, q query) (matches []held) {
	for _, h := range all {
		if h.added.After(q.after) && oneOf(q.ids, h.id) && oneOf(q.types, h.kind) &&
			specWanted(all, h, q.spec) && versionWanted(all, h, q.versions) {
			matches = append(matches, h)
		}
	}
	return matches
}

func oneOf(list []string, value string) bool { return list == nil || slices.Contains(list, value) }

// specWanted is the latest spec version of the object unless the query says which.
func specWanted(all []held, h held, spec []string) bool {
	if spec != nil {
		return slices.Contains(spec, h.spec)
	}
	return !slices.ContainsFunc(all, func(other held) bool {
		return other.id == h.id && other.spec > h.spec
	})
}

func versionWanted(all []held, h held, versions []string) bool {
	if versions == nil {
		versions = []string{"last"}
	}
	earlier, later := false, false
	for _, other := range all {
		if other.id == h.id && other.spec == h.spec {
			earlier = earlier || other.instant.Before(h.instant)
			later = later || other.instant.After(h.instant)
		}
	}
	return slices.ContainsFunc(versions, func(word string) bool {
		exact, err := time.Parse(time.RFC3339Nano, word)
		return word == "all" || word == "first" && !earlier || word == "last" && !later ||
			err == nil && exact.Equal(h.instant)
	})
}

// page is the answer to one paged request, with the cursor left out of the body.
type page struct {
	Status      int
	Body        string
	First, Last string
	end         *held // the last entry, if more follow
}

// endpoints write one entry each of their list.
var endpoints = map[string]func(h held) (list, entry string){
	"objects":  func(h held) (string, string) { return "objects", h.raw },
	"versions": func(h held) (string, string) { return "versions", quoted(h.version) },
	"manifest": func(h held) (string, string) {
		return "objects", `{"id":` + quoted(h.id) + `,"date_added":` +
			quoted(h.added.Format(microseconds)) + `,"version":` + quoted(h.version) +
			`,"media_type":` + quoted(h.mediaType()) + `}`
	},
}

func quoted(text string) string {
	b, _ := json.Marshal(text) // text always has a form
	return string(b)
}

// pageOf cuts the next page off matches.
func pageOf(endpoint string, matches []held, limit int) (p page, rest []held) {
	p.Status = 200
	n := len(matches)
	if limit > 0 {
		n = min(n, limit)
	}
	matches, rest = matches[:n], matches[n:]
	p.Body = `{"more":` + strconv.FormatBool(len(rest) > 0)
	for i, h := range matches {
		list, entry := endpoints[endpoint](h)
		if i == 0 {
			p.Body += `,"` + list + `":[`
			p.First = h.added.Format(microseconds)
		} else {
			p.Body += ","
		}
		p.Body += entry
		p.Last = h.added.Format(microseconds)
		if i == n-1 {
			p.Body += "]"
		}
		if i == n-1 && len(rest) > 0 {
			p.end = &h
		}
	}
	p.Body += "}"
	return p, rest
}

// The naive rules are right about the few things that can be seen at a glance.
func TestReleased_NaiveRules(t *testing.T) {
	var all []held
	for i, raw := range []string{
		`{"type":"indicator","spec_version":"2.1","id":"a","modified":"2026-01-02T00:00:00Z"}`,
		`{"type":"indicator","spec_version":"2.1","id":"a","modified":"2026-01-01T00:00:00Z"}`,
		`{"type":"indicator","id":"b","modified":"2026-01-01T00:00:00Z"}`,
	} {
		all = append(all, hold(t, raw, day(i)))
	}
	for want, q := range map[string]query{
		"0 2": {}, "1": {versions: []string{"first"}, spec: []string{"2.1"}}, "2": {after: day(1)},
		"0 1": {ids: []string{"a"}, versions: []string{"all"}}, "": {types: []string{"b"}},
	} {
		var got []string
		for _, h := range chosen(all, q) {
			got = append(got, strconv.Itoa(h.added.Day()-1))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %s", q, got, want)
		}
	}
}

func day(n int) time.Time { return time.Date(2026, 1, 1+n, 0, 0, 0, 0, time.UTC) }
