package conformance

import "net/http"

func objectsCases() []Case {
	same := "STIX has one form of each version of an object, and who passes it on does not change " +
		"it. What was posted comes back with the same properties and the same values: "
	return []Case{
		{
			ID: "T21-5.4-01", Group: Standard, Section: "5.4", Level: Must,
			Title: "objects are 200, on every page",
			Demand: "The objects of a collection that the user may read are answered with 200, also " +
				"if there are more than fit on the page: 206 is no status of TAXII 2.1.",
			needs: needItems, run: objectsAreServed,
		},
		{
			ID: "T21-5.4-02", Group: Standard, Section: "5.4", Level: Must,
			Title:  "a wrong password gets no objects",
			Demand: wrongPassword, needs: needAuth,
			run: refusesImpostor(func(t *trial) string { return t.main.objects() }),
		},
		{
			ID: "T21-5.4-03a", Group: Standard, Section: "5.4", Level: Must,
			Title:  "the objects of a collection that may only be written are refused",
			Demand: notReadable, needs: needWriteOnly,
			run: refusesReader(func(t *trial) string { return t.writeOnly.objects() }),
		},
		{
			ID: "T21-5.4-03b", Group: Standard, Section: "5.4", Level: Must,
			Title:  "the objects of a collection without any right are refused",
			Demand: notReadable, needs: needForbidden,
			run: refusesReader(func(t *trial) string { return t.forbidden.objects() }),
		},
		{
			ID: "T21-5.4-05", Group: Standard, Section: "5.4", Level: Must,
			Title: "where nothing is found the answer is 200, too",
			Demand: "If no object matches, or the collection is empty, the answer is 200 with an " +
				"envelope that has no objects, and not 404 or 204.",
			needs: needItems, run: nothingFoundIsServed,
		},
		{
			ID: "T21-5.4-06", Group: Standard, Section: "5.4", Level: Must,
			Title:  "a single object comes in an envelope as well",
			Demand: "The answer is an envelope, whose member objects is a list, also for one object.",
			needs:  needItems, run: singleObjectIsEnveloped,
		},
		{
			ID: "T21-5.4-07a", Group: Standard, Section: "5.4", Level: Should,
			Title:  "properties come back as they were posted, custom ones included",
			Demand: same + "none is lost, none is added, none is taken apart.",
			Source: "STIX 2.1 section 3.6", needs: needWrite, run: propertiesComeBack,
		},
		{
			ID: "T21-5.4-07b", Group: Standard, Section: "5.4", Level: Should,
			Title: "numbers come back with the same value",
			Demand: same + "a number keeps its value, however it is written and however small or " +
				"large it is.",
			Source: "STIX 2.1 section 3.6", needs: needWrite, run: numbersComeBack,
		},
		{
			ID: "T21-5.4-07c", Group: Standard, Section: "5.4", Level: Should,
			Title:  "timestamps come back with the same digits",
			Demand: same + "a timestamp keeps its digits; they tell how exact it is.",
			Source: "STIX 2.1 section 3.6", needs: needWrite, run: timesComeBack,
		},
		{
			ID: "T21-5.4-07d", Group: Standard, Section: "5.4", Level: Should,
			Title: "text comes back character by character",
			Demand: same + "characters that look alike but are not the same stay what they are, " +
				"and so do separators and blanks.",
			Source: "STIX 2.1 section 3.6", needs: needWrite, run: textComesBack,
		},
	}
}

func objectsAreServed(t *trial) {
	w := t.window(1)
	for _, limit := range []string{"6", "60"} {
		if a := t.get(t.main.objects(), values(w.with("limit", limit))); a.Status != http.StatusOK {
			t.fault(a, "200 with the objects", "%s", a.came())
		}
	}
}

// nothingFoundIsServed judges the status alone; what the body is then is judged by T21-3.7-04.
func nothingFoundIsServed(t *trial) {
	answers := []*answer{
		t.get(t.main.objects(), query("added_after", future)),
		t.get(t.main.objects(), query("match[id]", freshID("indicator"), "limit", "1")),
	}
	if t.empty != nil {
		answers = append(answers, t.get(t.empty.objects(), query("limit", "1")))
	}
	for _, a := range answers {
		if a.Status != http.StatusOK {
			t.fault(a, "200 with an envelope that has no objects", "%s", a.came())
		}
	}
}

// singleObjectIsEnveloped looks for the two short cuts that servers take with a single object: the
// object as the root, and the object in place of the list.
func singleObjectIsEnveloped(t *trial) {
	id := t.window(1).items[0].id
	a := t.get(t.main.objects(), query("match[id]", id, "limit", "1"))
	o := t.ok(a)
	if o.text("id") == id {
		t.fault(a, `{"objects":[…]}`, "the object itself: %s", excerpt(a.body))
		return
	}
	if one, err := parseObject(o["objects"]); err == nil && one.text("id") == id {
		t.fault(a, `{"objects":[…]}`, "an object instead of a list: %s", excerpt(a.body))
	}
}

// comesBackAs adds an object and returns how it is served.
func (t *trial) comesBackAs(o stixObject) (a *answer, posted, got object) {
	t.add(t.main, o)
	t.shown(t.main, o)
	a = t.get(t.main.objects(), query("match[id]", o.id))
	found := only(t.page(a).items, o.id)
	if len(found) == 0 {
		t.untold("%s: the object is not there", a.sent())
	}
	posted, err := parseObject(o.raw)
	if err == nil {
		got, err = parseObject(found[0].raw)
	}
	if err != nil {
		t.untold("%s: the object cannot be read: %v", a.sent(), err)
	}
	return a, posted, got
}

// compare finds fault with the first place where a value is not what it was in another message.
func (t *trial) compare(a *answer, name string, before, now []byte) {
	if at, want, is := differ("/"+name, before, now); at != "" {
		t.fault(a, at+" as it was: "+want, "%s", is)
	}
}

// propertiesComeBack judges custom properties, too: they are part of the object, whether the
// server knows what they mean or not.
func propertiesComeBack(t *trial) {
	o := t.version(freshID("tool"), "the one with more to it", nthVersion(1),
		"labels", `["second","first","second to none"]`,
		"x_example_com_flag", "false",
		"x_example_com_text", `""`,
		"x_example_com_nested", `{"b":[{"deep":[1,[2,[3]]]}],"a":{"x":"y"}}`)
	a, posted, got := t.comesBackAs(o)
	for name, raw := range posted {
		t.compare(a, name, raw, got[name])
	}
	for name, raw := range got {
		if posted[name] == nil {
			t.fault(a, "the properties that were posted, and no others", "%s: %s",
				excerpt([]byte(name)), excerpt(raw))
		}
	}
}

// numbersComeBack posts nothing that a double cannot hold: more is not to be expected of a reader
// of I-JSON (RFC 7493 section 2.2). The group Fidelity goes further.
func numbersComeBack(t *trial) {
	const name = "x_example_com_numbers"
	o := t.version(freshID("tool"), "the one with numbers", nthVersion(1), name,
		`[1.0,0.1,1e3,-0.5,1.5E-7,0.30000000000000004,9007199254740991,-2.5e300]`)
	a, posted, got := t.comesBackAs(o)
	t.compare(a, name, posted[name], got[name])
}

func timesComeBack(t *trial) {
	o := t.version(freshID("campaign"), "the one with times", "2024-05-01T10:01:00.120Z",
		"first_seen", `"2024-05-01T10:00:00Z"`, "last_seen", `"2024-05-01T10:00:00.123456Z"`)
	a, posted, got := t.comesBackAs(o)
	for _, name := range []string{"created", "modified", "first_seen", "last_seen"} {
		t.compare(a, name, posted[name], got[name])
	}
}

// textComesBack has letters that Unicode normalisation would merge, separators that scripts trip
// over, and text from right to left.
func textComesBack(t *trial) {
	o := t.version(freshID("tool"), "the one with text", nthVersion(1), "description",
		quote("e\u0301 is not \u00e9; \u212b is not \u00c5; \u2028 and \u00a0 and \t and two  blanks; "+
			"\U0001F469\u200d\U0001F4BB \u05e9\u05dc\u05d5\u05dd <&> \\ \" / end "))
	a, posted, got := t.comesBackAs(o)
	t.compare(a, "description", posted["description"], got["description"])
}
