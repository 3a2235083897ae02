package conformance

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// apiRootCases are those of section 4.2, and of section 5.5 the limit that the API root tells.
func apiRootCases() []Case {
	return []Case{
		{
			ID: "T21-4.2-02", Group: Standard, Section: "4.2", Level: Must,
			Title: "every API root is listed once",
			Demand: "Every API root has a URL of its own, so that the list in the discovery resource " +
				"does not name the same URL twice.",
			run: rootsAreUnique,
		},
		{
			ID: "T21-4.2-04", Group: Standard, Section: "4.2", Level: Must,
			Title: "the API root resource has its properties",
			Demand: "An API root has a title, the list of the versions that it speaks, and " +
				"max_content_length, the most bytes that a request may have as its body.",
			run: apiRootIsWhole,
		},
		{
			ID: "T21-4.2-05", Group: Standard, Section: "4.2", Level: Must,
			Title: "versions are media types of TAXII, one of them that of 2.1",
			Demand: "The list versions has the media type of every version of TAXII that the API root " +
				"speaks, such as " + mediaTAXII + ". A number or a name like taxii-2.1 is none.",
			run: versionsAreMediaTypes,
		},
		{
			ID: "T21-4.2-06", Group: Standard, Section: "4.2", Level: Must,
			Title:  "max_content_length is greater than 0",
			Demand: "max_content_length is the size of the largest body in bytes, more than 0.",
			run:    limitIsPositive,
		},
		{
			ID: "T21-4.2-07", Group: Standard, Section: "4.2", Level: Must,
			Title: "a body below max_content_length is never too large",
			Demand: "A server must not answer with 413 to a body that has fewer bytes than the " +
				"max_content_length of its API root. Clients cut what they send by that number.",
			needs: needWrite, run: belowTheLimit,
		},
		{
			ID: "T21-4.2-08a", Group: Standard, Section: "4.2", Level: Must,
			Title:  "a body above max_content_length gets 413",
			Demand: tooLargeDemand, needs: needWrite, run: aboveTheLimit,
		},
		{
			ID: "T21-4.2-08b", Group: Standard, Section: "4.2", Level: Must,
			Title:  "a body above max_content_length gets 413 without Content-Length, too",
			Demand: tooLargeDemand, needs: needWrite, run: aboveTheLimitInChunks,
		},
		{
			ID: "T21-4.2-09", Group: Standard, Section: "4.2", Level: Must,
			Title:  "an API root that does not exist is 404",
			Demand: "A request for an API root that there is not, or for something below it, gets 404.",
			run:    unknownRootIs404,
		},
	}
}

const tooLargeDemand = "A POST whose body has more bytes than the max_content_length of the API " +
	"root is answered with 413 (table of section 5.5), however its length is announced."

func rootsAreUnique(t *trial) {
	a, found := t.discovering()
	seen := map[string]string{}
	for _, root := range found.texts("api_roots") {
		plain := t.plainURL(root)
		if before, ok := seen[plain]; ok {
			t.fault(a, "every API root once", "%q and %q are the same URL", before, root)
		}
		seen[plain] = root
	}
}

// plainURL writes URLs that are the same in the same way (RFC 3986 section 6.2).
func (w *world) plainURL(root string) string {
	at := w.absolute(root)
	u, err := url.Parse(at)
	if err != nil {
		return at
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	if usual := map[string]string{"http": "80", "https": "443"}[u.Scheme]; u.Port() == usual {
		u.Host = strings.TrimSuffix(u.Host, ":"+usual)
	}
	return u.String()
}

func apiRootIsWhole(t *trial) {
	a := t.get(t.root)
	t.ok(a)
	t.blame(a, apiRootResource().check(a.body).of(flawMissing, flawType))
}

// versionsAreMediaTypes compares media types and not text, but warns where clients would compare
// the text.
func versionsAreMediaTypes(t *trial) {
	a := t.get(t.root)
	versions := t.ok(a).texts("versions")
	speaks := false
	for _, v := range versions {
		kind, params, err := mime.ParseMediaType(v)
		known := kind == "application/taxii+json" || kind == "application/vnd.oasis.taxii+json"
		if err != nil || !known || older(params["version"], "1.0") {
			t.fault(a, "media types of TAXII with their version, such as "+mediaTAXII,
				"versions has %q", v)
		}
		speaks = speaks || kind == "application/taxii+json" && params["version"] == "2.1"
	}
	switch {
	case !speaks && len(versions) > 0:
		t.fault(a, mediaTAXII+" in versions, as it is what the API root was asked in",
			"versions is %q", versions)
	case speaks && !slices.Contains(versions, mediaTAXII):
		t.warn(a, "exactly "+mediaTAXII+", as clients compare it as text",
			"versions is %q", versions)
	}
}

func limitIsPositive(t *trial) {
	a := t.get(t.root)
	if n, ok := t.ok(a).number("max_content_length"); ok && n <= 0 {
		t.fault(a, "a max_content_length of 1 or more", "max_content_length is %d", n)
	}
}

// largestProbe is the most that the suite sends in a body, in bytes.
const largestProbe = 32 << 20

// bodyLimit returns max_content_length. The case is skipped if that is more than the suite is to
// send, or too little for an object.
func (t *trial) bodyLimit(most int64) int64 {
	n, ok := t.info.number("max_content_length")
	switch {
	case !ok || n <= 0:
		t.untold("the API root does not tell a max_content_length; see T21-4.2-04 and T21-4.2-06")
	case n > most:
		t.skip("max_content_length is %d bytes, and the suite sends no more than %d here", n, most)
	case n < 2000:
		t.skip("max_content_length is %d bytes, too few for an object", n)
	}
	return n
}

// pushPadded adds one small object in a body of a certain size. What fills it up is white space
// between the tokens of JSON, so that nothing large stays behind at the server.
func (t *trial) pushPadded(size int64, edits ...edit) *answer {
	o := t.indicator(fmt.Sprintf("in a body of %d bytes", size))
	t.remember(t.main, o.id)
	body := envelope(o)
	padding := bytes.Repeat([]byte(" "), max(0, int(size)-len(body)))
	body = slices.Concat(body[:len(body)-1], padding, body[len(body)-1:])
	edits = append([]edit{
		content(mediaTAXII, body), describing(fmt.Sprintf("an envelope of %d bytes", len(body))),
	}, edits...)
	a := t.try(http.MethodPost, t.main.objects(), edits...)
	if a.Failure != "" && a.Took < t.config.Timeout {
		// A server that hangs up as soon as it has seen the length can say so if it is asked
		// before the body is on its way.
		a = t.try(http.MethodPost, t.main.objects(), append(edits, with("Expect", "100-continue"))...)
	}
	switch {
	case a.Failure != "" && a.Took >= t.config.Timeout:
		t.skip("a body of %d bytes was not answered within %v; allow more time with --timeout",
			len(body), t.config.Timeout)
	case a.Failure != "":
		t.untold("%s: %s", a.sent(), a.Failure)
	}
	return a
}

func belowTheLimit(t *trial) {
	limit := t.bodyLimit(largestProbe)
	a := t.pushPadded(limit - 1)
	if a.Status == http.StatusRequestEntityTooLarge {
		t.fault(a, fmt.Sprintf("any status but 413: max_content_length is %d", limit),
			"%s for a body of %d bytes", a.came(), limit-1)
	}
}

func aboveTheLimit(t *trial) {
	if a := t.pushPadded(1000); a.Status/100 != 2 {
		t.untold("%s: %s; see T21-5.5-01", a.sent(), a.came())
	}
	t.tooLarge()
}

// aboveTheLimitInChunks finds limits that look at Content-Length alone.
func aboveTheLimitInChunks(t *trial) {
	if a := t.pushPadded(1000, chunked); a.Status/100 != 2 {
		t.skip("the server does not take a body without Content-Length (%s); see HTTP-CHUNKED",
			a.came())
	}
	t.tooLarge(chunked)
}

// tooLarge sends one byte too many and judges that the answer is 413.
func (t *trial) tooLarge(edits ...edit) {
	limit := t.bodyLimit(largestProbe)
	a := t.pushPadded(limit+1, edits...)
	switch a.Status {
	case http.StatusRequestEntityTooLarge:
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		t.untold("%s: expected 413, came %s", a.sent(), a.came())
	default:
		t.fault(a, fmt.Sprintf("413: max_content_length is %d", limit),
			"%s for a body of %d bytes", a.came(), limit+1)
	}
}

// unknownRootIs404 looks next to the API root: what is elsewhere on the host may be another
// program's.
func unknownRootIs404(t *trial) {
	above := t.base + "/"
	if t.root != above {
		above = t.root[:strings.LastIndex(strings.TrimSuffix(t.root, "/"), "/")+1]
	}
	nowhere := above + "no-such-root-" + strings.ToLower(t.run) + "/"
	for _, at := range []string{nowhere, nowhere + "collections/"} {
		a := t.get(at)
		if kind, _ := a.media(); a.Status == http.StatusOK && kind == "text/html" {
			t.warn(a, "404: there is no such API root", "a page of HTML; another program answers there")
			continue
		}
		isNotFound(t, a, "404: there is no such API root")
	}
}
