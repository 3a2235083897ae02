package access_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/openid"
	"github.com/cabstand/cabstand/internal/openidtest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/taxii/server"
)

const benchCollection = "00000000-0000-4000-8000-0000000000b1"

// benchDirectory returns a directory with bob, who may read a collection of n objects, and what
// he logs in with: his password, a token for that collection alone, and one of a provider.
func benchDirectory(tb testing.TB, n int) (d *access.Directory, s store.Store, by map[string]string) {
	tb.Helper()
	s, err := pebblestore.Open(tb.TempDir(), pebblestore.Options{FS: vfs.Default})
	must(tb, err)
	tb.Cleanup(func() { must(tb, s.Close()) })
	provider := openidtest.StartFake(tb)
	d, err = access.Open(tb.Context(), s, access.Options{OpenID: openid.New(
		[]openid.Issuer{{Issuer: provider.Issuer, Audience: openidtest.Audience}}, openid.Options{})})
	must(tb, err)
	_, err = d.PutRoot(tb.Context(), access.Root{Name: "api"})
	must(tb, err)
	c, _, err := d.PutCollection(tb.Context(), access.Collection{
		Root: "api", ID: benchCollection, Title: "Bench", Read: []string{"members"},
	})
	must(tb, err)
	_, err = d.PutUser(tb.Context(), access.User{
		Name: "bob", Groups: []string{"members"}, PasswordHash: access.HashPassword("secret"),
	})
	must(tb, err)
	token, _, err := d.AddToken(tb.Context(), access.Token{
		User: "bob", Collections: []string{c.Key()}, Rights: []access.Right{access.RightRead},
	})
	must(tb, err)
	for start := 0; start < n; start += 1000 {
		must(tb, addObjects(tb, s, c.Key(), start))
	}
	return d, s, map[string]string{
		"Password": basic("bob", "secret"), "Token": "Bearer " + token,
		"OpenID": "Bearer " + provider.Token(map[string]any{"sub": "bob"}),
	}
}

func addObjects(tb testing.TB, s store.Store, key string, start int) error {
	batch := make([]store.Incoming, 1000)
	for i := range batch {
		o, err := stix.Parse(fmt.Appendf(nil, `{"type":"indicator","spec_version":"2.1",`+
			`"id":"indicator--00000000-0000-4000-a000-%012d","created":"2026-01-01T00:00:00.000Z",`+
			`"modified":"2026-01-01T00:00:00.000Z","pattern_type":"stix",`+
			`"pattern":"[domain-name:value = 'host-%d.example.com']","valid_from":"2026-01-01T00:00:00Z",`+
			`"description":"%s"}`, start+i, start+i, strings.Repeat("Plain words of no weight. ", 34)))
		if err != nil {
			return err
		}
		batch[i].Object = o
	}
	_, err := s.Add(tb.Context(), key, batch)
	return err
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// admitted is an Access that knows who comes without a look at credentials.
type admitted struct{ server.Caller }

func (a admitted) Authenticate(*http.Request) (server.Caller, error) { return a.Caller, nil }

// BenchmarkPoll polls 10,000 objects in pages of 1,000, in turns with and without a look at the
// credentials; the metric added-% is what that look adds to the time of a poll.
func BenchmarkPoll(b *testing.B) {
	d, s, by := benchDirectory(b, 10_000)
	for name, authorization := range by {
		b.Run(name, func(b *testing.B) {
			caller, err := d.Authenticate(request("Authorization", authorization))
			must(b, err)
			with := benchServer(b, server.Config{Store: s, Access: d})
			without := benchServer(b, server.Config{Store: s, Access: admitted{caller}})
			var on, off time.Duration
			for b.Loop() {
				start := time.Now()
				pollAll(b, with, authorization)
				middle := time.Now()
				pollAll(b, without, authorization)
				on += middle.Sub(start)
				off += time.Since(middle)
			}
			b.ReportMetric(100*(on-off).Seconds()/off.Seconds(), "added-%")
			b.ReportMetric(float64(on.Microseconds())/float64(b.N), "poll-us")
		})
	}
}

// benchServer keeps pages, as servers do: against what costs least, a look weighs most.
func benchServer(b *testing.B, cfg server.Config) *httptest.Server {
	b.Helper()
	s, err := server.New(cfg)
	must(b, err)
	h := httptest.NewServer(s)
	b.Cleanup(h.Close)
	return h
}

func pollAll(b *testing.B, h *httptest.Server, authorization string) {
	next, pages := "", 0
	for more := true; more; {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet,
			h.URL+"/api/collections/"+benchCollection+"/objects/?limit=1000&next="+next, nil)
		must(b, err)
		r.Header.Set("Authorization", authorization)
		answer, err := h.Client().Do(r)
		must(b, err)
		var text bytes.Buffer
		_, err = text.ReadFrom(answer.Body)
		must(b, err)
		must(b, answer.Body.Close())
		next = nextOf(text.Bytes())
		more = next != ""
		pages++
	}
	if pages != 10 {
		b.Fatalf("polled %d pages", pages)
	}
}

// nextOf finds the cursor in a page. To decode all of it would cost more than the server does.
func nextOf(page []byte) string {
	head := page[:min(len(page), 300)]
	_, after, _ := bytes.Cut(head, []byte(`"next":"`))
	next, _, _ := bytes.Cut(after, []byte(`"`))
	return string(next)
}

// A look at credentials that are known costs little memory, however many requests there are.
func TestAuthenticate_AllocatesLittle(t *testing.T) {
	d, _, by := benchDirectory(t, 0)
	for name, want := range map[string]float64{"Password": 20, "Token": 8, "OpenID": 20} {
		r := request("Authorization", by[name])
		_, err := d.Authenticate(r)
		must(t, err)
		got := testing.AllocsPerRun(100, func() {
			if _, err := d.Authenticate(r); err != nil {
				t.Fatal(err)
			}
		})
		t.Logf("%s: %v allocations", name, got)
		if got > want {
			t.Errorf("%s: %v allocations, want at most %v", name, got, want)
		}
	}
}
