package quota_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/quota"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/client"
	"github.com/cabstand/cabstand/taxii/server"
)

// open is an Access of one collection that anyone may read.
type open struct{}

const collectionID = "91a7b528-80eb-42ed-a74d-c6fbd5a26116"

func (o open) Authenticate(*http.Request) (server.Caller, error) { return o, nil }

func (open) Name() string { return "" }

func (open) Roots() []server.Root { return []server.Root{{Name: "api"}} }

func (o open) Root(string) (server.Root, bool) { return o.Roots()[0], true }

func (o open) Collections(string) []server.Collection {
	c, _ := o.Collection("", "")
	return []server.Collection{c}
}

func (open) Collection(string, string) (server.Collection, bool) {
	return server.Collection{Key: "c", Collection: taxii.Collection{
		ID: collectionID, Title: "Open", CanRead: true,
	}}, true
}

// A client that heeds Retry-After needs more minutes than one without a limit, and gets all
// there is, from whichever of two servers.
func TestClient_PollsToTheEndUnderALimit(t *testing.T) {
	c := newClock()
	docs, s := newDocuments(t, c)
	const objects, limit = 20, 8
	for n := range objects {
		o, err := stix.Parse(fmt.Appendf(nil, `{"type":"ipv4-addr","spec_version":"2.1",`+
			`"id":"ipv4-addr--00000000-0000-4000-9000-%012d","value":"192.0.2.%d"}`, n, n))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Add(t.Context(), "c", []store.Incoming{{Object: o}}); err != nil {
			t.Fatal(err)
		}
	}
	var servers []http.Handler
	for range 2 {
		one, err := server.New(server.Config{
			Store: s, Access: open{}, Now: c.Now,
			Limiter: quota.New(docs, limit, quota.Options{Now: c.Now}),
		})
		if err != nil {
			t.Fatal(err)
		}
		servers = append(servers, one)
	}
	next := 0
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next++
		servers[next%len(servers)].ServeHTTP(w, r)
	}))
	defer h.Close()

	var waits []time.Duration
	api, err := client.New(h.URL+"/api/collections/"+collectionID+"/", client.WithPageLimit(1),
		client.WithClock(c.Now, func(_ context.Context, d time.Duration) error {
			waits = append(waits, d)
			c.pass(d)
			return nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	defer api.Close()
	collection, err := api.Collection(t.Context(), "") // the first of 21 requests
	if err != nil {
		t.Fatal(err)
	}
	got := 0
	for page, err := range collection.Poll(t.Context(), client.State{}, client.Match{}) {
		if err != nil {
			t.Fatal(err)
		}
		got += len(page.Elements)
	}
	want(t, "objects", got, objects)
	// From 18.5 seconds on to half a second into the next minute, and from there to the same.
	if diff := cmp.Diff([]time.Duration{42 * time.Second, 60 * time.Second}, waits); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
}
