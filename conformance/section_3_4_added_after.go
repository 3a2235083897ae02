package conformance

import (
	"slices"
	"time"
)

func addedAfterCases() []Case {
	return []Case{
		{
			ID: "T21-3.4-02", Group: Standard, Section: "3.4", Level: Must,
			Title: "without a match parameter a listing leaves no object out",
			Demand: "What no parameter restricts is all there: the newest version of every object, " +
				"of whatever type, over as many pages as it takes.",
			needs: needFixture, run: nothingLeftOut,
		},
		{
			ID: "T21-3.4-03a", Group: Standard, Section: "3.4", Level: Must,
			Title: "added_after leaves out what was added at that moment",
			Demand: "added_after selects what was added after the given time, so that the entry " +
				"of that very time is not among it. Clients send the date of the last entry they " +
				"have and would get it again and again.",
			needs: needItems, run: addedAfterIsStrict,
		},
		{
			ID: "T21-3.4-03b", Group: Standard, Section: "3.4", Level: Must,
			Title:  "added_after leaves out what was added earlier",
			Demand: "added_after selects what was added after the given time and nothing else.",
			needs:  needItems, run: addedAfterDropsEarlier,
		},
		{
			ID: "T21-3.4-03c", Group: Standard, Section: "3.4", Level: Must,
			Title: "added_after a microsecond earlier includes an entry",
			Demand: "Dates of addition have microseconds, and added_after is compared in full: " +
				"what was added one microsecond after the given time is selected.",
			needs: needItems, run: addedAfterIsExact,
		},
		{
			ID: "T21-3.4-06", Group: Standard, Section: "3.4", Level: Must,
			Title: "without added_after a listing begins with the oldest entry",
			Demand: "A client that sends no added_after starts from the very beginning of the " +
				"collection, not from some recent day.",
			needs: needItems, run: beginsWithOldest,
		},
		{
			ID: "T21-3.4-07", Group: Standard, Section: "3.4", Level: Must,
			Title: "added_after has nothing to do with times inside the objects",
			Demand: "An object that was created and modified in 1999 but added to the collection " +
				"today is selected by an added_after of today, before its addition.",
			needs: needFixture, run: addedAfterIgnoresStixTimes,
		},
	}
}

// nothingLeftOut judges all that was brought but the object with times of 1999, which has a case
// of its own.
func nothingLeftOut(t *trial) {
	f := t.fixture
	base := match()
	if f.after != "" {
		base = match("added_after", f.after)
	}
	for _, at := range t.listings() {
		a, items := t.whole(at, base)
		for _, o := range f.newest() {
			if o.id != f.late.id && !hasEntry(items, o.id, o.version) {
				t.blameGap(a, o)
				break
			}
		}
	}
}

// blameGap finds fault with a listing that lacks an object. Pages that go on by date alone may
// lose some between equal dates, for which there is a case.
func (t *trial) blameGap(a *answer, o stixObject) {
	if p := t.page(a); p.more && p.next == "" {
		t.untold("%s: %s is not in the pages that go on by date, see T21-3.3-04", a.sent(), o.id)
	}
	t.fault(a, "the "+o.kind()+" "+o.id+" that was added to the collection", "a listing without it")
}

// landmark is an entry with others before and behind it: of the fixture the one that came alone
// after the batch.
func (t *trial) landmark(w *window) item {
	if t.fixture != nil {
		if found := only(w.items, t.fixture.late.id); len(found) > 0 {
			return found[0]
		}
	}
	return w.items[min(len(w.items), widest)/2]
}

// earlier returns the entries of the window that were added before k: by the pushes of the suite
// as far as it made them, by the dates of the manifest otherwise.
func (t *trial) earlier(w *window, k item) []item {
	if f := t.fixture; f != nil && k.id == f.late.id {
		return only(w.items, idsOf(slices.Concat(f.batch, f.rare()))...)
	}
	items := slices.Clone(w.items[:min(len(w.items), widest)]) // a page may have any length
	return slices.DeleteFunc(items, func(i item) bool {
		return !stixInstant(i.date).Before(stixInstant(k.date))
	})
}

// firstEarlier returns an entry that is older than k and yet in the listing, nil if none is.
func (t *trial) firstEarlier(w *window, k item, items []item) *item {
	for _, i := range t.earlier(w, k) {
		if hasEntry(items, i.id, i.version) {
			return &i
		}
	}
	return nil
}

// addedAfterIsStrict does not blame a server twice that ignores added_after altogether.
func addedAfterIsStrict(t *trial) {
	w := t.window(3)
	k := t.landmark(w)
	for _, at := range t.listings() {
		p := t.page(t.get(at, values(t.portion("added_after", k.date))))
		if t.firstEarlier(w, k, p.items) != nil {
			t.untold("%s: added_after has no effect, which T21-3.4-03b judges", p.sent())
		}
		if hasEntry(p.items, k.id, k.version) {
			t.fault(p.answer, "only entries added later than "+k.date,
				"%s, whose date_added is exactly that", k.id)
		}
	}
}

func addedAfterDropsEarlier(t *trial) {
	w := t.window(3)
	k := t.landmark(w)
	for _, at := range t.listings() {
		p := t.page(t.get(at, values(t.portion("added_after", k.date))))
		if i := t.firstEarlier(w, k, p.items); i != nil {
			t.fault(p.answer, "only entries added later than "+k.date,
				"%s, whose date_added is %s", i.id, i.date)
		}
	}
}

// addedAfterIsExact names the id of the entry, so that it need not be looked for among many.
func addedAfterIsExact(t *trial) {
	w := t.window(1)
	k := t.landmark(w)
	at := stixInstant(k.date)
	if at.IsZero() {
		t.untold("the date_added %q of %s in the manifest is no timestamp", k.date, k.id)
	}
	just := at.Add(-time.Microsecond).Format("2006-01-02T15:04:05.000000Z")
	for _, endpoint := range t.listings() {
		p := t.page(t.get(endpoint, query("added_after", just, "match[id]", k.id)))
		if !hasEntry(p.items, k.id, k.version) {
			t.checkUnchanged(k)
			t.fault(p.answer, k.id+", added at "+k.date+", a microsecond later than "+just,
				"an answer without it")
		}
	}
}

// checkUnchanged ends the case if an entry of the window is no longer what the manifest has:
// somebody may have deleted the object or added a version. What the suite has added stays.
func (t *trial) checkUnchanged(k item) {
	if t.fixture != nil {
		return
	}
	p := t.page(t.get(t.main.manifest(), query("match[id]", k.id)))
	if now := only(p.items, k.id); len(now) != 1 || !sameVersion(now[0].version, k.version) {
		t.untold("%s: %s has changed since the run began", p.sent(), k.id)
	}
}

// longAgo is before anything that a server has.
const longAgo = "1970-01-01T00:00:00.000000Z"

// beginsWithOldest compares with what follows a time long ago. Whether the beginning changed in
// between, because somebody deletes, is seen by asking again.
func beginsWithOldest(t *trial) {
	for _, at := range t.listings() {
		a := t.get(at, query("limit", "20"))
		first := t.page(a).items
		oldest := t.page(t.get(at, query("limit", "20", "added_after", longAgo))).items
		again := t.page(t.get(at, query("limit", "20"))).items
		switch {
		case len(first) == 0 || len(oldest) == 0 || len(again) == 0 || again[0].id != first[0].id:
			t.untold("%s: there is no beginning to compare with", a.sent())
		case first[0].id != oldest[0].id:
			t.fault(a, "the oldest entry first, "+oldest[0].id+", as after "+longAgo, "%s first",
				first[0].id)
		case t.fixture != nil && t.skipsAnchor(first):
			t.fault(a, "the anchor "+t.fixture.anchor.id+" before what was added after it",
				"later objects of the suite and not the anchor")
		}
	}
}

// skipsAnchor reports whether a page has objects of the fixture but not the first one.
func (t *trial) skipsAnchor(items []item) bool {
	return len(only(items, idsOf(t.fixture.every())...)) > 0 &&
		len(only(items, t.fixture.anchor.id)) == 0
}

func addedAfterIgnoresStixTimes(t *trial) {
	f := t.fixture
	if f.after == "" {
		t.untold("the manifest has no date_added for the suite's first object")
	}
	a, items := t.whole(t.main.objects(), match("added_after", f.after, "match[id]", f.late.id))
	if !hasEntry(items, f.late.id, "") {
		t.fault(a, f.late.id+", added after "+f.after+" although its modified is "+old,
			"an answer without it")
	}
}
