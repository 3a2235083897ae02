package server_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii/server"
)

// Of one sender, and of all together, so many pushes are taken at once. One too many is refused
// before its body is asked for; other requests are not held up; and there is room again when the
// first ones are done.
func TestPush_SoManyAtOnce(t *testing.T) {
	g, registry := newGate(), prometheus.NewRegistry()
	_, h := newServer(t, server.Config{
		Store: &faultyStore{Store: newStore(t), add: g.wait}, Registerer: registry,
		Limits: server.Limits{Pushes: 3, PushesPerSender: 2},
	})
	var held sync.WaitGroup
	for i, user := range []string{"kim", "kim", "pat"} {
		held.Go(func() {
			status, text := pushTo(t, h, emptyObjects, user, strings.NewReader(envelope(objectNo(i))))
			if status != 202 {
				t.Errorf("push %d of %s: %d %s", i, user, status, text)
			}
		})
	}
	for range 3 {
		<-g.entered
	}
	for _, test := range []struct {
		user, target string
		status       int
		text         string
	}{
		{"kim", emptyObjects, 429, "Of one sender 2 pushes are taken at once. Wait for the 5 seconds"},
		{"pat", emptyObjects, 503, "The server is busy"},
		{"ned", "/api/collections/" + idRW + "/objects/", 503, "The server is busy"},
	} {
		response := expectPush(t, h, test.target, test.user)
		if response.status != test.status || response.retryAfter != "5" ||
			!strings.Contains(response.text, test.text) {
			t.Errorf("a push of %s too many: %+v, want %d with %q", test.user, response, test.status, test.text)
		}
	}
	if response, text := get(t, h.URL+emptyObjects, "kim"); response.StatusCode != 200 {
		t.Errorf("a poll meanwhile: %d %s", response.StatusCode, text)
	}
	close(g.open)
	held.Wait()
	serves(t, h)
	want := map[string]float64{"sender_pushes user": 1, "pushes user": 2}
	if diff := cmp.Diff(want, counted(t, registry, "cabstand_taxii_limited_total")); diff != "" {
		t.Errorf("limited (-want +got):\n%s", diff)
	}
}

// expected is the answer to a push that asks before it sends its body.
type expected struct {
	status           int
	retryAfter, text string
}

// expectPush fails the test if the body is asked for.
func expectPush(t *testing.T, h *httptest.Server, target, user string) expected {
	t.Helper()
	conn := dial(t, h)
	defer conn.Close()
	fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/taxii+json;version=2.1\r\n"+
		"Authorization: %s\r\nExpect: 100-continue\r\nContent-Length: 50\r\n\r\n", target, basic(user))
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return expected{response.StatusCode, response.Header.Get("Retry-After"), string(text)}
}

// However a push ends, its place is free again.
func TestPush_PlaceComesBack(t *testing.T) {
	var fault atomic.Pointer[func() error]
	f := &faultyStore{Store: newStore(t), add: func(context.Context) error {
		if fail := fault.Load(); fail != nil {
			return (*fail)()
		}
		return nil
	}}
	_, h := newServer(t, server.Config{Store: f, Limits: server.Limits{
		Pushes: 1, PushesPerSender: 1, BodyTimeout: 50 * time.Millisecond,
	}})
	body := envelope(objectNo(1))
	failing := func(fail func() error) func() int {
		return func() int {
			fault.Store(&fail)
			defer fault.Store(nil)
			status, _ := push(t, h, strings.NewReader(body))
			return status
		}
	}
	for name, test := range map[string]struct {
		push func() int
		want int
	}{
		"panic":          {failing(func() error { panic("told to") }), 500},
		"store away":     {failing(func() error { return store.ErrUnavailable }), 503},
		"store in error": {failing(func() error { return errors.New("told to") }), 500},
		"slow body": {func() int {
			return raw(t, h, rawHead+"Content-Length: 5000\r\n\r\n{", false)
		}, 408},
		"aborted body": {func() int {
			return raw(t, h, rawHead+"Content-Length: 5000\r\n\r\n{", true)
		}, 400},
		"too large": {func() int {
			return raw(t, h, rawHead+"Content-Length: 500000\r\n\r\n{", false)
		}, 413},
		"no JSON": {func() int {
			status, _ := push(t, h, strings.NewReader("no"))
			return status
		}, 400},
		"no gzip": {func() int {
			status, _ := push(t, h, strings.NewReader(body), "Content-Encoding", "gzip")
			return status
		}, 400},
		"other type": {func() int {
			status, _ := push(t, h, strings.NewReader(body), "Content-Type", "text/plain")
			return status
		}, 415},
		"done": {func() int {
			status, _ := push(t, h, strings.NewReader(body))
			return status
		}, 202},
	} {
		for range 2 {
			if got := test.push(); got != test.want {
				t.Errorf("%s: status %d, want %d", name, got, test.want)
			}
		}
	}
	serves(t, h)
}

// A connection that breaks off in the middle of a body gives the place back, too, when the server
// has noticed.
func TestPush_PlaceOfABrokenConnectionComesBack(t *testing.T) {
	_, h := newServer(t, server.Config{Limits: server.Limits{Pushes: 1, BodyTimeout: 10 * time.Second}})
	conn := dial(t, h)
	if _, err := io.WriteString(conn, rawHead+"Content-Length: 5000\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	until := func(want int) {
		t.Helper()
		got := 0
		for range 500 {
			if got, _ = push(t, h, strings.NewReader(envelope(objectNo(1)))); got == want {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("status %d, want %d in the end", got, want)
	}
	until(503)
	conn.Close()
	until(202)
}

// nameless is everybody without a name, with the rights of pat.
type nameless struct{}

func (nameless) Authenticate(*http.Request) (server.Caller, error) { return anonymous{"pat"}, nil }

type anonymous struct{ person }

func (anonymous) Name() string { return "" }

// Senders without a name are told apart by their networks.
func TestPush_PlacesOfNetworks(t *testing.T) {
	g := newGate()
	s, _ := newServer(t, server.Config{
		Access: nameless{}, Store: &faultyStore{Store: newStore(t), add: g.wait},
		Limits: server.Limits{PushesPerSender: 1},
	})
	from := func(remote string) int {
		r := httptest.NewRequest("POST", emptyObjects, strings.NewReader(envelope(objectNo(1))))
		r.Header.Set("Content-Type", "application/taxii+json;version=2.1")
		r.RemoteAddr = remote
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	var held sync.WaitGroup
	for _, remote := range []string{"192.0.2.1:1", "192.0.2.2:1", "[2001:db8::1]:1"} {
		held.Go(func() {
			if got := from(remote); got != 202 {
				t.Errorf("from %s: status %d", remote, got)
			}
		})
		<-g.entered
	}
	for _, remote := range []string{"192.0.2.1:2", "[2001:db8::2]:1"} {
		if got := from(remote); got != 429 {
			t.Errorf("from %s again: status %d, want 429", remote, got)
		}
	}
	close(g.open)
	held.Wait()
}
