package server_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// answer is one page as a client sees it.
type answer struct {
	More    bool   `json:"more"`
	Next    string `json:"next"`
	Objects []struct {
		ID string `json:"id"`
	} `json:"objects"`
	last string
}

func poll(h *httptest.Server, query url.Values) (a answer, err error) {
	r, err := http.NewRequest("GET", h.URL+emptyObjects+"?"+query.Encode(), nil)
	if err != nil {
		return a, err
	}
	r.Header.Set("Authorization", basic("kim"))
	response, err := h.Client().Do(r)
	if err != nil {
		return a, err
	}
	defer response.Body.Close()
	a.last = response.Header.Get(taxii.HeaderDateAddedLast)
	if response.StatusCode != 200 {
		return a, fmt.Errorf("status %d", response.StatusCode)
	}
	if err := json.NewDecoder(response.Body).Decode(&a); err != nil {
		return a, err
	}
	if a.More != (a.Next != "") || a.More && len(a.Objects) == 0 {
		return a, errors.New("more, next and objects do not agree")
	}
	return a, nil
}

// The loops of real clients: how each makes its next query of the last one and its answer.
var loops = map[string]func(q url.Values, a answer) url.Values{
	"next with its filters": func(q url.Values, a answer) url.Values {
		if a.More {
			return url.Values{"limit": q["limit"], "added_after": q["added_after"], "next": {a.Next}}
		}
		return afterHeader(q, a)
	},
	"next alone": func(q url.Values, a answer) url.Values {
		if a.More {
			return url.Values{"next": {a.Next}, "limit": {"5"}}
		}
		return afterHeader(q, a)
	},
	"header": afterHeader,
	"header cut to milliseconds, after the last page": func(q url.Values, a answer) url.Values {
		if a.More {
			return url.Values{"limit": q["limit"], "next": {a.Next}}
		}
		q = afterHeader(q, a)
		if t, err := taxii.ParseTimestamp(q.Get("added_after")); err == nil {
			q.Set("added_after", t.Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z"))
		}
		return q
	},
}

func afterHeader(q url.Values, a answer) url.Values {
	next := url.Values{"limit": q["limit"]}
	if after := q.Get("added_after"); after != "" {
		next.Set("added_after", after)
	}
	if a.last != "" {
		next.Set("added_after", a.last)
	}
	return next
}

// T21-3.3-01, T21-3.3-04, T21-3.5-03, T21-3.5-08: while several clients push, every client
// loop gets every acknowledged object, and none twice.
func TestPollers_LoseNothingWhileOthersPush(t *testing.T) {
	const writers, pushes, size = 3, 12, 7
	_, h := newServer(t, server.Config{Limits: server.Limits{PageDefault: 5}})
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	got := make(map[string][]string)
	var mu sync.Mutex
	for name, next := range loops {
		reading.Go(func() {
			var ids []string
			q := url.Values{"limit": {"5"}}
			for finished := false; ; {
				a, err := poll(h, q)
				if err != nil {
					t.Errorf("%s: %v", name, err)
					return
				}
				for _, o := range a.Objects {
					ids = append(ids, o.ID)
				}
				if finished && len(a.Objects) == 0 {
					break
				}
				select {
				case <-done:
					finished = len(a.Objects) == 0
				default:
				}
				q = next(q, a)
			}
			mu.Lock()
			defer mu.Unlock()
			got[name] = ids
		})
	}
	for w := range writers {
		writing.Go(func() {
			for p := range pushes {
				objects := make([]string, size)
				for i := range objects {
					objects[i] = objectNo((w*pushes+p)*size + i)
				}
				if status, text := push(t, h, strings.NewReader(envelope(objects...))); status != 202 {
					t.Errorf("push: %d %s", status, text)
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	for name, ids := range got {
		slices.Sort(ids)
		if n := len(slices.Compact(slices.Clone(ids))); n != writers*pushes*size || n != len(ids) {
			t.Errorf("%s: %d objects, %d different ones, want %d", name, len(ids), n, writers*pushes*size)
		}
	}
}

// Large objects make short pages, which lead on to the rest like any other.
func TestObjects_LargeObjectsMakeShortPages(t *testing.T) {
	_, h := newServer(t, server.Config{
		Access: roomy{}, Limits: server.Limits{PageBytes: 300_000},
	})
	objects := make([]string, 400)
	for i := range objects {
		objects[i] = strings.Replace(objectNo(i), `"value"`,
			`"note":"`+strings.Repeat("x", 2000)+`","value"`, 1)
	}
	if status, text := push(t, h, strings.NewReader(envelope(objects...))); status != 202 {
		t.Fatalf("%d %s", status, text)
	}
	seen, pages := map[string]bool{}, 0
	for q := (url.Values{"limit": {"400"}}); ; pages++ {
		a, err := poll(h, q)
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Objects) > 150 {
			t.Errorf("a page of %d objects of 2 kB", len(a.Objects))
		}
		for _, o := range a.Objects {
			seen[o.ID] = true
		}
		if !a.More {
			break
		}
		q = url.Values{"limit": {"400"}, "next": {a.Next}}
	}
	if len(seen) != 400 || pages < 2 {
		t.Errorf("%d objects in %d pages", len(seen), pages+1)
	}
}
