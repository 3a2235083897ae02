package conformance_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// asking changes the parameters of GETs before the server reads them.
func asking(change func(v url.Values)) front {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if v := r.URL.Query(); r.Method == http.MethodGet {
				change(v)
				r = r.Clone(r.Context())
				r.URL.RawQuery = v.Encode()
			}
			next.ServeHTTP(w, r)
		})
	}
}

// refusing answers 400 to queries that match an expression.
func refusing(query string) front {
	malformed := regexp.MustCompile(query)
	return intercepted(func(w http.ResponseWriter, r *http.Request) bool {
		text, err := url.QueryUnescape(r.URL.RawQuery)
		return err == nil && malformed.MatchString(text) && refusal(w, http.StatusBadRequest)
	})
}

// twoAPage gives at most two items a page.
func twoAPage(v url.Values) {
	if limit := v.Get("limit"); limit != "1" {
		v.Set("limit", "2")
	}
}

// newestAlone forgets all versions but the newest one.
func newestAlone(next http.Handler) http.Handler {
	list := regexp.MustCompile(`"versions":\[.*,`)
	forget := asking(func(v url.Values) { v.Del("match[version]") })
	return rewritten(func(r *http.Request, rec *httptest.ResponseRecorder) {
		if strings.HasSuffix(r.URL.Path, "/versions/") {
			body := list.ReplaceAllString(rec.Body.String(), `"versions":[`)
			rec.Body.Reset()
			rec.Body.WriteString(body)
		}
	})(forget(next))
}

// withoutStix20 refuses pushes of objects that do not say which STIX they are of.
func withoutStix20(w http.ResponseWriter, r *http.Request) bool {
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	return err == nil && len(body) > 0 && !bytes.Contains(body, []byte("spec_version")) &&
		refusal(w, http.StatusUnprocessableEntity)
}

// filtersLeftOpen are servers that filter, or write versions, in another way than the correct one.
func filtersLeftOpen() map[string]leeway {
	return map[string]leeway{
		"SixDigitsAlone": {
			refusing(`added_after=[^&]{10}T[^&.]{8}(Z|\.\d{1,5}Z|.*\+)`),
			[]string{"T21-3.4-03a pass", "T21-3.4-03c pass", "T21-3.4-05 pass"},
		},
		"RepeatedVersionCountsOnce": {
			asking(func(v url.Values) {
				if v.Get("match[version]") == "last,last" {
					v.Set("match[version]", "last")
				}
			}),
			[]string{"T21-3.4-28 pass"},
		},
		"UnknownFieldRefused": {refusing(`match\[foo\]`), []string{"T21-3.4-16 pass"}},
		"CustomTypeRefused":   {refusing(`match\[type\]=x-`), []string{"T21-3.4-24 warn"}},
		"NoStix20":            {intercepted(withoutStix20), []string{"T21-3.4-21 skip"}},
		"SmallPages": {asking(twoAPage), []string{
			"T21-3.3-01 pass", "T21-3.4-02 pass", "T21-3.4-03a pass", "T21-3.4-09 pass",
			"T21-3.4-10 skip", "T21-3.4-12 pass", "T21-3.4-17 pass", "T21-3.4-26c pass",
		}},
		"SmallPagesByDate": {
			func(next http.Handler) http.Handler {
				return rewritten(withoutNext)(rewritten(oneDatePerPush)(asking(twoAPage)(next)))
			},
			[]string{"T21-3.3-01 pass", "T21-3.4-02 error", "T21-3.4-17 error"},
		},
		"NewestVersionsAlone": {newestAlone, []string{
			"T21-3.3-03 pass", "T21-3.4-14b skip", "T21-3.4-25 pass", "T21-3.4-26a pass",
			"T21-3.4-26b skip", "T21-3.4-26c skip", "T21-3.4-26e skip", "T21-3.4-32 pass",
			"T21-3.4-33 skip",
		}},
		"VersionsWrittenAnew": {
			rewritten(func(_ *http.Request, rec *httptest.ResponseRecorder) {
				replaced(rec, `.000Z"`, `.000000Z"`)
			}),
			[]string{
				"T21-3.3-03 pass", "T21-3.4-14b pass", "T21-3.4-25 pass", "T21-3.4-26a pass",
				"T21-3.4-26c pass", "T21-3.4-26d pass", "T21-3.4-29 pass", "T21-3.4-30a pass",
			},
		},
	}
}

// What the text leaves open is no fault.
func TestFilters_AreJudgedByTheTextAlone(t *testing.T) { haveTheirLeeway(t, filtersLeftOpen()) }
