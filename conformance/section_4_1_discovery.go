package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// discoveryCases are those of section 4.1.
func discoveryCases() []Case {
	return []Case{
		{
			ID: "T21-4.1-01", Group: Standard, Section: "4.1", Level: Must,
			Title: "the discovery resource is at /taxii2/",
			Demand: "A server has its discovery resource at the path /taxii2/ at the root of the host, " +
				"so that clients find everything else from the name of the host (section 8.2.1).",
			run: discoveryIsThere,
		},
		{
			ID: "T21-4.1-02", Group: Standard, Section: "4.1", Level: Must,
			Title: "the discovery resource has its properties",
			Demand: "A discovery resource has a title. The description, the contact and the default are " +
				"strings, the api_roots a list.",
			run: discoveryIsWhole,
		},
		{
			ID: "T21-4.1-03", Group: Standard, Section: "4.1", Level: Must,
			Title: "the default is one of the API roots",
			Demand: "If there is a default API root it is written in default exactly as it is in the " +
				"list api_roots.",
			run: defaultIsListed,
		},
		{
			ID: "T21-4.1-04", Group: Standard, Section: "4.1", Level: Must,
			Title:  "API roots are https URLs or paths",
			Demand: "The URL of an API root is either absolute and https, or relative to the host.",
			run:    rootsAreHTTPS,
		},
		{
			ID: "T21-4.1-05", Group: Standard, Section: "4.1", Level: Must,
			Title: "relative API roots begin with one slash",
			Demand: "A relative URL of an API root begins with one slash. It does not begin with two, " +
				"which would name another host, and has no .. in it.",
			run: relativeRootsAreSimple,
		},
		{
			ID: "T21-4.1-06", Group: Standard, Section: "4.1", Level: Must,
			Title:  "API roots have no query",
			Demand: "The URL of an API root has no query part: clients append paths to it.",
			run:    rootsHaveNoQuery,
		},
		{
			ID: "T21-4.1-07", Group: Standard, Section: "4.1", Level: Info,
			Title: "another user gets a discovery resource, too",
			Demand: "A server may list for each user the API roots that concern him, and may list those " +
				"of other servers. A user with fewer rights gets an orderly answer all the same.",
			needs: needSecond, run: secondDiscovers,
		},
		{
			ID: "T21-4.1-08", Group: Standard, Section: "4.1", Level: Must,
			Title: "discovery is refused with the statuses of the table",
			Demand: "Who is not known to the server gets the discovery resource all the same, or 401, " +
				"403 or 404. A redirect to a login page or a failure of the server is none of them.",
			run: discoveryRefuses,
		},
		{
			ID: "T21-4.1-09", Group: Standard, Section: "4.1", Level: Should,
			Title: "every API root that is listed on this host answers",
			Demand: "Clients read each API root that the discovery resource lists, with a slash added " +
				"if it has none at its end. One that does not exist has no place in the list.",
			run: listedRootsAnswer,
		},
	}
}

// discovering reads the discovery resource once more, for a case to look at. The case is skipped
// if the server does not show it to the user.
func (t *trial) discovering() (*answer, object) {
	a := t.get(t.discovery)
	if a.Status == http.StatusNotFound || a.Status == http.StatusForbidden {
		t.skip("the user gets no discovery resource (status %d); see T21-4.1-01", a.Status)
	}
	return a, t.ok(a)
}

// discoveryIsThere cannot tell a user who may not see the resource from a server that has none,
// unless it is where TAXII 2.0 had it; so 404 is a warning.
func discoveryIsThere(t *trial) {
	a := t.get(t.discovery)
	switch a.Status {
	case http.StatusOK, http.StatusUnauthorized, http.StatusForbidden:
		return
	case http.StatusNotFound:
	default:
		t.fault(a, "200", "%s", a.came())
		return
	}
	elsewhere := t.get(t.base + "/taxii/")
	if o, err := elsewhere.object(); served(elsewhere) && err == nil && o["api_roots"] != nil {
		t.fault(elsewhere, "nothing here, where TAXII 2.0 had it, but at "+discoveryPath,
			"a list of API roots; and at %s %s", discoveryPath, a.came())
		return
	}
	t.warn(a, "200; 404 is allowed only if the user may not know of any API root",
		"%s, although the user may read %s", a.came(), t.root)
}

func discoveryIsWhole(t *trial) {
	a, _ := t.discovering()
	t.blame(a, discoveryResource().check(a.body).of(flawMissing, flawType))
}

func defaultIsListed(t *trial) {
	a, found := t.discovering()
	first, roots := found.text("default"), found.texts("api_roots")
	if found["default"] == nil || slices.Contains(roots, first) {
		return
	}
	t.fault(a, fmt.Sprintf("default to be one of api_roots: %q", roots), "default is %q", first)
}

// isRelative reports whether an API root has no scheme, and so is a path on this host.
func isRelative(root string) bool {
	before, _, _ := strings.Cut(root, "/")
	return !strings.Contains(before, ":")
}

// rootsAreHTTPS lets http on loopback pass for a server that is called that way: it is one that
// somebody tries out, and tells its URLs as he called it.
func rootsAreHTTPS(t *trial) {
	a, found := t.discovering()
	for _, root := range found.texts("api_roots") {
		u, err := url.Parse(root)
		switch {
		case isRelative(root):
		case err == nil && u.Scheme == "https" && u.Host != "":
		case err == nil && u.Scheme == "http" && loopback(u.Hostname()) && !t.secure():
			t.note("%s is not https; it was let pass as the server was called over http on loopback",
				root)
		default:
			t.fault(a, "API roots that begin with https:// or with a slash", "api_roots has %q", root)
		}
	}
}

func relativeRootsAreSimple(t *trial) {
	a, found := t.discovering()
	for _, root := range found.texts("api_roots") {
		switch {
		case !isRelative(root):
		case !strings.HasPrefix(root, "/"), strings.HasPrefix(root, "//"),
			strings.HasPrefix(root, "/../"):
			t.fault(a, "a path that begins with one slash, and neither with // nor ../",
				"api_roots has %q", root)
		case !isSimple(root):
			t.warn(a, "a path without ..", "api_roots has %q", root)
		}
	}
}

// isSimple reports whether a relative URL stays on its host and where it says that it is.
func isSimple(root string) bool {
	path, _, _ := strings.Cut(root, "?")
	return strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "//") &&
		!slices.Contains(strings.Split(path, "/"), "..")
}

func rootsHaveNoQuery(t *trial) {
	a, found := t.discovering()
	for _, root := range found.texts("api_roots") {
		if strings.Contains(root, "?") {
			t.fault(a, "a URL without a question mark", "api_roots has %q", root)
		}
	}
}

func secondDiscovers(t *trial) {
	_, found := t.discovering()
	a := t.get(t.discovery, as(second))
	switch a.Status {
	case http.StatusOK:
		others, err := a.object()
		t.note("the user is shown %d API roots, the second user %d", len(found.list("api_roots")),
			len(others.list("api_roots")))
		if err != nil {
			t.untold("%s: the body cannot be read: %v", a.sent(), err)
		}
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		t.note("the second user is not shown the discovery resource: status %d", a.Status)
	default:
		t.fault(a, "200, 401, 403 or 404", "%s", a.came())
	}
}

// discoveryRefuses only warns of other 4xx, as the tables are not exhaustive (section 3.6).
func discoveryRefuses(t *trial) {
	want := "200, or a refusal with 401, 403 or 404"
	for _, w := range []who{nobody, impostor} {
		a := t.try(http.MethodGet, t.discovery, as(w))
		switch {
		case a.Status == 0:
			t.note("%s: %s; a server may ignore whom it does not know", a.sent(), a.Failure)
		case a.Status == http.StatusOK, a.Status == http.StatusUnauthorized,
			a.Status == http.StatusForbidden, a.Status == http.StatusNotFound,
			a.Status == http.StatusTooManyRequests:
		case a.Status/100 == 4:
			t.warn(a, want, "%s", a.came())
		default:
			t.fault(a, want, "%s", a.came())
		}
	}
}

func listedRootsAnswer(t *trial) {
	_, found := t.discovering()
	roots := found.texts("api_roots")
	for _, root := range roots[:min(len(roots), maxRoots)] {
		at := t.absolute(root)
		malformed := strings.Contains(root, "?") || isRelative(root) && !isSimple(root)
		if malformed || !strings.HasPrefix(at, t.base+"/") {
			continue // it is for other cases, or for whoever judges the other host
		}
		a := t.get(at)
		switch a.Status {
		case http.StatusOK:
		case http.StatusUnauthorized, http.StatusForbidden:
			t.note("%s is listed although the user may not read it: status %d", at, a.Status)
		default:
			t.fault(a, "200: the discovery resource lists this API root", "%s", a.came())
		}
	}
}
