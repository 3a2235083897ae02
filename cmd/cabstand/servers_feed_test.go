package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
)

const feedResources = `
api_roots: [{name: api}]
collections:
  - {root: api, id: 0d6f1c52-6a5e-4d0c-9f3b-2b7a4f1e8c33, title: Inbox, read: [anyone]}
feeds:
  - id: hosts
    name: Hosts
    kind: text
    url: %s
    collection: api/0d6f1c52-6a5e-4d0c-9f3b-2b7a4f1e8c33
    enabled: true
    schedule: "@every 6h"
    policy: {tlp: clear, redistribute: public, licence: own}
    settings: {type: domain, fields: {value: $0}}
`

// feedRows is what the source lists. Each makes three objects, of which a run writes up to 500
// at once.
const feedRows = 220

// source is a list of hosts. Its first answer is slow.
type source struct {
	url     string
	asked   atomic.Int64
	first   chan struct{} // closed when the first request has come
	proceed chan struct{} // to be closed for the first answer to go on
}

func newSource(t *testing.T) *source {
	s := &source{first: make(chan struct{}), proceed: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := s.asked.Add(1)
		for i := range feedRows {
			fmt.Fprintf(w, "host%d.example.com\n", i)
			if n == 1 && i == feedRows/2 {
				_ = http.NewResponseController(w).Flush()
				close(s.first)
				select {
				case <-s.proceed:
				case <-r.Context().Done():
					return
				}
			}
		}
	}))
	t.Cleanup(server.Close)
	s.url = server.URL + "/hosts.txt"
	return s
}

// All three servers have the feed and one of them runs it. That one dies when it has written
// one batch and is writing the next. Another begins anew, and writes what is not there yet.
func TestServers_FeedOfADeadServerIsTakenOverAndCollectedOnce(t *testing.T) {
	t.Parallel()
	s := newSource(t)
	f := newFleet(t, fleetServers, fmt.Sprintf(feedResources, s.url))
	held, release := f.hold(t, command{"insert", "entries_"}, 2)
	f.await(s.first, "somebody runs the feed")
	time.Sleep(8 * time.Second) // until each server knows the feed and would have begun
	close(s.proceed)
	f.await(held, "the run writes a second batch")
	before := f.stored()
	if n := s.asked.Load(); n != 1 || len(before) == 0 || len(before) >= 3*feedRows {
		t.Fatalf("%d requests and %d objects, want 1 and some, but not all", n, len(before))
	}
	status, err := f.feed()
	if err != nil {
		t.Fatal(err)
	}
	dead := f.runnerOf(status)
	f.kill(dead)
	release(arrives) // what the dead server had sent arrives after all
	done := f.awaitFeed()
	if n := s.asked.Load(); n != 2 {
		t.Errorf("the source was asked %d times, want 2", n)
	}
	if by := f.runnerOf(done); by == dead {
		t.Errorf("the feed was run by %s, which is dead", by.name)
	}
	after, hosts := f.stored(), 0
	for id, versions := range after {
		if versions != 1 {
			t.Errorf("%s is there in %d versions", id, versions)
		}
		if strings.HasPrefix(id, "indicator--") {
			hosts++
		}
	}
	want := collectors.Counts{New: len(after) - len(before), Unchanged: len(before)}
	if diff := cmp.Diff(want, done.LastCounts); diff != "" || hosts != feedRows {
		t.Errorf("%d of %d hosts are there; what the last run did (-want +got):\n%s",
			hosts, feedRows, diff)
	}
	f.stillOnce(s, dead)
	f.stop()
}

// stored returns how many versions there are of each object.
func (f *fleet) stored() map[string]int {
	f.t.Helper()
	c, versions := caller{fleet: f}, map[string]int{}
	p, err := c.page(f.t.Context(), "manifest/", asking("limit", "5000", "match[version]", "all"))
	if err != nil {
		f.t.Fatal(err)
	}
	for _, v := range p.editions {
		versions[v.id]++
	}
	return versions
}

// feed returns the status of the only feed.
func (f *fleet) feed() (collectors.FeedStatus, error) {
	out, err := f.try("feed", "status", "-o", "json")
	if err != nil {
		return collectors.FeedStatus{}, err
	}
	var all [1]collectors.FeedStatus
	err = json.Unmarshal([]byte(out), &all)
	return all[0], err
}

// runnerOf returns the server that ran a feed last.
func (f *fleet) runnerOf(s collectors.FeedStatus) *member {
	f.t.Helper()
	for _, m := range f.members {
		if strings.Contains(s.Server, fmt.Sprintf("process %d)", m.pid)) {
			return m
		}
	}
	f.t.Fatalf("no server is %q", s.Server)
	return nil
}

// awaitFeed waits until the feed was run to its end. A minute is promised, and the whole run
// comes to that. A test server that is busy writing may keep a command waiting for too long.
func (f *fleet) awaitFeed() collectors.FeedStatus {
	f.t.Helper()
	for deadline := time.Now().Add(4 * patience); ; time.Sleep(2 * time.Second) {
		s, err := f.feed()
		if err == nil && !s.Running && !s.LastSuccess.IsZero() {
			return s
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("nobody takes the feed over: %+v, %v", s, err)
		}
	}
}

// stillOnce lets the dead server come back. It runs nothing again.
func (f *fleet) stillOnce(s *source, dead *member) {
	f.t.Helper()
	f.start(dead)
	f.awaitReady(dead)
	time.Sleep(8 * time.Second)
	if n := s.asked.Load(); n != 2 {
		f.t.Errorf("the source was asked %d times with all servers back, want 2", n)
	}
}
