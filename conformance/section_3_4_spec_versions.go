package conformance

import "net/http"

func specCases() []Case {
	return []Case{
		{
			ID: "T21-3.4-20a", Group: Standard, Section: "3.4.1", Level: Must,
			Title: "match[spec_version] leaves out objects of other versions of STIX",
			Demand: "match[spec_version] takes versions of STIX such as 2.1; the answer has no " +
				"objects of other ones. A collection that has none of this version is no error.",
			needs: needItems, run: specLeavesOut,
		},
		{
			ID: "T21-3.4-20b", Group: Standard, Section: "3.4.1", Level: Must,
			Title: "match[spec_version] selects objects of each version of STIX that it names",
			Demand: "match[spec_version] takes one version of STIX or several, with commas " +
				"between them; objects of each of them are selected.",
			needs: needItems, run: specSelects,
		},
		{
			ID: "T21-3.4-21", Group: Standard, Section: "3.4.1", Level: Must,
			Title: "without match[spec_version] an object comes in the latest STIX there is",
			Demand: "If the server has an object in several versions of STIX and the client does " +
				"not say which one it wants, it gets the latest of them alone.",
			needs: needWrite, run: latestSpecByDefault,
		},
	}
}

// isOld reports whether an object is surely of STIX 2.0: it has times, and no spec_version.
func isOld(i item) bool {
	o, err := parseObject(i.raw)
	return err == nil && o["spec_version"] == nil && o["modified"] != nil
}

// isNew reports whether an object says that it is of STIX 2.1.
func isNew(i item) bool {
	o, err := parseObject(i.raw)
	return err == nil && o.text("spec_version") == "2.1"
}

func specLeavesOut(t *trial) {
	for _, ask := range []struct {
		spec  string
		wrong func(item) bool
	}{{"2.0", isNew}, {"2.1", isOld}} {
		a := t.get(t.main.objects(), values(t.portion("match[spec_version]", ask.spec)))
		if a.Status != http.StatusOK {
			t.warn(a, "status 200, whether there are objects of STIX "+ask.spec+" or not",
				"%s", a.came())
			continue
		}
		for _, i := range t.page(a).items {
			if ask.wrong(i) {
				t.fault(a, "objects of STIX "+ask.spec+" alone", "%s, which is of another", i.id)
				break
			}
		}
	}
}

func specSelects(t *trial) {
	id := t.ofNewStix()
	for _, specs := range []string{"2.1", "2.0,2.1"} {
		a, items := t.whole(t.main.objects(), match("match[id]", id, "match[spec_version]", specs))
		if len(only(items, id)) == 0 {
			t.fault(a, id+", which is of STIX 2.1", "an answer without it")
		}
	}
}

// ofNewStix returns the id of an object of STIX 2.1, which the collection has not as 2.0, too.
func (t *trial) ofNewStix() string {
	if t.fixture != nil {
		return t.fixture.batch[0].id
	}
	page := t.page(t.get(t.main.objects(), values(t.portion())))
	for _, i := range page.items[:min(len(page.items), pageSize)] {
		if isNew(i) && !t.hasOld(i.id) {
			return i.id
		}
	}
	t.skip("a collection that begins with objects of STIX 2.1 is needed; choose another one with " +
		"--collection, or allow --write")
	return ""
}

// hasOld reports whether the objects have an id as STIX 2.0.
func (t *trial) hasOld(id string) bool {
	p := t.page(t.get(t.main.objects(), query("match[id]", id, "match[spec_version]", "2.0")))
	return countIf(only(p.items, id), isOld) > 0
}

// latestSpecByDefault brings one identity in two versions of STIX. It asks for all versions of
// the object, so that the choice of the newest one plays no part.
func latestSpecByDefault(t *trial) {
	id := freshID("identity")
	t.addTwice(id)
	all := match("match[id]", id, "match[version]", "all")
	both := only(t.list(t.main.objects(), plus(all, "match[spec_version]", "2.0,2.1")), id)
	if countIf(both, isOld) == 0 || countIf(both, isNew) == 0 {
		t.skip("the server does not keep one object in two versions of STIX")
	}
	a, items := t.whole(t.main.objects(), all)
	mine := only(items, id)
	if countIf(mine, isOld) > 0 {
		t.fault(a, "of "+id+" the object of STIX 2.1 alone", "the one of STIX 2.0, too")
	}
	if countIf(mine, isNew) == 0 {
		t.fault(a, "of "+id+" the object of STIX 2.1", "an answer without it")
	}
}

func countIf(items []item, is func(item) bool) int {
	n := 0
	for _, i := range items {
		if is(i) {
			n++
		}
	}
	return n
}

// addTwice adds an identity as STIX 2.0 and, with a later modified, as STIX 2.1.
func (t *trial) addTwice(id string) {
	elder := stixObject{id, nthVersion(1), join([]string{
		"type", `"identity"`, "id", quote(id), "created", quote(born),
		"modified", quote(nthVersion(1)), "identity_class", `"organization"`,
		"name", quote("the twofold of the conformance run " + t.run),
	}, nil)}
	a := t.push(t.main, elder)
	if a.Status != http.StatusAccepted {
		t.skip("the server takes no objects of STIX 2.0: %s", a.came())
	}
	if failures, _ := t.settle(a).number("failure_count"); failures > 0 {
		t.skip("the server takes no objects of STIX 2.0: %s", excerpt(a.body))
	}
	younger := t.version(id, "the twofold", nthVersion(2), "identity_class", `"organization"`)
	t.add(t.main, younger)
	t.shown(t.main, younger)
}
