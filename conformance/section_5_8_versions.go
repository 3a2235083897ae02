package conformance

import (
	"net/http"
	"slices"
	"strings"
)

func versionsCases() []Case {
	supports := "The list of versions takes added_after, limit, next and match[spec_version]: "
	return []Case{
		{
			ID: "T21-5.8-01", Group: Standard, Section: "5.8", Level: Must,
			Title: "the versions of an object are 200 with a list",
			Demand: "The versions of an object in a collection that the user may read are answered " +
				"with 200. They are in the list versions, also if there is but one.",
			needs: needItems, run: versionsAreServed,
		},
		{
			ID: "T21-5.8-02", Group: Standard, Section: "5.8", Level: Must,
			Title: "the version of an object without modified is its created",
			Demand: "A marking definition has created and no modified; created is then its one " +
				"version.",
			needs: needItems, run: createdIsTheVersion,
		},
		{
			ID: "T21-5.8-03", Group: Standard, Section: "5.8.1", Level: Must,
			Title: "where no version is left the answer is 200 without versions",
			Demand: "If the filters exclude all versions of an object the answer has no member " +
				"versions. That is a success.",
			needs: needItems, run: noVersionsAreServed,
		},
		{
			ID: "T21-5.8-04a", Group: Standard, Section: "5.8", Level: Must,
			Title:  "a wrong password gets no versions",
			Demand: wrongPassword, needs: needAuth,
			run: refusesImpostor(func(t *trial) string { return t.main.versions(t.someID()) }),
		},
		{
			ID: "T21-5.8-04b", Group: Standard, Section: "5.8", Level: Must,
			Title:  "versions in a collection that may not be read are refused",
			Demand: notReadable, needs: needWriteOnly,
			run: refusesReader(func(t *trial) string { return t.writeOnly.versions(t.someID()) }),
		},
		{
			ID: "T21-5.8-04c", Group: Standard, Section: "5.8", Level: Must,
			Title: "the versions of an object that is not there are 404",
			Demand: "A collection that does not have the object answers with 404. An empty list of " +
				"versions is tolerated with a warning, since the text on objects has the like.",
			needs: needItems, run: versionsOfNothing,
		},
		{
			ID: "T21-5.8-05a", Group: Standard, Section: "5.8", Level: Must,
			Title:  "added_after leaves out versions",
			Demand: supports + "added_after selects the versions that were added after that moment.",
			needs:  needItems, run: versionsAddedAfter,
		},
		{
			ID: "T21-5.8-05b", Group: Standard, Section: "5.8", Level: Must,
			Title:  "versions come in pages",
			Demand: supports + "a page is no longer than limit, and going on brings the others.",
			needs:  needItems, run: versionsInPages,
		},
		{
			ID: "T21-5.8-05c", Group: Standard, Section: "5.8", Level: Must,
			Title: "match[spec_version] leaves out versions in other versions of STIX",
			Demand: supports + "an object of STIX 2.1 alone has no version to list for " +
				"match[spec_version]=2.0.",
			needs: needFixture, run: versionsBySpecVersion,
		},
		{
			ID: "T21-5.8-06", Group: Standard, Section: "5.8", Level: Should,
			Title: "all versions are listed",
			Demand: "The list is there to show which versions there are, so it has all of them and " +
				"not only the newest.",
			needs: needItems, run: allVersionsAreListed,
		},
	}
}

// versionsAreServed looks at the whole list and at a page of one.
func versionsAreServed(t *trial) {
	i := t.window(1).items[0]
	for _, v := range []edit{query(), query("limit", "1")} {
		a := t.get(t.main.versions(i.id), v)
		if a.Status != http.StatusOK {
			t.fault(a, "200 with the versions", "%s", a.came())
			continue
		}
		t.blame(a, versionsResource().check(a.body).of(flawType))
	}
}

// createdIsTheVersion compares with the object as it is served, whatever marking there is.
func createdIsTheVersion(t *trial) {
	for _, i := range t.window(1).items {
		if i.kind() != "marking-definition" {
			continue
		}
		objects := t.page(t.get(t.main.object(i.id))).items
		a := t.get(t.main.versions(i.id))
		got := versionsIn(t.page(a).items)
		if len(objects) != 1 || len(got) == 0 {
			t.untold("%s: the marking definition is not there", a.sent())
		}
		if !sameMoments(versionsIn(objects), got) {
			t.fault(a, "the version "+objects[0].version, "%s", inLine(got))
		}
		return
	}
	t.skip("a collection with a marking definition is needed; choose another one with " +
		"--collection, or allow --write")
}

func noVersionsAreServed(t *trial) {
	a := t.get(t.main.versions(t.window(1).items[0].id), query("added_after", future))
	if a.Status != http.StatusOK {
		t.fault(a, "200 without versions, since none was added after "+future, "%s", a.came())
		return
	}
	t.blameLeftover(a, "versions")
}

// versionsOfNothing is lenient with an empty list: section 5.8.1 knows one, though for filters.
func versionsOfNothing(t *trial) {
	a := t.get(t.main.versions(freshID("campaign")))
	switch {
	case a.Status == http.StatusNotFound:
	case served(a) && len(t.page(a).items) == 0:
		t.warn(a, "404, since the collection has no such object", "an empty list of versions")
	default:
		t.fault(a, "404, since the collection has no such object", "%s", a.came())
	}
}

// versionsAddedAfter judges nothing if versions are missing even without the filter, see
// T21-5.8-06.
func versionsAddedAfter(t *trial) {
	id, records := t.several()
	date, want := t.addedLater(records)
	all := t.page(t.get(t.main.versions(id)))
	p := t.page(t.get(t.main.versions(id), query("added_after", date)))
	if got := versionsIn(p.items); len(all.items) == len(records) && !p.more &&
		!sameMoments(want, got) {
		t.fault(p.answer, "the versions "+strings.Join(want, ", ")+", which were added later",
			"%s", inLine(got))
	}
}

func versionsInPages(t *trial) {
	id, records := t.several()
	t.inPages(t.main.versions(id), match(), records)
}

// versionsBySpecVersion takes a 404 for an answer, too: the object does not exist in STIX 2.0.
func versionsBySpecVersion(t *trial) {
	id := t.fixture.tripled[0].id
	a := t.get(t.main.versions(id), query("match[spec_version]", "2.0"))
	if a.Status == http.StatusNotFound {
		return
	}
	if got := t.page(a).items; len(got) > 0 {
		t.fault(a, "no versions, since all of them are of STIX 2.1", "%s", inLine(versionsIn(got)))
	}
}

// allVersionsAreListed tolerates versions that the manifest does not have, such as those of an
// older STIX.
func allVersionsAreListed(t *trial) {
	id, records := t.several()
	p := t.page(t.get(t.main.versions(id)))
	got := versionsIn(p.items)
	for _, v := range versionsIn(records) {
		same := func(other string) bool { return sameVersion(v, other) }
		if !p.more && len(got) > 0 && !slices.ContainsFunc(got, same) {
			t.fault(p.answer, "the version "+v+" as well, which the manifest has", "%s", inLine(got))
		}
	}
}
