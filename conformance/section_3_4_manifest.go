package conformance

// manifestFilterCases are about filters of the manifest that other cases try at the objects alone.
func manifestFilterCases() []Case {
	return []Case{
		{
			ID: "T21-3.4-14a", Group: Standard, Section: "3.4", Level: Must,
			Title:  "the manifest takes match[id]",
			Demand: "The manifest has the filters of the objects. match[id] is one of them.",
			needs:  needItems, run: manifestTakesID,
		},
		{
			ID: "T21-3.4-14b", Group: Standard, Section: "3.4", Level: Must,
			Title:  "the manifest takes match[version]",
			Demand: "The manifest has the filters of the objects. match[version] is one of them.",
			needs:  needItems, run: manifestTakesVersion,
		},
		{
			ID: "T21-3.4-14c", Group: Standard, Section: "3.4", Level: Must,
			Title: "the manifest takes match[spec_version]",
			Demand: "The manifest has the filters of the objects. match[spec_version] is one of " +
				"them; records follow the objects that they stand for.",
			needs: needItems, run: manifestTakesSpec,
		},
	}
}

// manifestTakesID judges both directions, which the objects have two cases for: records carry
// nothing else that could be filtered wrongly.
func manifestTakesID(t *trial) {
	_, last := t.ends()
	id := last.id
	p := t.page(t.get(t.main.manifest(), query("match[id]", id)))
	if other := stranger(p.items, id); other != "" {
		t.fault(p.answer, "records of "+id+" alone", "a record of %s", other)
	}
	if len(only(p.items, id)) == 0 {
		t.checkThere(id)
		t.fault(p.answer, "the record of "+id, "no record of it")
	}
}

func manifestTakesVersion(t *trial) {
	for _, value := range []string{"first", "first,last"} {
		t.expectVersions(t.main.manifest(), func([]string) string { return value })
	}
}

func manifestTakesSpec(t *trial) {
	id := t.ofNewStix()
	a := t.get(t.main.manifest(), query("match[id]", id, "match[spec_version]", "2.0"))
	if len(only(t.page(a).items, id)) > 0 {
		t.fault(a, "no record of "+id+", because the object is of STIX 2.1", "a record of it")
	}
	a = t.get(t.main.manifest(), query("match[id]", id, "match[spec_version]", "2.1"))
	if len(only(t.page(a).items, id)) == 0 {
		t.fault(a, "the record of "+id+", which is of STIX 2.1", "no record of it")
	}
}
