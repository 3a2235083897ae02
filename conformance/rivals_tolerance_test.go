package conformance_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// isListing reports whether a request is for the objects or the manifest of a collection.
func isListing(r *http.Request) bool {
	return r.Method == http.MethodGet && !strings.Contains(r.URL.Path, "--") &&
		(strings.HasSuffix(r.URL.Path, "/objects/") || strings.HasSuffix(r.URL.Path, "/manifest/"))
}

// rewrite puts another body in the place of the one that was there.
func rewrite(rec *httptest.ResponseRecorder, code int, body string) {
	rec.Code = code
	rec.Body.Reset()
	rec.Body.WriteString(body)
}

// nothingIsNotFound answers 404 for a listing without objects.
func nothingIsNotFound(r *http.Request, rec *httptest.ResponseRecorder) {
	if isListing(r) && rec.Code == http.StatusOK && !strings.Contains(rec.Body.String(), `"objects"`) {
		rewrite(rec, http.StatusNotFound, `{"title":"Nothing was found"}`)
	}
}

// manifestNeverSaysMore leaves out of manifests that there is more.
func manifestNeverSaysMore(r *http.Request, rec *httptest.ResponseRecorder) {
	if strings.HasSuffix(r.URL.Path, "/manifest/") {
		replaced(rec, `"more":true`, `"more":false`)
		withoutNext(r, rec)
	}
}

// wholeSeconds are the dates of a server that counts in seconds.
func wholeSeconds(next http.Handler) http.Handler {
	date := regexp.MustCompile(`("date_added":"[^".]*)\.\d{6}Z`)
	cut := func(_ *http.Request, rec *httptest.ResponseRecorder) {
		rewrite(rec, rec.Code, date.ReplaceAllString(rec.Body.String(), "$1.000000Z"))
		for _, name := range []string{"X-Taxii-Date-Added-First", "X-Taxii-Date-Added-Last"} {
			if text, _, found := strings.Cut(rec.Header().Get(name), "."); found {
				rec.Header().Set(name, text+".000000Z")
			}
		}
	}
	// What was added in the second of added_after is not behind it.
	behind := asking(func(v url.Values) {
		if at, err := time.Parse(time.RFC3339Nano, v.Get("added_after")); err == nil {
			at = at.Truncate(time.Second).Add(time.Second - time.Microsecond)
			v.Set("added_after", at.Format("2006-01-02T15:04:05.000000Z"))
		}
	})
	return rewritten(cut)(behind(next))
}

// tiesReversed gives everything one date, and lists it in an order of its own.
func tiesReversed(r *http.Request, rec *httptest.ResponseRecorder) {
	if !isListing(r) || r.URL.Query().Has("limit") || rec.Code != http.StatusOK {
		return
	}
	var body map[string]any
	_ = json.Unmarshal(rec.Body.Bytes(), &body)
	list, _ := body["objects"].([]any)
	slices.Reverse(list)
	text, _ := json.Marshal(body)
	date := regexp.MustCompile(`"date_added":"[^"]*"`)
	rewrite(rec, rec.Code, date.ReplaceAllString(string(text),
		`"date_added":"2026-01-31T08:00:00.000000Z"`))
}

// nextOnce gives out a next that works once.
func nextOnce(next http.Handler) http.Handler {
	var given atomic.Int64
	var used sync.Map
	quoted := regexp.MustCompile(`"next":"([^"]*)"`)
	mark := func(_ *http.Request, rec *httptest.ResponseRecorder) {
		serial := strings.Repeat("x", int(given.Add(1)))
		rewrite(rec, rec.Code, quoted.ReplaceAllString(rec.Body.String(), `"next":"$1~`+serial+`"`))
	}
	marked := rewritten(mark)(asking(func(v url.Values) {
		if own, _, found := strings.Cut(v.Get("next"), "~"); found {
			v.Set("next", own)
		}
	})(next))
	return intercepted(func(w http.ResponseWriter, r *http.Request) bool {
		name := r.URL.Query().Get("next")
		_, again := used.LoadOrStore(name, true)
		return name != "" && again && refusal(w, http.StatusBadRequest)
	})(marked)
}

// nothing answers as if there were no such objects.
func nothing(w http.ResponseWriter, r *http.Request) bool {
	if strings.Contains(r.URL.Path, "--") {
		return refusal(w, http.StatusNotFound)
	}
	w.Header().Set("Content-Type", taxii)
	_, _ = io.WriteString(w, `{"more":false}`)
	return true
}

// lateToShow shows what was pushed a moment after its status is complete.
func lateToShow(next http.Handler) http.Handler {
	const late = 300 * time.Millisecond
	var pushed atomic.Int64
	return intercepted(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPost {
			pushed.Store(time.Now().UnixNano())
		}
		asked := strings.Contains(r.URL.Path, "--") || r.URL.Query().Has("match[id]")
		return r.Method == http.MethodGet && asked &&
			time.Since(time.Unix(0, pushed.Load())) < late && nothing(w, r)
	})(next)
}

// readersLeftOpen are servers whose answers to readers once misled a case.
func readersLeftOpen() map[string]leeway {
	return map[string]leeway{
		"NothingIsNotFound": {rewritten(nothingIsNotFound), []string{
			"T21-3.4-19c error", "T21-3.4-23 error", "T21-3.4-24 error", "T21-5.2-04 error",
			"T21-5.3-02 fail", "T21-5.4-05 fail",
		}},
		"ManifestNeverSaysMore": {rewritten(manifestNeverSaysMore), []string{
			"T21-3.4-12 fail", "T21-3.5-02b error", "T21-3.5-03 error", "T21-3.5-09 error",
		}},
		"WholeSeconds": {wholeSeconds, []string{
			"T21-3.4-01a pass", "T21-3.4-02 pass", "T21-3.4-07 pass", "cursors-deletion pass",
			"cursors-again pass", "cursors-side-by-side pass", "cursors-version pass",
		}},
		"TiesReversed": {rewritten(tiesReversed), []string{"T21-3.3-01 pass"}},
		"PagesOfOne": {asking(func(v url.Values) { v.Set("limit", "1") }), []string{
			"T21-3.5-01 pass", "T21-5.6-04c pass", "T21-5.8-05b pass", "clients-misp-push pass",
			"clients-splunk-bundle pass",
		}},
		"NextWorksOnce": {nextOnce, []string{"clients-taxii2-client-limit pass", "cursors-again fail"}},
		"ErrorsOfAnotherKind": {
			rewritten(func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if rec.Code >= http.StatusBadRequest {
					rewrite(rec, rec.Code, `{"code":400,"name":"No","Error-Text":"none"}`)
				}
			}),
			[]string{"T21-3.6-02 fail", "T21-7.1-02 pass", "T21-7.1-03 pass"},
		},
		"BrokenObjects": {
			intercepted(func(w http.ResponseWriter, r *http.Request) bool {
				return isListing(r) && refusal(w, http.StatusInternalServerError)
			}),
			[]string{"robustness-parameters error", "robustness-headers error"},
		},
		"OffsetsAreBroken": {
			intercepted(func(w http.ResponseWriter, r *http.Request) bool {
				after := r.URL.Query().Get("added_after")
				return after != "" && !strings.HasSuffix(after, "Z") &&
					refusal(w, http.StatusInternalServerError)
			}),
			[]string{"clients-curl-added-after warn"},
		},
		"HangsUpOnStrangeCredentials": {
			intercepted(func(_ http.ResponseWriter, r *http.Request) bool {
				if _, _, ok := r.BasicAuth(); !ok && r.Header.Get("Authorization") != "" {
					panic(http.ErrAbortHandler)
				}
				return false
			}),
			[]string{"robustness-headers pass"},
		},
	}
}

// writersLeftOpen are servers whose answers to pushes once misled a case.
func writersLeftOpen() map[string]leeway {
	return map[string]leeway{
		"NullInStatuses": {
			rewritten(func(_ *http.Request, rec *httptest.ResponseRecorder) {
				list := regexp.MustCompile(`"successes":\[[^\]]*\]`)
				rewrite(rec, rec.Code, list.ReplaceAllString(rec.Body.String(), `"successes":null`))
			}),
			[]string{"T21-4.3-04 fail", "T21-4.3-07b pass"},
		},
		"LateToShow": {lateToShow, []string{
			"T21-5.5-07 pass", "T21-5.5-09 warn", "content-alone pass",
		}},
	}
}

// What servers of others do shows in the case that is about it, and in no other.
func TestRivals_AreJudgedFairly(t *testing.T) {
	haveTheirLeeway(t, readersLeftOpen(), writersLeftOpen())
}
