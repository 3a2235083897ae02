package collectors_test

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
)

// refuse answers with a status, a header and a text.
func refuse(status int, name, value, text string) collectortest.Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set(name, value)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(text))
	}
}

func TestFetchKeepsDetailsOfARefusalForThoseWhoAsk(t *testing.T) {
	server := collectortest.Serve(t, refuse(401, "X-Any", "1", "wrong "+strings.Repeat("k", 1<<20)))
	for detailed, want := range map[bool]int{false: 0, true: 4 << 10} {
		s, _ := session(t, collectors.Feed{ID: "list", URL: server.URL}, nil)
		_, err := s.Fetch(t.Context(), collectors.Request{Detailed: detailed})
		status, ok := errors.AsType[*collectors.StatusError](err)
		if !ok || len(status.Detail) != want {
			t.Fatalf("detailed %v: error %v with %d bytes, want %d", detailed, err, len(status.Detail), want)
		}
		if strings.Contains(err.Error(), "wrong") {
			t.Errorf("the error repeats what the server said: %v", err)
		}
	}
}

func TestFetchHeedsWhenAServerCountsAnew(t *testing.T) {
	in := func(d time.Duration) string {
		return strconv.FormatInt(now.Add(d).Unix(), 10)
	}
	for name, test := range map[string]struct {
		status int
		reset  string
		want   string
	}{
		"soon":                   {429, in(20 * time.Second), "[20s]"},
		"gone by":                {429, in(-time.Hour), "[1s]"},
		"seconds, as others say": {429, "20", "[1s]"},
		"nonsense":               {429, "soon", "[1s]"},
		"of another refusal":     {500, in(20 * time.Second), "[1s]"},
	} {
		ok := collectortest.Body("text/plain", text)
		server := collectortest.Serve(t, refuse(test.status, "X-RateLimit-Reset", test.reset, ""), ok)
		_, w, err := fetchOnce(t, server.URL)
		if got := durations(*w); got != test.want || err != nil {
			t.Errorf("%s: waits %s, error %v, want %s", name, got, err, test.want)
		}
	}
	server := collectortest.Serve(t, refuse(429, "X-RateLimit-Reset", in(8*time.Hour), ""))
	_, w, err := fetchOnce(t, server.URL)
	status, ok := errors.AsType[*collectors.StatusError](err)
	if !ok || status.RetryAfter != 8*time.Hour || len(*w) > 0 {
		t.Errorf("error %v after %v, want one that asks to wait 8h", err, *w)
	}
}

func TestFetchKeepsAnInterval(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "1"),
		collectortest.Body("text/plain", "2"), collectortest.Body("text/plain", "3"))
	s, w := session(t, collectors.Feed{ID: "list", URL: server.URL}, nil)
	for _, interval := range []time.Duration{time.Minute, 15 * time.Second, 0} {
		if _, err := s.Fetch(t.Context(), collectors.Request{Interval: interval}); err != nil {
			t.Fatal(err)
		}
	}
	if got := durations(*w); got != "[15s]" {
		t.Errorf("waits = %s, want one before the second request", got)
	}
}
