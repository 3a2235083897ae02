package conformance

import (
	"net/http"
	"net/url"
	"strings"
)

// endpointCases are about URLs and what is there.
func endpointCases() []Case {
	return []Case{
		{
			ID: "T21-3.1-01", Group: Standard, Section: "3.1", Level: Info,
			Title: "a URL without the slash at its end gets an orderly answer",
			Demand: "Clients have to end the path of a URL with a slash. What a server does with one " +
				"that lacks it is open: it may serve it, redirect to the form with the slash, or " +
				"refuse it, but it should not break.",
			run: slashIsMissing,
		},
		{
			ID: "T21-3.1-02", Group: Standard, Section: "3.1", Level: Must,
			Title: "the body of a success is the resource of the endpoint, a JSON object",
			Demand: "A success carries the resource that the standard defines for the endpoint. All of " +
				"them are JSON objects: a list, a string, a page of HTML or nothing is none of them.",
			run: successIsAnObject,
		},
		{
			ID: "T21-3.1-03", Group: Standard, Section: "3.1", Level: May,
			Title: "the body of a failure is an error resource",
			Demand: "A failure may carry an error resource that says what was wrong, and the tables of " +
				"the endpoints list it as the payload. Without one a client's log has nothing but " +
				"the number.",
			run: failureIsAnObject,
		},
		{
			ID: "T21-3.1-17", Group: Standard, Section: "3.1", Level: Must,
			Title: "no endpoint is missing: objects can be deleted",
			Demand: "A server has all endpoints of the standard. Those that read and add have cases of " +
				"their own in sections 4 and 5; this one is about DELETE objects/{object-id}/, " +
				"which for a user who may read and write the collection, and an object that is " +
				"there, does not answer with 404, 405 or a 5xx.",
			needs: needWrite, run: deleteExists,
		},
	}
}

// reading is a URL that the user may read, and what there is.
type reading struct{ name, url string }

// readings lists one URL of each endpoint, those of objects with few of them. What there is
// nothing of is left out: discovery, or the objects of a collection in which none was found.
func (t *trial) readings() []reading {
	var all []reading
	if t.found != nil {
		all = append(all, reading{"discovery", t.discovery})
	}
	all = append(all,
		reading{"the API root", t.root},
		reading{"the list of collections", t.collections()},
		reading{"the collection", t.main.url},
		reading{"the manifest", t.main.manifest() + "?limit=2"},
		reading{"objects", t.main.objects() + "?limit=2"},
	)
	if t.view != nil && len(t.view.items) > 0 {
		all = append(all,
			reading{"one object", t.main.object(t.known())},
			reading{"the versions of an object", t.main.versions(t.known())},
		)
	}
	return all
}

func slashIsMissing(t *trial) {
	for _, r := range t.readings() {
		path, _, _ := strings.Cut(r.url, "?")
		a := t.get(strings.TrimSuffix(path, "/"))
		want := "the resource, a redirect to " + path + ", or a refusal with 4xx"
		switch {
		case a.Status >= 500:
			t.fault(a, want, "%s", a.came())
		case a.Status/100 == 3 && !leadsTo(a, path):
			t.fault(a, want, "a redirect to %q", a.header.Get("Location"))
		default:
			t.note("%s without the slash: status %d", r.name, a.Status)
		}
	}
}

// leadsTo reports whether the redirect of a URL without its slash goes to the one with it, on the
// same host: anywhere else clients do not send their credentials, or should not.
func leadsTo(a *answer, to string) bool {
	from, err := url.Parse(strings.TrimSuffix(to, "/"))
	if err != nil {
		return false
	}
	location, err := from.Parse(a.header.Get("Location"))
	return err == nil && location.String() == to
}

// successIsAnObject looks at the body as a whole. What is missing in it or has the wrong type is
// for the cases of each resource.
func successIsAnObject(t *trial) {
	for _, s := range t.sights() {
		if s.success() {
			t.blame(s.answer, s.flaws.of(flawRoot))
		}
	}
}

// failureIsAnObject leaves bodies in other media types alone; T21-3.1-05 is about those.
func failureIsAnObject(t *trial) {
	want := "a body that says what was wrong: an error resource, a JSON object"
	for _, s := range t.sights() {
		if s.failure() {
			t.blame(s.answer, s.flaws.of(flawRoot))
		}
		if s.Status >= 400 && s.ResponseSize == 0 {
			t.fault(s.answer, want, "status %d and no body", s.Status)
		}
	}
}

// deleteExists deletes something of its own, so that 404 cannot mean that it was not there.
func deleteExists(t *trial) {
	o := t.indicator("to be deleted")
	t.add(t.main, o)
	t.shown(t.main, o)
	a := t.delete(t.main.object(o.id), query("match[version]", "all"))
	const want = "200: the standard has this method, and the user may read and write here"
	switch {
	case a.Status == http.StatusNotFound, a.Status == http.StatusMethodNotAllowed, a.Status >= 500:
		t.fault(a, want, "%s", a.came())
	case a.Status/100 != 2:
		t.warn(a, want, "%s", a.came())
	}
}
