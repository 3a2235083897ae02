package conformance

import (
	"net/http"
	"slices"
	"strings"
)

func collectionsCases() []Case {
	return []Case{
		{
			ID: "T21-5.1-01", Group: Standard, Section: "5.1", Level: Must,
			Title: "every API root lists its collections",
			Demand: "A GET of collections/ below an API root that the user may see is answered " +
				"with 200 and a JSON object, in which the property collections is a list; also " +
				"by an API root that has no collections.",
			run: collectionsAreListed,
		},
		{
			ID: "T21-5.1-02", Group: Standard, Section: "5.1.1", Level: Must,
			Title: "without collections the property is left out",
			Demand: "When there are no collections that the user may know of, the property " +
				"collections is not in the answer, which is then an empty JSON object.",
			run: noCollectionsAreNoProperty,
		},
		{
			ID: "T21-5.1-03", Group: Standard, Section: "5.1", Level: Must,
			Title: "the list of collections with a wrong password is 401 or 404",
			Demand: "When authentication fails, a GET of collections/ is answered with 401 or 404, " +
				"and never with the collections.",
			needs: needAuth,
			run:   func(t *trial) { isKeptFromStrangers(t, t.collections()) },
		},
	}
}

// maxVisits bounds how many API roots or collections a case visits when there are many.
const maxVisits = 8

// ownRoots lists the API roots on this host, the one that is judged first.
func (w *world) ownRoots() []string {
	found := []string{w.root}
	for _, root := range w.roots {
		if strings.HasPrefix(root, w.base+"/") && !slices.Contains(found, root) &&
			len(found) < maxVisits {
			found = append(found, root)
		}
	}
	return found
}

// collectionsAreListed leaves it to T21-3.1-02 whether the body is a JSON object, and to T21-5.1-02
// what is there when there are no collections.
func collectionsAreListed(t *trial) {
	for _, root := range t.ownRoots() {
		if root != t.root && !served(t.try(http.MethodGet, root)) {
			continue // it may not be for this user, see T21-4.1-09
		}
		a := t.get(root + "collections/")
		switch {
		case a.Status == http.StatusOK:
			if o, err := a.object(); err == nil && string(o["collections"]) != "null" {
				found := collectionsResource().check(a.body)
				t.blame(a, found.of(flawType).within("collections"))
			}
		case root != t.root && a.Status/100 == 4:
			t.note("%s: %s; the user may have no access there", a.sent(), a.came())
		default:
			t.fault(a, "200 with the collections", "%s", a.came())
		}
	}
}

// noCollectionsAreNoProperty looks for a list without collections among those of all API roots
// and of both users.
func noCollectionsAreNoProperty(t *trial) {
	users := []who{user}
	if !t.config.Second.Empty() {
		users = append(users, second)
	}
	asked := false
	for _, root := range t.ownRoots() {
		for _, u := range users {
			a := t.try(http.MethodGet, root+"collections/", as(u))
			o, err := a.object()
			if !served(a) || err != nil || len(o.list("collections")) > 0 {
				continue
			}
			asked = true
			if raw, given := o["collections"]; given && string(raw) == "null" { // [] is T21-2-04
				t.fault(a, "no property collections, because there are none", "%s", excerpt(raw))
			}
		}
	}
	if !asked {
		t.skip("a user to whom an API root shows no collections is needed; give one with " +
			"--second-user")
	}
}

// isKeptFromStrangers judges what a GET with a wrong password is answered with.
func isKeptFromStrangers(t *trial, at string) {
	if served(t.try(http.MethodGet, at, as(nobody))) {
		t.skip("the server shows %s to anybody", at)
	}
	turnsAway(t, t.try(http.MethodGet, at, as(misspelt)))
}

// turnsAway judges the answer to a request with a wrong password, which the tables of sections
// 5.1 to 5.8 make 401 or 404. By section 8.2.2 a server need not answer at all.
func turnsAway(t *trial, a *answer) {
	switch a.Status {
	case http.StatusUnauthorized, http.StatusNotFound:
	case 0:
		t.note("%s: %s", a.sent(), a.Failure)
	case http.StatusTooManyRequests:
		t.skip("%s: %s; the server counts wrong log-ins, so run this case alone", a.sent(), a.came())
	default:
		t.fault(a, "401 or 404, because the password is wrong", "%s", a.came())
	}
}
