package conformance

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// errorCases look at the refusals of the tour. That they are JSON objects, in the media type of
// TAXII, is judged in section 3.1; those that claim to be are taken at their word here.
func errorCases() []Case {
	return []Case{
		{
			ID: "T21-3.6-01", Group: Standard, Section: "3.6", Level: Must,
			Title: "errors have a status of 4xx or 5xx",
			Demand: "That a request has failed is told by the HTTP status. An error resource does " +
				"not come with 200.",
			run: errorsAreNoSuccess,
		},
		{
			ID: "T21-3.6-02", Group: Standard, Section: "3.6.1", Level: Must,
			Title:  "an error has a title",
			Demand: "The property title of an error is required, and is a string.",
			run:    errorsHaveTitles,
		},
		{
			ID: "T21-3.6-03", Group: Standard, Section: "3.6.1", Level: Must,
			Title: "the optional properties of an error are strings",
			Demand: "description, error_id, error_code, http_status and external_details are " +
				"strings where they are given. That includes http_status: \"404\", not 404.",
			run: errorsHaveStrings,
		},
		{
			ID: "T21-3.6-04", Group: Standard, Section: "3.6.1", Level: Must,
			Title:  "http_status repeats the status of the answer",
			Demand: "If an error has http_status, it is the HTTP status that it came with.",
			run:    statusIsRepeated,
		},
		{
			ID: "T21-3.6-05", Group: Standard, Section: "Appendix B", Level: Should,
			Title: "errors do not tell that a hidden collection exists",
			Demand: "The text of an error gives nothing away of what the user may not see. It says " +
				"the same of a collection that is hidden from him as of one that does not exist.",
			needs: needHidden, run: errorsKeepSecrets,
		},
	}
}

func errorsAreNoSuccess(t *trial) {
	for _, s := range t.sights() {
		if s.posing {
			t.fault(s.answer, "the resource "+s.due.name+", or else a status of 4xx or 5xx",
				"status %d with an error: %s", s.Status, excerpt(s.body))
		}
	}
}

// isError reports whether an object is an error instead of what is due: it has nothing that the
// latter alone has, and something that only an error has.
func isError(o object, due resource) bool {
	has := func(r, not resource) bool {
		return slices.ContainsFunc(r.properties, func(p property) bool {
			_, shared := not.property(p.name)
			return o[p.name] != nil && !shared && p.holds != anything
		})
	}
	return has(errorResource(), due) && !has(due, errorResource())
}

// failures returns the error resources of the tour; the case is skipped if the server sends none.
func (t *trial) failures() []sight {
	found := slices.DeleteFunc(slices.Clone(t.sights()), func(s sight) bool { return !s.failure() })
	if len(found) == 0 {
		t.skip("none of the refusals that the suite provoked had a body in the media type of " +
			"TAXII, so that there is no error to look at; T21-3.1-03 and T21-3.1-05 judge that")
	}
	return found
}

func errorsHaveTitles(t *trial) {
	for _, s := range t.failures() {
		for _, f := range s.flaws.within("error").of(flawMissing, flawType) {
			if f.at == "/title" {
				t.fault(s.answer, f.want, "status %d: %s", s.Status, f.got)
			}
		}
	}
}

func errorsHaveStrings(t *trial) {
	for _, s := range t.failures() {
		for _, f := range s.flaws.within("error").of(flawType) {
			if f.at != "/title" {
				t.fault(s.answer, f.want, "status %d: %s", s.Status, f.got)
			}
		}
	}
}

// statusIsRepeated reads a number, too; that it is no string is for another case.
func statusIsRepeated(t *trial) {
	for _, s := range t.failures() {
		o, err := s.object()
		raw, given := o["http_status"]
		if err != nil || !given {
			continue
		}
		told := o.text("http_status")
		if told == "" {
			told = string(raw)
		}
		if want := strconv.Itoa(s.Status); strings.TrimSpace(told) != want {
			t.fault(s.answer, `"http_status":"`+want+`", the status of the answer`,
				`"http_status":%s with status %s`, excerpt(raw), want)
		}
	}
}

// errorsKeepSecrets compares what is said of the hidden collection with what is said of two that
// do not exist: what differs between these two differs by chance.
func errorsKeepSecrets(t *trial) {
	for _, below := range []string{"", "objects/", "manifest/"} {
		secret := t.refusal(t.hidden.url+below, t.hidden.id)
		one, other := uuid.NewString(), uuid.NewString()
		nothing, nothingElse := t.refusal(t.at(one)+below, one), t.refusal(t.at(other)+below, other)
		if secret.Status != nothing.Status {
			t.note("%s: status %d, but %d where there is no collection; that tells them apart, "+
				"and the standard allows it", secret.sent(), secret.Status, nothing.Status)
			continue
		}
		for _, name := range []string{"title", "description", "error_code", "external_details"} {
			want := nothing.said[name]
			if want == nothingElse.said[name] && want != secret.said[name] {
				t.fault(secret.answer, name+": "+quote(want)+", as where there is no collection",
					"%s: %s", name, quote(secret.said[name]))
			}
		}
	}
}

// refusal is what a server says when it does not serve a collection.
type refusal struct {
	*answer
	said map[string]string // the members of the error, with the id of the collection taken out
}

func (t *trial) refusal(at, id string) refusal {
	a := t.get(at)
	if a.Status != http.StatusNotFound && a.Status != http.StatusForbidden {
		t.untold("%s: expected 403 or 404 to compare, came %s", a.sent(), a.came())
	}
	said := map[string]string{}
	o, _ := a.object() // without a body all members are the same
	for name, raw := range o {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		said[name] = strings.ReplaceAll(text, id, "the collection")
	}
	return refusal{a, said}
}
