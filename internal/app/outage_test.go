package app_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/mongotest"
	"github.com/cabstand/cabstand/taxii"
)

// While its store is away a server says so to everybody, and when the store is back it goes on
// by itself. A push that is repeated then is kept once.
func TestRun_OutlivesAnAbsenceOfTheStore(t *testing.T) {
	mongo := mongotest.Start(t)
	cfg := newConfig(t)
	cfg.Store = soon(t, mongo.Database(t))
	a := runApp(t, cfg)
	ready := "http://" + a.AdminAddress() + "/readyz"
	if status, text := get(t, ready); status != http.StatusOK {
		t.Fatalf("readyz: %d %s, want 200", status, text)
	}

	mongo.Gone(t)
	comesBack := sync.OnceFunc(func() { mongo.Back(t) })
	defer comesBack() // without the store the server does not end in order
	for range 2 {
		if status, text := get(t, ready); status != http.StatusServiceUnavailable ||
			!strings.Contains(text, "not ready: store unavailable") {
			t.Errorf("readyz without the store: %d %s, want 503 and why", status, text)
		}
		isTurnedAway(t, send(t, http.MethodGet, a.URL()+inbox, ""))
		isTurnedAway(t, send(t, http.MethodPost, a.URL()+inbox, `{"objects":[`+object+`]}`))
	}
	if status, _ := get(t, "http://"+a.AdminAddress()+"/healthz"); status != http.StatusOK {
		t.Errorf("healthz without the store: %d, want 200", status)
	}

	comesBack()
	becomes(t, http.StatusAccepted, func() *http.Response {
		return send(t, http.MethodPost, a.URL()+inbox, `{"objects":[`+object+`]}`)
	})
	becomes(t, http.StatusOK, func() *http.Response { return send(t, http.MethodGet, ready, "") })
	if _, text := get(t, a.URL()+inbox); strings.Count(text, object) != 1 {
		t.Errorf("after the absence: %s, want the object once", text)
	}
}

// soon makes a store give up soon.
func soon(t *testing.T, store string) string {
	t.Helper()
	u, err := url.Parse(store)
	check(t, err)
	q := u.Query()
	q.Set("serverSelectionTimeoutMS", "300")
	u.RawQuery = q.Encode()
	return u.String()
}

// send makes a TAXII request, with names and values of further headers, and returns its answer,
// which has been read.
func send(t *testing.T, method, to, body string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, to, strings.NewReader(body))
	check(t, err)
	r.Header.Set("Accept", taxii.MediaType)
	if body != "" {
		r.Header.Set("Content-Type", taxii.MediaType)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := http.DefaultClient.Do(r)
	check(t, err)
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	check(t, err)
	return answer
}

func isTurnedAway(t *testing.T, answer *http.Response) {
	t.Helper()
	if answer.StatusCode != http.StatusServiceUnavailable || answer.Header.Get("Retry-After") == "" {
		t.Errorf("%s without the store: %s, Retry-After %q, want 503 and a time",
			answer.Request.Method, answer.Status, answer.Header.Get("Retry-After"))
	}
}

// becomes repeats a request until it has a status; until then the answer is 503.
func becomes(t *testing.T, status int, request func() *http.Response) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; {
		answer := request()
		if answer.StatusCode == status {
			return
		}
		if answer.StatusCode != http.StatusServiceUnavailable || time.Now().After(deadline) {
			t.Fatalf("%s %s: %s, want 503 and then %d",
				answer.Request.Method, answer.Request.URL, answer.Status, status)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
