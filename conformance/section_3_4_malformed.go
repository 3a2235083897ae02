package conformance

import (
	"net/http"
	"strconv"
)

func malformedCases() []Case {
	return []Case{
		{
			ID: "T21-3.4-01a", Group: Standard, Section: "3.4", Level: Must,
			Title: "an added_after that is no timestamp gets 400",
			Demand: "A request with a parameter that is malformed is answered with 400. An " +
				"added_after that is quietly ignored has a client fetch everything anew.",
			needs: needItems, run: badAddedAfter,
		},
		{
			ID: "T21-3.4-01b", Group: Standard, Section: "3.4", Level: Must,
			Title:  "limit=0 gets 400",
			Demand: "limit is a whole number above zero, and a malformed parameter gets 400.",
			needs:  needItems, run: zeroLimit,
		},
		{
			ID: "T21-3.4-01c", Group: Standard, Section: "3.4", Level: Must,
			Title: "a limit that is no whole number above zero gets 400",
			Demand: "limit is a whole number above zero, and a malformed parameter gets 400; so do " +
				"-1, 1.5, abc and nothing at all.",
			needs: needItems, run: badLimit,
		},
		{
			ID: "T21-3.4-01d", Group: Standard, Section: "3.4", Level: Must,
			Title: "a match[version] that is neither a keyword nor a timestamp gets 400",
			Demand: "match[version] takes first, last, all and timestamps of versions. Anything " +
				"else is malformed and gets 400.",
			needs: needItems, run: badVersion,
		},
		{
			ID: "T21-3.4-04a", Group: Standard, Section: "3.4", Level: Should,
			Title: "added_after twice gets 400",
			Demand: "A request has at most one added_after. Nobody can say which of two the client " +
				"means, so that they are better taken for malformed than one of them for the whole.",
			needs: needItems, run: addedAfterTwice,
		},
		{
			ID: "T21-3.4-04b", Group: Standard, Section: "3.4", Level: Must,
			Title:  "an added_after of two timestamps gets 400",
			Demand: "added_after holds one timestamp. A list of two is malformed and gets 400.",
			needs:  needItems, run: addedAfterList,
		},
		{
			ID: "T21-3.4-05", Group: Standard, Section: "3.4", Level: Info,
			Title: "an added_after in another precision is taken or refused",
			Demand: "Timestamps of TAXII have six digits behind the seconds and end in Z. Many " +
				"clients send fewer digits, or an offset. A server may take that or answer 400.",
			needs: needItems, run: otherPrecisions,
		},
		{
			ID: "T21-3.4-15b", Group: Standard, Section: "3.4", Level: Should,
			Title: "the same match field twice gets 400",
			Demand: "A request has each match field once at most; several values go into one, " +
				"with commas between. The interoperability tests (3.13.1.10) expect 400 for a " +
				"second one.",
			needs: needItems, run: matchFieldTwice,
		},
		{
			ID: "T21-3.4-27", Group: Standard, Section: "3.4.1", Level: Should,
			Title: "match[version]=all together with another value gets 400",
			Demand: "all includes every version, and clients must not combine it with another value. " +
				"The combination is better taken for malformed; the text does not say so.",
			needs: needItems, run: allWithOthers,
		},
		{
			ID: "T21-3.4-28", Group: Standard, Section: "3.4.1", Level: Info,
			Title: "a version value that is repeated is refused or counts once",
			Demand: "Clients do not repeat a value of match[version]. What a server makes of it " +
				"is open: 400, or the answer to the value given once.",
			needs: needItems, run: repeatedVersion,
		},
	}
}

// everyPaged are the four endpoints that come in pages, for some object of the window.
func (t *trial) everyPaged() []string {
	id := t.window(1).items[0].id
	return []string{
		t.main.objects(), t.main.manifest(), t.main.object(id), t.main.versions(id),
	}
}

// versioned are those of the paged endpoints that take match[version].
func (t *trial) versioned() []string { return t.everyPaged()[:3] }

// refused finds fault with every endpoint that answers a query with anything but 400. An
// endpoint that cannot even answer without it is left to the case that judges this.
func (t *trial) refused(endpoints []string, why string, pairs ...string) {
	for _, at := range endpoints {
		a := t.get(at, query(pairs...))
		if a.Status == http.StatusBadRequest {
			continue
		}
		if served(a) || served(t.get(at, query("limit", "1"))) {
			t.fault(a, "status 400, because "+why, "%s", a.came())
		}
	}
}

func badAddedAfter(t *trial) {
	for _, text := range []string{"notadate", "2024-13-45T10:00:00.000000Z"} {
		t.refused(t.everyPaged(), "the added_after "+text+" is no timestamp", "added_after", text)
	}
}

func zeroLimit(t *trial) {
	t.refused(t.everyPaged(), "a limit is at least 1", "limit", "0")
}

func badLimit(t *trial) {
	for _, text := range []string{"-1", "1.5", "abc", ""} {
		why := "the limit " + strconv.Quote(text) + " is no whole number above zero"
		t.refused(t.everyPaged(), why, "limit", text)
	}
}

// badVersion leaves out the list of versions, which does not take match[version].
func badVersion(t *trial) {
	t.refused(t.versioned(), "the version foo is neither first, last, all nor a timestamp",
		"match[version]", "foo")
}

// Two moments before anything was added.
const (
	oneMoment     = "2001-01-01T00:00:00.000000Z"
	anotherMoment = "2001-01-02T00:00:00.000000Z"
)

func addedAfterTwice(t *trial) {
	t.refused(t.listings(), "added_after is given twice",
		"added_after", oneMoment, "added_after", anotherMoment)
}

func addedAfterList(t *trial) {
	t.refused(t.listings(), "added_after is one timestamp and not a list",
		"added_after", oneMoment+","+anotherMoment)
}

// otherPrecisions tells how lenient the server is, for those who write clients.
func otherPrecisions(t *trial) {
	for _, text := range []string{
		"2001-01-01T00:00:00Z", "2001-01-01T00:00:00.0Z", "2001-01-01T00:00:00.000Z",
		"2001-01-01T00:00:00.000000+00:00",
	} {
		a := t.get(t.main.objects(), query("added_after", text, "limit", "1"))
		switch a.Status {
		case http.StatusOK, http.StatusBadRequest:
			t.note("added_after=%s gets status %d", text, a.Status)
		default:
			t.fault(a, "status 200 or 400", "%s", a.came())
		}
	}
}

func matchFieldTwice(t *trial) {
	t.refused(t.listings(), "match[type] is given twice",
		"match[type]", "indicator", "match[type]", "malware")
}

// allWithOthers has all in front and behind, because some servers look at the first value only.
func allWithOthers(t *trial) {
	for _, text := range []string{"all,last", "first,all", "all," + nthVersion(1)} {
		t.refused(t.versioned(), "all stands alone in match[version]", "match[version]", text)
	}
}

func repeatedVersion(t *trial) {
	id := t.window(1).items[0].id
	a := t.get(t.main.objects(), query("match[id]", id, "match[version]", "last,last"))
	switch a.Status {
	case http.StatusOK:
		n := len(only(t.page(a).items, id))
		t.note("match[version]=last,last brings the newest version %d times", n)
		if n > 1 {
			t.fault(a, "the newest version once, or status 400", "it came %d times", n)
		}
	case http.StatusBadRequest:
		t.note("match[version]=last,last gets status 400")
	default:
		t.fault(a, "status 200 or 400", "%s", a.came())
	}
}
