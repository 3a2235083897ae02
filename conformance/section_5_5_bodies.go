package conformance

import (
	"net/http"

	"github.com/google/uuid"
)

func addBodyCases() []Case {
	return []Case{
		{
			ID: "T21-5.5-05a", Group: Standard, Section: "5.5", Level: Info,
			Title: "a STIX bundle is taken as an envelope or refused",
			Demand: "Objects are pushed in an envelope. Some clients send a STIX bundle, which looks " +
				"like an envelope with other members in it; a server may take it, or answer 400 or 422.",
			needs: needWrite, run: bundleIsTakenOrRefused,
		},
		{
			ID: "T21-5.5-05b", Group: Standard, Section: "5.5", Level: Info,
			Title: "objects without an envelope are refused",
			Demand: "Objects are pushed in an envelope. A body that is an object of STIX itself, " +
				"or a list of them, is answered with 400 or 422.",
			needs: needWrite, run: bareObjectsAreRefused,
		},
		{
			ID: "T21-5.5-06a", Group: Standard, Section: "5.5", Level: Must,
			Title: "a body that is no JSON is 400 or 422",
			Demand: "A push that the server cannot understand is answered with 400, one that it " +
				"cannot process with 422. An envelope that is cut off is one of these.",
			needs: needWrite, run: truncatedBodyIsRefused,
		},
		{
			ID: "T21-5.5-06b", Group: Standard, Section: "5.5", Level: Should,
			Title: "an object that is not of STIX is refused",
			Demand: "An object that has neither an id as STIX makes them nor any other member by " +
				"which STIX objects are known is refused: with 400 or 422, or with 202 and a status " +
				"that has it among failures.",
			needs: needWrite, run: strangeObjectIsRefused,
		},
		{
			ID: "T21-5.5-10", Group: Standard, Section: "7.1.1", Level: May,
			Title: "custom properties of an envelope are ignored or refused with 422",
			Demand: "A server that meets a custom property that it does not know ignores it, or " +
				"answers 422.",
			needs: needWrite, run: customEnvelopeIsTakenOrRefused,
		},
		{
			ID: "T21-5.5-11", Group: Standard, Section: "5.5", Level: Info,
			Title: "an envelope without objects is taken as nothing or refused",
			Demand: "The standard does not say what a push without objects is. 202 with a total_count " +
				"of 0, 400 and 422 all make sense.",
			needs: needWrite, run: emptyEnvelopeIsNothing,
		},
	}
}

// refusedBody reports whether an answer says that the body will not do (TAXII 2.1 section 5.5).
func refusedBody(a *answer) bool {
	return a.Status == http.StatusBadRequest || a.Status == http.StatusUnprocessableEntity
}

// The cases below take every 2xx for the 202 that T21-5.5-01 judges.

func bundleIsTakenOrRefused(t *trial) {
	o := t.indicator("one in a bundle")
	t.remember(t.main, o.id)
	a := t.post(t.main.objects(), bundle(o))
	if a.Status/100 != 2 && !refusedBody(a) {
		t.fault(a, "202, 400 or 422", "%s", a.came())
		return
	}
	t.note("a STIX bundle is answered with %d", a.Status)
}

func bareObjectsAreRefused(t *trial) {
	o := t.indicator("one without an envelope")
	t.remember(t.main, o.id)
	for _, body := range []struct{ name, text string }{
		{"a single object", string(o.raw)}, {"a list of objects", "[" + string(o.raw) + "]"},
	} {
		a := t.post(t.main.objects(), []byte(body.text), describing(body.name+" without an envelope"))
		if !refusedBody(a) {
			t.fault(a, "400 or 422 to "+body.name+" without an envelope", "%s", a.came())
		}
	}
}

func truncatedBodyIsRefused(t *trial) {
	o := t.indicator("one that is cut off")
	t.remember(t.main, o.id)
	whole := envelope(o)
	a := t.post(t.main.objects(), whole[:len(whole)*3/4],
		describing("an envelope that is cut off in the middle of an object"))
	if !refusedBody(a) {
		t.fault(a, "400 or 422, because the body ends in the middle of an object", "%s", a.came())
	}
}

// strangeObjectIsRefused gives the object an id, by which it can be deleted where it is taken.
func strangeObjectIsRefused(t *trial) {
	id := uuid.NewString()
	a := t.push(t.main, stixObject{id: id, raw: join([]string{
		"type", `"greeting"`, "id", quote(id), "hello", `"world"`,
	}, nil)})
	switch {
	case refusedBody(a):
	case a.Status/100 != 2:
		t.fault(a, "400 or 422, or 202 with a failure", "%s", a.came())
	default:
		last, status := t.concluded(a)
		if n, ok := status.number("failure_count"); ok && n == 0 {
			t.fault(last, "a failure for an object whose id is no id of STIX", "none: %s",
				excerpt(last.body))
		}
	}
}

func customEnvelopeIsTakenOrRefused(t *trial) {
	o := t.indicator("one in an envelope with a custom property")
	t.remember(t.main, o.id)
	a := t.post(t.main.objects(), join([]string{
		"x_example_com_colour", `"green"`, "objects", "[" + string(o.raw) + "]",
	}, nil), describing("an envelope that has a custom property"))
	if a.Status/100 != 2 && a.Status != http.StatusUnprocessableEntity {
		t.fault(a, "202 or 422 to an envelope with the property x_example_com_colour", "%s",
			a.came())
	}
}

func emptyEnvelopeIsNothing(t *trial) {
	for _, body := range []string{`{}`, `{"objects":[]}`} {
		a := t.post(t.main.objects(), []byte(body), describing("an envelope without objects, "+body))
		t.note("%s is answered with %d", body, a.Status)
		switch {
		case refusedBody(a):
		case a.Status/100 != 2:
			t.fault(a, "202, 400 or 422 to "+body, "%s", a.came())
		default:
			last, status := t.concluded(a)
			if n, ok := status.number("total_count"); ok && n != 0 {
				t.fault(last, "a total_count of 0, because "+body+" has no objects", "%d", n)
			}
		}
	}
}
