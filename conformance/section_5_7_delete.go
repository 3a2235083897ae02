package conformance

import (
	"bytes"
	"net/http"
	"slices"
)

func deleteCases() []Case {
	return []Case{
		{
			ID: "T21-5.7-01a", Group: Standard, Section: "5.7", Level: Must,
			Title: "DELETE in a collection that the user may neither read nor write is 404",
			Demand: "A user deletes only where he may both read and write. Where he may do neither, " +
				"the answer is 404, and nothing else.",
			needs: needForbidden,
			run:   func(t *trial) { deleteNeedsBothRights(t, t.forbidden, http.StatusNotFound) },
		},
		{
			ID: "T21-5.7-01b", Group: Standard, Section: "5.7", Level: Must,
			Title: "DELETE in a collection that the user may only read is 403",
			Demand: "A user deletes only where he may both read and write. Where he may only read, " +
				"the answer is 403.",
			needs: needReadOnly,
			run:   func(t *trial) { deleteNeedsBothRights(t, t.readOnly, http.StatusForbidden) },
		},
		{
			ID: "T21-5.7-01c", Group: Standard, Section: "5.7", Level: Must,
			Title: "DELETE in a collection that the user may only write is 403",
			Demand: "A user deletes only where he may both read and write. Where he may only write, " +
				"the answer is 403.",
			needs: needWriteOnly,
			run:   func(t *trial) { deleteNeedsBothRights(t, t.writeOnly, http.StatusForbidden) },
		},
		{
			ID: "T21-5.7-02", Group: Standard, Section: "5.7", Level: Must,
			Title:  "DELETE with a wrong password is 401 or 404",
			Demand: "When authentication fails, a DELETE is answered with 401 or 404.",
			needs:  needDelete | needAuth, run: deleteNeedsAPassword,
		},
		{
			ID: "T21-5.7-03", Group: Standard, Section: "5.7", Level: Must,
			Title:  "DELETE is answered with 200",
			Demand: "An object that is deleted is answered with 200; not with 202 or 204.",
			needs:  needDelete, run: deleteIsOK,
		},
		{
			ID: "T21-5.7-04", Group: Standard, Section: "5.7", Level: Must,
			Title: "what is deleted is 404 by its id",
			Demand: "Once a DELETE is answered with 200, a GET of the object by its id is answered " +
				"with 404.",
			needs: needDelete, run: deletedIsNotFound,
		},
		{
			ID: "T21-5.7-05", Group: Standard, Section: "5.7", Level: Must,
			Title: "what is deleted is in no list",
			Demand: "Once a DELETE is answered with 200, neither the objects nor the manifest of the " +
				"collection have the object.",
			needs: needDelete, run: deletedIsNotListed,
		},
		{
			ID: "T21-5.7-06", Group: Standard, Section: "5.7", Level: Must,
			Title: "match[version] deletes that version and leaves the others",
			Demand: "A DELETE with match[version] deletes the versions that it names, and no other " +
				"version of the object.",
			needs: needDelete, run: deleteOfOneVersion,
		},
		{
			ID: "T21-5.7-07", Group: Standard, Section: "5.7", Level: Info,
			Title: "DELETE without match[version] deletes the object or its newest version",
			Demand: "The standard leaves open whether a DELETE without match[version] means every " +
				"version of the object, as section 5.7 suggests, or the newest one, which is what a " +
				"missing match[version] means elsewhere.",
			needs: needDelete, run: deleteWithoutVersion,
		},
		{
			ID: "T21-5.7-09", Group: Standard, Section: "5.7", Level: Info,
			Title: "the answer to DELETE has no body",
			Demand: "Section 5.7 has no body in the answer to DELETE, the summary of section 5 an " +
				"envelope. No body, or a JSON object, is what clients can be ready for.",
			needs: needDelete, run: deleteHasNoBody,
		},
		{
			ID: "T21-5.7-10a", Group: Standard, Section: "5.7", Level: Must,
			Title:  "DELETE of an object that does not exist is 404",
			Demand: "A DELETE of an id that no object of the collection has is answered with 404.",
			needs:  needDelete, run: deleteOfNothing,
		},
		{
			ID: "T21-5.7-10b", Group: Standard, Section: "5.7", Level: Must,
			Title: "DELETE with a malformed match[version] is 400",
			Demand: "A DELETE with a parameter that is malformed is answered with 400, and deletes " +
				"nothing.",
			needs: needDelete, run: deleteWithMalformedVersion,
		},
	}
}

// deleteNeedsBothRights asks for an id that no object has, so that nothing is lost where a server
// deletes in spite of all. A server may see that first and answer 404, which is no failure then.
func deleteNeedsBothRights(t *trial, c *collection, code int) {
	if !t.config.Write {
		t.skip("%s", t.whyNotWritten())
	}
	a := t.delete(c.object(freshID("identity")), query("match[version]", "all"))
	want := "403, because the user has one of the two rights on " + c.id
	if code == http.StatusNotFound {
		want = "404, because the user has no rights on " + c.id
	}
	switch a.Status {
	case code:
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		t.untold("%s: %s; see T21-3.1-17", a.sent(), a.came())
	case http.StatusNotFound:
		t.warn(a, want, "%s; it may be meant for the object, which does not exist", a.came())
	default:
		t.fault(a, want, "%s", a.came())
	}
}

func deleteNeedsAPassword(t *trial) {
	o := t.toDelete(1)
	turnsAway(t, t.try(http.MethodDelete, t.main.object(o[0].id), query("match[version]", "all"),
		as(impostor)))
}

// toDelete adds n versions of a new object, one after the other.
func (t *trial) toDelete(n int) []stixObject {
	id := freshID("identity")
	var versions []stixObject
	for i := range n {
		o := t.version(id, "the one to delete", nthVersion(i+1))
		t.add(t.main, o)
		versions = append(versions, o)
	}
	t.shown(t.main, versions[0])
	return versions
}

// deleted deletes an object; a server that does not ends the case.
func (t *trial) deleted(id string, version string) {
	a := t.delete(t.main.object(id), query("match[version]", version))
	if a.Status/100 != 2 {
		t.untold("%s: %s", a.sent(), a.came())
	}
}

func deleteIsOK(t *trial) {
	o := t.toDelete(1)[0]
	a := t.delete(t.main.object(o.id), query("match[version]", "all"))
	if a.Status != http.StatusOK {
		t.fault(a, "200, because the object was there and is deleted", "%s", a.came())
	}
}

func deletedIsNotFound(t *trial) {
	o := t.toDelete(1)[0]
	t.deleted(o.id, "all")
	a := t.get(t.main.object(o.id))
	const want = "404, because the object is deleted"
	switch {
	case a.Status == http.StatusNotFound:
	case a.Status != http.StatusOK:
		t.fault(a, want, "%s", a.came())
	case len(only(readAny(a), o.id)) > 0:
		t.fault(a, want, "the object")
	default:
		t.note("an object that is gone is answered with 200 and nothing in it; see T21-5.6-05")
	}
}

// deletedIsNotListed has one version deleted, as it is T21-5.7-06 that judges match[version].
func deletedIsNotListed(t *trial) {
	o := t.toDelete(1)[0]
	t.deleted(o.id, "all")
	for _, at := range []string{t.main.objects(), t.main.manifest()} {
		a := t.get(at, query("match[id]", o.id, "match[version]", "all"))
		if n := len(only(t.page(a).items, o.id)); n > 0 {
			t.fault(a, "nothing of "+o.id+", which is deleted", "%d versions of it", n)
		}
	}
}

// threeToDelete adds three versions of a new object, which the server then has to list.
func (t *trial) threeToDelete() []stixObject {
	versions := t.toDelete(3)
	if a, listed := t.left(versions[0].id); len(listed) != len(versions) {
		t.untold("%s: expected the three versions that were added, came %d; see section 5.8",
			a.sent(), len(listed))
	}
	return versions
}

// left returns the versions of an object that there are; 404 says that there are none.
func (t *trial) left(id string) (*answer, []item) {
	at := t.main.versions(id)
	if a := t.get(at); a.Status == http.StatusNotFound {
		return a, nil
	}
	return t.whole(at, nil)
}

func deleteOfOneVersion(t *trial) {
	versions := t.threeToDelete()
	t.deleted(versions[0].id, versions[1].version)
	a, listed := t.left(versions[0].id)
	for n, v := range versions {
		there := slices.ContainsFunc(listed, func(i item) bool {
			return sameInstant(i.version, v.version)
		})
		switch {
		case n == 1 && there:
			t.fault(a, "no version "+v.version+", which is deleted", "it is listed")
		case n != 1 && !there:
			t.fault(a, "the version "+v.version+", because only "+versions[1].version+
				" is deleted", "it is not listed")
		}
	}
}

// deleteWithoutVersion notes which of two readings the server follows.
func deleteWithoutVersion(t *trial) {
	versions := t.threeToDelete()
	id := versions[0].id
	deletion := t.delete(t.main.object(id))
	if deletion.Status/100 != 2 {
		t.fault(deletion, "200, because the object was there", "%s", deletion.came())
		return
	}
	a, left := t.left(id)
	newest := slices.ContainsFunc(left, func(i item) bool {
		return sameInstant(i.version, versions[2].version)
	})
	switch {
	case len(left) == 0:
		t.note("without match[version] every version is deleted")
	case len(left) == 2 && !newest:
		t.note("without match[version] the newest version alone is deleted")
	default:
		t.fault(a, "none of the three versions, or all but the newest", "%d of them", len(left))
	}
}

func deleteHasNoBody(t *trial) {
	o := t.toDelete(1)[0]
	a := t.delete(t.main.object(o.id), query("match[version]", "all"))
	if a.Status/100 != 2 {
		t.untold("%s: %s", a.sent(), a.came())
	}
	if body := bytes.TrimSpace(a.body); len(body) > 0 {
		if _, err := parseObject(body); err != nil {
			t.fault(a, "no body, or a JSON object", "%s", excerpt(body))
			return
		}
		t.note("the answer to DELETE has a body: %s", excerpt(body))
	}
}

func deleteOfNothing(t *trial) {
	a := t.delete(t.main.object(freshID("identity")), query("match[version]", "all"))
	isNotFound(t, a, "404, because no object has this id")
}

func deleteWithMalformedVersion(t *trial) {
	o := t.toDelete(1)[0]
	a := t.delete(t.main.object(o.id), query("match[version]", "yesterday"))
	if a.Status != http.StatusBadRequest {
		t.fault(a, "400, because match[version] is \"yesterday\"", "%s", a.came())
	}
}
