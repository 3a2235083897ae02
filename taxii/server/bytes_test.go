package server_test

import (
	"context"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii/server"
)

// byteCount is a ByteLimiter that has no bytes left for one user and keeps what it is told.
type byteCount struct {
	mu      sync.Mutex
	charged []string
}

func (b *byteCount) Within(_ context.Context, user string, _ netip.Prefix) (bool, time.Duration) {
	return user != "busy", 101_500 * time.Millisecond
}

func (b *byteCount) Charge(_ context.Context, user string, network netip.Prefix, n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.charged = append(b.charged, user+" "+network.String()+" "+strconv.FormatInt(n, 10))
}

// Bodies count as they are on the network: those that are sent compressed with what is left of
// them, both ways.
func TestByteLimiter_IsToldWhatIsOnTheNetwork(t *testing.T) {
	count := &byteCount{}
	s, _ := newServer(t, server.Config{ByteLimiter: count, Limiter: allowFunc(
		func(_ context.Context, user string, _ netip.Prefix) (bool, time.Duration) {
			return user != "lee", time.Second
		})})
	body := envelope(objectNo(1), objectNo(2), strings.Replace(objectNo(3), `"value"`,
		`"note":"`+strings.Repeat("x", 5000)+`","value"`, 1))
	packed := gzipped(t, body).String()
	for _, test := range []struct {
		name, method, target, user, body string
		headers                          []string
		status                           int
		counts                           bool
	}{
		{"a push", "POST", emptyObjects, "kim", body, nil, 202, true},
		{"a packed push", "POST", emptyObjects, "kim", packed, []string{"Content-Encoding", "gzip"}, 202, true},
		{"a page", "GET", emptyObjects, "kim", "", nil, 200, true},
		{"a packed page", "GET", emptyObjects, "kim", "", []string{"Accept-Encoding", "gzip"}, 200, true},
		{"the head of a page", "HEAD", emptyObjects, "kim", "", nil, 200, false},
		{"the same page from memory", "GET", emptyObjects, "kim", "", nil, 200, true},
		{"discovery without a name", "GET", "/taxii2/", "", "", nil, 200, true},
		{"nothing there", "GET", "/api/collections/" + idNone + "/", "kim", "", nil, 404, true},
		{"a broken push", "POST", emptyObjects, "kim", "{", nil, 400, true},
		{"a wrong password", "GET", "/api/", "nobody", "", nil, 401, false},
		{"too many requests", "GET", "/api/", "lee", "", nil, 429, false},
		{"too many bytes", "POST", emptyObjects, "busy", body, nil, 429, false},
	} {
		count.charged = nil
		r := httptest.NewRequest(test.method, test.target, strings.NewReader(test.body))
		r.RemoteAddr = "192.0.2.7:4000"
		r.Header.Set("Content-Type", "application/taxii+json;version=2.1")
		if test.user != "" {
			r.Header.Set("Authorization", basic(test.user))
		}
		for i := 0; i < len(test.headers); i += 2 {
			r.Header.Set(test.headers[i], test.headers[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		var want []string
		if n := len(test.body) + w.Body.Len(); test.counts {
			want = []string{test.user + " 192.0.2.7/32 " + strconv.Itoa(n)}
		}
		if diff := cmp.Diff(want, count.charged); diff != "" || w.Code != test.status {
			t.Errorf("%s: status %d, want %d; charged (-want +got):\n%s",
				test.name, w.Code, test.status, diff)
		}
	}
}

// Who has no bytes left is told when there are some again, before the store is asked or a body
// read, and operators see it.
func TestByteLimiter_RefusesBeforeTheWork(t *testing.T) {
	registry := prometheus.NewRegistry()
	_, h := newServer(t, server.Config{
		ByteLimiter: &byteCount{}, Registerer: registry,
		Store: &faultyStore{Store: newStore(t), page: func(context.Context) error {
			t.Error("the store was asked")
			return store.ErrUnavailable
		}},
	})
	response, text := get(t, h.URL+"/api/collections/"+idRW+"/objects/", "busy")
	if got := response.Header.Get("Retry-After"); response.StatusCode != 429 || got != "102" ||
		!strings.Contains(text, "Too many bytes in the last minutes. Wait for the 102 seconds") {
		t.Errorf("%d, Retry-After %s: %s", response.StatusCode, got, text)
	}
	if response := expectPush(t, h, emptyObjects, "busy"); response.status != 429 {
		t.Errorf("a push: %+v, want 429", response)
	}
	want := map[string]float64{"bytes user": 2}
	if diff := cmp.Diff(want, counted(t, registry, "cabstand_taxii_limited_total")); diff != "" {
		t.Errorf("limited (-want +got):\n%s", diff)
	}
}
