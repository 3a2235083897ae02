package conformance_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cabstand/cabstand/conformance"
	"github.com/cabstand/cabstand/conformance/mutants"
)

// hostile are ways of not answering a request. They end when the client hangs up.
func hostile(sent *atomic.Int64) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"Hangs": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"Drips": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		},
		"RedirectsForEver": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.String(), http.StatusFound)
		},
		"AnswersHTML": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html><body>Welcome</body></html>")
		},
		"SendsTwoGigabytes": func(w http.ResponseWriter, _ *http.Request) {
			chunk := []byte(strings.Repeat(" ", 1<<20))
			for range 2 << 10 {
				n, err := w.Write(chunk)
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		},
		"ClosesMidBody": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"objects":[`)
			panic(http.ErrAbortHandler)
		},
		"Resets": func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				panic(err)
			}
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
		},
		"NestsDeeply": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat(`{"objects":[`, 1<<20))
		},
		"PagesForEver": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/taxii+json;version=2.1")
			_, _ = io.WriteString(w, `{"more":true,"next":"`+r.URL.Query().Get("next")+`x"}`)
		},
	}
}

// A server that stops making sense in the middle of a run gets an outcome for every case.
func TestRun_EndsWhateverTheServerDoes(t *testing.T) {
	var sent atomic.Int64
	for name, answer := range hostile(&sent) {
		t.Run(name, func(t *testing.T) {
			sent.Store(0)
			s := mutants.Correct()
			armed := &atomic.Bool{}
			front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if armed.Load() && r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/objects") {
					answer(w, r)
					return
				}
				s.Handler().ServeHTTP(w, r)
			}))
			defer front.Close()
			c := everything(s, front.URL)
			c.Timeout = 300 * time.Millisecond
			c.Only = []string{"T21-2-05", "T21-3.4-09", "T21-3.5-02", "T21-5.4", "T21-5.8-01"}
			c.OnResult = func(conformance.Result) { armed.Store(true) }
			r, err := conformance.Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			errors := 0
			for _, result := range r.Results {
				if result.Outcome == "" {
					t.Errorf("%s has no outcome", result.Case.ID)
				}
				if result.Outcome == conformance.Error {
					errors++
				}
			}
			if errors == 0 {
				t.Error("no case noticed anything")
			}
			if most := int64(len(r.Results)) * 400 << 20; sent.Load() > most {
				t.Errorf("the suite read %d MiB", sent.Load()>>20)
			}
			if len(r.Left) > 0 {
				t.Errorf("%d objects are left", len(r.Left))
			}
		})
	}
}

// A server that is like that from the beginning cannot be judged, which is an error, not a pass.
func TestRun_RefusesAServerThatMakesNoSense(t *testing.T) {
	var sent atomic.Int64
	for name, answer := range hostile(&sent) {
		t.Run(name, func(t *testing.T) {
			front := httptest.NewServer(answer)
			defer front.Close()
			r, err := conformance.Run(t.Context(), conformance.Config{
				URL: front.URL, Timeout: 300 * time.Millisecond,
			})
			if err == nil {
				t.Errorf("judged it: %v", r.Scores())
			}
		})
	}
}
