package conformance

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// headerCases are those of section 3.2, with what other sections say of headers of HTTP.
func headerCases() []Case {
	return []Case{
		{
			ID: "T21-3.2-01", Group: Standard, Section: "3.2", Level: Must,
			Title: addedFirst + " is the date_added of the first item",
			Demand: "The answers that list something of a collection (its manifest, its objects, one " +
				"object, the versions of one) have the header " + addedFirst + " with the " +
				"date_added of the first item in the answer.",
			needs: needItems, run: firstDate,
		},
		{
			ID: "T21-3.2-02", Group: Standard, Section: "3.2", Level: Must,
			Title: addedLast + " is the date_added of the last item of the page",
			Demand: "The same answers have the header " + addedLast + " with the date_added of the last " +
				"item in the answer, not in the collection: clients that page without next go on " +
				"from there.",
			needs: needItems, run: lastDate,
		},
		{
			ID: "T21-3.2-03a", Group: Standard, Section: "3.2", Level: Must,
			Title: "both dates are timestamps of TAXII",
			Demand: "The values of " + addedFirst + " and " + addedLast + " are timestamps: RFC 3339 " +
				"in UTC, with Z and six digits after the second.",
			needs: needItems, run: datesAreTimestamps,
		},
		{
			ID: "T21-3.2-03b", Group: Standard, Section: "3.2", Level: Must,
			Title: "without items the dates are left out or are timestamps all the same",
			Demand: "Where nothing is listed there is no date to tell, and the standard does not say " +
				"what becomes of the two headers. Whatever a server puts there has to be a " +
				"timestamp; undefined, null or nothing is none.",
			run: datesOfNothing,
		},
		{
			ID: "T21-3.2-06", Group: Standard, Section: "3.2", Level: Should,
			Title: "a request without User-Agent gets the same answer",
			Demand: "A server should not refuse a valid request because it does not say which program " +
				"sends it (section 8.2.1).",
			run: userAgentIsNotNeeded,
		},
		{
			ID: "T21-3.2-07", Group: Standard, Section: "3.2", Level: Should,
			Title: "answers have the header Date",
			Demand: "Clients that filter by time use the header Date to see how far their clock is off " +
				"(note in section 3.4). A server with a clock sends it in every answer.",
			Source: "RFC 9110 section 6.6.1", run: dateIsSent,
		},
	}
}

// dated is a page, and when its items were added as far as the manifest tells.
type dated struct {
	page
	dates map[string]string // date_added by the key of an item
	of    string            // the id of the object whose versions are listed; else ""
}

// date returns the date_added of an item, "" if the manifest does not tell.
func (d dated) date(i item) string {
	if d.of != "" {
		i.id = d.of
	}
	return d.dates[i.key()]
}

// inOrder reports whether the items come in the order in which they were added. Where they do not,
// which is for the cases of section 3.3, first and last may mean the earliest and the latest.
func (d dated) inOrder() bool {
	before := ""
	for _, i := range d.items {
		date := d.date(i)
		if date != "" && date < before {
			return false
		}
		before = max(before, date)
	}
	return true
}

// datedPages asks the four endpoints that list. What does not answer with a list in order is left
// out.
func (t *trial) datedPages() []dated {
	id := t.known()
	some, every := t.window(1).with("limit", "3"), match("match[version]", "all")
	manifest := t.glance(t.main.manifest(), some)
	history := t.glance(t.main.manifest(), plus(every, "match[id]", id))
	dates := map[string]string{}
	for _, i := range slices.Concat(manifest.items, history.items) {
		dates[i.key()] = i.date
	}
	pages := slices.DeleteFunc([]dated{
		{manifest, dates, ""},
		{t.glance(t.main.objects(), some), dates, ""},
		{t.glance(t.main.object(id), every), dates, ""},
		{t.glance(t.main.object(t.view.items[0].id), nil), dates, ""},
		{t.glance(t.main.versions(id), nil), dates, id},
	}, func(d dated) bool { return len(d.items) == 0 || !d.inOrder() })
	if len(pages) == 0 {
		t.untold("no endpoint lists anything of %s in the order of addition", t.main.url)
	}
	return pages
}

// glance returns a page, which has no items if the answer is none.
func (t *trial) glance(at string, v url.Values) page {
	a := t.get(at, values(v))
	o, err := a.object()
	if !served(a) || err != nil {
		return page{answer: a}
	}
	return readPage(a, o)
}

func firstDate(t *trial) {
	for _, d := range t.datedPages() {
		t.compareDate(d, addedFirst, d.first, d.items[0])
	}
}

func lastDate(t *trial) {
	for _, d := range t.datedPages() {
		t.compareDate(d, addedLast, d.last, d.items[len(d.items)-1])
	}
}

// compareDate judges that a header is there, and that it is the date of an item if both can be
// read. In which form they are written is for other cases.
func (t *trial) compareDate(d dated, header, got string, i item) {
	want, name := d.date(i), i.id
	if name == "" {
		name = "version " + i.version
	}
	switch {
	case len(d.header.Values(header)) == 0:
		t.fault(d.answer, header+", with the date_added of "+name, "no such header")
	case !sameDate(got, want):
		t.fault(d.answer, header+": "+want+", the date_added of "+name, "%s: %s", header,
			excerpt([]byte(got)))
	}
}

// sameDate compares two times as far as both are told: one that was cut to milliseconds is the
// same as the whole. What is no time cannot be compared, and passes for the same.
func sameDate(a, b string) bool {
	left, errA := time.Parse(time.RFC3339Nano, a)
	right, errB := time.Parse(time.RFC3339Nano, b)
	if errA != nil || errB != nil {
		return true
	}
	coarse := max(resolution(a), resolution(b))
	return left.Truncate(coarse).Equal(right.Truncate(coarse))
}

// resolution is the unit of the last digit of a time that time.Parse has read.
func resolution(text string) time.Duration {
	_, fraction, _ := strings.Cut(text, ".")
	digits := len(fraction) - len(strings.TrimLeft(fraction, "0123456789"))
	unit := time.Second
	for range min(digits, 9) {
		unit /= 10
	}
	return unit
}

func datesAreTimestamps(t *trial) {
	for _, d := range t.datedPages() {
		t.formOfDate(d.answer, addedFirst)
		t.formOfDate(d.answer, addedLast)
	}
}

// formOfDate judges a header if it is there.
func (t *trial) formOfDate(a *answer, header string) {
	for _, got := range a.header.Values(header) {
		if !isTimestamp(got) {
			t.fault(a, header+" in a form such as 2026-01-31T08:00:00.000000Z", "%s: %q", header,
				excerpt([]byte(got)))
		}
	}
}

// datesOfNothing takes both readings of the text: no header, or one that can be read.
func datesOfNothing(t *trial) {
	nothing := query("match[id]", freshID("indicator"))
	for _, at := range []string{t.main.manifest(), t.main.objects()} {
		a := t.get(at, nothing)
		if p := t.page(a); len(p.items) > 0 {
			t.untold("%s: the answer lists %s, which was not asked for", a.sent(), p.items[0].id)
		}
		t.formOfDate(a, addedFirst)
		t.formOfDate(a, addedLast)
		t.note("with nothing listed: %d of the two headers are sent",
			len(a.header.Values(addedFirst))+len(a.header.Values(addedLast)))
	}
}

// userAgentIsNotNeeded compares, so that a server that refuses everybody is not blamed here.
func userAgentIsNotNeeded(t *trial) {
	named, nameless := t.get(t.main.url), t.get(t.main.url, without("User-Agent"))
	if named.Status != nameless.Status {
		t.fault(nameless, "status "+strconv.Itoa(named.Status)+", as with a User-Agent",
			"%s without one", nameless.came())
	}
}

func dateIsSent(t *trial) {
	for _, a := range []*answer{t.get(t.root), t.get(t.main.objects(), query("limit", "1"))} {
		got := a.header.Get("Date")
		if _, err := http.ParseTime(got); err != nil {
			t.fault(a, "a header such as Date: Sat, 31 Jan 2026 08:00:00 GMT", "Date: %q",
				excerpt([]byte(got)))
		}
	}
}
