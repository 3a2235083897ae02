package conformance

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// openCTICases are about the TAXII feeds of the OpenCTI platform.
func openCTICases() []Case {
	source := "OpenCTI ingestionManager (OpenCTI-Platform/opencti 0023fb5)"
	return []Case{
		{
			ID: "clients-opencti-accept", Section: "3.1",
			Title: "answers the Accept of OpenCTI up to 5.10",
			Demand: "Those releases send Accept: application/json, text/plain, */*. The last range " +
				"allows TAXII, too; with 406 the feed imports nothing.",
			Source: "OpenCTI up to 5.10, OpenCTI-Platform/opencti#4246", run: answersJSONOrAnything,
		},
		{
			ID: "clients-opencti-added-after", Section: "3.4",
			Title: "takes added_after in milliseconds",
			Demand: "OpenCTI keeps its place as a date of JavaScript, which has three digits behind " +
				"the second. A server that refuses it is read once and never again.",
			Source: source + ", OpenCTI-Platform/opencti#10090", needs: needItems,
			run: func(t *trial) { t.afterLike("2006-01-02T15:04:05.000Z", t.fault) },
		},
		{
			ID: "clients-opencti-paging", Section: "3.5",
			Title: "goes on with next although added_after is in milliseconds",
			Demand: "OpenCTI sends the same added_after, in milliseconds, with the first page and " +
				"together with next from then on. The pages go on as with six digits.",
			Source: source + ", OpenCTI-Platform/opencti#5681", needs: needItems,
			run: pagesInMilliseconds,
		},
		{
			ID: "clients-opencti-milliseconds", Section: "3.2",
			Title: "ends a push on a whole millisecond",
			Demand: "OpenCTI cuts X-TAXII-Date-Added-Last to milliseconds and continues from there. " +
				"Unless the newest date_added has zeros behind them, it is given the newest objects " +
				"again at every poll.",
			Source: source + ", OpenCTI-Platform/opencti#10090", needs: needFixture,
			run: pushesEndOnMilliseconds,
		},
	}
}

func answersJSONOrAnything(t *trial) {
	t.ok(t.get(t.main.objects(), query("limit", "1")))
	accept := "application/json, text/plain, */*"
	a := t.try(http.MethodGet, t.main.objects(), query("limit", "1"), with("Accept", accept))
	t.asked(a, "status 200 with Accept: "+accept, t.warn)
}

func pagesInMilliseconds(t *trial) {
	w := t.window(6)
	start, err := time.Parse(time.RFC3339Nano, w.items[0].date)
	if err != nil {
		t.untold("the date_added %q in the manifest cannot be read: %v", w.items[0].date, err)
	}
	start = start.UTC().Truncate(time.Millisecond)
	exact := match("limit", "2", "added_after", start.Format(dateAdded))
	p := t.firstOf(t.main.objects(), values(exact))
	want := t.page(t.get(t.main.objects(), values(plus(exact, "next", p.next))))

	cut := plus(exact, "added_after", start.Format("2006-01-02T15:04:05.000Z"))
	p = t.firstOf(t.main.objects(), values(cut))
	a := t.try(http.MethodGet, t.main.objects(), values(plus(cut, "next", p.next)))
	t.asked(a, "the second page", t.fault)
	o, err := a.object()
	if !served(a) || err != nil {
		return
	}
	if got := readPage(a, o); !slices.Equal(itemIDs(got.items), itemIDs(want.items)) {
		t.fault(a, "the second page, as with "+exact.Get("added_after")+": "+
			strings.Join(itemIDs(want.items), " "), "%v", itemIDs(got.items))
	}
}

func pushesEndOnMilliseconds(t *trial) {
	f := t.fixture
	for _, o := range []stixObject{f.late, f.tripled[2]} {
		record := only(t.window(1).items, o.id)
		if len(record) == 0 {
			t.untold("the manifest does not list %s of the suite", o.id)
		}
		date, err := time.Parse(time.RFC3339Nano, record[0].date)
		if err != nil {
			t.untold("the date_added %q in the manifest cannot be read: %v", record[0].date, err)
		}
		cut := date.UTC().Truncate(time.Millisecond).Format(dateAdded)
		a := t.get(t.main.manifest(), query("added_after", cut, "match[id]", o.id))
		again := only(t.page(a).items, o.id)
		if whole := date.Truncate(time.Millisecond); len(again) > 0 && !date.Equal(whole) {
			t.warn(a, "nothing of a push that was read to its end", "%s again, which was added at %s",
				o.id, record[0].date)
			return
		}
	}
}
