package conformance_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"
)

// withoutNext takes next out of every answer.
func withoutNext(_ *http.Request, rec *httptest.ResponseRecorder) {
	body := regexp.MustCompile(`"next":"[^"]*",?`).ReplaceAllString(rec.Body.String(), "")
	rec.Body.Reset()
	rec.Body.WriteString(strings.ReplaceAll(body, ",}", "}"))
}

// oneDatePerPush gives all objects of a push the date of its last one, as servers do that take the
// date of a request for the dates of its objects.
func oneDatePerPush(_ *http.Request, rec *httptest.ResponseRecorder) {
	date := regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z`)
	late := func(text string) string {
		at, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return text
		}
		at = at.Add(time.Millisecond - time.Microsecond).Truncate(time.Millisecond)
		return at.Format("2006-01-02T15:04:05.000000Z")
	}
	body := regexp.MustCompile(`"date_added":"[^"]*"`).ReplaceAllStringFunc(rec.Body.String(),
		func(member string) string { return date.ReplaceAllStringFunc(member, late) })
	rec.Body.Reset()
	rec.Body.WriteString(body)
	for _, name := range []string{"X-Taxii-Date-Added-First", "X-Taxii-Date-Added-Last"} {
		if text := rec.Header().Get(name); text != "" {
			rec.Header().Set(name, late(text))
		}
	}
}

// emptyForUnknown answers 200 for objects that are not there.
func emptyForUnknown(r *http.Request, rec *httptest.ResponseRecorder) {
	if strings.Contains(r.URL.Path, "/objects/") && rec.Code == http.StatusNotFound &&
		strings.Contains(rec.Body.String(), "no such object") {
		rec.Code = http.StatusOK
		rec.Body.Reset()
		rec.Body.WriteString("{}")
	}
}

// notFoundIfFiltered answers 404 where the filters leave nothing of an object.
func notFoundIfFiltered(r *http.Request, rec *httptest.ResponseRecorder) {
	if strings.Contains(r.URL.Path, "--") && r.URL.Query().Has("added_after") &&
		!strings.Contains(rec.Body.String(), "objects") {
		rec.Code = http.StatusNotFound
	}
}

// pagesLeftOpen are servers that page or refuse in another way than the correct one.
func pagesLeftOpen() map[string]leeway {
	return map[string]leeway{
		"NoNext": {rewritten(withoutNext), []string{
			"T21-3.5-01 pass", "T21-3.5-02a skip", "T21-3.5-02b skip", "T21-3.5-03 pass",
			"T21-3.5-04 pass", "T21-3.5-06a skip", "T21-3.5-06b skip", "T21-3.5-06c skip",
			"T21-3.5-07 pass", "T21-3.5-08 skip", "T21-3.5-09 pass", "T21-5.6-04c pass",
			"T21-5.8-05b pass",
		}},
		"OneDatePerPush": {rewritten(oneDatePerPush), []string{
			"T21-3.3-04 warn", "T21-3.5-02b pass", "T21-3.5-03 pass", "T21-3.5-09 pass",
			"T21-5.3-06 pass", "T21-5.3-09 pass", "T21-5.6-04b pass", "T21-5.8-05a pass",
		}},
		"ForeignNextRefused": {
			intercepted(func(w http.ResponseWriter, r *http.Request) bool {
				return r.URL.Query().Has("next") && refusal(w, http.StatusBadRequest)
			}),
			[]string{
				"T21-3.5-06a pass", "T21-3.5-06b pass", "T21-3.5-06c pass", "T21-3.5-07 pass",
				"clients-opencti-foreign-next warn",
			},
		},
	}
}

// objectsLeftOpen are servers that answer for single objects, or describe them, in another way.
func objectsLeftOpen() map[string]leeway {
	return map[string]leeway{
		"UnknownIsEmpty": {rewritten(emptyForUnknown), []string{
			"T21-5.6-01 pass", "T21-5.6-05 warn", "T21-5.8-04c warn",
		}},
		"FilteredIsNotFound": {rewritten(notFoundIfFiltered), []string{
			"T21-5.6-04b pass", "T21-5.6-05 pass",
		}},
		"MediaTypeWithoutVersion": {
			rewritten(func(_ *http.Request, rec *httptest.ResponseRecorder) {
				replaced(rec, `"media_type":"application/stix+json;version=2.1"`,
					`"media_type":"application/stix+json"`)
			}),
			[]string{"T21-5.3-01 pass", "T21-5.3-07 warn"},
		},
		"NoMediaTypes": {
			rewritten(func(_ *http.Request, rec *httptest.ResponseRecorder) {
				replaced(rec, `"media_types"`, `"x_example_com_types"`)
			}),
			[]string{"T21-5.3-07 pass"},
		},
		"SilentToStrangers": {
			intercepted(func(_ http.ResponseWriter, r *http.Request) bool {
				if _, password, ok := r.BasicAuth(); ok && strings.HasPrefix(password, "not-") {
					panic(http.ErrAbortHandler)
				}
				return false
			}),
			[]string{
				"T21-5.3-08a pass", "T21-5.4-02 pass", "T21-5.6-03a pass", "T21-5.8-04a pass",
			},
		},
	}
}

// What the text leaves open passes, and one fault does not spread to the cases next to it.
func TestPages_AreJudgedByTheTextAlone(t *testing.T) {
	haveTheirLeeway(t, pagesLeftOpen(), objectsLeftOpen())
}
