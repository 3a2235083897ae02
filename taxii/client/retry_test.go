package client_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/client"
)

// flaky fails with the given handlers in turn and then serves one object.
func flaky(p *peer, failures ...http.HandlerFunc) {
	calls := 0
	p.handle("GET "+objectsPath, func(w http.ResponseWriter, r *http.Request) {
		if calls++; calls <= len(failures) {
			failures[calls-1](w, r)
			return
		}
		fmt.Fprintf(w, `{"objects":[%s]}`, object(1))
	})
}

func status(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

// hangUp breaks the connection after the start of an answer.
func hangUp(reset bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"objects\":[")
		if tcp, ok := conn.(*net.TCPConn); ok && reset {
			tcp.SetLinger(0)
		}
		conn.Close()
	}
}

func body(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) }
}

func TestRetry_RepeatsWhatMayPass(t *testing.T) {
	for name, failures := range map[string][]http.HandlerFunc{
		"429, 502, 503, 504":        {status(429), status(502), status(503), status(504)},
		"connection closed in body": {hangUp(false)},
		"connection reset in body":  {hangUp(true), hangUp(true)},
		"truncated JSON":            {body(`{"objects":[{"type":"indic`)},
		"truncated after objects":   {body(`{"objects":[{}],"more":tr`)},
		"web page of a proxy":       {status(503, "Content-Type", "text/html")},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			c := p.collection(t)
			flaky(p, failures...)
			got, _, err := poll(t, c, client.State{})
			if err != nil {
				t.Fatal(err)
			}
			wantNumbers(t, got, upTo(1))
			if n := len(p.seen(objectsPath)); n < len(failures)+1 {
				t.Errorf("asked %d times, want %d", n, len(failures)+1)
			}
		})
	}
}

func TestRetry_DoublesItsWaits(t *testing.T) {
	p := newPeer(t)
	c := p.collection(t, client.WithTries(9), client.WithRandom(func() float64 { return 0 }))
	p.handle("GET "+objectsPath, status(503))
	_, _, err := poll(t, c, client.State{})
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Status != 503 {
		t.Errorf("error %v, want the 503", err)
	}
	want := []time.Duration{
		250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second,
		4 * time.Second, 8 * time.Second, 15 * time.Second, 15 * time.Second,
	}
	if diff := cmp.Diff(want, p.clock.waits); diff != "" {
		t.Errorf("waits without jitter (-want +got):\n%s", diff)
	}
}

func TestRetry_JitterIsUpToHalfOfTheWait(t *testing.T) {
	p := newPeer(t)
	c := p.collection(t, client.WithTries(2), client.WithRandom(func() float64 { return 0.5 }))
	p.handle("GET "+objectsPath, status(503))
	if _, _, err := poll(t, c, client.State{}); err == nil {
		t.Error("no error")
	}
	if diff := cmp.Diff([]time.Duration{375 * time.Millisecond}, p.clock.waits); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
}

func TestRetry_HeedsRetryAfter(t *testing.T) {
	p := newPeer(t)
	c := p.collection(t)
	inTenSeconds := p.clock.now.Add(10 * time.Second).Format(http.TimeFormat)
	flaky(p,
		status(429, "Retry-After", "7"),
		status(503, "Retry-After", " 1.5 "),
		status(503, "Retry-After", inTenSeconds),
		status(503, "Retry-After", "soon"))
	if _, _, err := poll(t, c, client.State{}); err != nil {
		t.Fatal(err)
	}
	want := []time.Duration{
		7 * time.Second, 1500 * time.Millisecond,
		1500 * time.Millisecond, // of the ten seconds, 8.5 had passed
		2 * time.Second,         // as if it had said nothing
	}
	if diff := cmp.Diff(want, p.clock.waits); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
}

func TestRetry_BelievesAServerThatWantsALongRest(t *testing.T) {
	for _, rest := range []string{"3600", "99999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"} {
		p := newPeer(t)
		c := p.collection(t)
		p.handle("GET "+objectsPath, status(429, "Retry-After", rest))
		_, _, err := poll(t, c, client.State{})
		var refused *client.Error
		if !errors.As(err, &refused) || refused.RetryAfter < time.Hour {
			t.Errorf("%s: error %v, want the 429 with its wait", rest, err)
		}
		if len(p.clock.waits) > 0 || !strings.Contains(fmt.Sprint(err), "asks to wait") {
			t.Errorf("%s: waited %v, error %v", rest, p.clock.waits, err)
		}
	}
}

func TestRetry_LeavesOddRetryAfterAlone(t *testing.T) {
	for _, odd := range []string{"-5", "NaN", "-Inf", "0", "Thu, 01 Jan 1970 00:00:00 GMT"} {
		p := newPeer(t)
		c := p.collection(t)
		flaky(p, status(503, "Retry-After", odd))
		if _, _, err := poll(t, c, client.State{}); err != nil {
			t.Errorf("%s: %v", odd, err)
		}
		if diff := cmp.Diff([]time.Duration{250 * time.Millisecond}, p.clock.waits); diff != "" {
			t.Errorf("%s: waits (-want +got):\n%s", odd, diff)
		}
	}
}

func TestRetry_DoesNotRepeatRefusals(t *testing.T) {
	for code, hint := range map[int]string{
		400: "", 401: "check user and password", 403: "may not",
		404: "check the URL", 405: "does not offer", 406: "TAXII 2.0", 500: "",
	} {
		p := newPeer(t)
		c := p.collection(t)
		p.handle("GET "+objectsPath, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			fmt.Fprintf(w, `{"title":"Refused","description":"because of\n me","http_status":%d}`, code)
		})
		_, _, err := poll(t, c, client.State{})
		var refused *client.Error
		var said *taxii.Error
		if !errors.As(err, &refused) || refused.Status != code || !errors.As(err, &said) {
			t.Errorf("%d: error %v", code, err)
			continue
		}
		if said.HTTPStatus != fmt.Sprint(code) || said.Title != "Refused" {
			t.Errorf("%d: body %+v", code, said)
		}
		for _, part := range []string{"Refused", `because of\n me`, hint, objectsPath} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%d: error %q lacks %q", code, err, part)
			}
		}
		if n := len(p.seen(objectsPath)); n != 1 {
			t.Errorf("%d: asked %d times, want once", code, n)
		}
	}
}

func TestRetry_SurvivesAServerThatIsDown(t *testing.T) {
	p := newPeer(t)
	c := p.collection(t)
	p.Server.Close()
	_, _, err := poll(t, c, client.State{})
	if err == nil || len(p.clock.waits) != client.DefaultTries-1 {
		t.Errorf("error %v after waits %v", err, p.clock.waits)
	}
}
