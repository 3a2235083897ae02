package conformance

import "slices"

func unversionedCases() []Case {
	return []Case{
		{
			ID: "T21-3.4-29", Group: Standard, Section: "3.4.1", Level: Must,
			Title: "the version of an object without modified is its created",
			Demand: "Some objects, such as a marking-definition, have created and no modified. " +
				"Their version is created: match[version] with that timestamp selects them.",
			needs: needItems, run: createdIsVersion,
		},
		{
			ID: "T21-3.4-30a", Group: Standard, Section: "3.4.1", Level: Should,
			Title: "an object without any time has one version, the same wherever one looks",
			Demand: "Observables have neither created nor modified. The server gives them a " +
				"version and better keeps it: the same in the manifest every time, and in the " +
				"list of versions.",
			needs: needItems, run: observableKeepsVersion,
		},
		{
			ID: "T21-3.4-30b", Group: Standard, Section: "3.4.1", Level: Should,
			Title: "the version of an object without any time works in match[version]",
			Demand: "The version that the server has given to an observable better selects it, " +
				"as the version of any other object does.",
			needs: needItems, run: observableFoundByVersion,
		},
	}
}

// createdIsVersion takes created from the object, if the suite has not made it.
func createdIsVersion(t *trial) {
	id, created := "", born
	if t.fixture != nil && t.fixture.marking.id != "" {
		id = t.fixture.marking.id
	} else {
		id = t.ofKinds("marking-definition")
		marking := only(t.page(t.get(t.main.objects(), query("match[id]", id))).items, id)
		if len(marking) == 0 || stixInstant(marking[0].version).IsZero() {
			t.untold("GET %s: the marking-definition %s cannot be read", t.main.objects(), id)
		}
		created = marking[0].version
	}
	for _, at := range t.listings() {
		a, items := t.whole(at, match("match[id]", id, "match[version]", created))
		if len(only(items, id)) == 0 {
			t.fault(a, id+", whose created is "+created, "an answer without it")
		}
	}
}

// ofKinds returns the id of an object of the window that has one of some types.
func (t *trial) ofKinds(kinds ...string) string {
	for _, i := range t.window(1).items {
		if slices.Contains(kinds, i.kind()) {
			return i.id
		}
	}
	t.skip("a collection with an object such as a %s is needed; choose another one with "+
		"--collection, or allow --write", kinds[0])
	return ""
}

// timeless returns the id of an object without any time.
func (t *trial) timeless() string {
	if t.fixture != nil && t.fixture.sighted.id != "" {
		return t.fixture.sighted.id
	}
	const observables = 2 // their place among the sections
	return t.ofKinds(stixTypes()[observables]...)
}

func observableKeepsVersion(t *trial) {
	id := t.timeless()
	first, _ := t.recorded(id)
	again, a := t.recorded(id)
	if again != first {
		t.fault(a, "for "+id+" the version "+first+", as before", "%s", again)
		return
	}
	a, items := t.whole(t.main.versions(id), nil)
	if got := versionsIn(items); !sameMoments(got, []string{first}) {
		t.fault(a, "the version "+first+" of the manifest alone", "%s", inLine(got))
	}
}

// recorded returns the version of an object in the manifest, and the answer that has it.
func (t *trial) recorded(id string) (string, *answer) {
	a, items := t.whole(t.main.manifest(), match("match[id]", id))
	records := only(items, id)
	if len(records) != 1 {
		t.untold("%s: expected one record of %s, came %d", a.sent(), id, len(records))
	}
	return records[0].version, a
}

// observableFoundByVersion takes the version from the list of versions, so that a manifest that
// tells another one every time fails the case above alone.
func observableFoundByVersion(t *trial) {
	id := t.timeless()
	versions := versionsIn(t.list(t.main.versions(id), nil))
	if len(versions) == 0 {
		t.untold("GET %s lists no version", t.main.versions(id))
	}
	a, items := t.whole(t.main.objects(), match("match[id]", id, "match[version]", versions[0]))
	if len(only(items, id)) == 0 {
		t.fault(a, id+", whose version is "+versions[0], "an answer without it")
	}
}
