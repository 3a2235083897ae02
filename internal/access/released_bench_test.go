package access_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/taxii/server"
)

// polled is how many objects each collection of BenchmarkReleasedPoll has.
const polled = 100_000

// The collections of BenchmarkReleasedPoll.
const (
	allID    = "00000000-0000-4000-8000-0000000000d1" // everything is released
	fewID    = "00000000-0000-4000-8000-0000000000d2" // one in a thousand
	customID = "00000000-0000-4000-8000-0000000000d3" // everything, by a marking to be looked up
)

// pollBench polls as different callers and keeps the shortest time of each.
type pollBench struct {
	examined, pages int
	least           map[string]time.Duration
}

// examining counts what a store has read to make pages.
type examining struct {
	store.Store
	bench *pollBench
}

func (e examining) Page(ctx context.Context, c string, q store.Query) (store.Page, error) {
	p, err := e.Store.Page(ctx, c, q)
	if q.IDs == nil {
		e.bench.examined += p.Examined
		e.bench.pages++
	}
	return p, err
}

// BenchmarkReleasedPoll polls collections of 100,000 objects in pages of 1,000 through the
// handler, in turns, without a cache of pages. Its metrics are the shortest time of each poll in
// relation to that of somebody who needs no credentials and whom nothing is held back from.
func BenchmarkReleasedPoll(b *testing.B) {
	s, err := pebblestore.Open(b.TempDir(), pebblestore.Options{})
	must(b, err)
	b.Cleanup(func() { must(b, s.Close()) })
	fillReleased(b, s)
	bench := &pollBench{least: map[string]time.Duration{}}
	free := bench.server(b, s, access.ReleaseRule{}, access.Anyone)
	bound := bench.server(b, s, access.ReleaseRule{By: "marking"}, "members")
	password := basic("bob", "secret")
	polls := []struct {
		name, collection, authorization string
		server                          http.Handler
		objects                         int
	}{
		{"anyone", allID, "", free, polled}, {"password", allID, password, free, polled},
		{"released", allID, password, bound, polled}, {"custom", customID, password, bound, polled},
		{"few", fewID, password, bound, polled / 1000},
	}
	for b.Loop() {
		for _, p := range polls {
			bench.examined, bench.pages = 0, 0
			bench.poll(b, p.name, p.server, p.collection, p.authorization, p.objects)
			if p.name == "few" {
				b.ReportMetric(float64(bench.examined)/float64(bench.pages), "examined/few-page")
			}
		}
	}
	for _, p := range polls {
		b.ReportMetric(bench.least[p.name].Seconds()/bench.least["anyone"].Seconds(), p.name+"/anyone")
	}
	b.ReportMetric(float64(bench.least["anyone"].Milliseconds()), "anyone-ms")
}

// fillReleased adds the objects of all collections.
func fillReleased(b *testing.B, s store.Store) {
	b.Helper()
	for id, marks := range map[string]func(n int) []string{
		allID:    func(int) []string { return []string{greenMark} },
		customID: func(int) []string { return []string{greenMark, lateMark} },
		fewID: func(n int) []string {
			if n%1000 == 500 {
				return []string{greenMark}
			}
			return []string{amberMark}
		},
	} {
		var batch []store.Incoming
		for n := range polled {
			batch = append(batch, releasedObject(b, n, marks(n)...))
			if len(batch) >= 5000 || n == polled-1 {
				_, err := s.Add(b.Context(), "api/"+id, batch)
				must(b, err)
				batch = batch[:0]
			}
		}
	}
	definition, err := stix.Parse([]byte(lateDefinition))
	must(b, err)
	_, err = s.Add(b.Context(), "api/"+customID, []store.Incoming{{Object: definition, Marks: "amber"}})
	must(b, err)
}

func releasedObject(b *testing.B, n int, marks ...string) store.Incoming {
	b.Helper()
	text := markedObject(n, marks...)
	text = text[:len(text)-1] + `,"description":"` + strings.Repeat("Plain words of no weight. ", 30) + `"}`
	o, err := stix.Parse([]byte(text))
	must(b, err)
	return store.Received(o)
}

// server makes a server over the objects of s, with its own records of who may have them.
func (p *pollBench) server(
	b *testing.B, s store.Store, rule access.ReleaseRule, reader string,
) http.Handler {
	b.Helper()
	docs, err := pebblestore.Open(b.TempDir(), pebblestore.Options{})
	must(b, err)
	b.Cleanup(func() { must(b, docs.Close()) })
	d, err := access.Open(b.Context(), docs, access.Options{})
	must(b, err)
	_, err = d.PutRoot(b.Context(), access.Root{Name: "api"})
	must(b, err)
	for _, id := range []string{allID, fewID, customID} {
		_, _, err := d.PutCollection(b.Context(), access.Collection{
			Root: "api", ID: id, Title: "Bench", Read: []string{reader}, Release: rule,
		})
		must(b, err)
	}
	_, err = d.PutUser(b.Context(), access.User{
		Name: "bob", Groups: []string{"members"}, Clearance: "green",
		PasswordHash: access.HashPassword("secret"),
	})
	must(b, err)
	h, err := server.New(server.Config{
		Store: examining{s, p}, Access: d, Limits: server.Limits{CacheBytes: -1},
	})
	must(b, err)
	return h
}

// poll reads all pages and keeps the time if it is the shortest yet.
func (p *pollBench) poll(
	b *testing.B, name string, h http.Handler, id, authorization string, objects int,
) {
	b.Helper()
	start, next, got := time.Now(), "", 0
	for more := true; more; more = next != "" {
		r := httptest.NewRequestWithContext(b.Context(), http.MethodGet,
			"/api/collections/"+id+"/objects/?limit=1000&next="+next, nil)
		if authorization != "" {
			r.Header.Set("Authorization", authorization)
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		next = nextOf(answer.Body.Bytes())
		got += bytes.Count(answer.Body.Bytes(), []byte(`"indicator--`))
	}
	took := time.Since(start)
	if got != objects {
		b.Fatalf("%s: polled %d objects of %d", name, got, objects)
	}
	if least, ok := p.least[name]; !ok || took < least {
		p.least[name] = took
	}
}

// BenchmarkAddWithMarks takes 5,000 objects in as a push does, in turns with and without their
// marks: the metric is the shortest time with them in relation to the shortest without. What a
// push does beside, judging the objects above all, would make it smaller.
func BenchmarkAddWithMarks(b *testing.B) {
	s, err := pebblestore.Open(b.TempDir(), pebblestore.Options{})
	must(b, err)
	b.Cleanup(func() { must(b, s.Close()) })
	for name, marks := range map[string][]string{"TLP": {greenMark}, "Own": {greenMark, lateMark}} {
		b.Run(name, func(b *testing.B) {
			texts := make([]string, 5000)
			for n := range texts {
				texts[n] = string(releasedObject(b, n, marks...).Object.Raw)
			}
			envelope := []byte(`{"objects":[` + strings.Join(texts, ",") + `]}`)
			var with, without []time.Duration
			for i := 0; b.Loop(); i++ {
				with = append(with, timeAdd(b, s, fmt.Sprint("with", i), envelope, store.Received))
				without = append(without, timeAdd(b, s, fmt.Sprint("without", i), envelope,
					func(o stix.Object) store.Incoming { return store.Incoming{Object: o, Marks: "green"} }))
			}
			b.ReportMetric(slices.Min(with).Seconds()/slices.Min(without).Seconds(), "with/without")
			b.ReportMetric(float64(slices.Min(without).Milliseconds()), "without-ms")
		})
	}
}

func timeAdd(
	b *testing.B, s store.Store, collection string, envelope []byte,
	received func(stix.Object) store.Incoming,
) time.Duration {
	b.Helper()
	start := time.Now()
	elements, err := stix.Split(envelope)
	must(b, err)
	batch := make([]store.Incoming, len(elements))
	for i, e := range elements {
		batch[i] = received(e.Object)
	}
	_, err = s.Add(b.Context(), collection, batch)
	must(b, err)
	took := time.Since(start)
	must(b, s.Drop(b.Context(), collection))
	return took
}
