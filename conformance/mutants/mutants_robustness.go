package mutants

import (
	"net/http"
	"strings"
)

// robustnessMutants fall over one request each.
func robustnessMutants() []Mutant {
	var list []Mutant
	for _, m := range []struct {
		fails, fault string
		falls        func(r *http.Request) bool
	}{
		{"robustness-parameters", "A query that is no query is 500.", func(r *http.Request) bool {
			return strings.Contains(r.URL.RawQuery, "%ZZ")
		}},
		{"robustness-paths", "A path with a zero byte is 500.", func(r *http.Request) bool {
			return strings.HasSuffix(r.URL.EscapedPath(), "/%00/")
		}},
		{"robustness-headers", "A Range that is none is 500.", func(r *http.Request) bool {
			return r.Header.Get("Range") == "items -"
		}},
		{"robustness-methods", "A method that nobody knows is 500.", func(r *http.Request) bool {
			return r.Method == "PROPFIND"
		}},
		{"robustness-encodings", "An unknown Content-Encoding is 500.", func(r *http.Request) bool {
			return r.Header.Get("Content-Encoding") == "x-nothing"
		}},
	} {
		list = append(list, Mutant{
			Name: "falls-over-" + m.fails, Fault: m.fault, Fails: m.fails,
			change: func(b *behaviour) {
				b.handle = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					if m.falls(r) {
						w.WriteHeader(http.StatusInternalServerError)
						return
					}
					next.ServeHTTP(w, r)
				}
			},
		})
	}
	for _, m := range []struct {
		fails, fault string
		falls        func(body string) bool
	}{
		{"robustness-bodies", "Text behind the JSON is 500.", func(body string) bool {
			return body == "{}x"
		}},
		{"robustness-values", "A number out of range is 500.", func(body string) bool {
			return strings.Contains(body, "1e999")
		}},
		{"robustness-nesting", "A body that is nested deeply is 500.", func(body string) bool {
			return strings.Contains(body, strings.Repeat("[", 10_000))
		}},
	} {
		list = append(list, Mutant{
			Name: "falls-over-" + m.fails, Fault: m.fault, Fails: m.fails,
			change: func(b *behaviour) {
				right := b.readBody
				b.readBody = func(c *call, limit int64) ([]byte, error) {
					body, err := right(c, limit)
					if m.falls(string(body)) {
						return nil, refuse(http.StatusInternalServerError, "Something went wrong.")
					}
					return body, err
				}
			},
		})
	}
	return list
}
