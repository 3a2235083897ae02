package app_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/taxii"
)

// impatient is a configuration that waits for nobody for long.
func impatient(cfg config.Config) config.Config {
	const soon = 100 * time.Millisecond
	cfg.Limits.HeaderTimeout, cfg.Limits.BodyTimeout = soon, soon
	cfg.Limits.ResponseTimeout, cfg.Limits.IdleTimeout = 3*soon, soon
	return cfg
}

// Whatever a client does not go on with, its connection ends by itself: the sockets are real ones,
// and the time limits those of the configuration.
func TestRun_GivesUpSlowClients(t *testing.T) {
	plain, secure := runApp(t, impatient(newConfig(t))), runApp(t, impatient(withTLS(t)))
	const get = "GET /taxii2/ HTTP/1.1\r\nHost: x\r\n"
	post := "POST " + inbox + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + taxii.MediaType + "\r\n"
	for name, test := range map[string]struct {
		a    *running
		text string
		want string // in what comes until the end
	}{
		"nothing at all":             {plain, "", ""},
		"half a request line":        {plain, "GET /tax", ""},
		"half a head":                {plain, get, ""},
		"no end of a header":         {plain, get + "X-Long: " + strings.Repeat("x", 10_000), ""},
		"no next request":            {plain, get + "\r\n", " 200 OK"},
		"half a body":                {plain, post + "Content-Length: 99\r\n\r\n{", " 408 "},
		"half a chunk":               {plain, post + "Transfer-Encoding: chunked\r\n\r\nff\r\n{", " 408 "},
		"a body that nobody expects": {plain, get + "Content-Length: 99\r\n\r\n{", " 200 OK"},
		"no handshake":               {secure, "", ""},
		"half a handshake":           {secure, "\x16\x03\x01\x02\x00\x01", ""},
		"no TLS":                     {secure, get, " 400 "},
	} {
		t.Run(name, func(t *testing.T) {
			c := connect(t, test.a)
			_, err := io.WriteString(c, test.text)
			check(t, err)
			text, err := io.ReadAll(c)
			if errors.Is(err, os.ErrDeadlineExceeded) || !strings.Contains(string(text), test.want) {
				t.Errorf("read %.300q, %v; want %q and the end", text, err, test.want)
			}
		})
	}
}

// connect returns a connection on which reading fails after a long time.
func connect(t *testing.T, a *running) net.Conn {
	t.Helper()
	_, address, _ := strings.Cut(a.URL(), "://")
	c, err := net.Dial("tcp", address)
	check(t, err)
	t.Cleanup(func() { c.Close() })
	check(t, c.SetReadDeadline(time.Now().Add(30*time.Second)))
	return c
}

// An answer that is not taken is given up. What the system has buffered comes, and then the end.
func TestRun_GivesUpClientsThatTakeNoAnswer(t *testing.T) {
	a := runApp(t, impatient(newConfig(t)))
	for batch := range 7 { // answers of 28 MB, more than systems buffer
		var objects []string
		for n := range 4 {
			objects = append(objects, fmt.Sprintf(`{"type":"mutex","spec_version":"2.1",`+
				`"id":"mutex--a1b2c3d4-0000-4000-8000-%012d","name":%q}`, 10*batch+n, strings.Repeat("m", 1<<20)))
		}
		answer := send(t, http.MethodPost, a.URL()+inbox, `{"objects":[`+strings.Join(objects, ",")+`]}`)
		if answer.StatusCode != http.StatusAccepted {
			t.Fatal(answer.Status)
		}
	}
	c := connect(t, a)
	_, err := io.WriteString(c, "GET "+inbox+" HTTP/1.1\r\nHost: x\r\n\r\n")
	check(t, err)
	time.Sleep(time.Second) // longer than the server waits
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	check(t, err)
	defer answer.Body.Close()
	if n, err := io.Copy(io.Discard, answer.Body); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%d bytes of %d, %v; want the connection ended before", n, answer.ContentLength, err)
	}
}

// A stream of HTTP/2 is bounded like a connection.
func TestRun_GivesUpSlowStreams(t *testing.T) {
	a := runApp(t, impatient(withTLS(t)))
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true,
	}
	defer transport.CloseIdleConnections()
	body, feed := io.Pipe()
	defer feed.Close()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.URL()+inbox, body)
	check(t, err)
	r.Header.Set("Content-Type", taxii.MediaType)
	answer, err := transport.RoundTrip(r)
	check(t, err)
	defer answer.Body.Close()
	if answer.ProtoMajor != 2 || answer.StatusCode != http.StatusRequestTimeout {
		t.Errorf("%s %s, want 408 over HTTP/2", answer.Proto, answer.Status)
	}
}
