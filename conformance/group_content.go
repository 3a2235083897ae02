package conformance

import (
	"net/http"
	"strings"
)

// An offence is an object that STIX 2.1 forbids.
type offence struct {
	id, title, section string
	make               func(w *world) stixObject
}

func offences() []offence {
	// altered is an indicator with members changed or added.
	altered := func(members ...string) func(w *world) stixObject {
		return func(w *world) stixObject { return w.indicator("the invalid one", members...) }
	}
	// replaced is an indicator with a part of its text replaced.
	replaced := func(old, text string) func(w *world) stixObject {
		return func(w *world) stixObject {
			o := w.indicator("the invalid one")
			o.raw = []byte(strings.Replace(string(o.raw), old, text, 1))
			return o
		}
	}
	return []offence{
		{"no-type", "an object without a type", "3.2", replaced(`"type":"indicator",`, "")},
		{"other-type", "an id of another type than the object's", "2.9", func(w *world) stixObject {
			o := w.indicator("the invalid one")
			other := strings.Replace(o.id, "indicator", "malware", 1)
			return stixObject{other, o.version, []byte(strings.Replace(string(o.raw), o.id, other, 1))}
		}},
		{"bad-id", "an id that is not a type and a UUID", "2.9", func(w *world) stixObject {
			o := w.indicator("the invalid one")
			bad := "indicator--" + strings.ToLower(w.run)
			return stixObject{bad, o.version, []byte(strings.Replace(string(o.raw), o.id, bad, 1))}
		}},
		{"no-created", "an SDO without created", "3.2", replaced(`"created":`+quote(born)+`,`, "")},
		{"bad-time", "a timestamp that is none", "2.16", altered("modified", `"yesterday"`)},
		{"time-order", "modified before created", "3.2", altered("created", quote(nthVersion(9)))},
		{
			"no-pattern", "an indicator without a pattern", "4.7",
			replaced(`"pattern":"[ipv4-addr:value = '192.0.2.1']",`, ""),
		},
		{
			"twice", "a member that is there twice", "2 (I-JSON)",
			replaced(`"pattern_type":"stix"`, `"pattern_type":"stix","pattern_type":"yara"`),
		},
		{"bad-utf8", "bytes that are not UTF-8", "2 (I-JSON)", replaced("the invalid one", "\xff\xfe")},
	}
}

func contentCases() []Case {
	var cases []Case
	for _, o := range offences() {
		cases = append(cases, Case{
			ID: "content-" + o.id, Group: Content, Section: "5.5", Level: Promise,
			Title: "refuses " + o.title,
			Demand: "STIX 2.1 forbids " + o.title + ". A server that takes it in hands it on to " +
				"every client. It is refused, with a message, by the status of the push or by 400 or 422.",
			Source: "STIX 2.1 section " + o.section, needs: needWrite,
			run: func(t *trial) { isRefused(t, o) },
		})
	}
	return append(cases, Case{
		ID: "content-alone", Group: Content, Section: "5.5", Level: Promise,
		Title: "refuses an invalid object alone, and says why",
		Demand: "When one object of an envelope is invalid, the others are stored, and the status " +
			"names the one that was not with a message. Otherwise one mistake holds up a whole feed.",
		needs: needWrite, run: failsAlone,
	}, Case{
		ID: "content-readable", Group: Content, Section: "5.5", Level: Promise,
		Title: "serves the collection after invalid objects were posted",
		Demand: "Whatever becomes of an invalid object, it must not take the others with it. A " +
			"server that stores one and then answers 500 to everybody who reads the collection " +
			"has lost all of it.",
		Source: "RFC 9110 section 15.6", needs: needWrite, run: survivesOffences,
	})
}

// survivesOffences posts the invalid objects again, so that the case can be put alone.
func survivesOffences(t *trial) {
	t.checkReadable()
	for _, o := range offences() {
		bad := o.make(t.world)
		t.remember(t.main, bad.id)
		t.try(http.MethodPost, t.main.objects(), content(mediaTAXII, envelope(bad)),
			describing("an invalid object: "+o.title))
	}
	t.stillRead("invalid objects")
}

// isRefused posts an invalid object together with a valid one; what becomes of that is for
// another case.
func isRefused(t *trial, o offence) {
	bad := o.make(t.world)
	good := t.indicator("the valid one")
	t.remember(t.main, good.id, bad.id)
	a := t.post(t.main.objects(), envelope(good, bad),
		describing("an envelope of two objects, the second of which is invalid: "+o.title))
	switch {
	case a.Status == http.StatusBadRequest || a.Status == http.StatusUnprocessableEntity:
		return
	case a.Status >= 500:
		t.fault(a, "400, 422, or a failure for the object "+bad.id, "%s", a.came())
		return
	case a.Status != http.StatusAccepted:
		t.untold("%s: %s", a.sent(), a.came())
	}
	last, status := t.concluded(a)
	if failures, _ := status.number("failure_count"); failures == 0 {
		t.fault(last, "a failure for the object "+bad.id, "a status that reports none: %s",
			excerpt(last.body))
	}
}

func failsAlone(t *trial) {
	good, bad := t.indicator("the valid one"), offences()[0].make(t.world)
	t.remember(t.main, good.id, bad.id)
	a := t.post(t.main.objects(), envelope(bad, good),
		describing("an envelope of two objects, the first of which is invalid: "+offences()[0].title))
	if a.Status != http.StatusAccepted {
		t.fault(a, "202 with a status that names the invalid object", "%s", a.came())
		return
	}
	last, status := t.concluded(a)
	n, _ := status.number("failure_count")
	failures := status.objects("failures")
	switch {
	case n != 1:
		t.untold("%s: %d failures were counted; see the other cases of this group", last.sent(), n)
	case len(failures) != 1 || failures[0].text("message") == "":
		t.fault(last, "a message in failures for the one that failed", "%s", excerpt(last.body))
	}
	if !t.appear(t.main, good) {
		t.fault(last, "the valid object of the envelope, "+good.id+", in the manifest",
			"it is not there %v later", settled)
	}
}
