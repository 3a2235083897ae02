package conformance

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// manifestAccept is what the table of section 5.3 prints.
const manifestAccept = mediaTAXII + ",application/stix+json;version=2.1"

// acceptCases are about the header Accept.
func acceptCases() []Case {
	return []Case{
		{
			ID: "T21-3.1-06", Group: Standard, Section: "3.1", Level: Should,
			Title: "an Accept without a version gets the highest version",
			Demand: "If the client asks for application/taxii+json and names no version, the answer " +
				"should come in the highest version of TAXII that the server has, which is 2.1 or " +
				"a later one.",
			run: noVersionMeansHighest,
		},
		{
			ID: "T21-3.1-07a", Group: Standard, Section: "3.1", Level: Must,
			Title: "the media type of the endpoint is never refused with 406",
			Demand: "An Accept with a media type that the standard defines for the endpoint must not be " +
				"answered with 406: application/taxii+json;version=2.1, and the same without a " +
				"version.",
			run: definedAcceptIsTaken,
		},
		{
			ID: "T21-3.1-07b", Group: Standard, Section: "3.1", Level: Should,
			Title: "other spellings of the media type in Accept are not refused with 406",
			Demand: "Media types are written in many ways that mean the same (RFC 9110 sections 8.3.1 " +
				"and 12.5.1): with a blank behind the semicolon, in capitals, with the value in " +
				"quotes, with a weight, in a list, in a second line of the header.",
			Source: "RFC 9110 section 12.5.1", run: spellingsOfAcceptAreTaken,
		},
		{
			ID: "T21-3.1-08", Group: Standard, Section: "3.1", Level: Must,
			Title: "the manifest can be asked for with the Accept that its table prints",
			Demand: "The table of Get Object Manifests prints the Accept header as " + manifestAccept +
				", so that a client may send exactly that and must not get 406.",
			run: printedAcceptOfManifest,
		},
		{
			ID: "T21-3.1-09", Group: Standard, Section: "3.1", Level: May,
			Title: "a media type in Accept that is not defined is served or gets 406",
			Demand: "If Accept has only media types that the standard does not define for the " +
				"endpoint, the server may answer all the same, or with 406; there is no third way.",
			run: undefinedAccept,
		},
		{
			ID: "T21-3.1-13", Group: Standard, Section: "3.1", Level: Info,
			Title: "a missing or unspecific Accept is served or gets 406",
			Demand: "The standard does not say what a request without Accept gets, or one with */* or " +
				"application/*. In HTTP they mean that anything will do, so an answer is natural; " +
				"406 is tolerated.",
			Source: "RFC 9110 section 12.5.1", run: unspecificAccept,
		},
		{
			ID: "T21-3.1-16", Group: Standard, Section: "3.1", Level: Info,
			Title: "answers of TAXII 2.1 do not come in the media type of TAXII 2.0",
			Demand: "application/vnd.oasis.taxii+json is the media type of TAXII 2.0. Appendix B calls " +
				"it deprecated; a server may take it in Accept but should not answer in it where " +
				"version 2.1 was asked for.",
			run: deprecatedAlias,
		},
	}
}

// noVersionMeansHighest leaves answers without a version to T21-3.1-05a.
func noVersionMeansHighest(t *trial) {
	a := t.get(t.root, with("Accept", "application/taxii+json"))
	kind, params := a.media()
	version := params["version"]
	listed := t.info.texts("versions")
	switch {
	case a.Status != http.StatusOK:
		t.untold("%s: expected 200, came %s", a.sent(), a.came())
	case kind != "application/taxii+json" || version == "":
		t.untold("the answer has %s; see T21-3.1-05a", a.contentType())
	case older(version, "2.1"):
		t.fault(a, "an answer in version 2.1 or a later one", "%s", a.contentType())
	case version != "2.1" && !slices.Contains(listed, "application/taxii+json;version="+version):
		t.fault(a, "one of the versions that the API root lists", "%s", a.contentType())
	}
}

// older reports whether one version of TAXII comes before another. What is no version does.
func older(version, than string) bool {
	number := func(v string) (major, minor int) {
		before, after, _ := strings.Cut(v, ".")
		major, _ = strconv.Atoi(before)
		minor, _ = strconv.Atoi(after)
		return major, minor
	}
	major, minor := number(version)
	thanMajor, thanMinor := number(than)
	return major < thanMajor || major == thanMajor && minor < thanMinor
}

// notRefused judges that an answer is not 406.
func (t *trial) notRefused(a *answer, accept string) {
	if a.Status == http.StatusNotAcceptable {
		t.fault(a, "any status but 406", "%s for Accept: %s", a.came(), accept)
	}
}

func definedAcceptIsTaken(t *trial) {
	for _, r := range t.readings() {
		for _, accept := range []string{mediaTAXII, "application/taxii+json"} {
			t.notRefused(t.get(r.url, with("Accept", accept)), accept)
		}
	}
}

// spellingsOfAcceptAreTaken ends with a header of two lines, which is one list (RFC 9110 section
// 5.3).
func spellingsOfAcceptAreTaken(t *trial) {
	for _, accept := range []string{
		"application/taxii+json; version=2.1",
		"application/taxii+json ; version=2.1",
		"Application/TAXII+JSON;Version=2.1",
		`application/taxii+json;version="2.1"`,
		"application/taxii+json;version=2.1;q=0.9",
		"text/html, application/taxii+json;version=2.1, */*;q=0.1",
	} {
		t.notRefused(t.get(t.main.url, with("Accept", accept)), accept)
	}
	a := t.get(t.main.url, with("Accept", "text/html"), also("Accept", mediaTAXII))
	t.notRefused(a, "text/html and, in a second line, "+mediaTAXII)
}

func printedAcceptOfManifest(t *trial) {
	a := t.get(t.main.manifest(), with("Accept", manifestAccept), query("limit", "2"))
	t.notRefused(a, manifestAccept)
}

func undefinedAccept(t *trial) {
	for _, accept := range []string{
		"text/html", "application/json", "application/stix+json;version=2.1",
		"application/taxii+json;version=9.9", "application/taxii+json;version=2.0",
		"application/vnd.oasis.taxii+json;version=2.0",
	} {
		t.servedOr406(t.get(t.main.url, with("Accept", accept)), accept)
	}
}

func unspecificAccept(t *trial) {
	for _, accept := range []string{"*/*", "application/*"} {
		t.servedOr406(t.get(t.main.url, with("Accept", accept)), accept)
	}
	t.servedOr406(t.get(t.main.url, without("Accept")), "")
}

func (t *trial) servedOr406(a *answer, accept string) {
	header := "Accept: " + accept
	if accept == "" {
		header = "a request without Accept"
	}
	if a.Status != http.StatusOK && a.Status != http.StatusNotAcceptable {
		t.fault(a, "200 or 406", "%s for %s", a.came(), header)
		return
	}
	t.note("%s: status %d", header, a.Status)
}

func deprecatedAlias(t *trial) {
	const alias = "application/vnd.oasis.taxii+json"
	a := t.get(t.main.url, with("Accept", alias+";version=2.1"))
	if kind, _ := a.media(); kind == alias {
		t.fault(a, "Content-Type: "+mediaTAXII, "%s, with status %d", a.contentType(), a.Status)
	}
}
