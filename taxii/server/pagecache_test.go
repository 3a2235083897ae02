package server_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii/server"
)

// countingStore counts the pages that are read from a store.
type countingStore struct {
	store.Store
	pages atomic.Int64
}

func (c *countingStore) Page(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	c.pages.Add(1)
	return c.Store.Page(ctx, collection, q)
}

// versionOf is one version of one of a few objects.
func versionOf(object, version int) store.Incoming {
	o, err := stix.Parse(fmt.Appendf(nil, `{"type":"tool","spec_version":"2.1",`+
		`"id":"tool--00000000-0000-4000-8000-%012d","created":"2026-01-01T00:00:00.000Z",`+
		`"modified":"2026-01-01T00:00:00.%03dZ","name":"%s"}`, object, version, strings.Repeat("n", 300)))
	if err != nil {
		panic(err)
	}
	return store.Incoming{Object: o}
}

// Whatever happens to a collection, a server that keeps pages answers as one that does not.
func TestPageCache_FollowsEveryChange(t *testing.T) {
	s := newStore(t)
	_, caching := newServer(t, server.Config{Store: s})
	_, plain := newServer(t, server.Config{Store: s, Limits: server.Limits{CacheBytes: -1}})
	paths := []string{
		"objects/", "objects/?limit=3", "objects/?match[version]=all", "manifest/?limit=4",
		"objects/?match[version]=first", "manifest/", "objects/?match[type]=tool&limit=2",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 120 {
		var err error
		object := random.IntN(6)
		id := versionOf(object, 0).Object.ID
		switch random.IntN(5) {
		case 0:
			_, err = s.Delete(t.Context(), "open", id, store.Choice{Versions: store.Versions{Last: true}})
		case 1:
			_, err = s.Delete(t.Context(), "open", id, store.Choice{})
		case 2:
			if random.IntN(8) == 0 {
				err = s.Drop(t.Context(), "open")
			}
		default:
			_, err = s.Add(t.Context(), "open", []store.Incoming{versionOf(object, random.IntN(5))})
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			want := fetchPage(t, plain, path, false)
			for range 3 {
				if diff := cmp.Diff(want, fetchPage(t, caching, path, false)); diff != "" {
					t.Fatalf("%s: %s", path, diff)
				}
			}
			if diff := cmp.Diff(want, fetchPage(t, caching, path, true)); diff != "" {
				t.Fatalf("%s, gzip: %s", path, diff)
			}
		}
	}
}

func TestPageCache_ReadsARepeatedPageTwice(t *testing.T) {
	s := &countingStore{Store: newStore(t)}
	_, h := newServer(t, server.Config{Store: s})
	add := func(object int) {
		if _, err := s.Add(t.Context(), "open", []store.Incoming{versionOf(object, 1)}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		add(i)
		before := s.pages.Load()
		for range 10 {
			fetchPage(t, h, "objects/", false)
		}
		if got := s.pages.Load() - before; got != 2 {
			t.Errorf("ten polls of an unchanged collection read %d pages, want 2", got)
		}
	}
}

// A cache that is too small for the page, or for all pages, still answers.
func TestPageCache_KeepsToItsBudget(t *testing.T) {
	s := &countingStore{Store: newStore(t)}
	const budget = 20_000
	_, h := newServer(t, server.Config{Store: s, Limits: server.Limits{CacheBytes: budget}})
	var batch []store.Incoming
	for i := range 40 {
		batch = append(batch, versionOf(i, 1))
	}
	if _, err := s.Add(t.Context(), "open", batch); err != nil {
		t.Fatal(err)
	}
	for range 3 { // 20 pages of about 1 kB, of which the budget has room for half
		for limit := 1; limit <= 20; limit++ {
			fetchPage(t, h, fmt.Sprintf("objects/?limit=2&match[version]=last&x=%d", limit), false)
		}
	}
	before := s.pages.Load()
	for range 5 {
		fetchPage(t, h, "objects/", false) // 18 kB: more than a quarter of the budget
	}
	if got := s.pages.Load() - before; got != 5 {
		t.Errorf("a page too large to keep was read %d times for 5 polls", got)
	}
	before = s.pages.Load()
	fetchPage(t, h, "objects/?limit=2&match[version]=last&x=1", false)
	if s.pages.Load() == before {
		t.Error("the page that was used for longest ago is still kept, over the budget")
	}
}

// Pollers that share pages while others write never see a page of another state.
func TestPageCache_UnderWritersEveryPollerGetsEverything(t *testing.T) {
	s := newStore(t)
	_, h := newServer(t, server.Config{Store: s})
	const objects = 60
	var writer, pollers sync.WaitGroup
	var written atomic.Bool
	writer.Go(func() {
		defer written.Store(true)
		for i := range objects {
			if _, err := s.Add(context.Background(), "open", []store.Incoming{versionOf(i, 1)}); err != nil {
				t.Error(err)
			}
		}
	})
	for range 4 {
		pollers.Go(func() {
			for n, over := 0, false; !over; {
				over = written.Load() // and then one poll more, which must bring everything
				got := strings.Count(fetchPage(t, h, "objects/", false).Body, `"type":"tool"`)
				if got < n || over && got != objects {
					t.Errorf("a poll brought %d objects after one that brought %d", got, n)
				}
				n = got
			}
		})
	}
	writer.Wait()
	pollers.Wait()
}

type fetched struct {
	Status      int
	First, Last string
	Body        string
}

// fetchPage gets a page of the collection that is open to anyone.
func fetchPage(t *testing.T, h *httptest.Server, path string, packed bool) fetched {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, h.URL+"/api/collections/"+idOpen+"/"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if packed {
		r.Header.Set("Accept-Encoding", "gzip")
	}
	answer, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Error(err)
		return fetched{}
	}
	defer answer.Body.Close()
	var body io.Reader = answer.Body
	if answer.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			t.Error(err)
			return fetched{}
		}
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Error(err)
	}
	return fetched{answer.StatusCode, answer.Header.Get("X-TAXII-Date-Added-First"),
		answer.Header.Get("X-TAXII-Date-Added-Last"), string(bytes.TrimSpace(text))}
}
