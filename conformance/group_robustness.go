package conformance

import (
	"net/http"
	"strings"
)

// A blow is a request that no client should send.
type blow struct {
	what   string
	method string
	at     string
	edits  []edit
	shut   bool // the server may close the connection, which section 8.2.2 allows
}

func robustnessCases() []Case {
	var cases []Case
	for _, g := range []struct {
		id, title string
		needs     need
		blows     func(t *trial) []blow
	}{
		{"parameters", "strange parameters", 0, strangeParameters},
		{"paths", "strange paths", 0, strangePaths},
		{"headers", "strange header fields", 0, strangeHeaders},
		{"methods", "methods that TAXII does not know", 0, strangeMethods},
		{"bodies", "bodies that are no envelope", needWrite, strangeBodies},
		{"nesting", "bodies that are nested very deeply", needWrite, deepBodies},
		{"encodings", "bodies that are not encoded as they say", needWrite, strangeEncodings},
		{"values", "envelopes with values of the wrong kind", needWrite, strangeValues},
	} {
		cases = append(cases, Case{
			ID: "robustness-" + g.id, Group: Robustness, Level: Promise,
			Title: "answers " + g.title + " without falling over",
			Demand: "What a client sends is the client's fault, and the answer says so with 4xx, or " +
				"ignores it. A 5xx, or no answer at all, means that a mistake of one client can " +
				"take the server away from the others. Here: " + g.title + ".",
			Source: "RFC 9110 section 15.6; TAXII 2.1 appendix B", needs: g.needs,
			run: func(t *trial) { withstands(t, g.blows(t)) },
		})
	}
	return cases
}

// withstands sends each blow; the server has to answer it and to go on after it. Where a plain
// request fails already, no blow is to blame.
func withstands(t *trial, blows []blow) {
	t.checkReadable()
	for _, b := range blows {
		a := t.try(b.method, b.at, b.edits...)
		switch {
		case a.Status == http.StatusNotImplemented, a.Status == http.StatusHTTPVersionNotSupported:
			// It says that it does not know the method, which is true.
		case a.Status == 0 && b.shut && a.Took < t.config.Timeout:
		case a.Status >= 500, a.Status == 0:
			t.fault(a, "an answer below 500 to "+b.what, "%s", a.came())
		}
	}
	if a := t.try(http.MethodGet, t.root); !served(a) {
		t.fault(a, "that the server still answers after that", "%s", a.came())
	}
	t.stillRead("that")
}

// readPlainly reads an object, and reports whether that gets an answer below 500.
func (t *trial) readPlainly() (*answer, bool) {
	a := t.try(http.MethodGet, t.main.objects(), query("limit", "1"))
	return a, a.Status != 0 && a.Status < 500
}

// checkReadable ends the case if the collection cannot be read even before anything was sent that
// may harm it.
func (t *trial) checkReadable() {
	if a, ok := t.readPlainly(); !ok {
		t.untold("%s: %s, before anything strange was sent", a.sent(), a.came())
	}
}

// stillRead judges whether the collection can be read after something that may have harmed it.
func (t *trial) stillRead(harm string) {
	if a, ok := t.readPlainly(); !ok {
		t.fault(a, "that the collection can still be read after "+harm, "%s", a.came())
	}
}

func strangeParameters(t *trial) []blow {
	var blows []blow
	for _, q := range []string{
		"limit=99999999999999999999", "limit=%00", "limit=0x10", "limit=1e3", "limit[]=1",
		"added_after=9999-99-99T99:99:99.999999Z", "added_after=%FF%FE", "added_after=-1",
		"added_after=2024-01-01T00:00:00." + strings.Repeat("0", 500) + "Z",
		"next=" + strings.Repeat("A", 2000), "next=%00", "next=..%2F..%2Fetc%2Fpasswd", "next=",
		"match[id]=" + strings.Repeat("x,", 500), "match[id]=%00", "match[version]=%F0%28%8C%28",
		"match[type]='%20OR%201=1--", "match[type]=$where", "match[$gt]=1", "match=1", "match[]=1",
		"match[spec_version]=" + strings.Repeat("9", 500), "%ZZ=1", "=", "&&&", "a;b=c",
	} {
		blows = append(blows, blow{
			what: "the query " + excerpt([]byte(q)), method: http.MethodGet, at: t.main.objects(),
			edits: []edit{rawQuery(q)},
		})
	}
	return blows
}

func strangePaths(t *trial) []blow {
	var blows []blow
	for _, at := range []string{
		t.base + "/%00/", t.base + "/%FF/", t.base + "//", t.base + "/..%2f..%2fetc/passwd",
		t.base + "/" + strings.Repeat("a", 4000) + "/", t.base + "/" + strings.Repeat("a/", 500),
		t.main.objects() + "%2e%2e/", t.main.objects() + "%00/", t.main.objects() + "indicator--/",
		t.main.objects() + "--/", t.main.objects() + "%F0%9F%94%8E/", t.collections() + "%2e%2e/", t.at("*"),
		t.at("' OR 1=1"), t.status("not-a-uuid"), t.status("%00"), t.root + "collections/%20/",
		t.main.object(strings.Repeat("x", 2000)), t.main.versions("nothing"),
	} {
		blows = append(blows, blow{
			what: "the path of " + excerpt([]byte(at)), method: http.MethodGet, at: at,
		})
	}
	return blows
}

func strangeHeaders(t *trial) []blow {
	var blows []blow
	for name, values := range map[string][]string{
		"Accept": {
			"", ";", ",,,", "application/", "/", "application/taxii+json;version",
			"application/taxii+json;version=\"", strings.Repeat("application/x,", 400), "\xff",
			"application/taxii+json;q=abc",
		},
		"Range":             {"items 0-", "items -", "bytes=0-0", "items 5-1"},
		"If-None-Match":     {"\"", "W/", "*"},
		"If-Modified-Since": {"yesterday"},
		"Accept-Encoding":   {"gzip;q=x", "*;q=0", strings.Repeat("x,", 400)},
		"Content-Type":      {"\x80", "application/taxii+json;version=9"},
		"X-Forwarded-Host":  {"a b", "evil.example.com/x?"},
	} {
		for _, v := range values {
			blows = append(blows, blow{
				what:   "the header " + name + ": " + excerpt([]byte(v)),
				method: http.MethodGet, at: t.main.objects(),
				edits: []edit{
					with(name, v), query("limit", "1"),
					describing("the header " + name + ": " + excerpt([]byte(v))),
				},
			})
		}
	}
	for _, v := range []string{"Basic", "Basic %%%", "Basic Og==", "Basic dXNlcg==", "Bearer", "Nothing x"} {
		blows = append(blows, blow{
			what: "the header Authorization: " + v, method: http.MethodGet, at: t.main.url, shut: true,
			edits: []edit{
				as(nobody), with("Authorization", v), describing("the header Authorization: " + v),
			},
		})
	}
	return blows
}

func strangeMethods(t *trial) []blow {
	var blows []blow
	for _, method := range []string{"PUT", "PATCH", "TRACE", "PROPFIND", "X-NOTHING", "get"} {
		for _, at := range []string{t.discovery, t.main.url, t.main.manifest()} {
			blows = append(blows, blow{what: "the method " + method, method: method, at: at})
		}
	}
	return blows
}

func strangeBodies(t *trial) []blow {
	var blows []blow
	for _, body := range []string{
		"", " ", "{", "}", "[]", "null", "1", `"objects"`, "\x00", "\xef\xbb\xbf{}", "{}{}", "{}x",
		`{"objects"`, `{"objects":`, `{"objects":[`, `{"objects":[{`, `{"objects":[{}`,
		`{"objects":[{]}`, `{"objects":[,]}`, `{"objects":[{}],"objects":[{}]}`, "%7B%7D",
		"<objects/>", "objects=1", strings.Repeat("[", 200), `{"\ud800":1}`,
	} {
		blows = append(blows, t.swing("the body "+excerpt([]byte(body)), body))
	}
	return blows
}

func strangeValues(t *trial) []blow {
	var blows []blow
	for _, body := range []string{
		`{"objects":null}`, `{"objects":{}}`, `{"objects":"x"}`, `{"objects":[null]}`,
		`{"objects":[1]}`, `{"objects":["x"]}`, `{"objects":[[]]}`, `{"objects":[{}]}`,
		`{"objects":[{"type":5}]}`, `{"objects":[{"type":"indicator","id":5}]}`,
		`{"objects":[{"type":null,"id":null}]}`, `{"objects":[{"type":"","id":""}]}`,
		`{"objects":[{"type":"indicator","id":"indicator--x","modified":{}}]}`,
		`{"objects":[{"type":"indicator","id":"--","created":1e999}]}`,
		`{"more":"x","objects":[]}`, `{"objects":[{"type":"bundle","id":"bundle--1","objects":[]}]}`,
		`{"objects":[` + strings.TrimRight(strings.Repeat(`{},`, 2000), ",") + `]}`,
	} {
		blows = append(blows, t.swing("the body "+excerpt([]byte(body)), body))
	}
	return blows
}

func deepBodies(t *trial) []blow {
	const depth = 20_000
	open, closed := strings.Repeat("[", depth), strings.Repeat("]", depth)
	one, other := t.indicator("the deep one"), t.indicator("the other deep one")
	t.remember(t.main, one.id, other.id) // a server may well take them
	return []blow{
		t.swing("a list nested 20,000 times", open+closed),
		t.swing("a list that is not closed", `{"objects":`+open),
		t.swing("an object with a list nested 20,000 times",
			inside(one, open+closed)),
		t.swing("objects nested 20,000 times",
			inside(other, strings.Repeat(`{"a":`, depth)+"1"+strings.Repeat("}", depth))),
	}
}

// inside is an envelope of an object with one more member.
func inside(o stixObject, value string) string {
	return `{"objects":[` + strings.TrimSuffix(string(o.raw), "}") + `,"x_deep":` + value + `}]}`
}

func strangeEncodings(t *trial) []blow {
	o := t.indicator("the encoded one")
	t.remember(t.main, o.id) // a server may overlook the header
	body := string(envelope(o))
	var blows []blow
	for name, header := range map[string]string{
		"gzip that is none": "gzip", "an unknown encoding": "x-nothing", "two encodings": "gzip, gzip",
		"an empty encoding": ",", "deflate that is none": "deflate", "br that is none": "br",
	} {
		b := t.swing(name, body)
		b.edits = append(b.edits, with("Content-Encoding", header))
		blows = append(blows, b)
	}
	return blows
}

// swing is a POST of a body to the collection. The bodies hold nothing that could be stored under
// an id that the suite would have to delete, unless a server stores what is no STIX object.
func (t *trial) swing(what, body string) blow {
	return blow{what: what, method: http.MethodPost, at: t.main.objects(), edits: []edit{
		content(mediaTAXII, []byte(body)), describing(what),
	}}
}
