package collectors_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/google/go-cmp/cmp"
)

// whole is a kind as lines, and says that missing is gone.
func whole() collectors.Kind {
	kind := lines()
	kind.Name, kind.Whole = "whole", true
	return kind
}

// strict is a feed for which missing means withdrawn.
func strict(url string) collectors.Feed {
	f := feed(url)
	f.Kind, f.STIX.Missing = "whole", "revoke"
	f.Guards.MaxDropPct = 50
	return f
}

// wholeWorld is a world with a feed of kind whole. s is the store if it is not nil.
func wholeWorld(t *testing.T, s func(store.Store) store.Store, f collectors.Feed) *world {
	t.Helper()
	w := newWorld(t)
	cfg := w.config(f)
	cfg.Kinds = append(cfg.Kinds, whole())
	if s != nil {
		w.store = s(w.store)
		cfg.Store, cfg.Documents = w.store, w.store
	}
	var err error
	if w.runner, err = collectors.New(cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestRunRevokesWhatIsMissing(t *testing.T) {
	text := func(list string) collectortest.Answer { return collectortest.Body("text/plain", list) }
	server := collectortest.Serve(t, text("192.0.2.1 192.0.2.2 192.0.2.3"),
		text("192.0.2.3 192.0.2.1"), text("192.0.2.1 192.0.2.3"), text("192.0.2.1 192.0.2.2 192.0.2.3"))
	w := wholeWorld(t, nil, strict(server.URL))
	w.run("list")
	w.clock.move(time.Hour)
	wantCounts(t, "one is missing", collectors.Counts{Unchanged: 6 + 3, Revoked: 1}, w.run("list").Counts)
	second := idOfIndicator("192.0.2.2")
	if lives := w.lives("indicator"); !slices.Contains(lives, "-"+second) {
		t.Errorf("%s is not revoked: %v", second, lives)
	}
	wantCounts(t, "the same list", counts(0, 0, 9, 0, 0), w.run("list").Counts)
	wantCounts(t, "it is back", counts(2, 0, 10, 0, 0), w.run("list").Counts)
	if lives := w.lives("indicator"); !slices.Contains(lives, "+"+again(second)) {
		t.Errorf("%s does not go on: %v", second, lives)
	}
}

// Whatever a broken source answers, nothing is concluded from what it leaves out.
func TestRunRevokesNothingForABrokenAnswer(t *testing.T) {
	const list = "192.0.2.1 192.0.2.2 192.0.2.3"
	for name, answer := range map[string]collectortest.Answer{
		"an error":                  collectortest.Status(500),
		"nothing new":               collectortest.Tagged(`"1"`, list),
		"a web page":                collectortest.HTML(),
		"half a page":               collectortest.HalfPage(list + " 192.0.2.4"),
		"half an archive":           collectortest.TruncatedGzip(list),
		"an empty list":             collectortest.Body("text/plain", ""),
		"a list of one row":         collectortest.Body("text/plain", "192.0.2.1"),
		"other values":              collectortest.Body("text/plain", "198.51.100.1 198.51.100.2 198.51.100.3"),
		"rows without sense":        collectortest.Body("text/plain", "192.0.2.1 bad bad"),
		"broken off":                collectortest.Body("text/plain", "192.0.2.1 192.0.2.2 fail"),
		"a row that no one expects": collectortest.Body("text/plain", "192.0.2.1 192.0.2.2 panic"),
	} {
		t.Run(name, func(t *testing.T) {
			server := collectortest.Serve(t, collectortest.Tagged(`"1"`, list), answer,
				collectortest.Body("text/plain", "192.0.2.3 192.0.2.2"))
			w := wholeWorld(t, nil, strict(server.URL))
			w.run("list")
			w.clock.move(time.Hour)
			report, _ := w.runner.RunNow(t.Context(), "list")
			for _, o := range w.versions("indicator") {
				if o.Revoked || report.Revoked != 0 {
					t.Errorf("revoked: %s", o.Raw)
				}
				if end := validUntil(t, o); end.Before(now.Add(40 * time.Hour).Truncate(time.Millisecond)) {
					t.Errorf("ends early, at %v: %s", end, o.Raw)
				}
			}
			if got := w.run("list").Revoked; got != 1 {
				t.Errorf("a good answer after it revoked %d, want the one that is missing", got)
			}
		})
	}
}

// What the guard refuses is the source's fault, and not the store's.
func TestRunWithoutMostOfItsIndicatorsIsStoppedByAGuard(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1 192.0.2.2"),
		collectortest.Body("text/plain", "198.51.100.1 198.51.100.2"))
	w := wholeWorld(t, nil, strict(server.URL))
	w.run("list")
	report, err := w.runner.RunNow(t.Context(), "list")
	if !errors.Is(err, collectors.ErrGuard) || report.Trouble != collectors.TroubleGuard {
		t.Errorf("error %v, trouble %q, want %q", err, report.Trouble, collectors.TroubleGuard)
	}
}

// A look at a feed has no documents, and must leave those of the feed as they are.
func TestTryOfAFeedThatRevokesWhatIsMissing(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1 192.0.2.2"))
	f := strict(server.URL)
	w := wholeWorld(t, nil, f)
	w.run("list")
	before, err := w.store.List(t.Context(), "feedlisting", "", "", 0)
	if err != nil || len(before) == 0 {
		t.Fatalf("%d documents, error %v", len(before), err)
	}
	w.run("list") // so that the listing is not that of a first run
	before, _ = w.store.List(t.Context(), "feedlisting", "", "", 0)
	if _, err := w.runner.Try(t.Context(), f); err != nil {
		t.Error(err)
	}
	after, _ := w.store.List(t.Context(), "feedlisting", "", "", 0)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("listings (-before +after):\n%s", diff)
	}
}

// A run that stood still, and was overtaken, may remove old listings when it goes on.
func TestRunLeavesTheListingOfALaterRun(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1"))
	w := wholeWorld(t, nil, strict(server.URL))
	later := store.Document{
		Kind: "feedlisting", Key: "list/00000000000000ff/000000", Value: make([]byte, 16),
		Revision: store.AnyRevision,
	}
	if _, err := w.store.Put(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	w.run("list")
	if _, err := w.store.Get(t.Context(), later.Kind, later.Key); err != nil {
		t.Errorf("the listing of a later run: %v", err)
	}
}

func validUntil(t *testing.T, o stix.Object) time.Time {
	t.Helper()
	var said struct {
		ValidUntil time.Time `json:"valid_until"`
	}
	if err := json.Unmarshal(o.Raw, &said); err != nil {
		t.Fatal(err)
	}
	return said.ValidUntil
}

// reads counts what is read of a collection.
type reads struct {
	store.Store
	entries int
}

func (r *reads) Page(ctx context.Context, collection string, q store.Query) (store.Page, error) {
	page, err := r.Store.Page(ctx, collection, q)
	r.entries += page.Examined
	return page, err
}

// What it costs to find the missing depends on the feed and not on the collection.
func TestRunFindsTheMissingWithoutReadingTheCollection(t *testing.T) {
	var examined []int
	for _, others := range []int{0, 3000} {
		server := collectortest.Serve(t,
			collectortest.Body("text/plain", "192.0.2.1 192.0.2.2 192.0.2.3"),
			collectortest.Body("text/plain", "192.0.2.1 192.0.2.2"))
		counted := &reads{}
		w := wholeWorld(t, func(s store.Store) store.Store { counted.Store = s; return counted },
			strict(server.URL))
		w.fill(others)
		w.run("list")
		counted.entries = 0
		if got := w.run("list").Revoked; got != 1 {
			t.Errorf("%d revoked beside %d others, want 1", got, others)
		}
		examined = append(examined, counted.entries)
	}
	if examined[0] != examined[1] {
		t.Errorf("%d records read in an empty collection, %d in a full one", examined[0], examined[1])
	}
}

// fill adds indicators of another feed.
func (w *world) fill(n int) {
	w.t.Helper()
	other := feed("")
	other.ID = "other"
	b, err := collectors.NewBuilder(other, now)
	if err != nil {
		w.t.Fatal(err)
	}
	var incoming []store.Incoming
	for i := range n {
		o, err := b.Indicator(collectors.Indicator{
			Pattern: fmt.Sprintf("[ipv4-addr:value = '198.51.%d.%d']", i>>8, i&255),
		})
		if err != nil {
			w.t.Fatal(err)
		}
		incoming = append(incoming, store.Received(o))
	}
	if len(incoming) == 0 {
		return
	}
	if _, err := w.store.Add(w.t.Context(), "r/c", incoming); err != nil {
		w.t.Fatal(err)
	}
}

// A run that was cut off before it kept what the source lists is repeated with what there was:
// also what the first of the two still saw can be missing.
func TestRunCutOffKeepsTheListingOfTheLastGoodOne(t *testing.T) {
	for put := 5; put <= 6; put++ { // what it lists, and the state of the second run
		server := collectortest.Serve(t,
			collectortest.Body("text/plain", "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4"),
			collectortest.Body("text/plain", "192.0.2.1 192.0.2.2 192.0.2.3"),
			collectortest.Body("text/plain", "192.0.2.1 192.0.2.2"))
		b := &brittle{put: put, more: 2}
		w := wholeWorld(t, func(s store.Store) store.Store { b.Store = s; return b }, strict(server.URL))
		w.run("list")
		first, err := w.runner.RunNow(t.Context(), "list")
		if !errors.Is(err, store.ErrUnavailable) {
			t.Fatalf("put %d: error = %v, want %v", put, err, store.ErrUnavailable)
		}
		w.clock.move(time.Minute)
		got := []int{first.Revoked, w.run("list").Revoked, w.run("list").Revoked}
		if diff := cmp.Diff([]int{1, 1, 0}, got); diff != "" {
			t.Errorf("put %d failed: revoked (-want +got):\n%s", put, diff)
		}
		if n := len(w.versions("indicator")); n != 6 {
			t.Errorf("put %d failed: %d versions, want 6", put, n)
		}
	}
}

// Listings are for the last good run and the one before, not for ever.
func TestRunRemovesOldListings(t *testing.T) {
	var answers []collectortest.Answer
	for i := range 6 {
		answers = append(answers, collectortest.Body("text/plain", fmt.Sprintf("192.0.2.1 192.0.2.2 192.0.2.%d", 10+i)))
	}
	w := wholeWorld(t, nil, strict(collectortest.Serve(t, answers...).URL))
	for range 6 {
		w.run("list")
	}
	docs, err := w.store.List(t.Context(), "feedlisting", "", "", 0)
	if err != nil || len(docs) != 2 {
		t.Errorf("%d documents, error %v; want 2", len(docs), err)
	}
}

func TestCheckOfAFeedThatRevokesWhatIsMissing(t *testing.T) {
	for want, change := range map[string]func(f *collectors.Feed){
		"feed list: guards.max_drop_pct: is required with stix.missing: revoke, or one bad answer of " +
			"the source could revoke all there is": func(f *collectors.Feed) { f.Guards.MaxDropPct = 0 },
		"feed list: stix.missing: kind lines reads a part of its source in each run, so that nothing " +
			"is missing; leave this out": func(f *collectors.Feed) { f.Kind = "lines" },
		`feed list: stix.missing: "perhaps" is none of lapse, revoke`: func(f *collectors.Feed) {
			f.STIX.Missing = "perhaps"
		},
	} {
		f := strict("https://feed.example/")
		w := wholeWorld(t, nil, f)
		change(&f)
		err := w.runner.Check(f)
		if err == nil {
			t.Errorf("no error, want %s", want)
			continue
		}
		if diff := cmp.Diff(want, err.Error()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
