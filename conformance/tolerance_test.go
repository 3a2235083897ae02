package conformance_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/conformance/mutants"
)

// rewritten lets change bend the answers of a server.
func rewritten(change func(r *http.Request, rec *httptest.ResponseRecorder)) front {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := httptest.NewRecorder()
			next.ServeHTTP(rec, r)
			change(r, rec)
			rec.Header().Del("Content-Length")
			for name, values := range rec.Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(rec.Code)
			_, _ = io.Copy(w, rec.Body)
		})
	}
}

// intercepted answers some requests itself.
func intercepted(take func(w http.ResponseWriter, r *http.Request) bool) front {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !take(w, r) {
				next.ServeHTTP(w, r)
			}
		})
	}
}

// front stands before the correct server.
type front func(next http.Handler) http.Handler

const taxii = "application/taxii+json;version=2.1"

// refusal answers with a status and an error resource.
func refusal(w http.ResponseWriter, code int) bool {
	w.Header().Set("Content-Type", taxii)
	w.WriteHeader(code)
	_, _ = io.WriteString(w, `{"title":"No"}`)
	return true
}

func replaced(rec *httptest.ResponseRecorder, from, to string) {
	body := strings.ReplaceAll(rec.Body.String(), from, to)
	rec.Body.Reset()
	rec.Body.WriteString(body)
}

// leeway is a server that differs from the correct one, and what becomes of the cases next to it.
type leeway struct {
	front front
	want  []string // id and outcome of the cases to run, in their order
}

// resourcesLeftOpen are about what is read.
func resourcesLeftOpen() map[string]leeway {
	return map[string]leeway{
		"DiscoveryHidden": {
			intercepted(func(w http.ResponseWriter, r *http.Request) bool {
				return r.URL.Path == "/taxii2/" && refusal(w, http.StatusNotFound)
			}),
			[]string{
				"T21-4.1-01 warn", "T21-4.1-02 skip", "T21-4.1-03 skip",
				"T21-4.1-08 pass", "T21-4.2-02 skip",
			},
		},
		"RootsInTheClearOnLoopback": {
			rewritten(func(r *http.Request, rec *httptest.ResponseRecorder) {
				replaced(rec, `"/api1/"`, `"http://`+r.Host+`/api1/"`)
			}),
			[]string{"T21-4.1-03 pass", "T21-4.1-04 pass", "T21-4.1-09 pass"},
		},
		"VersionsWithBlank": {
			rewritten(func(_ *http.Request, rec *httptest.ResponseRecorder) {
				replaced(rec, taxii, "application/taxii+json; version=2.1")
			}),
			[]string{"T21-4.2-04 pass", "T21-4.2-05 warn"},
		},
		"TypeInAnotherSpelling": {
			rewritten(func(_ *http.Request, rec *httptest.ResponseRecorder) {
				rec.Header().Set("Content-Type", `Application/TAXII+JSON ; Version="2.1"`)
			}),
			[]string{
				"T21-3.1-05a pass", "T21-3.1-05b pass", "T21-3.1-05e pass",
				"T21-3.1-06 pass", "T21-3.1-15 pass",
			},
		},
	}
}

// datesLeftOpen are about the headers with dates.
func datesLeftOpen() map[string]leeway {
	return map[string]leeway{
		"DatesCutToMilliseconds": {
			rewritten(func(_ *http.Request, rec *httptest.ResponseRecorder) {
				for _, name := range []string{"X-Taxii-Date-Added-First", "X-Taxii-Date-Added-Last"} {
					if date := rec.Header().Get(name); date != "" {
						rec.Header().Set(name, date[:len("2026-01-31T08:00:00.000")]+"Z")
					}
				}
			}),
			[]string{
				"T21-3.2-01 pass", "T21-3.2-02 pass", "T21-3.2-03a fail",
				"T21-3.2-03b pass",
			},
		},
		"VersionsNewestFirst": {
			rewritten(func(r *http.Request, rec *httptest.ResponseRecorder) {
				var body struct {
					Versions []string `json:"versions"`
				}
				if strings.HasSuffix(r.URL.Path, "/versions/") {
					_ = json.Unmarshal(rec.Body.Bytes(), &body)
					slices.Reverse(body.Versions)
					rec.Body.Reset()
					_ = json.NewEncoder(rec.Body).Encode(body)
				}
			}),
			[]string{"T21-3.2-01 pass", "T21-3.2-02 pass"},
		},
		"DatesOfNothing": {
			rewritten(func(_ *http.Request, rec *httptest.ResponseRecorder) {
				if rec.Header().Get("X-Taxii-Date-Added-Last") == "" {
					rec.Header().Set("X-Taxii-Date-Added-Last", "2026-01-31T08:00:00.000000Z")
				}
			}),
			[]string{"T21-3.2-03b pass"},
		},
	}
}

// requestsLeftOpen are about what is sent.
func requestsLeftOpen() map[string]leeway {
	return map[string]leeway{
		"SlashByRedirect": {
			intercepted(func(w http.ResponseWriter, r *http.Request) bool {
				if strings.HasSuffix(r.URL.Path, "/") {
					return false
				}
				http.Redirect(w, r, r.URL.Path+"/", http.StatusPermanentRedirect)
				return true
			}),
			[]string{"T21-3.1-01 pass", "HTTP-REDIRECT pass"},
		},
		"AcceptToTheLetter": {
			intercepted(func(w http.ResponseWriter, r *http.Request) bool {
				accept := r.Header.Get("Accept")
				return !strings.HasPrefix(accept, "application/taxii+json") &&
					refusal(w, http.StatusNotAcceptable)
			}),
			[]string{
				"T21-3.1-07a pass", "T21-3.1-07b warn", "T21-3.1-08 pass",
				"T21-3.1-09 pass", "T21-3.1-13 pass", "T21-3.1-16 pass",
			},
		},
		"MethodsOfItsOwn": {
			intercepted(func(w http.ResponseWriter, r *http.Request) bool {
				return r.Method == http.MethodPut && refusal(w, http.StatusOK)
			}),
			[]string{"HTTP-405 pass"},
		},
		"LengthRequired": {
			intercepted(func(w http.ResponseWriter, r *http.Request) bool {
				return r.ContentLength < 0 && refusal(w, http.StatusLengthRequired)
			}),
			[]string{"T21-4.2-08a pass", "T21-4.2-08b skip", "HTTP-CHUNKED warn"},
		},
		"HangsUpOnLongBodies": {
			intercepted(func(w http.ResponseWriter, r *http.Request) bool {
				switch {
				case r.ContentLength <= 1<<20:
					return false
				case r.Header.Get("Expect") != "":
					return refusal(w, http.StatusRequestEntityTooLarge)
				}
				panic(http.ErrAbortHandler)
			}),
			[]string{"T21-3.1-05i pass", "T21-4.2-07 pass", "T21-4.2-08a pass"},
		},
		"RestAnnouncedByDate": {
			limitedRate(func(h http.Header) {
				h.Set("Retry-After", time.Now().UTC().Format(http.TimeFormat))
			}),
			[]string{"HTTP-429 pass"},
		},
	}
}

// limitedRate answers every tenth request for the API root with 429.
func limitedRate(announce func(http.Header)) front {
	return func(next http.Handler) http.Handler {
		var n atomic.Int64
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api1/" && n.Add(1)%10 == 0 {
				announce(w.Header())
				refusal(w, http.StatusTooManyRequests)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// What the text leaves open passes, and one fault does not spread to the cases next to it.
func TestStandard_IsNotStricterThanTheText(t *testing.T) {
	haveTheirLeeway(t, resourcesLeftOpen(), datesLeftOpen(), requestsLeftOpen())
}

// haveTheirLeeway judges servers by the cases that they are about.
func haveTheirLeeway(t *testing.T, groups ...map[string]leeway) {
	for _, group := range groups {
		for name, c := range group {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c.judge(t)
			})
		}
	}
}

func (c leeway) judge(t *testing.T) {
	s := mutants.Correct()
	server := httptest.NewServer(c.front(s.Handler()))
	defer server.Close()
	config := everything(s, server.URL+"/api1/")
	for _, want := range c.want {
		id, _, _ := strings.Cut(want, " ")
		config.Only = append(config.Only, id)
	}
	var got []string
	for _, result := range run(t, config).Results {
		got = append(got, result.Case.ID+" "+string(result.Outcome))
		t.Log(told(result))
	}
	if diff := cmp.Diff(c.want, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}
