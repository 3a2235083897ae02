package conformance

import (
	"net/http"
	"slices"
	"strings"
)

func idCases() []Case {
	return []Case{
		{
			ID: "T21-3.4-19a", Group: Standard, Section: "3.4.1", Level: Must,
			Title:  "match[id] selects the objects of the ids and no others",
			Demand: "match[id] takes ids of STIX objects; the answer has these objects alone.",
			needs:  needItems, run: idSelectsOnlyThese,
		},
		{
			ID: "T21-3.4-19b", Group: Standard, Section: "3.4.1", Level: Must,
			Title:  "match[id] selects all of the objects that it names",
			Demand: "match[id] takes one id or several; the answer has each of these objects.",
			needs:  needItems, run: idSelectsAllOfThese,
		},
		{
			ID: "T21-3.4-19c", Group: Standard, Section: "3.4.1", Level: Should,
			Title: "match[id] with an id that nobody has gets an empty answer",
			Demand: "A filter that nothing meets is no error. The answer is a 200 without " +
				"objects, at these two endpoints not 404.",
			needs: needItems, run: unknownIDIsEmpty,
		},
	}
}

// stranger returns the first item of a listing whose id is none of these, "" if there is none.
func stranger(items []item, ids ...string) string {
	for _, i := range items {
		if i.id != "" && !slices.Contains(ids, i.id) {
			return i.id
		}
	}
	return ""
}

// idSelectsOnlyThese does not ask that the objects be there, which the next case does.
func idSelectsOnlyThese(t *trial) {
	w := t.window(3)
	one, two := w.items[0].id, w.items[1].id
	p := t.page(t.get(t.main.objects(), query("match[id]", one)))
	if other := stranger(p.items, one); other != "" {
		t.fault(p.answer, "nothing but "+one, "%s", other)
	}
	p = t.page(t.get(t.main.objects(), query("match[id]", one+","+two)))
	if other := stranger(p.items, one, two); other != "" {
		t.fault(p.answer, "nothing but "+one+" and "+two, "%s", other)
	}
}

// ends returns two entries far from each other; of the fixture two of the suite's own.
func (t *trial) ends() (first, last item) {
	w := t.window(2)
	if f := t.fixture; f != nil {
		w = &window{items: only(w.items, f.batch[0].id, f.tripled[2].id)}
	}
	if len(w.items) < 2 {
		t.untold("the manifest does not list what was added to %s", t.main.url)
	}
	return w.items[0], w.items[len(w.items)-1]
}

func idSelectsAllOfThese(t *trial) {
	first, last := t.ends()
	one, two := first.id, last.id
	for _, ids := range [][]string{{one}, {two}, {one, two}} {
		a, items := t.whole(t.main.objects(), match("match[id]", strings.Join(ids, ",")))
		for _, id := range ids {
			if len(only(items, id)) == 0 {
				t.checkThere(id)
				t.fault(a, "the object "+id+", which the manifest has", "an answer without it")
			}
		}
	}
}

// unknownIDIsEmpty looks at the status alone. What an empty answer looks like is judged by
// T21-3.7-04 and T21-5.3-02, and so is a server to which an empty page is a 404 whatever is asked.
func unknownIDIsEmpty(t *trial) {
	for _, at := range t.listings() {
		a := t.get(at, query("match[id]", freshID("indicator")))
		if a.Status == http.StatusNotFound &&
			t.get(at, query("added_after", future)).Status == http.StatusNotFound {
			t.untold("%s: %s, as for everything that finds nothing, see T21-5.3-02 and "+
				"T21-5.4-05", a.sent(), a.came())
		}
		if a.Status != http.StatusOK {
			t.fault(a, "status 200 and no objects", "%s", a.came())
		}
	}
}
