package collectors_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// listed has the lists of values, each with its type, that tests change between runs.
type listed struct {
	mu   sync.Mutex
	held map[string]string // "ipv4-addr 192.0.2.1" -> list
	err  error
}

func (l *listed) set(held map[string]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = held
}

func (l *listed) of(context.Context, collectors.Feed) (collectors.Lists, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return snapshot(maps.Clone(l.held)), l.err
}

type snapshot map[string]string

func (s snapshot) Holds(typ, value string) (string, bool) {
	list, held := s[typ+" "+value]
	return list, held
}

func (s snapshot) Version() string {
	return strings.Join(slices.Sorted(maps.Keys(s)), ",")
}

// withLists is a world with a feed whose values are judged by lists.
func withLists(t *testing.T, lists *listed, f collectors.Feed, kinds ...collectors.Kind) *world {
	t.Helper()
	w := newWorld(t)
	cfg := w.config(f)
	cfg.Lists, cfg.Kinds = lists.of, append(cfg.Kinds, kinds...)
	runner, err := collectors.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.runner = runner
	return w
}

func names(objects []stix.Object) string {
	var all []string
	for _, o := range objects {
		all = append(all, string(o.Raw))
	}
	return strings.Join(all, "\n")
}

func TestListsHoldBackAValueWithAllThatHangsOnIt(t *testing.T) {
	const list = "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.2"
	server := collectortest.Serve(t,
		collectortest.Body("text/plain", list), collectortest.Body("text/plain", list+"\n"))
	lists := &listed{held: map[string]string{
		"ipv4-addr 192.0.2.2": "one", "ipv4-addr 192.0.2.3": "other", "ipv4-addr 192.0.2.9": "one",
	}}
	f := feed(server.URL)
	w := newWorld(t)
	registry, log := prometheus.NewRegistry(), &logged{}
	cfg := w.config(f)
	cfg.Lists, cfg.Registerer, cfg.Logger = lists.of, registry, textLogger(log)
	var err error
	if w.runner, err = collectors.New(cfg); err != nil {
		t.Fatal(err)
	}
	report := w.run("list")
	want := counts(6, 0, 0, 0, 0)
	want.HeldBack = 2
	wantCounts(t, "run", want, report.Counts)
	by := map[string]int{"one": 1, "other": 1}
	if diff := cmp.Diff(by, report.HeldBy); diff != "" {
		t.Errorf("held back (-want +got):\n%s", diff)
	}
	status := w.status()
	if diff := cmp.Diff(by, status.LastHeldBy); diff != "" || status.LastCounts.HeldBack != 2 {
		t.Errorf("status %d, by list (-want +got):\n%s", status.LastCounts.HeldBack, diff)
	}
	if n := len(w.versions("ipv4-addr", "indicator", "relationship")); n != 3 {
		t.Errorf("%d objects, want three of one address", n)
	}
	metric := `# HELP cabstand_feed_held_back_total Values of a feed that a warninglist held back.
# TYPE cabstand_feed_held_back_total counter
cabstand_feed_held_back_total{feed="list",list="one"} 1
cabstand_feed_held_back_total{feed="list",list="other"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(metric), "cabstand_feed_held_back_total"); err != nil {
		t.Error(err)
	}
	if last := log.lines[len(log.lines)-1]; !strings.Contains(last, `held_back=2`) || !strings.Contains(last, `map[one:1 other:1]`) {
		t.Errorf("the last line does not tell what was held back: %s", last)
	}
	again := counts(0, 0, 6, 0, 0)
	again.HeldBack = 2
	w.clock.move(time.Minute)
	wantCounts(t, "second run", again, w.run("list").Counts)
}

// An indicator whose value comes onto a list is neither renewed nor withdrawn, and goes on when
// the list has it no more, although the source has not changed since.
func TestListsLeaveWhatIsThereToRunOut(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Tagged(`"1"`, "192.0.2.1"))
	lists := &listed{}
	w := withLists(t, lists, feed(server.URL))
	wantCounts(t, "first run", counts(6, 0, 0, 0, 0), w.run("list").Counts)

	lists.set(map[string]string{"ipv4-addr 192.0.2.1": "one"})
	w.clock.move(39 * time.Hour) // of 40
	report := w.run("list")
	if report.NotModified || report.HeldBack != 1 || report.Changed != 0 {
		t.Errorf("run with a list: %+v", report)
	}
	if n := len(w.versions("indicator")); n != 1 {
		t.Errorf("%d versions of the indicator, want the first alone", n)
	}
	w.clock.move(time.Minute)
	if !w.run("list").NotModified {
		t.Error("with the same lists, a document that has not changed was read again")
	}

	lists.set(nil)
	w.clock.move(time.Minute)
	if report := w.run("list"); report.Changed != 1 || report.HeldBack != 0 {
		t.Errorf("run without the list: %+v", report)
	}
}

func TestListsThatCannotBeHadEndTheRun(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1"))
	w := withLists(t, &listed{err: errors.New("no such file")}, feed(server.URL))
	_, err := w.runner.RunNow(t.Context(), "list")
	if err == nil || !strings.Contains(err.Error(), "warninglists: no such file") {
		t.Errorf("error %v, want one about the lists", err)
	}
	if n := len(w.versions()); n != 0 {
		t.Errorf("%d objects were written", n)
	}
}

func TestListsDoNotCountForObjectsOfOthers(t *testing.T) {
	object := `{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f002","value":"192.0.2.1"}`
	server := collectortest.Serve(t, collectortest.Body("application/json",
		`{"type":"bundle","id":"bundle--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f003","objects":[`+object+`]}`))
	f := feed(server.URL)
	f.Kind = "bundle"
	lists := &listed{held: map[string]string{"ipv4-addr 192.0.2.1": "one"}}
	w := withLists(t, lists, f)
	wantCounts(t, "run", counts(1, 0, 0, 0, 0), w.run("list").Counts)

	f.Warninglists = collectors.ListNames{"one"}
	fault, ok := errors.AsType[*collectors.SettingError](w.runner.Check(f))
	if !ok || fault.Path != "warninglists" {
		t.Errorf("a feed of others' objects names lists: %v", fault)
	}
	f.Warninglists = collectors.ListNames{"none"}
	if err := w.runner.Check(f); err != nil {
		t.Error(err)
	}
}

// Each kind of value is found in the object that is about it and in the pattern that names it.
func TestListsFindValuesInObjectsAndPatterns(t *testing.T) {
	for _, step := range []struct{ held, typ, property, pattern string }{
		{"ipv4-addr 198.51.100.0/24", "ipv4-addr", `"198.51.100.0/24"`, "[ipv4-addr:value ISSUBSET '198.51.100.0/24']"},
		{"ipv6-addr 2001:db8::/32", "ipv6-addr", `"2001:db8::/32"`, "[ipv4-addr:value = '192.0.2.77'] AND [ipv6-addr:value ISSUBSET '2001:db8::/32'] WITHIN 5 SECONDS"},
		{"ipv4-addr 192.0.2.1", "ipv4-addr", `"192.0.2.1"`, "[network-traffic:dst_ref.value = '192.0.2.1' AND network-traffic:dst_port = 443]"},
		{"domain-name a.example.com", "domain-name", `"a.example.com"`, "[domain-name:value = 'b.example.com' OR domain-name:value = 'a.example.com']"},
		{"url http://a.example.com/'", "url", `"http://a.example.com/'"`, `[url:value = 'http://a.example.com/\'']`},
		{"email-addr a@example.com", "email-addr", `"a@example.com"`, "[email-addr:value IN ('b@example.com', 'a@example.com')]"},
		{"file d41d8cd98f00b204e9800998ecf8427e", "file", `{"MD5":"D41D8CD98F00B204E9800998ECF8427E"}`, "[file:hashes.MD5 = 'D41D8CD98F00B204E9800998ECF8427E']"},
		{"autonomous-system 64500", "autonomous-system", `64500`, "[autonomous-system:number = 64500]"},
	} {
		name := map[string]string{"file": "hashes", "autonomous-system": "number"}[step.typ]
		if name == "" {
			name = "value"
		}
		sieved := sift(t, map[string]string{step.held: "one"},
			`{"type":"`+step.typ+`","spec_version":"2.1","id":"`+step.typ+`--00000000-0000-4000-8000-000000000001","`+name+`":`+step.property+`}`,
			indicatorOf(step.pattern),
			indicatorOf("[ipv4-addr:value != '192.0.2.1' AND NOT domain-name:value = 'a.example.com' AND file:name = 'a@example.com' AND "+
				"ipv4-addr:value NOT ISSUBSET '198.51.100.0/24']"),
		)
		if len(sieved) != 1 {
			t.Errorf("%s: written, of which the last alone was to be:\n%s", step.held, names(sieved))
		}
	}
}

// indicatorOf returns an indicator; the identifier follows from the pattern.
func indicatorOf(pattern string) string {
	o := stix.MintID("indicator", pattern)
	return `{"type":"indicator","spec_version":"2.1","id":"` + o + `","created":"2026-01-01T00:00:00.000Z",` +
		`"modified":"2026-01-01T00:00:00.000Z","pattern":"` + strings.ReplaceAll(pattern, `\`, `\\`) +
		`","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}`
}

// sift runs objects through a feed with lists and returns what was written, but for what the
// runner adds of its own.
func sift(t *testing.T, held map[string]string, objects ...string) []stix.Object {
	t.Helper()
	s := &script{steps: []step{
		func(_ context.Context, _ collectors.Tools, emit func(stix.Object) error) (string, error) {
			for _, text := range objects {
				if err := emit(stix.Object{Raw: []byte(text)}); err != nil {
					return "", err
				}
			}
			return "", nil
		},
	}}
	f := feed("https://feed.example/")
	f.Kind = "script"
	w := withLists(t, &listed{held: held}, f, s.kind())
	w.run("list")
	return slices.DeleteFunc(w.versions(), func(o stix.Object) bool {
		return o.Type == "identity" || o.Type == "marking-definition"
	})
}

func TestListsLeaveNoReferenceInTheAir(t *testing.T) {
	const (
		bad    = "ipv4-addr--00000000-0000-4000-8000-000000000001"
		good   = "ipv4-addr--00000000-0000-4000-8000-000000000002"
		times  = `"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z"`
		prefix = `{"spec_version":"2.1",`
	)
	link := func(n, from, to string) string {
		return prefix + `"type":"relationship","id":"relationship--00000000-0000-4000-8000-00000000000` + n + `",` + times +
			`,"relationship_type":"x","source_ref":"` + from + `","target_ref":"` + to + `"}`
	}
	report := func(n, refs string) string {
		return prefix + `"type":"report","id":"report--00000000-0000-4000-8000-00000000000` + n + `",` + times +
			`,"name":"r","published":"2026-01-01T00:00:00Z","object_refs":[` + refs + `],"x_last":1.0}`
	}
	domain := func(refs string) string {
		return prefix + `"type":"domain-name","id":"domain-name--00000000-0000-4000-8000-000000000001","value":"a.example.com"` + refs + `}`
	}
	written := sift(t, map[string]string{"ipv4-addr 192.0.2.1": "one"},
		prefix+`"type":"ipv4-addr","id":"`+bad+`","value":"192.0.2.1"}`,
		prefix+`"type":"ipv4-addr","id":"`+good+`","value":"192.0.2.2"}`,
		link("1", bad, good), link("2", good, bad), link("3", good, good),
		link("4", good, "relationship--00000000-0000-4000-8000-000000000001"),
		report("1", `"`+bad+`","`+good+`"`), report("2", `"`+bad+`"`), report("3", `"`+good+`"`),
		domain(`,"resolves_to_refs":["`+bad+`"]`),
	)
	want := []string{
		prefix + `"type":"ipv4-addr","id":"` + good + `","value":"192.0.2.2"}`,
		link("3", good, good), report("1", `"`+good+`"`), report("3", `"`+good+`"`), domain(""),
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), names(written)); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
}
