package conformance

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
)

func cursorCases() []Case {
	why := "next stands for a place in the order of addition, not for a query that the server " +
		"keeps or for a number of items to step over: "
	return []Case{
		{
			ID: "cursors-deletion", Group: Cursors, Section: "3.5", Level: Promise,
			Title: "next goes on although the objects before it were deleted",
			Demand: why + "when what a client has read is deleted meanwhile, the next page begins " +
				"with the object that it would have begun with.",
			needs: needWrite | needDelete, run: cursorSurvivesDeletion,
		},
		{
			ID: "cursors-again", Group: Cursors, Section: "3.5", Level: Promise,
			Title: "the same next gives the same page twice",
			Demand: why + "a client that did not get the answer asks again, and another server " +
				"behind the same name may be asked.",
			needs: needItems, run: cursorWorksTwice,
		},
		{
			ID: "cursors-side-by-side", Group: Cursors, Section: "3.5", Level: Promise,
			Title:  "walks of several clients do not disturb each other",
			Demand: why + "pages that one client fetches change nothing for another client's next.",
			needs:  needFixture, run: cursorsStandAside,
		},
		{
			ID: "cursors-version", Group: Cursors, Section: "3.5", Level: Promise,
			Title: "next loses nothing when an object gets a new version meanwhile",
			Demand: why + "a new version of an object that was read, or of one that is to come, " +
				"moves that object to the end and shifts no other one out of the walk.",
			needs: needWrite, run: cursorSurvivesVersions,
		},
	}
}

// row posts n objects, each by a push of its own, and returns them in the order in which they are
// listed, with the record of something that was added before them.
func (t *trial) row(n int) ([]stixObject, item) {
	before := t.version(freshID("identity"), "the anchor of a row", nthVersion(1))
	t.add(t.main, before)
	anchor := t.shown(t.main, before)[0]
	objects := []stixObject{t.behind(anchor.date, func() stixObject {
		return t.indicator("the first of a row")
	})}
	for i := 1; i < n; i++ {
		objects = append(objects, t.indicator(fmt.Sprintf("number %d of a row", i)))
		t.add(t.main, objects[i])
	}
	t.shown(t.main, objects[n-1])
	return t.listedOrder(objects, match("added_after", anchor.date)), anchor
}

// listedOrder sorts objects as the server lists them: among equal dates the order is its own. Those
// that it does not list come last.
func (t *trial) listedOrder(objects []stixObject, v url.Values) []stixObject {
	listed := t.list(t.main.objects(), v)
	place := map[string]int{}
	for n, i := range listed {
		place[i.id] = n - len(listed)
	}
	return slices.SortedStableFunc(slices.Values(objects), func(a, b stixObject) int {
		return cmp.Compare(place[a.id], place[b.id])
	})
}

// firstPage fetches two items behind a date; without a next that goes on there is no cursor to
// judge.
func (t *trial) firstPage(after string) page {
	return t.someNext(t.main, query("added_after", after))
}

// rest walks on from a page and returns which of the objects it met, in order.
func (t *trial) rest(p page, after string, objects []stixObject) []string {
	v := match("added_after", after, "limit", "2", "next", p.next)
	return keys(only(t.list(t.main.objects(), v), idsOf(objects)...))
}

func cursorSurvivesDeletion(t *trial) {
	objects, anchor := t.row(6)
	p := t.firstPage(anchor.date)
	for _, i := range p.items {
		t.delete(t.main.object(i.id), query("match[version]", "all"))
	}
	t.compareRest(p, "the objects behind the deleted ones", left(objects, p.items),
		t.rest(p, anchor.date, objects))
}

func cursorWorksTwice(t *trial) {
	w := t.window(4)
	p := t.someNext(t.main, values(w.base))
	v := w.with("limit", "2", "next", p.next)
	once, again := t.page(t.get(t.main.objects(), values(v))), t.get(t.main.objects(), values(v))
	want := "what came the first time: " + inLine(keys(once.items))
	if !served(again) {
		t.fault(again, want, "%s", again.came())
		return
	}
	if got := keys(t.page(again).items); !slices.Equal(keys(once.items), got) {
		t.fault(again, want, "%s", inLine(got))
	}
}

// cursorsStandAside compares with a walk that nobody disturbs: the order of the indicators is for
// other cases to judge.
func cursorsStandAside(t *trial) {
	w := t.window(10)
	mine := w.with("match[type]", "indicator")
	first := func() page { return t.someNext(t.main, values(mine)) }
	second := func(p page) (page, []string) {
		on := t.page(t.get(t.main.objects(), values(plus(mine, "limit", "2", "next", p.next))))
		return on, keys(only(on.items, idsOf(t.fixture.newest())...))
	}
	_, want := second(first())
	p := first()
	t.list(t.main.objects(), w.with("limit", "1", "match[type]", "identity"))
	on, got := second(p)
	t.compareRest(on, "the indicators that come when nobody else walks", want, got)
}

func cursorSurvivesVersions(t *trial) {
	objects, anchor := t.row(6)
	p := t.firstPage(anchor.date)
	renewed := t.version(p.items[0].id, "renewed", nthVersion(2))
	t.add(t.main, renewed)
	t.shown(t.main, renewed)
	got := t.rest(p, anchor.date, objects)
	want := left(objects, p.items)
	if n := len(want); len(got) > n { // what is new at the end is for others to judge
		got = got[:n]
	}
	t.compareRest(p, "the objects that were still to come", want, got)
}

// left lists the objects that are not among items.
func left(objects []stixObject, items []item) []string {
	var want []string
	for _, o := range objects {
		if len(only(items, o.id)) == 0 {
			want = append(want, item{id: o.id, version: o.version}.key())
		}
	}
	return want
}

func (t *trial) compareRest(p page, what string, want, got []string) {
	if !slices.Equal(want, got) {
		t.fault(p.answer, what+", in order: "+fmt.Sprint(want), "after next: %v", got)
	}
}
