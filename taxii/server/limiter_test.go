package server_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii/server"
)

// allowFunc is a Limiter of one function.
type allowFunc func(ctx context.Context, user string, network netip.Prefix) (bool, time.Duration)

func (f allowFunc) Allow(
	ctx context.Context, user string, network netip.Prefix,
) (bool, time.Duration) {
	return f(ctx, user, network)
}

// A sender is a user, wherever requests come from, or else the address of the peer. In IPv6 that
// is a /64, as one subscriber has.
func TestLimiter_IsToldWhoAsks(t *testing.T) {
	var got []string
	s, _ := newServer(t, server.Config{Limiter: allowFunc(
		func(_ context.Context, user string, network netip.Prefix) (bool, time.Duration) {
			got = append(got, user+" "+network.String())
			return true, 0
		})})
	for _, from := range []struct{ user, remote string }{
		{"kim", "192.0.2.1:4000"}, {"", "192.0.2.1:4000"}, {"", "[::ffff:192.0.2.1]:4001"},
		{"", "[2001:db8:1:2:3:4:5:6]:4000"}, {"", "[fe80::1%eth0]:4000"}, {"", "@"}, {"", ""},
		{"wrong", "192.0.2.1:4000"},
	} {
		r := httptest.NewRequest("GET", "/taxii2/", nil)
		r.RemoteAddr = from.remote
		r.Header.Set("X-Forwarded-For", "198.51.100.1")
		if from.user != "" {
			r.Header.Set("Authorization", basic(from.user))
		}
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	want := []string{
		"kim 192.0.2.1/32", " 192.0.2.1/32", " 192.0.2.1/32",
		" 2001:db8:1:2::/64", " fe80::/64", " invalid Prefix", " invalid Prefix",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("senders (-want +got):\n%s", diff)
	}
}

// Operators see who was limited in the log and how often in a counter.
func TestLimiter_RefusalsAreLoggedAndCounted(t *testing.T) {
	registry := prometheus.NewRegistry()
	log := &lockedBuffer{}
	_, h := newServer(t, server.Config{
		Registerer: registry, Logger: slog.New(slog.NewTextHandler(log, nil)),
		Limiter: allowFunc(func(_ context.Context, user string, _ netip.Prefix) (bool, time.Duration) {
			return user == "lee", 0
		}),
	})
	get(t, h.URL+"/api/", "kim")
	get(t, h.URL+"/api/", "kim")
	get(t, h.URL+"/api/", "lee")
	response, err := http.Get(h.URL + "/api/")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	if got := response.Header.Get("Retry-After"); response.StatusCode != 429 || got != "1" {
		t.Errorf("status %d, Retry-After %q, want 429 and at least a second", response.StatusCode, got)
	}
	want := map[string]float64{"requests user": 2, "requests anonymous": 1}
	if diff := cmp.Diff(want, counted(t, registry, "cabstand_taxii_limited_total")); diff != "" {
		t.Errorf("limited (-want +got):\n%s", diff)
	}
	text := log.String()
	for part, want := range map[string]int{
		"status=429 user=kim": 2, "limited=requests": 3, "msg=request ": 4,
	} {
		if got := strings.Count(text, part); got != want {
			t.Errorf("%d times %q in the log, want %d:\n%s", got, part, want, text)
		}
	}
}

// counted returns the values of a counter by its labels, with a blank between them.
func counted(t *testing.T, registry *prometheus.Registry, name string) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for _, f := range families {
		if f.GetName() == name {
			for _, m := range f.GetMetric() {
				var labels []string
				for _, l := range m.GetLabel() {
					labels = append(labels, l.GetValue())
				}
				values[strings.Join(labels, " ")] = m.GetCounter().GetValue()
			}
		}
	}
	return values
}

// A refusal costs the store nothing.
func TestLimiter_ComesBeforeTheStore(t *testing.T) {
	_, h := newServer(t, server.Config{
		Limiter: limits{},
		Store: &faultyStore{Store: newStore(t), page: func(context.Context) error {
			t.Error("the store was asked")
			return store.ErrUnavailable
		}},
	})
	response, text := get(t, h.URL+"/api/collections/"+idRW+"/objects/", "busy")
	if response.StatusCode != 429 {
		t.Errorf("%d %s", response.StatusCode, text)
	}
}

// A client that went away while it was counted was not limited.
func TestLimiter_ContextThatEnds(t *testing.T) {
	registry := prometheus.NewRegistry()
	s, _ := newServer(t, server.Config{Registerer: registry, Limiter: limits{}})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := httptest.NewRequestWithContext(ctx, "GET", "/taxii2/", nil)
	r.Header.Set("Authorization", basic("busy"))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if got := counted(t, registry, "cabstand_taxii_limited_total"); w.Code != 503 || len(got) > 0 {
		t.Errorf("status %d, limited %v, want 503 and none", w.Code, got)
	}
}
