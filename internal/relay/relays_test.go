package relay_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/store"
)

const flagged = `{"type":"malware",SDO,"id":"malware--%d","is_family":false,"description":"a@b.example"}` + "\n"

// A full queue stops a relay where it is, and a decision or a longer queue sets it going again.
func TestWork_StopsAtAFullQueue(t *testing.T) {
	b := newBench(t, relay.Settings{Queue: 2})
	var lines strings.Builder
	for n := range 5 {
		fmt.Fprintf(&lines, flagged, n)
		fmt.Fprintf(&lines, `{"type":"campaign",SDO,"id":"campaign--%d","name":"n"}`+"\n", n)
	}
	b.push(long(lines.String()))
	state := func() string {
		b.work()
		s := b.status()
		return fmt.Sprintf("%d waiting, %d republished, %s", s.Waiting, s.Republished, s.State)
	}
	got := []string{state(), state()}
	b.decide(long("malware--0"), relay.Rejected)
	got = append(got, state())
	b.declare(relay.Settings{Queue: 10})
	got = append(got, state())
	want := []string{
		"2 waiting, 2 republished, queue is full", "2 waiting, 2 republished, queue is full",
		"2 waiting, 3 republished, queue is full", "4 waiting, 5 republished, up to date",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What is beyond a page is read ahead: nothing waits for what has been pushed already.
func TestWork_ReadsAheadForWhatIsReferredTo(t *testing.T) {
	b := newBench(t, relay.Settings{Queue: 1})
	var lines strings.Builder
	for n := range 1500 {
		fmt.Fprintf(&lines, `{"type":"relationship",SDO,"id":"relationship--%08d-aaaa-4aaa-8aaa-aaaaaaaaaaaa",`+
			`"relationship_type":"related-to","source_ref":"campaign--%08[1]d-aaaa-4aaa-8aaa-aaaaaaaaaaaa",`+
			`"target_ref":"campaign--1"}`+"\n", n)
	}
	for n := range 1500 {
		fmt.Fprintf(&lines, `{"type":"campaign",SDO,"id":"campaign--%08d-aaaa-4aaa-8aaa-aaaaaaaaaaaa","name":"n"}`+"\n", n)
	}
	lines.WriteString(`{"type":"campaign",SDO,"id":"campaign--1","name":"n"}`)
	b.push(long(lines.String()))
	b.work()
	s := b.status()
	if s.Republished != 3001 || s.Waiting != 0 || s.Held != 0 {
		t.Errorf("%+v", s)
	}
}

func TestWork_NeedsItsKey(t *testing.T) {
	b := newBench(t, relay.Settings{})
	b.push(long(`{"type":"campaign",SDO,"id":"campaign--1","name":"a"}`))
	secretOf := func(text string) *relay.Relays {
		return b.open(b.store, func(c *relay.Config) {
			c.LookupEnv = func(string) (string, bool) { return text, text != "" }
		})
	}
	for _, text := range []string{"", "short"} {
		if err := secretOf(text).Work(t.Context()); !errors.Is(err, relay.ErrNoKey) {
			t.Errorf("with the secret %q: %v", text, err)
		}
	}
	b.work()
	other := secretOf(strings.Repeat("another secret", 5))
	_, reveal := other.Reveal(t.Context(), "share", b.shared()[1].ID)
	for _, err := range []error{other.Work(t.Context()), reveal} {
		if !errors.Is(err, relay.ErrOtherKey) {
			t.Errorf("with another secret: %v", err)
		}
	}
	if s := b.status(); s.Republished != 1 {
		t.Errorf("%+v", s)
	}
}

// The way back is in the store, and what is in the store tells nothing without the key: no id, old
// or new, stands in the sealed records or in their keys.
func TestReveal_ReadsWhatIsSealed(t *testing.T) {
	b := newBench(t, relay.Settings{})
	b.push(long(`{"type":"campaign",SDO,"id":"campaign--1","name":"a","created_by_ref":"identity--9"}
{"type":"file","spec_version":"2.1","id":"file--2","name":"b"}`))
	b.work()
	for _, o := range b.shared()[1:] { // behind the identity of the community
		got, err := b.relays.Reveal(t.Context(), "share", strings.ToUpper(o.ID[len(o.ID)-36:]))
		if err == nil {
			t.Errorf("half an id: %+v", got)
		}
		got, err = b.relays.Reveal(t.Context(), "share", o.ID)
		check(t, err)
		want := relay.Origin{ID: o.ID, Collection: from, Original: long("file--2")}
		if o.Type == "campaign" {
			want.Original, want.Submitter = long("campaign--1"), long("identity--9")
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	if _, err := b.relays.Reveal(t.Context(), "share", long("campaign--1")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an id that was never given: %v", err)
	}
	for _, kind := range []string{"relaymap", "relaysource"} {
		docs, err := b.store.List(t.Context(), kind, "", "", 0)
		check(t, err)
		for _, d := range docs {
			text := d.Key + string(d.Value)
			if strings.Contains(text, "aaaa-4aaa") || strings.Contains(text, "identity") || len(d.Value)%256 != 28 {
				t.Errorf("%s: %d bytes: %q", kind, len(d.Value), text)
			}
		}
		if len(docs) == 0 {
			t.Errorf("no %s", kind)
		}
	}
}

// Nobody can put a sealed record in the place of another one.
func TestReveal_RefusesAMovedRecord(t *testing.T) {
	b := newBench(t, relay.Settings{})
	b.push(long(`{"type":"campaign",SDO,"id":"campaign--1","name":"a"}
{"type":"campaign",SDO,"id":"campaign--2","name":"b"}`))
	b.work()
	docs, err := b.store.List(t.Context(), "relaymap", "", "", 0)
	check(t, err)
	docs[0].Value = docs[1].Value
	_, err = b.store.Put(t.Context(), docs[0])
	check(t, err)
	refused := 0
	for _, o := range b.shared()[1:] {
		if _, err := b.relays.Reveal(t.Context(), "share", o.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			refused++
		}
	}
	if refused != 1 {
		t.Errorf("%d refused, want the moved one", refused)
	}
}

func TestShow_IsWhatWouldBeReleased(t *testing.T) {
	b := newBench(t, relay.Settings{})
	b.push(long(fmt.Sprintf(flagged, 1)))
	b.work()
	item := b.queue()[0].Item
	shown, err := b.relays.Show(t.Context(), "share", item)
	check(t, err)
	b.decide(long("malware--1"), relay.Approved)
	b.work()
	if diff := cmp.Diff(b.sharedText(false), string(shown.Object)+"\n"); diff != "" {
		t.Error(diff)
	}
	for _, gone := range []string{item, item[:5], "", "../x"} {
		if _, err := b.relays.Show(t.Context(), "share", gone); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", gone, err)
		}
		if err := b.relays.Decide(t.Context(), "share", gone, relay.Approved); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%q: %v", gone, err)
		}
	}
}

// Another name of the community is another version of the same identity.
func TestWork_ANewNameIsANewVersion(t *testing.T) {
	b := newBench(t, relay.Settings{})
	b.push(long(`{"type":"campaign",SDO,"id":"campaign--1","name":"a"}`))
	b.work()
	b.declare(relay.Settings{Identity: relay.Identity{Name: "Square Table"}})
	b.push(long(`{"type":"campaign",SDO,"id":"campaign--2","name":"a"}`))
	b.work()
	var names []string
	for _, o := range b.shared() {
		if o.ID == b.creator() {
			names = append(names, o.Modified, string(o.Raw))
		}
	}
	if len(names) != 4 || !(names[0] < names[2]) || !strings.Contains(names[3], "Square Table") {
		t.Errorf("%q", names)
	}
}

func TestWork_CountsAndTells(t *testing.T) {
	b := newBench(t, relay.Settings{})
	registry := prometheus.NewRegistry()
	var told []relay.Report
	r := b.open(b.store, func(c *relay.Config) {
		c.Registerer = registry
		c.Done = func(_ context.Context, _ relay.Settings, report relay.Report) { told = append(told, report) }
	})
	b.push(long(mixed))
	check(t, r.Work(t.Context()))
	check(t, r.Work(t.Context()))
	if diff := cmp.Diff([]relay.Report{{Republished: 2, Held: 2, LeftOut: 1}}, told); diff != "" {
		t.Error(diff)
	}
	want := `# HELP cabstand_relay_lag_seconds Age of the oldest push that a relay has not looked at, 0 if there is none.
# TYPE cabstand_relay_lag_seconds gauge
cabstand_relay_lag_seconds{relay="share"} 0
# HELP cabstand_relay_objects_total Objects of a relay by outcome: republished, held, rejected or left_out.
# TYPE cabstand_relay_objects_total counter
cabstand_relay_objects_total{outcome="held",relay="share"} 2
cabstand_relay_objects_total{outcome="left_out",relay="share"} 1
cabstand_relay_objects_total{outcome="rejected",relay="share"} 0
cabstand_relay_objects_total{outcome="republished",relay="share"} 2
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
}

func TestSettings_AreJudged(t *testing.T) {
	good := relay.Settings{
		Name: "a", From: "r/a", To: "r/b", Identity: relay.Identity{Name: "n"}, KeyEnv: "K",
	}
	check(t, good.Validate())
	for want, change := range map[string]func(*relay.Settings){
		"from and to are both":              func(s *relay.Settings) { s.To = s.From },
		"either key_env":                    func(s *relay.Settings) { s.KeyFile = "/k" },
		"write the whole path":              func(s *relay.Settings) { s.KeyEnv, s.KeyFile = "", "k" },
		"identity.id is":                    func(s *relay.Settings) { s.Identity.ID = "identity--5" },
		"identity.name is missing":          func(s *relay.Settings) { s.Identity.Name = "" },
		"review is":                         func(s *relay.Settings) { s.Review = "some" },
		"max_tlp is":                        func(s *relay.Settings) { s.MaxTLP = "white" },
		"which every indicator must have":   func(s *relay.Settings) { s.Scrub = []string{"indicator.pattern"} },
		"markings never get less":           func(s *relay.Settings) { s.Scrub = []string{"object_marking_refs"} },
		"or a type and a property":          func(s *relay.Settings) { s.Keep = []string{"nothing.name"} },
		"round_times is":                    func(s *relay.Settings) { s.RoundTimes = "week" },
		"which every attack-pattern must":   func(s *relay.Settings) { s.Scrub = []string{"name"} },
		"queue is 10001; it must be at mos": func(s *relay.Settings) { s.Queue = 10001 },
	} {
		s := good
		change(&s)
		if err := s.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestCheckLoops(t *testing.T) {
	resolve := func(name string) (string, error) { return strings.ToLower(name), nil }
	line := []relay.Settings{{From: "r/a", To: "r/b"}, {From: "R/B", To: "r/c"}, {From: "r/a", To: "r/c"}}
	check(t, relay.CheckLoops(line, resolve))
	if relay.CheckLoops(append(line, relay.Settings{From: "r/c", To: "r/a"}), resolve) == nil {
		t.Error("a circle was taken")
	}
}
