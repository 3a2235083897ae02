package server_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
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
	return pushTo(t, h, emptyObjects, "kim", body, headers...)
}

func pushTo(
	t testing.TB, h *httptest.Server, target, user string, body io.Reader, headers ...string,
) (int, string) {
	t.Helper()
	r, err := http.NewRequest("POST", h.URL+target, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", taxii.MediaType)
	r.Header.Set("Authorization", basic(user))
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
	return fmt.Sprintf(`{"type":"ipv4-addr","id":"ipv4-addr--00000000-0000-4000-9000-%012d",`+
		`"value":"192.0.2.1"}`, n)
}

// campaign returns a campaign that was modified on 2026-03-01, with more properties.
func campaign(n int, properties string) string {
	return fmt.Sprintf(`{"type":"campaign","spec_version":"2.1","id":"campaign--00000000-0000-4000-9000-%012d",`+
		`"modified":"2026-03-01T00:00:00.000Z","name":"Campaign",%s}`, n, properties)
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
			"sized": func() (int, string) { return push(t, h, strings.NewReader(text)) },
			"chunked": func() (int, string) {
				return push(t, h, io.MultiReader(strings.NewReader(text)))
			},
			"gzip": func() (int, string) {
				return push(t, h, gzipped(t, text), "Content-Encoding", "gzip")
			},
			"identity": func() (int, string) {
				return push(t, h, strings.NewReader(text), "Content-Encoding", "Identity")
			},
			"x-gzip": func() (int, string) {
				return push(t, h, gzipped(t, text), "Content-Encoding", "x-gzip")
			},
			"chunked gzip": func() (int, string) {
				return push(t, h, io.MultiReader(gzipped(t, text)), "Content-Encoding", "gzip")
			},
		} {
			if status, answer := send(); status != test.want {
				t.Errorf("%s, %d bytes: status %d, want %d; %s",
					name, test.size, status, test.want, answer)
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

// An object may be as long as the limit, and no longer.
func TestPush_MaxObjectBytesIsTheLimit(t *testing.T) {
	object := objectNo(50)
	for limit, want := range map[int]string{
		len(object): `"success_count":1,`, len(object) - 1: `"failure_count":1,`,
	} {
		_, h := newServer(t, server.Config{Limits: server.Limits{MaxObjectBytes: limit}})
		status, text := push(t, h, strings.NewReader(envelope(object)))
		if status != 202 || !strings.Contains(text, want) {
			t.Errorf("limit %d: %d %s, want %s", limit, status, text, want)
		}
	}
}

// What is no object is not taken in masses: it grows in memory.
func TestPush_CrumbsAreRefused(t *testing.T) {
	_, h := newServer(t, server.Config{Access: roomy{}})
	crumb := `"` + strings.Repeat("x", 40) + `"`
	for name, test := range map[string]struct {
		body string
		want int
		text string
	}{
		"few":             {envelope(slices.Repeat([]string{"1"}, 1000)...), 202, `"failure_count":1000,`},
		"more than a few": {envelope(slices.Repeat([]string{"1"}, 1002)...), 422, "more than 1000 objects"},
		"masses":          {envelope(slices.Repeat([]string{"1"}, 100_000)...), 422, "objects"},
		"long enough":     {envelope(slices.Repeat([]string{crumb}, 20_000)...), 202, `"failure_count":20000,`},
	} {
		if status, text := push(t, h, strings.NewReader(test.body)); status != test.want ||
			!strings.Contains(text, test.text) {
			t.Errorf("%s: %d %.200s", name, status, text)
		}
	}
	serves(t, h)
}

// dial returns a connection to the server, which ends with the test or after 20 s.
func dial(t *testing.T, h *httptest.Server) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// raw sends text over a connection of its own and returns the answer's status, or 0.
func raw(t *testing.T, h *httptest.Server, text string, closeWrite bool) int {
	t.Helper()
	conn := dial(t, h)
	defer conn.Close()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	if closeWrite {
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
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
	for name, body := range map[string]io.Reader{
		"sized":   bytes.NewReader(body),
		"chunked": io.MultiReader(bytes.NewReader(body)),
		"bomb":    gzipped(t, strings.Repeat(" ", 16<<20)),
	} {
		if status, text := push(t, h, body, "Content-Encoding", "gzip"); status != 413 {
			t.Errorf("%s: %d %s", name, status, text)
		}
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

// A client that asks first (RFC 9110 §10.1.1) hears at once that its body is unwanted, and is told
// to go on only when it is not, also over a connection whose last answer is long past.
func TestPush_ExpectContinue(t *testing.T) {
	_, h := newServer(t, server.Config{Limits: server.Limits{ResponseTimeout: 20 * time.Millisecond}})
	ask := func(conn net.Conn, in *bufio.Reader, head string, length int) int {
		fmt.Fprintf(conn, "%sExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", head, length)
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Error(err)
			return 0
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		return response.StatusCode
	}
	for name, test := range map[string]struct {
		head   string
		length int
		want   int
	}{
		"too long":       {rawHead, maxContentLength + 1, 413},
		"unknown sender": {strings.Replace(rawHead, "Bearer kim", "Bearer nobody", 1), 500, 401},
		"hidden":         {strings.Replace(rawHead, idEmpty, idNone, 1), 500, 404},
		"read only":      {strings.Replace(rawHead, idEmpty, idRO, 1), 500, 403},
		"other type":     {strings.Replace(rawHead, "application/taxii", "text/taxii", 1), 500, 415},
	} {
		conn := dial(t, h)
		if got := ask(conn, bufio.NewReader(conn), test.head, test.length); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
	conn := dial(t, h)
	in := bufio.NewReader(conn)
	for i := range 3 {
		body := envelope(objectNo(40 + i))
		if got := ask(conn, in, rawHead, len(body)); got != 100 {
			t.Fatalf("push %d: %d, want 100", i, got)
		}
		if _, err := io.WriteString(conn, body); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("push %d: %v", i, err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.StatusCode != 202 {
			t.Errorf("push %d: status %d", i, response.StatusCode)
		}
		time.Sleep(40 * time.Millisecond)
	}
}

// net/http reads what a handler left of a body before it answers: a body that never comes must
// not hold a connection, least of all that of a sender whom nobody knows.
func TestBodyThatNobodyReadsIsGivenUp(t *testing.T) {
	_, h := newServer(t, server.Config{Limits: server.Limits{BodyTimeout: 50 * time.Millisecond}})
	const length = "Host: taxii.example.com\r\nContent-Length: 5000\r\n\r\n"
	for text, want := range map[string]int{
		"POST " + emptyObjects + " HTTP/1.1\r\n" + length:                              401,
		"POST " + emptyObjects + " HTTP/1.1\r\nAuthorization: Bearer kim\r\n" + length: 415,
		"GET /taxii2/ HTTP/1.1\r\n" + length:                                           200,
		"PUT /taxii2/ HTTP/1.1\r\n" + length:                                           405,
		"GET /no/such/path HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n":  404,
	} {
		if got := raw(t, h, text, false); got != want {
			t.Errorf("%.40q: status %d, want %d", text, got, want)
		}
	}
	serves(t, h)
}

// A body may take as long as it likes while it comes fast enough: what has come buys time.
func TestPush_LongBodyMayTakeItsTime(t *testing.T) {
	_, h := newServer(t, server.Config{Limits: server.Limits{BodyTimeout: 50 * time.Millisecond}})
	conn, text := dial(t, h), padded(90_000)
	fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n%s", rawHead, len(text), text[:80_000])
	time.Sleep(200 * time.Millisecond)
	if _, err := io.WriteString(conn, text[80_000:]); err != nil {
		t.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != 202 {
		t.Errorf("status %d, want 202", response.StatusCode)
	}
}

// A kept connection outlives the deadline of a body that came in time, also when the deadline
// passes while the store is at work.
func TestPush_DeadlineEndsWithTheBody(t *testing.T) {
	f := &faultyStore{
		Store: newStore(t),
		add: func(context.Context) error {
			time.Sleep(60 * time.Millisecond)
			return nil
		},
		page: func(ctx context.Context) error { return ctx.Err() }, // the sender is still there
	}
	_, h := newServer(t, server.Config{
		Store: f, Limits: server.Limits{BodyTimeout: 30 * time.Millisecond},
	})
	conn := dial(t, h)
	in := bufio.NewReader(conn)
	get := strings.Replace(rawHead, "POST", "GET", 1)
	for i := range 3 {
		body := envelope(objectNo(30 + i))
		fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n%s", rawHead, len(body), body)
		for _, want := range []int{202, 200} {
			response, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Fatalf("push %d: %v", i, err)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("push %d: status %d, want %d", i, response.StatusCode, want)
			}
			time.Sleep(60 * time.Millisecond)
			if want == 202 {
				fmt.Fprintf(conn, "%s\r\n", get)
			}
		}
	}
}

// Bodies of all requests together are bounded: one that finds no room is told to come again,
// and room that a slow sender held comes back.
func TestPush_BytesInFlightAreBounded(t *testing.T) {
	_, h := newServer(t, server.Config{Limits: server.Limits{
		MaxBodyBytes: 90_000, BytesInFlight: 90_000,
		BytesWait: 20 * time.Millisecond, BodyTimeout: 10 * time.Second,
	}})
	slow := dial(t, h)
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

// What the server takes at most bounds every root, which says so, and always finds room.
func TestPush_ServerLimitBoundsTheRoot(t *testing.T) {
	_, h := newServer(t, server.Config{
		Limits: server.Limits{MaxBodyBytes: 80_000, BytesInFlight: 1000},
	})
	if _, text := get(t, h.URL+"/api/", "kim"); !strings.Contains(text, `_length":80000`) {
		t.Errorf("the root says %s", text)
	}
	for size, want := range map[int]int{79_999: 202, 80_000: 202, 80_001: 413} {
		if status, text := push(t, h, strings.NewReader(padded(size))); status != want {
			t.Errorf("%d bytes: %d %s, want %d", size, status, text, want)
		}
	}
}

// Room that a body grew into comes back as well, whether it was stored or refused.
func TestPush_RoomComesBack(t *testing.T) {
	_, h := newServer(t, server.Config{Limits: server.Limits{
		MaxBodyBytes: 90_000, BytesInFlight: 90_000, BytesWait: 20 * time.Millisecond,
	}})
	for i := range 5 {
		for size, want := range map[int]int{80_000: 202, 90_000: 202, 90_001: 413} {
			text := padded(size)
			if status, answer := push(t, h, strings.NewReader(text)); status != want {
				t.Errorf("push %d of %d bytes: %d %s", i, size, status, answer)
			}
			body := io.MultiReader(strings.NewReader(text))
			if status, answer := push(t, h, body); status != want {
				t.Errorf("push %d of %d bytes, chunked: %d %s", i, size, status, answer)
			}
		}
	}
}

// A request may not ask for more pairs of ids and versions than a store looks up in one go.
func TestMatch_TooManyPairsAre400(t *testing.T) {
	_, h := newServer(t, server.Config{})
	var ids, versions []string
	for i := range 80 {
		ids = append(ids, fmt.Sprintf("campaign--00000000-0000-4000-9000-%012d", i))
		versions = append(versions, fmt.Sprintf("2026-03-01T00:%02d:%02d.000Z", i/60, i%60))
	}
	for n, want := range map[int]int{60: http.StatusOK, 80: http.StatusBadRequest} {
		query := "?match[id]=" + strings.Join(ids, ",") +
			"&match[version]=" + strings.Join(versions[:n], ",")
		r, err := http.NewRequest("GET", h.URL+emptyObjects+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", basic("kim"))
		response, err := h.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != want {
			t.Errorf("80 ids and %d versions: %d %s, %v; want %d", n, response.StatusCode, text, err, want)
		}
		if want == http.StatusBadRequest && !strings.Contains(string(text), "Ask in several requests") {
			t.Errorf("the answer does not say what to do: %s", text)
		}
	}
}
