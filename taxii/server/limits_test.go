package server_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

const emptyObjects = "/api/collections/" + idEmpty + "/objects/"

// push sends a body as kim and returns the status and text of the answer.
func push(t testing.TB, h *httptest.Server, body io.Reader, headers ...string) (int, string) {
	t.Helper()
	r, err := http.NewRequest("POST", h.URL+emptyObjects, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", taxii.MediaType)
	r.Header.Set("Authorization", basic("kim"))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	response, err := h.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if got := response.Header.Get("Content-Type"); got != taxii.MediaType {
		t.Errorf("Content-Type is %q", got)
	}
	return response.StatusCode, string(text)
}

// objectNo returns a small object of its own.
func objectNo(n int) string {
	return fmt.Sprintf(`{"type":"ipv4-addr","id":"ipv4-addr--00000000-0000-4000-9000-%012d","value":"192.0.2.1"}`, n)
}

func envelope(objects ...string) string {
	return `{"objects":[` + strings.Join(objects, ",") + `]}`
}

// serves checks that the server still takes and gives objects.
func serves(t testing.TB, h *httptest.Server) {
	t.Helper()
	if status, text := push(t, h, strings.NewReader(envelope(objectNo(1)))); status != 202 {
		t.Errorf("the next push got %d %s", status, text)
	}
}

// padded returns a valid envelope of exactly n bytes.
func padded(n int) string {
	text := envelope(objectNo(2))
	return text + strings.Repeat(" ", n-len(text))
}

func gzipped(t testing.TB, text string) *bytes.Buffer {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &b
}

// T21-4.2-07 and T21-4.2-08, whatever way the body comes.
func TestPush_MaxContentLengthIsTheLimit(t *testing.T) {
	_, h := newServer(t, server.Config{})
	for _, test := range []struct {
		size, want int
	}{
		{maxContentLength - 1, 202}, {maxContentLength, 202}, {maxContentLength + 1, 413},
		{5 * maxContentLength, 413},
	} {
		text := padded(test.size)
		for name, send := range map[string]func() (int, string){
			"sized":   func() (int, string) { return push(t, h, strings.NewReader(text)) },
			"chunked": func() (int, string) { return push(t, h, io.MultiReader(strings.NewReader(text))) },
			"gzip": func() (int, string) {
				return push(t, h, gzipped(t, text), "Content-Encoding", "gzip")
			},
			"chunked gzip": func() (int, string) {
				return push(t, h, io.MultiReader(gzipped(t, text)), "Content-Encoding", "gzip")
			},
		} {
			if status, answer := send(); status != test.want {
				t.Errorf("%s, %d bytes: status %d, want %d; %s", name, test.size, status, test.want, answer)
			}
		}
	}
	serves(t, h)
}

// T21-B-01: what is meant to hurt is refused, and the next request is served.
func TestPush_HostileBodiesAreRefused(t *testing.T) {
	_, h := newServer(t, server.Config{Limits: server.Limits{MaxObjects: 1000, MaxObjectBytes: 2000}})
	deep := strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)
	lists := strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)
	for name, test := range map[string]struct {
		body   string
		status int
		text   string
	}{
		"10,000 levels around the objects": {`{"x":` + deep + `,"objects":[` + objectNo(3) + `]}`, 400, "depth"},
		"10,000 levels of lists":           {lists, 422, "neither an envelope"},
		"10,000 levels in an object":       {envelope(`{"type":"a-b","x":` + deep + `}`), 400, "depth"},
		"200 levels in an object": {envelope(objectNo(4), `{"type":"ipv4-addr","id":"ipv4-addr--00000000-0000-4000-9000-000000000005","x":`+
			strings.Repeat(`[`, 200)+strings.Repeat(`]`, 200)+`}`), 202, "LIMIT-depth"},
		"more objects than allowed":      {envelope(strings.Repeat("1,", 1000) + "1"), 422, "more than 1000 objects"},
		"commas elsewhere":               {envelope(objectNo(6), `{"a":[`+strings.Repeat("1,", 900)+`1]}`), 202, `"failure_count":1`},
		"an object longer than allowed":  {envelope(objectNo(7), `{"type":"ipv4-addr","id":"ipv4-addr--00000000-0000-4000-9000-000000000008","value":"`+strings.Repeat("x", 2000)+`"}`), 202, "LIMIT-object"},
		"a type of 90,000 letters":       {envelope(`{"type":"` + strings.Repeat("x", 90_000) + `"}`), 202, `"failure_count":1`},
		"an id of 90,000 letters":        {envelope(`{"type":"a-b","id":"` + strings.Repeat("x", 90_000) + `"}`), 202, `xxx..."`},
		"bytes that are not UTF-8":       {envelope(objectNo(9), "{\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--00000000-0000-4000-9000-000000000010\",\"value\":\"\xff\"}"), 202, "not UTF-8"},
		"an id that is not UTF-8":        {envelope("{\"type\":\"ipv4-addr\",\"id\":\"\xff\xfe\"}"), 202, "S21-2.9-01"},
		"a byte order mark":              {"\uFEFF" + envelope(objectNo(11)), 400, "byte 0"},
		"a NUL":                          {"\x00", 400, "byte"},
		"a control character":            {envelope("{\"type\":\"a\nb\"}"), 400, "byte"},
		"a number of 90,000 digits":      {envelope(`{"type":"a-b","x":` + strings.Repeat("9", 90_000) + `}`), 202, `"failure_count":1`},
		"a thousand faults in an object": {envelope(`{"type":"a-b",` + strings.Repeat(`"x":1,`, 1000) + `"x":1}`), 202, "more"},
	} {
		status, text := push(t, h, strings.NewReader(test.body))
		if status != test.status || !strings.Contains(text, test.text) {
			t.Errorf("%s: %d %.300s, want %d with %q", name, status, text, test.status, test.text)
		}
		if len(text) > 3000 {
			t.Errorf("%s: an answer of %d bytes", name, len(text))
		}
		serves(t, h)
	}
}

// raw sends text over a connection of its own and returns the answer's status, or 0.
func raw(t *testing.T, h *httptest.Server, text string, closeWrite bool) int {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	if closeWrite {
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Logf("no answer: %v", err)
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

const rawHead = "POST " + emptyObjects + " HTTP/1.1\r\nHost: taxii.example.com\r\n" +
	"Content-Type: application/taxii+json;version=2.1\r\nAuthorization: Bearer kim\r\n"

func TestPush_LengthsThatLie(t *testing.T) {
	_, h := newServer(t, server.Config{})
	body := envelope(objectNo(20))
	for name, test := range map[string]struct {
		text       string
		want       int
		closeWrite bool
	}{
		"promises too much":      {rawHead + "Content-Length: 99999999999\r\n\r\n" + body, 413, false},
		"breaks off":             {rawHead + "Content-Length: 5000\r\n\r\n" + body, 400, true},
		"is longer than it says": {rawHead + "Content-Length: 10\r\n\r\n" + body, 400, false},
		"breaks off in a chunk":  {rawHead + "Transfer-Encoding: chunked\r\n\r\nff\r\n" + body, 400, true},
		"has no last chunk":      {rawHead + "Transfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n", len(body), body), 400, true},
		"has a broken chunk":     {rawHead + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + body, 400, false},
		"is negative":            {rawHead + "Content-Length: -1\r\n\r\n" + body, 400, false},
		"never ends": {rawHead + "Transfer-Encoding: chunked\r\n\r\n" +
			strings.Repeat(fmt.Sprintf("%x\r\n%s\r\n", 1000, strings.Repeat("x", 1000)), 150), 413, false},
	} {
		if got := raw(t, h, test.text, test.closeWrite); got != test.want {
			t.Errorf("%s: status %d, want %d", name, got, test.want)
		}
		serves(t, h)
	}
}

// gzip without content can go on for ever; it counts as it arrives.
func TestPush_EndlessEmptyGzipIsTooLarge(t *testing.T) {
	_, h := newServer(t, server.Config{})
	member := gzipped(t, "").Bytes()
	body := bytes.Repeat(member, 2*maxContentLength/len(member))
	if status, text := push(t, h, bytes.NewReader(body), "Content-Encoding", "gzip"); status != 413 {
		t.Errorf("sized: %d %s", status, text)
	}
	if status, text := push(t, h, io.MultiReader(bytes.NewReader(body)), "Content-Encoding", "gzip"); status != 413 {
		t.Errorf("chunked: %d %s", status, text)
	}
	if status, text := push(t, h, gzipped(t, strings.Repeat(" ", 100<<20)), "Content-Encoding", "gzip"); status != 413 {
		t.Errorf("bomb: %d %s", status, text)
	}
	serves(t, h)
}

func TestPush_SlowBodyIsGivenUp(t *testing.T) {
	_, h := newServer(t, server.Config{Limits: server.Limits{BodyTimeout: 50 * time.Millisecond}})
	text := rawHead + "Content-Length: 5000\r\n\r\n" + `{"objects":[`
	if got := raw(t, h, text, false); got != 408 {
		t.Errorf("status %d, want 408", got)
	}
	serves(t, h)
}

// A kept connection outlives the deadline of a body that came in time.
func TestPush_DeadlineEndsWithTheBody(t *testing.T) {
	_, h := newServer(t, server.Config{Limits: server.Limits{BodyTimeout: 30 * time.Millisecond}})
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	in := bufio.NewReader(conn)
	for i := range 3 {
		body := envelope(objectNo(30 + i))
		fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n%s", rawHead, len(body), body)
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("push %d: %v", i, err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.StatusCode != 202 {
			t.Errorf("push %d: status %d", i, response.StatusCode)
		}
		time.Sleep(60 * time.Millisecond)
	}
}

// Bodies of all requests together are bounded: one that finds no room is told to come again,
// and room that a slow sender held comes back.
func TestPush_BytesInFlightAreBounded(t *testing.T) {
	_, h := newServer(t, server.Config{Limits: server.Limits{
		MaxBodyBytes: 90_000, BytesInFlight: 90_000,
		BytesWait: 20 * time.Millisecond, BodyTimeout: 10 * time.Second,
	}})
	slow, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	if _, err := io.WriteString(slow, rawHead+"Content-Length: 80000\r\n\r\n{"); err != nil {
		t.Fatal(err)
	}
	text := padded(50_000)
	refused := false
	for range 200 { // until the slow body has been met
		status, answer := push(t, h, strings.NewReader(text))
		if status == 503 {
			refused = strings.Contains(answer, "busy")
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !refused {
		t.Error("a body was read beyond the bound")
	}
	slow.Close()
	for range 200 { // until its end has been noticed
		if status, _ := push(t, h, strings.NewReader(text)); status == 202 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the room of a body that broke off never came back")
}
