package conformance

import (
	"net/http"
	"slices"
	"strings"
)

func versionCases() []Case {
	return []Case{
		{
			ID: "T21-3.4-25", Group: Standard, Section: "3.4.1", Level: Must,
			Title: "without match[version] there is the newest version alone",
			Demand: "match[version] is last when it is not given: of each object the listings " +
				"have its newest version and no other.",
			needs: needItems, run: newestByDefault,
		},
		{
			ID: "T21-3.4-26a", Group: Standard, Section: "3.4.1", Level: Must,
			Title:  "match[version]=last selects the newest version",
			Demand: "last is the newest version of each object.",
			needs:  needItems, run: selects(value("last")),
		},
		{
			ID: "T21-3.4-26b", Group: Standard, Section: "3.4.1", Level: Must,
			Title:  "match[version]=first selects the earliest version",
			Demand: "first is the earliest version of each object that the server has.",
			needs:  needItems, run: selects(value("first")),
		},
		{
			ID: "T21-3.4-26c", Group: Standard, Section: "3.4.1", Level: Must,
			Title:  "match[version]=all selects every version",
			Demand: "all is every version of each object that the server has.",
			needs:  needItems, run: selects(value("all")),
		},
		{
			ID: "T21-3.4-26d", Group: Standard, Section: "3.4.1", Level: Must,
			Title: "match[version] with a timestamp selects that version",
			Demand: "A timestamp selects the version whose modified it is, be it the newest one " +
				"or not.",
			needs: needItems, run: selects(earliest, middle, newest),
		},
		{
			ID: "T21-3.4-26e", Group: Standard, Section: "3.4.1", Level: Must,
			Title: "several values of match[version] select the union",
			Demand: "Values of match[version] with commas between them select every version that " +
				"one of them means.",
			needs: needItems, run: selects(value("first,last"), firstMiddleLast, earliestLast),
		},
		{
			ID: "T21-3.4-32", Group: Standard, Section: "3.4.1", Level: Should,
			Title: "the only version of an object is first, last and all of them, once",
			Demand: "An object that has one version has it as first and as last version. Whichever " +
				"keywords ask for it, it comes once.",
			needs: needItems, run: onlyVersionOnce,
		},
		{
			ID: "T21-3.4-33", Group: Standard, Section: "3.4.1", Level: Info,
			Title: "match[version]=first together with added_after gets an answer",
			Demand: "first after a moment can mean the earliest of the versions that were added " +
				"after it, or the earliest version if it was added after it. The text leans to " +
				"the first reading. Either is an answer.",
			needs: needFixture, run: whichFilterComesFirst,
		},
	}
}

// versionsIn lists the versions of items.
func versionsIn(items []item) []string {
	var versions []string
	for _, i := range items {
		versions = append(versions, i.version)
	}
	return versions
}

// sameMoments reports whether two lists have the same versions, each as often, in any order.
func sameMoments(a, b []string) bool {
	rest := slices.Clone(b)
	for _, v := range a {
		n := slices.IndexFunc(rest, func(other string) bool { return sameVersion(v, other) })
		if n < 0 {
			return false
		}
		rest = slices.Delete(rest, n, n+1)
	}
	return len(rest) == 0
}

// chosen returns what a list of values means, given all versions from the earliest to the newest.
func chosen(versions []string, values string) []string {
	var found []string
	last := len(versions) - 1
	for n, version := range versions {
		for _, value := range strings.Split(values, ",") {
			if value == "all" || value == "first" && n == 0 || value == "last" && n == last ||
				sameVersion(value, version) {
				found = append(found, version)
				break
			}
		}
	}
	return found
}

// Values of match[version], given all versions of an object from the earliest to the newest.
func value(v string) func([]string) string     { return func([]string) string { return v } }
func earliest(versions []string) string        { return versions[0] }
func middle(versions []string) string          { return versions[len(versions)/2] }
func newest(versions []string) string          { return versions[len(versions)-1] }
func earliestLast(versions []string) string    { return earliest(versions) + ",last" }
func firstMiddleLast(versions []string) string { return "first," + middle(versions) + ",last" }

// selects returns a case that tries values of match[version] at the objects.
func selects(asked ...func([]string) string) func(*trial) {
	return func(t *trial) {
		for _, ask := range asked {
			t.expectVersions(t.main.objects(), ask)
		}
	}
}

// manifold returns an object and its versions, from the earliest to the newest: three that the
// suite has added one by one, or else all that the server tells of some object.
func (t *trial) manifold() (id string, versions []string) {
	if f := t.fixture; f != nil {
		three := f.tripled
		return three[0].id, []string{three[0].version, three[1].version, three[2].version}
	}
	id, _ = t.several()
	if versions = t.everyVersion(id); len(versions) == 0 {
		t.untold("the versions of %s cannot be listed", id)
	}
	return id, versions
}

// everyVersion returns the versions of an object that the server has anywhere, in their order.
func (t *trial) everyVersion(id string) []string {
	all := versionsIn(t.list(t.main.versions(id), nil))
	for _, at := range t.listings() {
		items := t.list(at, match("match[id]", id, "match[version]", "all"))
		all = append(all, versionsIn(only(items, id))...)
	}
	if len(all) > widest {
		t.untold("%s has more versions than the suite looks at", id)
	}
	slices.SortStableFunc(all, func(a, b string) int {
		return stixInstant(a).Compare(stixInstant(b))
	})
	return slices.CompactFunc(all, sameVersion)
}

// expectVersions asks for the object that has several versions. Servers may forget versions
// (section 1.6.11): what is nowhere to be found any more is not asked of them.
func (t *trial) expectVersions(at string, ask func(versions []string) string) {
	id, all := t.manifold()
	wanted := ask(all)
	a, items := t.whole(at, match("match[id]", id, "match[version]", wanted))
	got := versionsIn(only(items, id))
	if sameMoments(got, chosen(all, wanted)) {
		return
	}
	kept := t.everyVersion(id)
	switch changed := !sameMoments(kept, all); {
	case changed && sameMoments(got, chosen(kept, wanted)):
		t.skip("of the %d versions of %s the server keeps %d", len(all), id, len(kept))
	case changed && t.fixture == nil:
		t.untold("%s: the versions of %s change while they are read", a.sent(), id)
	}
	t.fault(a, "of "+id+" the versions "+inLine(chosen(kept, wanted)), "%s", inLine(got))
}

func newestByDefault(t *trial) {
	id, all := t.manifold()
	for _, at := range t.listings() {
		a, items := t.whole(at, match("match[id]", id))
		got := versionsIn(only(items, id))
		if sameMoments(got, []string{newest(all)}) {
			continue
		}
		if t.fixture == nil && !sameMoments(all, t.everyVersion(id)) {
			t.untold("%s: the versions of %s change while they are read", a.sent(), id)
		}
		t.fault(a, "of "+id+" the version "+newest(all)+" alone", "%s", inLine(got))
	}
}

func onlyVersionOnce(t *trial) {
	id := t.single()
	for _, value := range []string{"first", "last", "all", "first,last"} {
		a, items := t.whole(t.main.objects(), match("match[id]", id, "match[version]", value))
		if n := len(only(items, id)); n != 1 {
			t.fault(a, id+" once, because it has one version", "it came %d times", n)
		}
	}
}

// single returns an object with one version.
func (t *trial) single() string {
	if t.fixture != nil {
		return t.fixture.batch[0].id
	}
	items := t.window(1).items
	for _, i := range items[:min(len(items), pageSize)] {
		if p := t.page(t.get(t.main.versions(i.id))); len(p.items) == 1 && !p.more {
			return i.id
		}
	}
	t.skip("an object with one version is needed, and the first ones have several")
	return ""
}

func whichFilterComesFirst(t *trial) {
	three := t.fixture.tripled
	id := three[0].id
	date := ""
	for _, i := range t.list(t.main.manifest(), match("match[id]", id, "match[version]", "all")) {
		if i.id == id && sameVersion(i.version, three[0].version) {
			date = i.date
		}
	}
	if date == "" {
		t.skip("the server does not keep the first version of %s", id)
	}
	a := t.get(t.main.objects(),
		query("match[id]", id, "match[version]", "first", "added_after", date))
	switch {
	case a.Status >= http.StatusInternalServerError:
		t.fault(a, "an answer without an error of the server", "%s", a.came())
	case a.Status != http.StatusOK:
		t.note("match[version]=first together with added_after gets status %d", a.Status)
	case len(only(t.page(a).items, id)) > 0:
		t.note("first means the earliest of the versions that were added after added_after")
	default:
		t.note("first means the earliest version of all, whatever added_after leaves")
	}
}
