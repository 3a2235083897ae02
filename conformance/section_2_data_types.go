package conformance

import "slices"

// dataTypeCases go by section 2, which tells how values are written whatever they mean. They look
// at the answers of the tour, all of them, and at no others.
func dataTypeCases() []Case {
	return []Case{
		{
			ID: "T21-2-01", Group: Standard, Section: "2", Level: Must,
			Title: "booleans are true or false",
			Demand: "can_read, can_write and more are the JSON literals true and false: no " +
				"strings, no numbers, not null.",
			run: judgeEvery(flawBoolean),
		},
		{
			ID: "T21-2-02", Group: Standard, Section: "2", Level: Must,
			Title: "ids of collections and statuses are UUIDs of version 4",
			Demand: "The type identifier is a UUID of version 4 as in RFC 4122, with nothing " +
				"before it or behind it. The id of a collection and that of a status have it.",
			run: judgeEvery(flawIdentifier),
		},
		{
			ID: "T21-2-03", Group: Standard, Section: "2", Level: Must,
			Title: "integers are whole numbers of at most 54 bits",
			Demand: "An integer fits into 54 bits with its sign, from -(2^53)+1 to (2^53)-1, so " +
				"that no reader loses digits of it. The counters of a status and " +
				"max_content_length are integers.",
			run: integersAreWhole,
		},
		{
			ID: "T21-2-04", Group: Standard, Section: "2", Level: Must,
			Title: "no list is empty",
			Demand: "A list has at least one element. Where there is nothing to list the property " +
				"is left out.",
			run: judgeEvery(flawEmpty),
		},
		{
			ID: "T21-2-05", Group: Standard, Section: "2", Level: Must,
			Title:  "lists have elements of their type alone",
			Demand: "All elements of a list are of the type that the property is defined with.",
			run:    judgeEvery(flawElement),
		},
		{
			ID: "T21-2-06", Group: Standard, Section: "2", Level: Must,
			Title: "timestamps have six digits and end in Z",
			Demand: "A timestamp is in UTC and has microseconds, no more and no less: " +
				"YYYY-MM-DDTHH:MM:SS.ssssssZ. That goes for date_added and request_timestamp; " +
				"section 3.2 has cases of its own for the header fields.",
			needs: needItems, run: judgeEvery(flawTimestamp),
		},
		{
			ID: "T21-2-07a", Group: Standard, Section: "2", Level: Must,
			Title: "bodies are UTF-8",
			Demand: "Strings are Unicode and are sent in UTF-8. RFC 8259 forbids a byte order " +
				"mark before them.",
			run: bodiesAreUTF8,
		},
		{
			ID: "T21-2-07b", Group: Standard, Section: "2", Level: Must,
			Title:  "characters beyond ASCII come back as they were posted",
			Demand: "Strings are Unicode and are sent in UTF-8: any character may be in them.",
			needs:  needFixture, run: charactersComeBack,
		},
		{
			ID: "T21-2-08", Group: Standard, Section: "2", Level: Should,
			Title: "bodies are I-JSON",
			Demand: "No JSON object has a member name twice, and no string has one half of a " +
				"surrogate pair: readers differ in what they make of either.",
			Source: "RFC 7493 section 2", run: judgeEvery(flawDuplicate, flawSurrogate),
		},
		{
			ID: "T21-2-09", Group: Standard, Section: "2", Level: Must,
			Title:  "dictionaries are JSON objects",
			Demand: "The member details of an error is a dictionary, which JSON has as an object.",
			run:    judgeEvery(flawDictionary),
		},
	}
}

// judgeEvery returns the run of a case: it judges all answers of the tour by what they show of some
// kinds of flaws.
func judgeEvery(kinds ...flawKind) func(*trial) {
	return func(t *trial) {
		for _, s := range t.sights() {
			t.blame(s.answer, s.flaws.of(kinds...))
		}
	}
}

// integersAreWhole lets pass, with a warning, what many parsers take for an integer: 1.0 and 1e3.
func integersAreWhole(t *trial) {
	judgeEvery(flawInteger)(t)
	for _, s := range t.sights() {
		t.caution(s.answer, s.flaws.of(flawNumeral))
	}
}

// bodiesAreUTF8 lets a byte order mark pass with a warning: most parsers skip it.
func bodiesAreUTF8(t *trial) {
	judgeEvery(flawEncoding)(t)
	for _, s := range t.sights() {
		t.caution(s.answer, s.flaws.of(flawMark))
	}
}

// charactersComeBack looks at the name alone: fidelity as a whole has cases of its own.
func charactersComeBack(t *trial) {
	posted, err := parseObject(t.fixture.foreign.raw)
	if err != nil {
		t.untold("the suite's own object cannot be read: %v", err)
	}
	a := t.get(t.main.object(t.fixture.foreign.id))
	objects := t.ok(a).objects("objects")
	n := slices.IndexFunc(objects, func(o object) bool {
		return o.text("id") == t.fixture.foreign.id
	})
	if n < 0 {
		t.untold("%s: the object that the suite has posted is not in the answer", a.sent())
	}
	if want, got := posted.text("name"), objects[n].text("name"); got != want {
		t.fault(a, "the name "+quote(want), "the name %s", quote(got))
	}
}
