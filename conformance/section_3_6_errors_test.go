package conformance_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/cabstand/cabstand/conformance"
	"github.com/cabstand/cabstand/conformance/mutants"
)

// What differs from one error to the next, such as the number of an incident, gives nothing away
// of a hidden collection.
func TestErrors_MayDifferByChance(t *testing.T) {
	t.Parallel()
	s := mutants.Correct()
	var incidents atomic.Int64
	numbered := func(w http.ResponseWriter, r *http.Request) {
		inner := httptest.NewRecorder()
		s.Handler().ServeHTTP(inner, r)
		for name, values := range inner.Header() {
			w.Header()[name] = values
		}
		w.Header().Del("Content-Length")
		w.WriteHeader(inner.Code)
		number := fmt.Sprintf(`"external_details":"incident %d","title"`, incidents.Add(1))
		body := inner.Body.Bytes()
		if inner.Code == http.StatusNotFound {
			body = bytes.Replace(body, []byte(`"title"`), []byte(number), 1)
		}
		_, _ = w.Write(body) // a client that went away misses nothing else
	}
	proxy := httptest.NewServer(http.HandlerFunc(numbered))
	defer proxy.Close()
	c := everything(s, proxy.URL)
	c.Groups, c.Only = nil, []string{"T21-3.6-05"}
	for _, result := range run(t, c).Results {
		if result.Outcome != conformance.Pass {
			t.Errorf("%s", told(result))
		}
	}
}
