package conformance

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// httpCases are about what TAXII leaves to HTTP. The standard demands none of it, so that nothing
// here fails a server.
func httpCases() []Case {
	return []Case{
		{
			ID: "HTTP-HEAD", Group: Standard, Section: "HTTP", Level: Should,
			Title: "HEAD has the status and the type of GET",
			Demand: "A server for general use has the methods GET and HEAD, and HEAD is GET without " +
				"the body. TAXII does not ask for it.",
			Source: "RFC 9110 sections 9.1 and 9.3.2", run: headIsGet,
		},
		{
			ID: "HTTP-OPTIONS", Group: Standard, Section: "HTTP", Level: Info,
			Title: "OPTIONS gets an orderly answer",
			Demand: "TAXII does not mention OPTIONS. Programs in browsers send it first, so a server " +
				"should not break.",
			Source: "RFC 9110 section 9.3.7", run: optionsIsAnswered,
		},
		{
			ID: "HTTP-405", Group: Standard, Section: "HTTP", Level: Should,
			Title: "a method that a URL does not have gets 405 with Allow",
			Demand: "PUT on the objects of a collection and POST on the list of collections are not in " +
				"TAXII. 405 with the header Allow says so; 404 and 501 are tolerated, and so is a " +
				"server that has these methods for purposes of its own.",
			Source: "RFC 9110 section 15.5.6", needs: needWrite, run: wrongMethod,
		},
		{
			ID: "HTTP-429", Group: Standard, Section: "HTTP", Level: Info,
			Title: "429 comes with Retry-After",
			Demand: "TAXII does not mention limits of the rate, and does not forbid them. A client that " +
				"gets 429 has to learn from Retry-After how long to wait.",
			Source: "RFC 6585 section 4", run: restIsAnnounced,
		},
		{
			ID: "HTTP-GZIP", Group: Standard, Section: "HTTP", Level: Should,
			Title: "answers are compressed only as the client has offered",
			Demand: "An answer may be compressed if Accept-Encoding names the way, and what comes out " +
				"is the answer. A client that offers nothing gets it plain.",
			Source: "RFC 9110 section 12.5.3", run: compressionIsAsOffered,
		},
		{
			ID: "HTTP-GZIP-POST", Group: Standard, Section: "HTTP", Level: Info,
			Title: "a compressed body of a POST is taken or gets a 4xx",
			Demand: "Objects that are posted in gzip are either taken, which spares a lot of network, " +
				"or refused, best with 415.",
			Source: "RFC 9110 section 15.5.16", needs: needWrite, run: compressedPost,
		},
		{
			ID: "HTTP-CHUNKED", Group: Standard, Section: "HTTP", Level: Should,
			Title: "a POST without Content-Length is taken",
			Demand: "HTTP/1.1 and HTTP/2 let a client send a body without saying first how long it is. " +
				"Programs that produce objects as they go do so.",
			Source: "RFC 9112 section 7.1", needs: needWrite, run: chunkedPost,
		},
		{
			ID: "HTTP-REDIRECT", Group: Standard, Section: "HTTP", Level: Info,
			Title: "a POST to a URL without its slash is not turned into a GET",
			Demand: "TAXII does not mention redirects. A server that has one for URLs without the " +
				"slash at their end should use 307 or 308 for a POST: after 301, 302 and 303 " +
				"clients send a GET, take its 200 for a success, and the objects are lost.",
			Source: "RFC 9110 section 15.4", needs: needWrite, run: postIsNotTurned,
		},
	}
}

func headIsGet(t *trial) {
	for _, at := range []string{t.root, t.main.url} {
		get, head := t.get(at), t.must(http.MethodHead, at, nil)
		switch {
		case get.Status != head.Status:
			t.fault(head, "status "+strconv.Itoa(get.Status)+", as for GET", "%s", head.came())
		case get.header.Get("Content-Type") != head.header.Get("Content-Type"):
			t.fault(head, get.contentType()+", as for GET", "%s", head.contentType())
		}
	}
}

// optionsIsAnswered tells what came, for whoever writes a client in a browser.
func optionsIsAnswered(t *trial) {
	a := t.must(http.MethodOptions, t.main.objects(), nil)
	if a.Status >= 500 && a.Status != http.StatusNotImplemented {
		t.fault(a, "any status but 5xx, 501 aside", "%s", a.came())
	}
	t.note("OPTIONS: status %d, Allow: %q", a.Status, a.header.Get("Allow"))
}

// wrongMethod sends an empty object, with which even a server that has the method can do nothing.
func wrongMethod(t *trial) {
	nothing := content(mediaTAXII, []byte("{}"))
	for _, a := range []*answer{
		t.must(http.MethodPut, t.main.objects(), []edit{nothing}),
		t.must(http.MethodPost, t.collections(), []edit{nothing}),
	} {
		switch {
		case a.Status == http.StatusMethodNotAllowed && a.header.Get("Allow") == "":
			t.fault(a, "405 with the header Allow, which lists the methods that there are",
				"405 without it")
		case a.Status >= 500 && a.Status != http.StatusNotImplemented, a.Status/100 == 3:
			t.fault(a, "405 with the header Allow", "%s", a.came())
		default:
			t.note("%s: status %d", a.sent(), a.Status)
		}
	}
}

// hurried is how many requests in a row the suite sends to see whether there is a limit.
const hurried = 12

// restIsAnnounced sends its requests one after the other and without the patience that the suite
// has otherwise, so that it sees the first 429.
func restIsAnnounced(t *trial) {
	for range hurried {
		a := t.sender.once(t.ctx, request{
			method: http.MethodGet, url: t.root, user: user,
			header: http.Header{"Accept": {mediaTAXII}, "User-Agent": {t.config.Suite}},
		})
		t.history.add(a.Exchange)
		if a.Status != http.StatusTooManyRequests {
			continue
		}
		rest, _ := t.sender.restAskedFor(a)
		t.sender.pace.hold(rest)
		after := a.header.Get("Retry-After")
		_, errDate := http.ParseTime(after)
		if _, err := strconv.ParseUint(after, 10, 31); err != nil && errDate != nil {
			t.fault(a, "Retry-After with a number of seconds or a date", "Retry-After: %q", after)
		}
		return
	}
	t.note("%d requests in a row met no limit", hurried)
}

// compressionIsAsOffered asks for a page of objects, as many servers leave short answers plain.
func compressionIsAsOffered(t *trial) {
	for _, offer := range []string{"identity", "gzip"} {
		a := t.get(t.main.objects(), with("Accept-Encoding", offer), query("limit", "50"))
		switch coding := strings.ToLower(a.header.Get("Content-Encoding")); {
		case a.Status != http.StatusOK:
			t.untold("%s: expected 200, came %s", a.sent(), a.came())
		case !slices.Contains([]string{"", "identity", offer}, coding):
			t.fault(a, "no Content-Encoding that Accept-Encoding: "+offer+" does not name",
				"Content-Encoding: %s", coding)
		case coding == "gzip" && !json.Valid(a.body):
			t.fault(a, "a body in gzip that can be unpacked and is JSON", "%s", excerpt(a.body))
		default:
			t.note("offered %s: Content-Encoding: %q", offer, coding)
		}
	}
}

func compressedPost(t *trial) {
	o := t.indicator("in gzip")
	t.remember(t.main, o.id)
	a := t.post(t.main.objects(), packed(envelope(o)), with("Content-Encoding", "gzip"),
		describing("an envelope in gzip"))
	if a.Status/100 != 2 && a.Status/100 != 4 {
		t.fault(a, "202, or a refusal with 4xx", "%s", a.came())
	}
	t.note("a body in gzip: status %d", a.Status)
}

func packed(plain []byte) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(plain) // a buffer takes everything
	_ = z.Close()
	return b.Bytes()
}

// chunkedPost is a warning at most: a server may insist on Content-Length with 411.
func chunkedPost(t *trial) {
	o := t.indicator("without Content-Length")
	t.remember(t.main, o.id)
	a := t.post(t.main.objects(), envelope(o), chunked,
		describing("an envelope and no Content-Length"))
	if a.Status/100 != 2 {
		t.fault(a, "202, as for a POST with Content-Length", "%s", a.came())
	}
}

func postIsNotTurned(t *trial) {
	o := t.indicator("sent without the slash")
	t.remember(t.main, o.id)
	a := t.post(strings.TrimSuffix(t.main.objects(), "/"), envelope(o))
	switch a.Status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		t.fault(a, "202, a refusal with 4xx, or a redirect with 307 or 308", "status %d", a.Status)
	}
	t.note("POST without the slash: status %d", a.Status)
}
