package conformance

import "strings"

// envelopeCases go by sections 3.7 and 3.8.
func envelopeCases() []Case {
	return []Case{
		{
			ID: "T21-3.7-01", Group: Standard, Section: "3.7", Level: Must,
			Title: "objects come in an envelope",
			Demand: "The root of a body with STIX content is the JSON object envelope: no bundle, " +
				"no bare object, no list. The objects are in its member objects.",
			needs: needItems, run: contentIsInEnvelopes,
		},
		{
			ID: "T21-3.7-02", Group: Standard, Section: "3.7", Level: Must,
			Title:  "next is a string and objects is a list",
			Demand: "In an envelope next, if given, is a string, and objects, if given, a list.",
			run:    envelopesHaveTypes,
		},
		{
			ID: "T21-3.7-03", Group: Standard, Section: "3.7", Level: Must,
			Title: "an envelope holds STIX objects alone",
			Demand: "Each element of objects is one STIX object, which has type and id; a bundle " +
				"is not one.",
			needs: needItems, run: envelopesHoldObjects,
		},
		{
			ID: "T21-3.7-04", Group: Standard, Section: "3.7", Level: Must,
			Title: "an envelope without objects is still a JSON object",
			Demand: "If no object matches, a successful answer has an envelope without objects as " +
				"its body: {} or {\"more\":false}, not nothing at all.",
			run: emptyEnvelopesAreObjects,
		},
		{
			ID: "T21-3.8-01", Group: Standard, Section: "3.8", Level: Must,
			Title: "properties are spelt as they are defined",
			Demand: "The names of properties are sent exactly as the standard writes them, with " +
				"their case: can_read, not Can_Read or canRead.",
			run: judgeEvery(flawSpelling),
		},
	}
}

// envelopes returns the answers of the tour that have to be envelopes.
func (t *trial) envelopes() []sight {
	var found []sight
	for _, s := range t.sights() {
		if s.success() && s.due.name == "envelope" {
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		t.untold("the server gave no envelope to look at; see the results of section 5.4")
	}
	return found
}

func contentIsInEnvelopes(t *trial) {
	for _, s := range t.envelopes() {
		o, err := s.object()
		if err != nil {
			if text := strings.TrimSpace(string(s.body)); strings.HasPrefix(text, "[") {
				t.fault(s.answer, "an envelope", "a list: %s", excerpt(s.body))
			}
			continue
		}
		if name := strayContent(o); name != "" {
			t.fault(s.answer, `{"objects":[…]}`, "STIX content outside of objects, in %s: %s", name,
				excerpt(s.body))
		}
	}
}

// strayContent tells where in the root there is STIX content beside objects, "" if nowhere.
func strayContent(o object) string {
	kind, id := o.text("type"), o.text("id")
	switch {
	case kind == "bundle":
		return "a bundle"
	case kind != "" && strings.HasPrefix(id, kind+"--"):
		return "the root itself, the object " + id
	}
	for name := range o {
		if name == "objects" || strings.HasPrefix(name, "x_") {
			continue
		}
		for _, element := range o.objects(name) {
			if kind := element.text("type"); kind != "" &&
				strings.HasPrefix(element.text("id"), kind+"--") {
				return "the member " + excerpt([]byte(name))
			}
		}
	}
	return ""
}

func envelopesHaveTypes(t *trial) {
	for _, s := range t.envelopes() {
		t.blame(s.answer, s.flaws.of(flawType).within("envelope"))
	}
}

// envelopesHoldObjects leaves elements that are no JSON objects to T21-2-05.
func envelopesHoldObjects(t *trial) {
	for _, s := range t.envelopes() {
		o, err := s.object()
		if err != nil {
			continue
		}
		for _, element := range o.objects("objects") {
			kind, id := element.text("type"), element.text("id")
			if kind == "" || id == "" || kind == "bundle" {
				t.fault(s.answer, "elements of objects with the type and the id of a STIX object",
					"one with type %s and id %s", quote(kind), quote(id))
			}
		}
	}
}

// emptyEnvelopesAreObjects says nothing of the status, which section 5.4 judges, nor of a list
// that is there and empty, which is T21-2-04.
func emptyEnvelopesAreObjects(t *trial) {
	for _, s := range t.envelopes() {
		t.blame(s.answer, s.flaws.of(flawVoid))
	}
}
