package conformance

import (
	"net/http"
	"strings"
)

func manifestCases() []Case {
	return []Case{
		{
			ID: "T21-5.3-01", Group: Standard, Section: "5.3", Level: Must,
			Title: "a manifest is 200 with a list of records",
			Demand: "The manifest of a collection that the user may read is answered with 200. Its " +
				"records are in the list objects, also if there is but one.",
			run: manifestIsServed,
		},
		{
			ID: "T21-5.3-02", Group: Standard, Section: "5.3.1", Level: Must,
			Title: "a manifest without records is 200 without objects",
			Demand: "Where nothing matches, or the collection is empty, the manifest has no member " +
				"objects. That is a success, not an error.",
			needs: needItems, run: emptyManifestIsServed,
		},
		{
			ID: "T21-5.3-03", Group: Standard, Section: "5.3.1", Level: Must,
			Title: "each version of an object has a record, complete and of its own",
			Demand: "A record describes one version of one object. It has id, date_added and " +
				"version, and they are strings. TAXII 2.0 listed the versions in one record.",
			needs: needItems, run: recordsAreComplete,
		},
		{
			ID: "T21-5.3-04", Group: Standard, Section: "5.3.1", Level: Must,
			Title:  "the id of a record is that of the object",
			Demand: "The id in a manifest is the STIX id of the object, by which it can be fetched.",
			needs:  needItems, run: recordHasID,
		},
		{
			ID: "T21-5.3-05a", Group: Standard, Section: "5.3.1", Level: Must,
			Title:  "the version of a record is the modified of the object",
			Demand: "For an object that has modified, that moment is its version in the manifest.",
			needs:  needItems, run: recordHasVersion,
		},
		{
			ID: "T21-5.3-05b", Group: Standard, Section: "5.3.1", Level: Should,
			Title: "the version of a record is written as in the object",
			Demand: "Clients compare versions as text, so the version in the manifest is modified " +
				"with all its digits, as it stands in the object.",
			needs: needItems, run: recordCopiesVersion,
		},
		{
			ID: "T21-5.3-06", Group: Standard, Section: "5.3.1", Level: Must,
			Title: "date_added is when the object was added",
			Demand: "date_added is the moment at which this version was added to the collection. " +
				"It is not in the future, and for what was just posted not in the past. Five " +
				"minutes of difference between clocks are tolerated.",
			needs: needItems, run: recordHasDate,
		},
		{
			ID: "T21-5.3-07", Group: Standard, Section: "5.3.1", Level: Must,
			Title: "the media_type of a record is one of the collection's",
			Demand: "media_type, if a record has it, is one of the media_types of the collection. " +
				"A collection that names none has application/stix+json.",
			needs: needItems, run: recordHasMediaType,
		},
		{
			ID: "T21-5.3-08a", Group: Standard, Section: "5.3", Level: Must,
			Title:  "a wrong password gets no manifest",
			Demand: wrongPassword, needs: needAuth,
			run: refusesImpostor(func(t *trial) string { return t.main.manifest() }),
		},
		{
			ID: "T21-5.3-08b", Group: Standard, Section: "5.3", Level: Must,
			Title:  "the manifest of a collection that may not be read is refused",
			Demand: notReadable, needs: needWriteOnly,
			run: refusesReader(func(t *trial) string { return t.writeOnly.manifest() }),
		},
		{
			ID: "T21-5.3-09", Group: Standard, Section: "5.3", Level: Should,
			Title: "manifest and objects tell of the same versions in the same order",
			Demand: "The manifest describes what the same request gets from objects, so the same " +
				"parameters select the same versions of the same objects in both.",
			needs: needItems, run: manifestAgrees,
		},
	}
}

// manifestIsServed looks at a short page as well: a server that makes lists of what it finds is
// tempted to send a single thing without one. It does not need a window, which is read from a
// manifest: a server without one fails here.
func manifestIsServed(t *trial) {
	w := t.view
	switch {
	case !t.main.read:
		t.skip("the user may not read the collection; choose another one with --collection")
	case w == nil:
		w = &window{}
	}
	for _, limit := range []string{"1", "3"} {
		a := t.get(t.main.manifest(), values(w.with("limit", limit)))
		if a.Status != http.StatusOK {
			t.fault(a, "200 with the manifest", "%s", a.came())
			continue
		}
		t.blame(a, manifestResource().check(a.body).of(flawType).within("manifest"))
	}
}

// emptyManifestIsServed brings emptiness about by a time that is to come, and by a collection that
// has nothing, if there is one.
func emptyManifestIsServed(t *trial) {
	answers := []*answer{t.get(t.main.manifest(), query("added_after", future))}
	if t.empty != nil {
		answers = append(answers, t.get(t.empty.manifest()))
	}
	for _, a := range answers {
		if a.Status != http.StatusOK {
			t.fault(a, "200 with a manifest that has no objects", "%s", a.came())
			continue
		}
		t.blameLeftover(a, "objects")
	}
}

// blameLeftover finds fault with a list that is neither left out nor a list although there is
// nothing to list; [] is for T21-2-04 to judge.
func (t *trial) blameLeftover(a *answer, name string) {
	if raw, there := t.ok(a)[name]; there && !strings.HasPrefix(string(raw), "[") {
		t.fault(a, "no member "+name+", since there is nothing to list", "%s: %s", name, excerpt(raw))
	}
}

// recordsAreComplete asks for all versions of some objects, because it is then that servers are
// tempted to put several into a record. Records of the same version in two forms have two types.
func recordsAreComplete(t *trial) {
	w := t.window(1)
	ids := []string{t.known()}
	for _, i := range w.items[:min(len(w.items), 20)] {
		if i.id != ids[0] {
			ids = append(ids, i.id)
		}
	}
	a := t.get(t.main.manifest(), query("match[id]", strings.Join(ids, ","),
		"match[version]", "all", "limit", "100"))
	records := t.ok(a).objects("objects")
	found := manifestResource().check(a.body).of(flawMissing, flawType)
	t.blame(a, found.within("manifest-record"))
	seen := map[string]bool{}
	for _, r := range records {
		key := r.text("id") + " " + r.text("version") + " " + r.text("media_type")
		if seen[key] && r.text("id") != "" && r.text("version") != "" {
			t.fault(a, "one record for each version", "two records for %s", key)
			return
		}
		seen[key] = true
	}
}

// recordHasID compares the first record of a type with the first object. If they are not the same
// it is enough that there is an object of the id, since the lists may differ for other reasons.
func recordHasID(t *trial) {
	w := t.window(1)
	for _, i := range w.items[:min(len(w.items), 3)] {
		v := w.with("match[type]", i.kind(), "limit", "1")
		manifest := t.get(t.main.manifest(), values(v))
		a := t.get(t.main.objects(), values(v))
		records, objects := t.page(manifest).items, t.page(a).items
		if len(records) != 1 || len(objects) != 1 {
			continue // T21-5.3-09 judges whether they agree
		}
		if got := records[0].id; got != objects[0].id && !t.serves(got) {
			t.fault(manifest, "the id of an object, such as "+objects[0].id, "%q, by which no "+
				"object can be fetched", excerpt([]byte(got)))
		}
	}
}

// serves reports whether main has an object of an id.
func (t *trial) serves(id string) bool {
	a := t.get(t.main.objects(), query("match[id]", id))
	return served(a) && len(only(t.page(a).items, id)) > 0
}
