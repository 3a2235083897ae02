package conformance

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func objectCases() []Case {
	supports := "The URL of one object takes match[version], added_after, limit and next like the " +
		"list of objects: "
	return []Case{
		{
			ID: "T21-5.6-01", Group: Standard, Section: "5.6", Level: Must,
			Title: "an object is found at its id, whatever its type",
			Demand: "The last part of the URL is the STIX id of the object. The answer has what " +
				"match[id] with that id brings, for objects of every type.",
			needs: needItems, run: objectIsAtItsID,
		},
		{
			ID: "T21-5.6-02", Group: Standard, Section: "5.6", Level: Must,
			Title: "one object is answered with 200",
			Demand: "An object of a collection that the user may read is answered with 200, also " +
				"if its versions do not fit on the page.",
			needs: needItems, run: objectIsServed,
		},
		{
			ID: "T21-5.6-03a", Group: Standard, Section: "5.6", Level: Must,
			Title:  "a wrong password does not get one object",
			Demand: wrongPassword, needs: needAuth,
			run: refusesImpostor(func(t *trial) string { return t.main.object(t.someID()) }),
		},
		{
			ID: "T21-5.6-03b", Group: Standard, Section: "5.6", Level: Must,
			Title:  "one object of a collection that may not be read is refused",
			Demand: notReadable, needs: needWriteOnly,
			run: refusesReader(func(t *trial) string { return t.writeOnly.object(t.someID()) }),
		},
		{
			ID: "T21-5.6-04a", Group: Standard, Section: "5.6", Level: Must,
			Title:  "match[version] chooses among the versions of one object",
			Demand: supports + "first, last, all or a version; the newest version if nothing is said.",
			needs:  needItems, run: objectByVersion,
		},
		{
			ID: "T21-5.6-04b", Group: Standard, Section: "5.6", Level: Must,
			Title:  "added_after leaves out versions of one object",
			Demand: supports + "added_after selects the versions that were added after that moment.",
			needs:  needItems, run: objectAddedAfter,
		},
		{
			ID: "T21-5.6-04c", Group: Standard, Section: "5.6", Level: Must,
			Title:  "the versions of one object come in pages",
			Demand: supports + "a page is no longer than limit, and going on brings the others.",
			needs:  needItems, run: objectInPages,
		},
		{
			ID: "T21-5.6-04d", Group: Standard, Section: "5.6", Level: Info,
			Title: "match[spec_version] is understood at one object",
			Demand: "The table of parameters has match[spec_version] here, the text has it not. A " +
				"server may obey it, ignore it or refuse it with 400.",
			needs: needItems, run: objectBySpecVersion,
		},
		{
			ID: "T21-5.6-05", Group: Standard, Section: "5.6", Level: Info,
			Title: "an unknown object is 404, one that is filtered away is 200",
			Demand: "The text has an empty envelope where there is no object, the table has 404. " +
				"It is common to answer 404 for an id that the collection does not have, and 200 " +
				"without objects where filters exclude all versions.",
			needs: needItems, run: objectIsNotFound,
		},
		{
			ID: "T21-5.6-06", Group: Standard, Section: "5.6", Level: Info,
			Title: "match[type] and match[id] at one object do no harm",
			Demand: "Neither is defined for the URL of one object, though an example has one of " +
				"them. A server may ignore it, obey it or refuse it with 400.",
			needs: needItems, run: objectWithUndefinedMatch,
		},
	}
}

// oneOfEachKind returns the first item of each type in the window, at most n.
func (t *trial) oneOfEachKind(n int) []item {
	var found []item
	for _, i := range t.window(1).items {
		same := func(other item) bool { return other.kind() == i.kind() }
		if len(found) < n && !slices.ContainsFunc(found, same) {
			found = append(found, i)
		}
	}
	return found
}

// objectIsAtItsID tries one object of each type, since those without versions are easily
// forgotten.
func objectIsAtItsID(t *trial) {
	for _, i := range t.oneOfEachKind(8) {
		want := t.page(t.get(t.main.objects(), query("match[id]", i.id))).items
		a := t.get(t.main.object(i.id))
		switch {
		case len(want) == 0: // it is gone, or T21-3.4-19 has found out
		case a.Status/100 == 4:
			t.fault(a, "200 with "+want[0].key()+", as match[id] brings it", "%s", a.came())
		case !served(a):
			t.untold("%s: %s", a.sent(), a.came())
		default:
			t.blameOthers(a, want)
		}
	}
}

// blameOthers finds fault with objects that are not those of match[id], with their absence, and
// with another content. How many versions there are is for T21-5.6-04a to judge.
func (t *trial) blameOthers(a *answer, want []item) {
	id, items := want[0].id, t.page(a).items
	for _, got := range items {
		if got.id != id {
			t.fault(a, "nothing but "+id, "%s", got.id)
			return
		}
		if got.key() == want[0].key() {
			t.compare(a, "objects", want[0].raw, got.raw)
		}
	}
	if len(items) == 0 && t.ok(a).text("id") == "" { // a bare object is for T21-3.7-01 to judge
		t.fault(a, id+", as match[id] brings it", "an envelope without it")
	}
}

func objectIsServed(t *trial) {
	id := t.window(1).items[0].id
	if t.fixture != nil {
		id = t.fixture.tripled[0].id
	}
	for _, v := range []url.Values{match(), match("match[version]", "all", "limit", "1")} {
		if a := t.get(t.main.object(id), values(v)); a.Status != http.StatusOK {
			t.fault(a, "200 with the object", "%s", a.came())
		}
	}
}

// byMoment returns versions from the earliest to the latest.
func byMoment(versions []string) []string {
	return slices.SortedFunc(slices.Values(versions), func(a, b string) int {
		return stixInstant(a).Compare(stixInstant(b))
	})
}

// objectByVersion compares moments, because what a version looks like is judged elsewhere.
func objectByVersion(t *trial) {
	id, records := t.several()
	versions := byMoment(versionsIn(records))
	last := len(versions) - 1
	for _, wanted := range []struct {
		v    url.Values
		want []string
	}{
		{match(), versions[last:]},
		{match("match[version]", "last"), versions[last:]},
		{match("match[version]", "first"), versions[:1]},
		{match("match[version]", "all"), versions},
		{match("match[version]", versions[last-1]), versions[last-1 : last]},
	} {
		p := t.page(t.get(t.main.object(id), values(wanted.v)))
		got := versionsIn(only(p.items, id))
		if !p.more && !sameMoments(wanted.want, got) {
			t.fault(p.answer, "the versions "+strings.Join(wanted.want, ", "), "%s", inLine(got))
		}
	}
}

// addedLater returns the date of the first record and the versions that were added after it. The
// case is skipped if all were added at the same moment.
func (t *trial) addedLater(records []item) (date string, later []string) {
	date = records[0].date
	for _, i := range records {
		if stixInstant(i.date).After(stixInstant(date)) {
			later = append(later, i.version)
		}
	}
	if len(later) == 0 {
		t.skip("an object is needed whose versions were not added at the same moment")
	}
	return date, later
}

// objectAddedAfter needs match[version]=all to work, which T21-5.6-04a judges; without it there
// would be one version alone to leave out or not.
func objectAddedAfter(t *trial) {
	id, records := t.several()
	date, want := t.addedLater(records)
	all := t.page(t.get(t.main.object(id), query("match[version]", "all")))
	p := t.page(t.get(t.main.object(id), query("match[version]", "all", "added_after", date)))
	if got := versionsIn(p.items); len(all.items) == len(records) && !p.more &&
		!sameMoments(want, got) {
		t.fault(p.answer, "the versions "+strings.Join(want, ", ")+", which were added later",
			"%s", inLine(got))
	}
}

func objectInPages(t *trial) {
	id, records := t.several()
	t.inPages(t.main.object(id), match("match[version]", "all"), records)
}

// inPages walks through the versions of an object in pages of one.
func (t *trial) inPages(at string, v url.Values, records []item) {
	versions, beginning := versionsIn(records), v
	// A page that has not all of them is no matter if it says so: the server's may be very short.
	if whole := t.page(t.get(at, values(v))); len(whole.items) != len(versions) && !whole.more {
		t.untold("%s: expected %d versions, came %d", whole.sent(), len(versions), len(whole.items))
	}
	first := t.page(t.get(at, values(plus(v, "limit", "1"))))
	switch {
	case len(first.items) > 1:
		t.fault(first.answer, "one version, as limit says", "%d versions", len(first.items))
		return
	case !t.hasMore(first):
		t.untold("%s: more is not true, see T21-3.5-01", first.sent())
	case first.next == "" && shareDates(records):
		t.skip("the server sends no next, and versions with the same date_added cannot be told " +
			"apart by added_after, see T21-3.3-04")
	}
	var met []string
	p, v := first, plus(v, "limit", "1")
	for range len(versions) + 2 {
		met = append(met, versionsIn(p.items)...)
		following, ok := onward(v, p)
		if !p.more || !ok {
			break
		}
		v = following
		p = t.page(t.get(at, values(v)))
	}
	if !sameMoments(versions, met) {
		if a, now := t.whole(at, beginning); !sameMoments(versions, versionsIn(now)) {
			t.untold("%s: the versions change while they are read", a.sent())
		}
		t.fault(p.answer, "page by page the versions "+strings.Join(versions, ", "), "%s", inLine(met))
	}
}

// shareDates reports whether two records have the same date.
func shareDates(records []item) bool {
	seen := map[int64]bool{}
	for _, i := range records {
		date := stixInstant(i.date).UnixMicro()
		if seen[date] {
			return true
		}
		seen[date] = true
	}
	return false
}

// objectBySpecVersion reports what it meets: text and table contradict each other.
func objectBySpecVersion(t *trial) {
	id := t.window(1).items[0].id
	a := t.get(t.main.object(id), query("match[spec_version]", "2.0"))
	o, _ := a.object() // what is no object has no objects
	switch a.Status {
	case http.StatusOK, http.StatusNotFound, http.StatusBadRequest:
		t.note("match[spec_version]=2.0 at one object: status %d, %d objects", a.Status,
			len(readPage(a, o).items))
	default:
		t.fault(a, "200, 400 or 404", "%s", a.came())
	}
}

// objectIsNotFound asks for a random id, and for an id that exists with a filter that excludes it.
func objectIsNotFound(t *trial) {
	a := t.get(t.main.object(freshID("campaign")))
	if a.Status != http.StatusNotFound {
		t.fault(a, "404, since the collection has no such object", "%s", a.came())
	}
	a = t.get(t.main.object(t.window(1).items[0].id), query("added_after", future))
	switch a.Status {
	case http.StatusOK:
	case http.StatusNotFound:
		t.note("an object whose versions are all filtered away is 404")
	default:
		t.fault(a, "200 without objects, since no version was added after "+future, "%s", a.came())
	}
}

func objectWithUndefinedMatch(t *trial) {
	i := t.window(1).items[0]
	for _, v := range []url.Values{match("match[type]", i.kind()), match("match[id]", i.id)} {
		a := t.get(t.main.object(i.id), values(v))
		if a.Status != http.StatusOK && a.Status != http.StatusBadRequest {
			t.fault(a, "200 or 400", "%s", a.came())
		}
	}
}
