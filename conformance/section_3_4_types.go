package conformance

import (
	"net/http"
	"slices"
	"strings"
)

func typeCases() []Case {
	return []Case{
		{
			ID: "T21-3.4-22", Group: Standard, Section: "3.4.1", Level: Must,
			Title:  "match[type] selects objects of the types and no others",
			Demand: "match[type] takes types of STIX objects; the answer has these types alone.",
			needs:  needItems, run: typeSelectsOnlyThese,
		},
		{
			ID: "T21-3.4-23", Group: Standard, Section: "3.4.1", Level: Must,
			Title: "every type of STIX 2.1 is accepted in match[type]",
			Demand: "A type that STIX 2.1 defines is never an error in match[type], whether the " +
				"collection has such objects or not.",
			needs: needItems, run: everyTypeIsAccepted,
		},
		{
			ID: "T21-3.4-24", Group: Standard, Section: "3.4.1", Level: May,
			Title: "a type that STIX 2.1 does not define is accepted in match[type]",
			Demand: "Servers may support other types, such as those of extensions. A client that " +
				"asks for one then gets its objects or an empty answer.",
			needs: needItems, run: customTypeIsAccepted,
		},
		{
			ID: "T21-3.4-34", Group: Standard, Section: "5.3", Level: Must,
			Title: "the manifest takes match[type]",
			Demand: "Filters of the manifest apply to the objects that the records stand for. So " +
				"match[type] works there, although records have no type.",
			needs: needItems, run: manifestTakesType,
		},
	}
}

// typeSelectsOnlyThese looks at every object of the answers: with the fixture by its types, and
// else by two types of the window.
func typeSelectsOnlyThese(t *trial) {
	for _, types := range t.typesToAskFor() {
		p := t.page(t.get(t.main.objects(),
			values(t.portion("match[type]", strings.Join(types, ",")))))
		t.blameOtherTypes(p, types)
	}
}

// typesToAskFor are lists for match[type], each of them less than everything there is.
func (t *trial) typesToAskFor() [][]string {
	w := t.window(1)
	if t.fixture != nil {
		return [][]string{{"indicator"}, {"domain-name"}, {"identity", "marking-definition"}}
	}
	first, last := w.items[0].kind(), w.items[len(w.items)-1].kind()
	return [][]string{{first}, {last}, {"x-example-com-unheard-of"}}
}

func (t *trial) blameOtherTypes(p page, types []string) {
	for _, i := range p.items {
		if !slices.Contains(types, i.kind()) {
			t.fault(p.answer, "objects of the type "+strings.Join(types, " or ")+" alone", "%s", i.id)
			return
		}
	}
}

// stixTypes are the types of STIX 2.1, by its sections: domain objects, relationship objects,
// observables and meta objects.
func stixTypes() [][]string {
	return [][]string{
		{
			"attack-pattern", "campaign", "course-of-action", "grouping", "identity", "incident",
			"indicator", "infrastructure", "intrusion-set", "location", "malware",
			"malware-analysis", "note", "observed-data", "opinion", "report", "threat-actor",
			"tool", "vulnerability",
		},
		{"relationship", "sighting"},
		{
			"artifact", "autonomous-system", "directory", "domain-name", "email-addr",
			"email-message", "file", "ipv4-addr", "ipv6-addr", "mac-addr", "mutex",
			"network-traffic", "process", "software", "url", "user-account",
			"windows-registry-key", "x509-certificate",
		},
		{"marking-definition", "language-content", "extension-definition"},
	}
}

// everyTypeIsAccepted asks for whole sections, and for single types where that is an error, so
// that a server that takes them all costs few requests. A list that is too long for a server
// whose types are fine one by one is no fault.
func everyTypeIsAccepted(t *trial) {
	for _, section := range stixTypes() {
		all := strings.Join(section, ",")
		if served(t.get(t.main.objects(), query("match[type]", all, "limit", "1"))) {
			continue
		}
		for _, kind := range section {
			a := t.get(t.main.objects(), query("match[type]", kind, "limit", "1"))
			if a.Status != http.StatusOK {
				t.checkEmptiness(a)
				t.fault(a, "status 200, because STIX 2.1 defines the type "+kind, "%s", a.came())
			}
		}
	}
}

func customTypeIsAccepted(t *trial) {
	a := t.get(t.main.objects(), query("match[type]", "x-example-com-foo", "limit", "1"))
	if a.Status != http.StatusOK {
		t.checkEmptiness(a)
		t.fault(a, "status 200 and the objects of this type, if there are any", "%s", a.came())
	}
}

// checkEmptiness ends the case if an answer is 404 at a server that says so whenever it finds
// nothing: then it is not about the filter.
func (t *trial) checkEmptiness(a *answer) {
	if t.nothingIsNotFound(a) {
		t.untold("%s: %s, as for everything that finds nothing, see T21-5.4-05", a.sent(), a.came())
	}
}

// nothingIsNotFound reports whether an answer is 404 and the server calls an empty page of objects
// so. T21-5.4-05 judges that; it tells neither of filters nor of rights.
func (t *trial) nothingIsNotFound(a *answer) bool {
	if a.Status != http.StatusNotFound {
		return false
	}
	nothing := t.get(t.main.objects(), query("match[id]", freshID("indicator"), "limit", "1"))
	return nothing.Status == http.StatusNotFound
}

func manifestTakesType(t *trial) {
	for _, types := range t.typesToAskFor() {
		p := t.page(t.get(t.main.manifest(),
			values(t.portion("match[type]", strings.Join(types, ",")))))
		t.blameOtherTypes(p, types)
		if known := t.ofTypes(types); known != "" && len(p.items) == 0 {
			t.fault(p.answer, "the record of "+known, "no records")
		}
	}
}

// ofTypes returns the id of an object of the window that has one of the types, "" if none has.
func (t *trial) ofTypes(types []string) string {
	for _, i := range t.view.items {
		if slices.Contains(types, i.kind()) {
			return i.id
		}
	}
	return ""
}
