package conformance

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
)

func sortingCases() []Case {
	return []Case{
		{
			ID: "T21-3.3-01", Group: Standard, Section: "3.3", Level: Must,
			Title: "listings are in the order of addition, the oldest first",
			Demand: "Objects and manifest records come by the moment at which they were added to " +
				"the collection, ascending. The times inside the objects do not matter.",
			needs: needItems, run: sortedByAddition,
		},
		{
			ID: "T21-3.3-02", Group: Standard, Section: "3.3", Level: Must,
			Title: "collections come in the same order every time",
			Demand: "The list of collections has an order that stays the same from request to " +
				"request, whatever is added to the collections.",
			run: collectionsKeepOrder,
		},
		{
			ID: "T21-3.3-03", Group: Standard, Section: "3.3", Level: Should,
			Title: "versions of one object are in the order of addition, too",
			Demand: "The endpoints of one object, and of its versions, come in pages like the " +
				"others. Section 3.5 takes it for granted that they are sorted by the moment of " +
				"addition, ascending; that moment and the version need not agree.",
			needs: needItems, run: versionsSortedByAddition,
		},
		{
			ID: "T21-3.3-04", Group: Standard, Section: "3.3", Level: Should,
			Title: "paging by X-TAXII-Date-Added-Last loses nothing of a large push",
			Demand: "A client may go on with added_after and the date of the last item that it " +
				"got. If objects share a date and a page ends among them, those behind are never " +
				"seen. So every entry better has a date of its own, or pages do not part equals.",
			needs: needWrite | needFixture, run: pushSurvivesPagingByDate,
		},
	}
}

// sortedByAddition ranks what it knows: its own objects by the push that brought them, others by
// the date that the manifest states. Within one push, and where pushes have the same date, the
// server chooses the order.
func sortedByAddition(t *trial) {
	w := t.window(3)
	rank := t.ranks(w)
	for _, at := range t.listings() {
		p := t.page(t.get(at, values(t.portion())))
		p.items = t.unchanged(w, p.items)
		t.blameRanks(p, rank)
		t.blameDates(p)
	}
}

// unchanged leaves out what was not in the window when the run began: a version that somebody has
// added since moves its object to the end.
func (t *trial) unchanged(w *window, items []item) []item {
	if t.fixture != nil {
		return items
	}
	return slices.DeleteFunc(slices.Clone(items), func(i item) bool {
		return !hasEntry(w.items, i.id, i.version)
	})
}

// blameRanks finds fault with the first item that comes too late.
func (t *trial) blameRanks(p page, rank map[string]int64) {
	before := item{}
	for _, i := range p.items {
		r, known := rank[i.id]
		if !known {
			continue
		}
		if before.id != "" && r < rank[before.id] && !t.sameDate(i.id, before.id) {
			t.fault(p.answer, i.id+" before "+before.id+", because it was added earlier",
				"%s (version %s) behind %s (version %s)", i.id, i.version, before.id, before.version)
			return
		}
		before = i
	}
}

// sameDate reports whether the manifest has the same date for two objects of the window.
func (t *trial) sameDate(one, other string) bool {
	both := only(t.view.items, one, other)
	return len(both) == 2 && both[0].date != "" && both[0].date == both[1].date
}

// ranks gives a place in the order of addition to each object of the window.
func (t *trial) ranks(w *window) map[string]int64 {
	rank := map[string]int64{}
	if f := t.fixture; f != nil {
		for _, o := range f.batch {
			rank[o.id] = 1
		}
		for _, o := range f.rare() {
			rank[o.id] = 2
		}
		rank[f.late.id], rank[f.tripled[2].id] = 3, 4
		return rank
	}
	for _, i := range w.items {
		if date := stixInstant(i.date); !date.IsZero() {
			rank[i.id] = date.UnixMicro()
		}
	}
	return rank
}

// blameDates looks at the dates of manifest records alone.
func (t *trial) blameDates(p page) {
	for n := 1; n < len(p.items); n++ {
		before, i := p.items[n-1], p.items[n]
		earlier, later := stixInstant(before.date), stixInstant(i.date)
		if !earlier.IsZero() && !later.IsZero() && later.Before(earlier) {
			t.fault(p.answer, "records whose date_added never falls", "%s (%s) behind %s (%s)",
				i.date, i.id, before.date, before.id)
			return
		}
	}
}

// collectionLooks is how often the list of collections is compared.
const collectionLooks = 6

// collectionsKeepOrder compares what is in both answers, since collections may come and go.
func collectionsKeepOrder(t *trial) {
	first := t.ok(t.get(t.collections())).collectionIDs()
	look := func() {
		a := t.get(t.collections())
		now := t.ok(a).collectionIDs()
		want, got := inBoth(first, now), inBoth(now, first)
		if !slices.Equal(got, want) && len(t.result.Findings) == 0 {
			t.fault(a, "the order of the first answer: "+inLine(want), "%s", inLine(got))
		}
	}
	for range collectionLooks - 1 {
		look()
	}
	if t.writes {
		t.add(t.main, t.indicator("the sorted"))
		look()
	}
}

func (o object) collectionIDs() []string {
	var ids []string
	for _, c := range o.objects("collections") {
		ids = append(ids, c.text("id"))
	}
	return ids
}

// inBoth returns what of one list is in the other, too.
func inBoth(one, other []string) []string {
	there := map[string]bool{}
	for _, s := range other {
		there[s] = true
	}
	return slices.DeleteFunc(slices.Clone(one), func(s string) bool { return !there[s] })
}

func versionsSortedByAddition(t *trial) {
	id, added := t.shuffled()
	for _, endpoint := range []struct {
		at string
		v  url.Values
	}{
		{t.main.object(id), match("match[version]", "all")},
		{t.main.versions(id), nil},
	} {
		a, items := t.whole(endpoint.at, endpoint.v)
		if got := versionsIn(items); !slices.IsSorted(places(got, added)) {
			t.fault(a, "versions in the order in which they were added: "+inLine(added),
				"%s", inLine(got))
		}
	}
}

// places returns the place of each version in a list; those that are not in it are left out.
func places(versions, in []string) []int {
	var found []int
	for _, v := range versions {
		n := slices.IndexFunc(in, func(other string) bool { return sameVersion(v, other) })
		if n >= 0 {
			found = append(found, n)
		}
	}
	return found
}

// shuffled returns an object and its versions in the order of addition, which is not that of
// modified if the suite may write.
func (t *trial) shuffled() (id string, added []string) {
	if !t.writes {
		known, records := t.several()
		return known, versionsIn(records[:min(len(records), widest)])
	}
	id = freshID("malware")
	for _, n := range []int{2, 1, 3} {
		t.add(t.main, t.version(id, "the shuffled", nthVersion(n)))
		added = append(added, nthVersion(n))
	}
	t.shown(t.main, stixObject{id: id})
	return id, added
}

// The size of the push and of the pages. The last page has some of it and no page has all.
const (
	pushedAtOnce = 30
	pageOfPush   = 7
)

// pushSurvivesPagingByDate starts behind all that was there, so that few pages will do.
func pushSurvivesPagingByDate(t *trial) {
	w := t.window(1)
	var objects []stixObject
	for n := range pushedAtOnce {
		objects = append(objects, t.indicator("pushed at once "+strconv.Itoa(n)))
	}
	t.add(t.main, objects...)
	t.shown(t.main, objects[len(objects)-1])
	endedBy, seen := t.walkByDate(w.items[len(w.items)-1].date)
	lost := slices.DeleteFunc(idsOf(objects), func(id string) bool { return seen[id] })
	if len(lost) > 0 {
		end := endedBy(t.dateOf(lost[0]))
		t.fault(end, "all of "+strconv.Itoa(pushedAtOnce)+" objects of one push, in pages of "+
			strconv.Itoa(pageOfPush)+" by added_after = X-TAXII-Date-Added-Last",
			"%d of them never came, such as %s", len(lost), lost[0])
	}
}

// dateOf returns the date_added of an object in the manifest, "" if it is not there.
func (t *trial) dateOf(id string) string {
	for _, record := range only(readAny(t.get(t.main.manifest(), query("match[id]", id))), id) {
		return record.date
	}
	return ""
}

// walkByDate finds the ids of objects that come when next is never used. It also returns which
// answer ended with a date, or else the last one: what has that date, too, is lost behind it.
func (t *trial) walkByDate(date string) (endedBy func(date string) *answer, seen map[string]bool) {
	ends := map[string]*answer{}
	seen = map[string]bool{}
	for range maxPages {
		p := t.page(t.get(t.main.objects(), query("added_after", date,
			"limit", strconv.Itoa(pageOfPush))))
		for _, i := range p.items {
			seen[i.id] = true
		}
		ends[p.last] = &answer{Exchange: p.Exchange} // without its whole body
		if !p.more {
			return func(date string) *answer { return cmp.Or(ends[date], p.answer) }, seen
		}
		if p.last == "" || p.last == date {
			t.untold("%s: more is to come, but X-TAXII-Date-Added-Last does not tell "+
				"from when", p.sent())
		}
		date = p.last
	}
	t.untold("GET %s by date has not ended after %d pages", t.main.objects(), maxPages)
	return nil, nil
}
