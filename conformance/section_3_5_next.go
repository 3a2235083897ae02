package conformance

import (
	"net/http"
	"slices"
	"strconv"
)

func nextCases() []Case {
	distrust := "next comes from the client and is not to be trusted. Whoever sends it, and " +
		"wherever, gets nothing but what the request would bring without it: "
	return []Case{
		{
			ID: "T21-3.5-06a", Group: Standard, Section: "3.5", Level: Must,
			Title:  "next gives one user no view of what another may read",
			Demand: distrust + "a user without read access does not get it by another user's next.",
			Source: "TAXII 2.1 appendix B",
			needs:  needSecond, run: nextGrantsNoRights,
		},
		{
			ID: "T21-3.5-06b", Group: Standard, Section: "3.5", Level: Must,
			Title:  "next of one collection brings no objects of it into another",
			Demand: distrust + "a collection answers with its own objects alone.",
			Source: "TAXII 2.1 appendix B",
			needs:  needItems, run: nextStaysInCollection,
		},
		{
			ID: "T21-3.5-06c", Group: Standard, Section: "3.5", Level: Must,
			Title:  "next does not override the filters of the request",
			Demand: distrust + "the filters of this request count, not those for which next was made.",
			Source: "TAXII 2.1 appendix B",
			needs:  needItems, run: nextObeysFilters,
		},
		{
			ID: "T21-3.5-07", Group: Standard, Section: "3.5", Level: Should,
			Title: "a next that the server never gave out is refused",
			Demand: "A next that cannot be read is a malformed parameter, which gets a 400. To " +
				"begin again with the first page would have the client read everything twice.",
			needs: needItems, run: madeUpNextIsRefused,
		},
		{
			ID: "T21-3.5-08", Group: Standard, Section: "3.5", Level: Should,
			Title: "pages are stable while objects are added",
			Demand: "Lists are in the order of addition, so what is added during a walk comes at " +
				"its end. Nothing that was there before is stepped over, or comes again.",
			needs: needFixture | needWrite, run: pagesAreStable,
		},
		{
			ID: "T21-3.5-09", Group: Standard, Section: "3.5", Level: Info,
			Title: "a manifest without next can be read on by added_after",
			Demand: "The tables of manifest and versions know no next although both endpoints " +
				"take one, so a server may send it or not. A client that gets none goes on " +
				"with added_after.",
			needs: needItems, run: manifestGoesOn,
		},
		{
			ID: "T21-3.5-10", Group: Standard, Section: "3.5", Level: Should,
			Title: "the header Range is ignored",
			Demand: "TAXII 2.0 cut pages with Range, Content-Range and the status 206. TAXII 2.1 " +
				"does not know them, and HTTP has a server ignore a Range in units that it " +
				"does not know.",
			Source: "TAXII 2.1 section 1.7.1; RFC 9110 section 14.2",
			needs:  needItems, run: rangeIsIgnored,
		},
	}
}

// someNext returns the first page of a collection, cut short so that it has a next.
func (t *trial) someNext(c *collection, edits ...edit) page {
	p := t.page(t.get(c.objects(), append(edits, query("limit", "2"))...))
	if p.next == "" {
		t.skip("the server sends no next, which it need not, or the collection is too small")
	}
	return p
}

// nextGrantsNoRights lets pass whatever brings no objects: a refusal, but also an empty page, as a
// server may give that hides what there is.
func nextGrantsNoRights(t *trial) {
	c := t.closedToSecond()
	if c == nil {
		t.skip("the second user may read whatever the user may read; give one with fewer rights")
	}
	p := t.someNext(c)
	a := t.get(c.objects(), query("limit", "2", "next", p.next), as(second))
	if !served(a) {
		return
	}
	if got := t.page(a); len(got.items) > 0 {
		t.fault(a, "nothing, since the collection is closed to the second user",
			"%d objects, such as %s", len(got.items), got.items[0].id)
	}
}

// closedToSecond finds a collection that the user can read and the second user cannot, main
// first; nil if there is none.
func (t *trial) closedToSecond() *collection {
	for n, c := range append([]*collection{t.main}, t.listed...) {
		if n == maxTried {
			break
		}
		if !c.read {
			continue
		}
		a := t.get(c.objects(), query("limit", "1"), as(second))
		refused := a.Status == http.StatusForbidden || a.Status == http.StatusNotFound
		if refused && t.hasPages(c) {
			return c
		}
	}
	return nil
}

// maxTried is how many collections a case looks at to find one that suits.
const maxTried = 10

// hasPages reports whether a collection fills more than a page of two.
func (t *trial) hasPages(c *collection) bool {
	a := t.get(c.objects(), query("limit", "2"))
	return served(a) && t.page(a).more
}

// nextStaysInCollection looks for objects of main alone, so that it does not matter whether a
// server refuses a foreign next, takes it for none, or for a mere place in the order.
func nextStaysInCollection(t *trial) {
	p := t.someNext(t.main, values(t.window(3).base))
	tried := 0
	for _, c := range t.listed {
		if c.id == t.main.id || !c.read || tried == 3 {
			continue
		}
		tried++
		a := t.get(c.objects(), query("limit", "100", "next", p.next))
		if !served(a) {
			continue
		}
		if i, found := t.stray(c, t.page(a)); found {
			t.fault(a, "nothing but objects of this collection", "%s of the collection %s",
				i.id, t.main.id)
		}
	}
	if tried == 0 {
		t.skip("a second collection is needed that the user may read")
	}
}

// stray finds an item of the window on a page of another collection that does not have it. Some
// objects, such as markings, are in many collections, so it asks for a few.
func (t *trial) stray(c *collection, p page) (item, bool) {
	known := map[string]bool{}
	for _, i := range t.view.items {
		known[i.id] = true
	}
	asked := 0
	for _, i := range p.items {
		if !known[i.id] || asked == 3 {
			continue
		}
		asked++
		own := t.page(t.get(c.objects(), query("match[id]", i.id)))
		if len(only(own.items, i.id)) == 0 {
			return i, true
		}
	}
	return item{}, false
}

// nextObeysFilters judges no more than what comes: to leave things out, or to refuse a next that
// was made for other filters, gives nothing away.
func nextObeysFilters(t *trial) {
	kind, known := t.common(3)
	w := t.window(4)
	n := slices.IndexFunc(w.items, func(i item) bool { return i.kind() != kind })
	if n < 0 {
		t.skip("a collection with objects of two types is needed")
	}
	other := w.items[n].kind()
	p := t.someNext(t.main, values(w.with("match[type]", kind)))
	a := t.get(t.main.objects(), values(w.with("match[type]", other, "limit", "2", "next", p.next)))
	if served(a) {
		t.blameKinds(t.page(a), other)
	}

	last := known[len(known)-1].id
	p = t.someNext(t.main, values(w.base))
	a = t.get(t.main.objects(), values(w.with("match[id]", last, "limit", "2", "next", p.next)))
	if !served(a) {
		return
	}
	for _, i := range t.page(a).items {
		if i.id != last {
			t.fault(a, "nothing but "+last, "%s", i.id)
			return
		}
	}
}

// madeUpNextIsRefused sends bytes that no server would choose, and text that might be a next.
func madeUpNextIsRefused(t *trial) {
	w := t.window(1)
	for _, at := range t.listings() {
		for _, next := range []string{"%00garbage", "never-given-out"} {
			a := t.get(at, values(w.base), rawQuery("next="+next))
			switch {
			case a.Status == http.StatusOK && len(t.page(a).items) > 0:
				t.fault(a, "400, since the server never gave out this next", "a page of %d items",
					len(t.page(a).items))
			case a.Status == http.StatusOK:
				t.note("%s: an empty page", a.sent())
			case a.Status >= http.StatusInternalServerError:
				t.fault(a, "400, since the server never gave out this next", "%s", a.came())
			case a.Status != http.StatusBadRequest:
				t.note("%s: %s instead of 400", a.sent(), a.came())
			}
		}
	}
}

// pagesAreStable adds an object behind the first page and looks at what was there before.
func pagesAreStable(t *trial) {
	v := t.window(pageSize+1).with("limit", strconv.Itoa(pageSize))
	first := map[string]page{}
	for _, at := range t.listings() {
		first[at] = t.page(t.get(at, values(v)))
	}
	late := t.indicator("the one that comes during a walk")
	t.add(t.main, late)
	t.shown(t.main, late)
	known := t.view.items[:min(2*pageSize, len(t.view.items))]
	walked := 0
	for _, at := range t.listings() {
		pages := []page{first[at]}
		if !pages[0].more || noNext(pages) {
			continue
		}
		walked++
		pages = append(pages, t.walkNext(at, plus(v, "next", pages[0].next),
			func(p []page) bool { return len(unmet(known, slices.Concat(p, pages))) == 0 })...)
		t.blameRepeats(known, pages)
		t.blameLosses(unmet(known, pages), pages)
	}
	t.skipWithoutNext(walked)
}

// manifestGoesOn looks for the one record that comes next by its date; records of the same moment
// as the end of the page are left to T21-3.3-04.
func manifestGoesOn(t *trial) {
	w := t.window(pageSize + 1)
	v := w.with("limit", strconv.Itoa(pageSize))
	p := t.page(t.get(t.main.manifest(), values(v)))
	switch {
	case !t.hasMore(p):
		t.untold("%s: more is not true although there is more", p.sent())
	case p.next != "":
		t.note("the server sends next in a manifest")
		return
	}
	t.note("the server sends no next in a manifest")
	t.checkLast(p)
	a := t.get(t.main.manifest(), values(plus(v, "added_after", p.last)))
	for _, i := range w.items {
		if i.date > p.last {
			if !slices.ContainsFunc(t.page(a).items, func(got item) bool { return got.id == i.id }) {
				t.fault(a, "a page that begins behind "+p.last+" and so has "+i.id, "%s",
					excerpt(a.body))
			}
			return
		}
	}
}

func rangeIsIgnored(t *trial) {
	w := t.window(1)
	for _, at := range t.listings() {
		a := t.get(at, values(w.base), with("Range", "items 0-1"))
		switch a.Status {
		case http.StatusOK:
		case http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable:
			t.fault(a, "200, as without the header Range", "%s to Range: items 0-1", a.came())
		default:
			t.untold("%s with Range: %s", a.sent(), a.came())
		}
	}
}
