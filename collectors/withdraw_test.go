package collectors_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/google/go-cmp/cmp"
)

// idOfIndicator is the id of the indicator of an address in the feed "list".
func idOfIndicator(address string) string {
	return stix.MintID("indicator", stix.MintID("identity", "list"),
		collectors.Pattern(collectors.PatternEqual("ipv4-addr:value", address)))
}

// lists is a step that emits the objects of addresses.
func lists(addresses ...string) step {
	return func(_ context.Context, tools collectors.Tools, emit func(stix.Object) error) (string, error) {
		return "", emitAll(feed(""), tools, emit, addresses...)
	}
}

// takesBack is a step that takes objects back and ends with err.
func takesBack(err error, ids ...string) step {
	return func(_ context.Context, tools collectors.Tools, _ func(stix.Object) error) (string, error) {
		return "", errors.Join(tools.Withdraw(ids...), err)
	}
}

// both is a step that does two in one run.
func both(first, second step) step {
	return func(ctx context.Context, tools collectors.Tools, emit func(stix.Object) error) (string, error) {
		if next, err := first(ctx, tools, emit); err != nil {
			return next, err
		}
		return second(ctx, tools, emit)
	}
}

// lives tells of the newest version of each object of some types whether it is still valid:
// "+" and its name or ends if it is not revoked, "-" if it is.
func (w *world) lives(types ...string) []string {
	w.t.Helper()
	page, err := w.store.Page(w.t.Context(), "r/c", store.Query{Types: types})
	if err != nil {
		w.t.Fatal(err)
	}
	var all []string
	for _, e := range page.Entries {
		o, err := stix.Parse(e.Raw)
		if err != nil {
			w.t.Fatal(err)
		}
		sign := "+"
		if o.Revoked {
			sign = "-"
		}
		all = append(all, sign+o.ID)
	}
	return all
}

func TestRunRevokesWhatTheSourceTakesBack(t *testing.T) {
	gone, unknown := idOfIndicator("192.0.2.1"), idOfIndicator("192.0.2.9")
	w, _ := played(t, nil, lists("192.0.2.1", "192.0.2.2"), takesBack(nil, gone, gone, unknown))
	w.run("list")
	w.clock.move(time.Hour)
	wantCounts(t, "first time", collectors.Counts{Revoked: 1}, w.run("list").Counts)
	want := []string{"+" + idOfIndicator("192.0.2.2"), "-" + gone}
	if diff := cmp.Diff(want, w.lives("indicator")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantCounts(t, "second time", collectors.Counts{}, w.run("list").Counts)
}

// The last version says the same as the one before, byte by byte, but that it is revoked.
func TestRunRevokesWithoutChangingAnythingElse(t *testing.T) {
	w, _ := played(t, nil, lists("192.0.2.1"), takesBack(nil, idOfIndicator("192.0.2.1")))
	w.run("list")
	w.clock.move(time.Hour)
	w.run("list")
	all := w.versions("indicator")
	before, after := string(all[0].Raw), string(all[1].Raw)
	before = strings.Replace(before, `"modified":"`+all[0].Modified, `"modified":"`+all[1].Modified, 1)
	if before = strings.TrimSuffix(before, "}") + `,"revoked":true}`; before != after {
		t.Errorf("before %s\nafter  %s", before, after)
	}
	if !all[1].VersionTime().Time().Equal(now.Add(time.Hour).Truncate(time.Millisecond)) {
		t.Errorf("revoked as of %s", all[1].Modified)
	}
}

func TestRunTakesBackOnlyWhatItHasMade(t *testing.T) {
	other := feed("https://feed.example/")
	other.ID, other.Kind = "other", "script"
	w, _ := played(t, nil, lists("192.0.2.1"), takesBack(nil, idOfIndicator("192.0.2.1"),
		stix.MintID("identity", "list")))
	w.run("list")
	w.replace(other)
	report := w.run("other")
	if report.Revoked != 0 || report.Refused != 2 {
		t.Errorf("%+v; want two objects refused", report.Counts)
	}
	if got := w.lives("indicator"); got[0][0] != '+' {
		t.Error("the indicator of another feed was revoked")
	}
}

// A source that passes on what others say names them as creators, by identities that it has made.
func TestRunTakesBackWhatItHasMadeInTheNameOfOthers(t *testing.T) {
	const org, stranger = "identity--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f001", "identity--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f002"
	object := func(typ, n, by string) string {
		return `{"type":"` + typ + `","spec_version":"2.1","id":"` + typ + `--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f00` + n +
			`","created_by_ref":"` + by + `","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z"}`
	}
	w, _ := played(t, nil,
		both(raw(object("identity", "1", stix.MintID("identity", "list"))),
			both(raw(object("identity", "2", org)), both(raw(object("tool", "3", org)), raw(object("tool", "4", stranger))))),
		takesBack(nil, "tool--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f003", "tool--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f004"))
	w.run("list")
	report := w.run("list")
	if report.Revoked != 1 || report.Refused != 1 {
		t.Errorf("%+v; want one revoked and one refused", report.Counts)
	}
}

func TestRunThatPassesObjectsOnTakesNoneBack(t *testing.T) {
	w, s := played(t, nil)
	s.steps = []step{takesBack(nil, idOfIndicator("192.0.2.1"))}
	kind := s.kind()
	kind.Name, kind.Verbatim = "passes", true
	f := feed("https://feed.example/")
	f.Kind = "passes"
	cfg := w.config(f)
	cfg.Kinds = append(cfg.Kinds, kind)
	runner, err := collectors.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := runner.RunNow(t.Context(), "list"); err == nil {
		t.Error("no error")
	}
}

// Nothing but a run that ended well takes anything back.
func TestRunThatDoesNotEndWellTakesNothingBack(t *testing.T) {
	gone := idOfIndicator("192.0.2.1")
	fetch := func(_ context.Context, tools collectors.Tools, _ func(stix.Object) error) (string, error) {
		doc, err := tools.Fetch.Fetch(t.Context(), collectors.Request{})
		if err != nil {
			return "", err
		}
		return "", tools.Rows(len(strings.Fields(string(doc.Body))))
	}
	for name, answer := range map[string]collectortest.Answer{
		"nothing new":       collectortest.Status(500),
		"a web page":        collectortest.HTML(),
		"half a page":       collectortest.HalfPage("192.0.2.1 192.0.2.2 192.0.2.3"),
		"half an archive":   collectortest.TruncatedGzip("192.0.2.1 192.0.2.2 192.0.2.3"),
		"an empty list":     collectortest.Body("text/plain", ""),
		"a list of one row": collectortest.Body("text/plain", "192.0.2.1"),
	} {
		t.Run(name, func(t *testing.T) {
			server := collectortest.Serve(t, collectortest.Body("text/plain", "a b c"), answer)
			w, _ := played(t, nil, both(fetch, lists("192.0.2.1")), both(takesBack(nil, gone), fetch))
			f := feed(server.URL)
			f.Kind, f.Guards = "script", collectors.Guards{MinRows: 1, MaxDropPct: 50}
			w.replace(f)
			w.run("list")
			report, err := w.runner.RunNow(t.Context(), "list")
			if err == nil || report.Revoked != 0 || w.lives("indicator")[0] != "+"+gone {
				t.Errorf("error %v, %+v, %v", err, report.Counts, w.lives("indicator"))
			}
		})
	}
	for name, last := range map[string]step{
		"not modified": end("", collectors.ErrNotModified),
		"broken off":   end("", errors.New("broken off")),
		"a panic": func(context.Context, collectors.Tools, func(stix.Object) error) (string, error) {
			panic("a row that nobody thought of")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := played(t, nil, lists("192.0.2.1"), both(takesBack(nil, gone), last))
			w.run("list")
			_, _ = w.runner.RunNow(t.Context(), "list")
			if got := w.lives("indicator")[0]; got != "+"+gone {
				t.Errorf("%s after a run that did not end well", got)
			}
		})
	}
}

func TestRunRefusesToTakeBackWithoutMeasure(t *testing.T) {
	w, _ := played(t, nil, func(_ context.Context, tools collectors.Tools, _ func(stix.Object) error) (string, error) {
		for i := range 100_000 {
			if err := tools.Withdraw(fmt.Sprintf("indicator--%08d-0000-4000-8000-000000000000", i)); err != nil {
				return "", fmt.Errorf("after %d: %w", i, err)
			}
		}
		if err := tools.Withdraw("indicator--00000000-0000-4000-8000-000000000000"); err != nil {
			return "", fmt.Errorf("one that was named before: %w", err)
		}
		if err := tools.Withdraw(idOfIndicator("192.0.2.1")); !errors.Is(err, collectors.ErrGuard) {
			return "", fmt.Errorf("one too many: %w", err)
		}
		return "", nil
	})
	w.run("list")
}

// A run that was cut off while it revoked is repeated, and revokes nothing twice.
func TestRunCutOffWhileItRevokes(t *testing.T) {
	const n = 600 // in two batches
	var list, ids []string
	for i := range n {
		list = append(list, fmt.Sprintf("198.51.%d.%d", i>>8, i&255))
		ids = append(ids, idOfIndicator(list[i]))
	}
	for name, b := range map[string]*brittle{
		"in the second batch":       {add: 6},
		"before the state was kept": {put: 4, more: 2},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := played(t, func(cfg *collectors.RunnerConfig) {
				b.Store = cfg.Store.(store.Store)
				cfg.Store, cfg.Documents = b, b
			}, lists(list...), takesBack(nil, ids...))
			w.run("list")
			w.clock.move(time.Hour)
			first, err := w.runner.RunNow(t.Context(), "list")
			if !errors.Is(err, store.ErrUnavailable) {
				t.Fatalf("error = %v, want %v", err, store.ErrUnavailable)
			}
			w.clock.move(time.Minute)
			second := w.run("list")
			if first.Revoked == 0 || first.Revoked+second.Revoked != n {
				t.Errorf("revoked %d and then %d, want %d together", first.Revoked, second.Revoked, n)
			}
			if got := len(w.versions("indicator")); got != 2*n {
				t.Errorf("%d versions, want %d", got, 2*n)
			}
		})
	}
}

// stopping is a store that says when the first object was revoked.
type stopping struct {
	store.Store
	stop func()
}

func (s *stopping) Add(
	ctx context.Context, collection string, objects []store.Incoming,
) ([]store.Added, error) {
	if objects[0].Object.Revoked {
		s.stop()
	}
	return s.Store.Add(ctx, collection, objects)
}

// What is to be revoked may take hours, and a server that stops has a minute.
func TestRunStopsWhileItRevokes(t *testing.T) {
	const n = 600 // in two batches
	var list, ids []string
	for i := range n {
		list = append(list, fmt.Sprintf("198.51.%d.%d", i>>8, i&255))
		ids = append(ids, idOfIndicator(list[i]))
	}
	s := &stopping{}
	w, _ := played(t, func(cfg *collectors.RunnerConfig) {
		s.Store = cfg.Store.(store.Store)
		cfg.Store = s
	}, lists(list...), takesBack(nil, ids...))
	w.run("list")
	ctx, stop := context.WithCancel(t.Context())
	s.stop = stop
	report, err := w.runner.RunNow(ctx, "list")
	if !errors.Is(err, context.Canceled) || report.Revoked != 500 ||
		report.Trouble != collectors.TroubleCut {
		t.Errorf("error %v, trouble %q, %d revoked; want one batch", err, report.Trouble, report.Revoked)
	}
	if got := w.run("list").Revoked; got != n-500 {
		t.Errorf("then %d revoked, want the rest", got)
	}
	if got := len(w.versions("indicator")); got != 2*n {
		t.Errorf("%d versions, want %d", got, 2*n)
	}
}

// A collector that ends well where its time is over goes on from there, whatever it took back.
func TestRunRevokesAlsoWhenItsTimeEnds(t *testing.T) {
	untilTimeEnds := func(
		ctx context.Context, _ collectors.Tools, _ func(stix.Object) error,
	) (string, error) {
		<-ctx.Done()
		return "far", nil
	}
	w, s := played(t, nil, lists("192.0.2.1"),
		both(takesBack(nil, idOfIndicator("192.0.2.1")), untilTimeEnds), end("", nil))
	w.run("list")
	f := feed("https://feed.example/")
	f.Kind, f.Timeout = "script", 20*time.Millisecond
	w.replace(f)
	wantCounts(t, "run", collectors.Counts{Revoked: 1}, w.run("list").Counts)
	w.run("list")
	if diff := cmp.Diff([]string{"", "", "far"}, s.cursors); diff != "" {
		t.Errorf("cursors (-want +got):\n%s", diff)
	}
}
