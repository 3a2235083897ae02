package client_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/client"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	rootPath       = "/api1/"
	collectionID   = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"
	collectionPath = "/api1/collections/" + collectionID + "/"
)

// clock is a time that only waiting moves.
type clock struct {
	mu    sync.Mutex
	now   time.Time
	waits []time.Duration
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.waits = append(c.waits, d)
	return context.Cause(ctx)
}

// peer is a server whose answers a test writes, path by path.
type peer struct {
	*httptest.Server
	mux   *http.ServeMux
	clock *clock

	mu       sync.Mutex
	requests []*http.Request
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{mux: http.NewServeMux(), clock: newClock()}
	p.Server = httptest.NewServer(p)
	t.Cleanup(p.Server.Close)
	p.json("GET "+collectionPath, `{"id":"`+collectionID+`","title":"Indicators",`+
		`"can_read":true,"can_write":true}`)
	return p
}

func (p *peer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.requests = append(p.requests, r)
	p.mu.Unlock()
	w.Header().Set("Content-Type", taxii.MediaType)
	p.mux.ServeHTTP(w, r)
}

// handle answers one method and exact path.
func (p *peer) handle(pattern string, h http.HandlerFunc) {
	if strings.HasSuffix(pattern, "/") {
		pattern += "{$}"
	}
	p.mux.HandleFunc(pattern, h)
}

func (p *peer) json(pattern, body string) {
	p.handle(pattern, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
}

// seen returns the requests to a path as "METHOD query", the query decoded.
func (p *peer) seen(path string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var seen []string
	for _, r := range p.requests {
		if r.URL.Path == path {
			q := r.URL.Query()
			q.Del("limit")
			var pairs []string
			for _, name := range []string{"added_after", "next", "match[id]", "match[type]", "match[version]"} {
				if v := q.Get(name); v != "" {
					pairs = append(pairs, name+"="+v)
				}
			}
			seen = append(seen, strings.TrimSpace(r.Method+" "+strings.Join(pairs, " ")))
		}
	}
	return seen
}

func (p *peer) client(t *testing.T, path string, opts ...client.Option) *client.Client {
	t.Helper()
	opts = append([]client.Option{
		client.WithClock(p.clock.Now, p.clock.Sleep),
		client.WithRandom(func() float64 { return 0 }),
	}, opts...)
	c, err := client.New(p.URL+path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func (p *peer) collection(t *testing.T, opts ...client.Option) *client.Collection {
	t.Helper()
	c, err := p.client(t, collectionPath, opts...).Collection(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// date is the n-th microsecond of a day, as a server dates its n-th object.
func date(n int) string {
	day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
	return taxii.FormatTimestamp(day.Add(time.Duration(n) * time.Microsecond))
}

// object is a valid object that differs from every other n in its id.
func object(n int) string {
	return fmt.Sprintf(`{"type":"indicator","spec_version":"2.1",`+
		`"id":"indicator--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00.000Z",`+
		`"modified":"2026-01-01T00:00:00.000Z","pattern":"[ipv4-addr:value = '192.0.2.1']",`+
		`"pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","x_n": %d}`, n, n)
}

func objects(from, to int) string {
	var list []string
	for n := from; n <= to; n++ {
		list = append(list, object(n))
	}
	return strings.Join(list, ",")
}

// dated writes the headers of a page from object first to last.
func dated(w http.ResponseWriter, first, last int) {
	w.Header().Set(taxii.HeaderDateAddedFirst, date(first))
	w.Header().Set(taxii.HeaderDateAddedLast, date(last))
}

// discardLog is for servers that are expected to complain.
func discardLog() *log.Logger { return log.New(io.Discard, "", 0) }
