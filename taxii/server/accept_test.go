package server_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii/server"
)

const aisObjects = "/api/collections/" + idAIS + "/objects/"

// unknownMarking returns an observable with a marking of its own, which nobody knows.
func unknownMarking(n int) string {
	return fmt.Sprintf(`{"type":"domain-name","id":"domain-name--0c7b5b88-8ff7-5a4d-aa9d-%012x","value":"a%d.example.com",`+
		`"object_marking_refs":["marking-definition--0b4e7d9a-3c56-4f2e-9a71-%012x"]}`, n, n, n)
}

// Where it cannot be known whether a marking is there, nothing is refused for its lack, and
// nothing stored: the sender may try again.
func TestPush_StoreThatCannotBeAskedForMarkings(t *testing.T) {
	s := newStore(t)
	_, h := newServer(t, server.Config{Store: &faultyStore{
		Store: s, page: func(context.Context) error { return store.ErrUnavailable },
	}})
	status, body := pushTo(t, h, aisObjects, "pat", strings.NewReader(envelope(unknownMarking(1))))
	if status != 503 || strings.Contains(body, "failures") {
		t.Errorf("%d %s, want 503", status, body)
	}
	if stats, err := s.Stats(t.Context(), "ais"); err != nil || stats.Entries != 0 {
		t.Errorf("stored %d, error %v", stats.Entries, err)
	}
}

// releasing is an Access to collections that are all released by markings.
type releasing struct{ people }

func (r releasing) Authenticate(req *http.Request) (server.Caller, error) {
	caller, err := r.people.Authenticate(req)
	return cleared{caller}, err
}

type cleared struct{ server.Caller }

func (c cleared) Collection(root, idOrAlias string) (server.Collection, bool) {
	found, ok := c.Caller.Collection(root, idOrAlias)
	found.Release = marked.Release
	return found, ok
}

// Where definitions may be hidden from a sender, no answer tells whether one is there and what is
// wrong with it.
func TestPush_TellsNothingOfDefinitionsThatMayBeHidden(t *testing.T) {
	s := newStore(t)
	_, h := newServer(t, server.Config{Store: s, Access: releasing{}})
	const id = "marking-definition--0b4e7d9a-3c56-4f2e-9a71-000000000001"
	told := func(definition string) string {
		if definition != "" {
			o, err := stix.Parse([]byte(`{"type":"marking-definition","spec_version":"2.1","id":"` + id + `",` + definition))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Add(t.Context(), "ais", []store.Incoming{{Object: o}}); err != nil {
				t.Fatal(err)
			}
		}
		_, body := pushTo(t, h, aisObjects, "pat", strings.NewReader(envelope(unknownMarking(1))))
		_, rest, found := strings.Cut(body, `"message":"`)
		if !found {
			t.Fatalf("no failure: %s", body)
		}
		message, _, _ := strings.Cut(rest, `"}`)
		return message
	}
	want := told("")
	for _, definition := range []string{
		`"created":"2026-01-01T00:00:00Z","extensions":{"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce":{"secret":1}}}`,
		`"created":"2026-01-02T00:00:00Z","definition_type":"statement","definition":{"statement":"secret"}}`,
	} {
		if diff := cmp.Diff(want, told(definition)); diff != "" {
			t.Errorf("with %s (-none +this):\n%s", definition, diff)
		}
	}
}

// The store is asked once for all markings of a push; what is refused is counted by rule.
func TestPush_AsksOnceForMarkings(t *testing.T) {
	asked := 0
	registry := prometheus.NewRegistry()
	_, h := newServer(t, server.Config{Registerer: registry, Store: &faultyStore{
		Store: newStore(t), page: func(context.Context) error { asked++; return nil },
	}})
	objects := make([]string, 100)
	for i := range objects {
		objects[i] = unknownMarking(i)
	}
	status, body := pushTo(t, h, aisObjects, "pat", strings.NewReader(envelope(objects...)))
	if status != 202 || asked != 1 || !strings.Contains(body, `"failure_count":100,`) {
		t.Errorf("asked %d times; %d %.300s", asked, status, body)
	}
	const want = `
# HELP cabstand_taxii_object_failures_total Pushed objects refused, by first broken rule.
# TYPE cabstand_taxii_object_failures_total counter
cabstand_taxii_object_failures_total{rule="ACCEPT-marking"} 100
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want),
		"cabstand_taxii_object_failures_total"); err != nil {
		t.Error(err)
	}
}
