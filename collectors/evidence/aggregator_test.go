package evidence_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/evidence"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/stix"
)

// start is when the logs of these tests begin.
func start() time.Time { return time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC) }

// attempt is a failed log-in on a honeypot.
func attempt(source string, at time.Time) logs.Event {
	return logs.Event{
		Format: logs.Cowrie, Time: at, Action: logs.Login, Outcome: logs.Failed, Transport: "tcp",
		Service: "telnet", User: "root", Password: "xc3511",
		Source:      logs.Endpoint{Addr: netip.MustParseAddr(source), Port: 4711},
		Destination: logs.Endpoint{Addr: netip.MustParseAddr("198.51.100.7"), Port: 23},
	}
}

// make makes objects of events, at the places 0, 1, 2 and so on.
func makeAll(t testing.TB, o evidence.Options, events []logs.Event) (*collected, evidence.Counts) {
	t.Helper()
	a, got := newAggregator(t, o), &collected{t: t}
	for i, e := range events {
		must(t, a.Add(e, int64(i), got.emit))
	}
	must(t, a.Close(got.emit))
	return got, a.Counts()
}

// hours is a log of five hours, of three sources that come again and again.
func hours() (events []logs.Event) {
	for i := range 300 {
		source := fmt.Sprintf("203.0.113.%d", 1+i%3)
		events = append(events, attempt(source, start().Add(time.Duration(i)*time.Minute)))
	}
	return events
}

func TestAggregator_SameLogMakesSameObjects(t *testing.T) {
	first, _ := makeAll(t, evidence.Options{}, hours())
	second, _ := makeAll(t, evidence.Options{}, hours())
	if d := cmp.Diff(first.texts(), second.texts()); d != "" {
		t.Error(d)
	}
	if n := len(first.of("observed-data")); n != 18 {
		t.Errorf("%d observed-data of 3 sources in 6 hours", n)
	}
}

// Wherever a log is cut, what is stored in the end is what the whole log makes, whether buckets
// that were open were told early or not.
func TestAggregator_ALogThatGrowsMakesWhatTheWholeMakes(t *testing.T) {
	whole, _ := makeAll(t, evidence.Options{}, hours())
	for cut := 1; cut < 300; cut += 47 {
		part, _ := makeAll(t, evidence.Options{}, hours()[:cut])
		part.all = append(part.all, whole.all...)
		if d := cmp.Diff(whole.newest(), part.newest()); d != "" {
			t.Fatalf("cut at %d: %s", cut, d)
		}
	}
}

// Two halves that are told apart count together what there was, and neither takes the place of the
// other.
func TestAggregator_HalvesAddUp(t *testing.T) {
	for cut := 1; cut < 300; cut += 46 {
		got, _ := makeAll(t, evidence.Options{}, hours()[:cut])
		second, _ := makeAll(t, evidence.Options{}, hours()[cut:])
		got.all = append(got.all, second.all...)
		sum := int64(0)
		for _, raw := range got.newest() {
			if strings.Contains(raw, `"type":"observed-data"`) {
				o, err := stix.Parse([]byte(raw))
				must(t, err)
				sum += number(t, o)
			}
		}
		if sum != 300 {
			t.Errorf("cut at %d: %d of 300", cut, sum)
		}
	}
}

func TestState_GoesOnWhereItWas(t *testing.T) {
	whole, _ := makeAll(t, evidence.Options{}, hours())
	for cut := 1; cut < 300; cut += 47 {
		got := &collected{t: t}
		a := newAggregator(t, evidence.Options{})
		for i, e := range hours()[:cut] {
			must(t, a.Add(e, int64(i), got.emit))
		}
		must(t, a.Flush(hours()[cut-1].Time, int64(cut), got.emit))
		state := a.State()
		if state.From < int64(cut)-60 {
			t.Errorf("cut at %d, reading begins at %d, more than an hour before", cut, state.From)
		}
		a = restored(t, evidence.Options{}, state)
		for i, e := range hours() {
			if int64(i) >= state.From {
				must(t, a.Add(e, int64(i), got.emit))
			}
		}
		must(t, a.Close(got.emit))
		if d := cmp.Diff(whole.newest(), got.newest()); d != "" {
			t.Fatalf("cut at %d: %s", cut, d)
		}
	}
}

// What the first line of a session says is needed for its last one, an hour later.
func TestState_RemembersWhereSessionsBegan(t *testing.T) {
	first, last := attempt("203.0.113.9", start()), attempt("203.0.113.9", start().Add(time.Hour))
	first.Action, first.Session, last.Session = logs.Connection, "s1", "s1"
	last.Service, last.Destination = "", logs.Endpoint{}
	whole, _ := makeAll(t, evidence.Options{}, []logs.Event{first, last})
	a, got := newAggregator(t, evidence.Options{}), &collected{t: t}
	must(t, a.Add(first, 0, got.emit))
	must(t, a.Add(last, 1, got.emit))
	must(t, a.Flush(last.Time, 2, got.emit))
	state := a.State()
	if state.From != 0 {
		t.Errorf("reading begins at %d", state.From)
	}
	a = restored(t, evidence.Options{}, state)
	must(t, a.Add(first, 0, got.emit))
	must(t, a.Add(last, 1, got.emit))
	must(t, a.Close(got.emit))
	if d := cmp.Diff(whole.newest(), got.newest()); d != "" {
		t.Error(d)
	}
}

// A line that comes after its hour was closed is in an object of its own, once, also if reading
// begins anew behind it.
func TestState_LateLinesCountOnce(t *testing.T) {
	events := []logs.Event{
		attempt("203.0.113.9", start()),
		attempt("203.0.113.9", start().Add(time.Hour)),
		attempt("203.0.113.9", start()), // the clock went back
		attempt("203.0.113.9", start().Add(3*time.Hour)),
	}
	got := &collected{t: t}
	a := newAggregator(t, evidence.Options{})
	must(t, a.Add(events[0], 0, got.emit))
	must(t, a.Add(events[1], 1, got.emit))
	must(t, a.Flush(start().Add(time.Hour), 2, got.emit))
	must(t, a.Add(events[2], 2, got.emit))
	must(t, a.Flush(start().Add(time.Hour), 3, got.emit))
	state := a.State()
	if state.From != 1 || a.Counts().Late != 1 {
		t.Errorf("from %d with %d late", state.From, a.Counts().Late)
	}
	a = restored(t, evidence.Options{}, state)
	for i := 1; i < 4; i++ {
		must(t, a.Add(events[i], int64(i), got.emit))
	}
	must(t, a.Close(got.emit))
	if a.Counts().Told != 1 {
		t.Errorf("%d told", a.Counts().Told)
	}
	sum := 0
	for _, raw := range got.newest() {
		if strings.Contains(raw, `"type":"observed-data"`) {
			sum++
		}
	}
	if sum != 4 {
		t.Errorf("%d observed-data of 4 events apart", sum)
	}
}

// Times that are none are counted, and an event at the end of all time does no harm.
func TestAdd_LeavesOutTimesThatCannotBe(t *testing.T) {
	_, counts := makeAll(t, evidence.Options{}, []logs.Event{
		attempt("203.0.113.9", time.Time{}),
		attempt("203.0.113.9", time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)),
		attempt("203.0.113.9", now().Add(25*time.Hour)),
		attempt("203.0.113.9", time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)),
		attempt("203.0.113.9", now().Add(23*time.Hour)),
	})
	want := evidence.Counts{Events: 5, Undated: 2, Future: 2, Buckets: 1, Objects: 6, Refused: map[string]int64{}}
	if d := cmp.Diff(want, counts); d != "" {
		t.Error(d)
	}
}

// An address has one form, whatever it came in, and a source that cannot be one is none.
func TestAdd_KnowsAddressesInAnyForm(t *testing.T) {
	for _, source := range []string{"::ffff:203.0.113.9", "203.0.113.9"} {
		got, _ := makeAll(t, evidence.Options{}, []logs.Event{attempt(source, start())})
		if ips := got.of("ipv4-addr"); len(ips) != 1 || !strings.Contains(string(ips[0].Raw), `"203.0.113.9"`) {
			t.Errorf("%s: %v", source, got.all)
		}
	}
	got, _ := makeAll(t, evidence.Options{}, []logs.Event{attempt("2001:db8::9%eth0", start())})
	if ips := got.of("ipv6-addr"); len(ips) != 1 || !strings.Contains(string(ips[0].Raw), `"2001:db8::9"`) {
		t.Errorf("%v", got.all)
	}
	for source, want := range map[string]evidence.Counts{
		"0.0.0.0":     {NoSource: 1},
		"224.0.0.1":   {NoSource: 1},
		"10.0.0.1":    {Buckets: 1, Untold: 1, Refused: map[string]int64{"ipv4-addr /value: internal address": 1}},
		"fe80::1%en0": {Buckets: 1, Untold: 1, Refused: map[string]int64{"ipv6-addr /value: internal address": 1}},
	} {
		_, counts := makeAll(t, evidence.Options{}, []logs.Event{attempt(source, start())})
		want.Events = 1
		if want.Refused == nil {
			want.Refused = map[string]int64{}
		}
		if d := cmp.Diff(want, counts); d != "" {
			t.Errorf("%s: %s", source, d)
		}
	}
}

// With more sources than buckets, some go early and nothing is lost.
func TestAdd_SpillsTheQuietest(t *testing.T) {
	var events []logs.Event
	const sources, times = 120, 4
	for i := range sources * times {
		source := fmt.Sprintf("203.0.113.%d", 1+i%sources)
		events = append(events, attempt(source, start())) // all within one second
	}
	got, counts := makeAll(t, evidence.Options{MaxBuckets: 20}, events)
	if counts.Spilled == 0 {
		t.Error("nothing was spilled")
	}
	sum, ids := int64(0), map[string]bool{}
	for _, o := range got.of("observed-data") {
		ids[o.ID] = true
		sum += number(t, o)
	}
	if sum != int64(len(events)) || len(ids) != len(got.of("observed-data")) {
		t.Errorf("%d of %d events told, in %d of %d objects", sum, len(events), len(ids), len(got.of("observed-data")))
	}
}

func number(t testing.TB, o stix.Object) (n int64) {
	t.Helper()
	_, rest, _ := strings.Cut(string(o.Raw), `"number_observed":`)
	if _, err := fmt.Sscanf(rest, "%d", &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// A million sources that do nothing of note need no more than the bounds.
func TestAdd_TakesAMillionSources(t *testing.T) {
	a := newAggregator(t, evidence.Options{MaxBuckets: 1000})
	none := func(stix.Object) error { return errors.New("something is told of somebody who did nothing") }
	const sources = 1_000_000
	for i := range sources {
		e := logs.Event{
			Format: logs.Web, Action: logs.Request, Method: "GET", URL: "/", Status: 200, Time: start(),
			Source: logs.Endpoint{Addr: netip.AddrFrom4([4]byte{20, byte(i >> 16), byte(i >> 8), byte(i)})},
		}
		must(t, a.Add(e, int64(i), none))
		if open := int64(i+1) - a.Counts().Buckets; open > 1000 {
			t.Fatalf("%d buckets are open", open)
		}
	}
	must(t, a.Close(none))
	if c := a.Counts(); c.Ordinary != sources || c.Buckets != sources || c.Spilled < sources-1000 {
		t.Errorf("%+v", c)
	}
}

// Sessions that never end are forgotten, and the lines that follow are of a port that is not known.
func TestAdd_ForgetsSessions(t *testing.T) {
	a, got := newAggregator(t, evidence.Options{}), &collected{t: t}
	const sessions = 100_000
	for i := range sessions {
		e := attempt("203.0.113.9", start())
		e.Action, e.Session = logs.Connection, fmt.Sprint(i)
		must(t, a.Add(e, int64(i), got.emit))
	}
	for i, session := range []string{"0", fmt.Sprint(sessions - 1)} {
		e := attempt(fmt.Sprintf("203.0.113.%d", 10+i), start())
		e.Session, e.Source.Addr, e.Destination = session, netip.MustParseAddr("203.0.113.9"), logs.Endpoint{}
		must(t, a.Add(e, sessions, got.emit))
	}
	must(t, a.Close(got.emit))
	if n := a.Counts().Forgotten; n < sessions/4 || n >= sessions {
		t.Errorf("%d sessions forgotten", n)
	}
	if n := len(got.of("network-traffic")); n != 2 {
		t.Errorf("%d ports", n)
	}
}

// Texts of attackers are bounded, in number, length and all together.
func TestAdd_BoundsTexts(t *testing.T) {
	var events []logs.Event
	for i := range 30 {
		e := attempt("203.0.113.9", start())
		e.Action, e.Command = logs.Run, fmt.Sprintf("echo %d", i)
		events = append(events, e)
	}
	e := events[0]
	e.Command = strings.Repeat("x", 1<<20)
	got, counts := makeAll(t, evidence.Options{}, append(events, e))
	if n := len(got.of("process")); n != 20 || counts.Omitted != 11 {
		t.Errorf("%d commands, %d left out", n, counts.Omitted)
	}
	if s := got.of("sighting"); !strings.Contains(string(s[0].Raw), "values left out: 11") {
		t.Errorf("%s", s[0].Raw)
	}
}

// What Mirai is known by has to be in one session: a default log-in, busybox, telnet.
func TestMirai_OnlyByTheRule(t *testing.T) {
	session := func(change func(e *logs.Event)) (events []logs.Event) {
		for _, action := range []logs.Action{logs.Connection, logs.Login, logs.Run, logs.Download} {
			e := attempt("203.0.113.9", start())
			e.Action, e.Session, e.Sensor = action, "s1", "p"
			switch action {
			case logs.Run:
				e.Command = "/bin/busybox MIRAI"
			case logs.Download:
				e.URL = "http://203.0.113.80/x"
			}
			change(&e)
			events = append(events, e)
		}
		return events
	}
	for name, test := range map[string]struct {
		change func(e *logs.Event)
		want   int
	}{
		"all of it":             {func(*logs.Event) {}, 1},
		"another password":      {func(e *logs.Event) { e.Password = "Summer2026!" }, 0},
		"another command":       {func(e *logs.Event) { e.Command = strings.ReplaceAll(e.Command, "busybox", "box") }, 0},
		"another service":       {func(e *logs.Event) { e.Service, e.Destination.Port = "ssh", 22 }, 0},
		"sessions of their own": {func(e *logs.Event) { e.Session += string(e.Action) }, 0},
		"not on a honeypot":     {func(e *logs.Event) { e.Format = logs.Form }, 0},
	} {
		got, _ := makeAll(t, evidence.Options{}, session(test.change))
		if n := len(got.of("malware")); n != test.want {
			t.Errorf("%s: %d families", name, n)
		}
	}
}

// A partner's indicator that our log confirms is sighted, also where no rule holds.
func TestSighted_ConfirmsIndicatorsOfOthers(t *testing.T) {
	const id = "indicator--0f3b2a54-3c55-4c7e-9a0c-51b0d2c9d7f1"
	e := attempt("203.0.113.9", start())
	e.Format, e.Action, e.Outcome = logs.Form, logs.Connection, logs.Succeeded
	known := func(value string) string {
		if value == "203.0.113.9" {
			return id
		}
		return ""
	}
	got, _ := makeAll(t, evidence.Options{Sighted: known}, []logs.Event{e})
	if s := got.of("sighting"); len(s) != 1 || !strings.Contains(string(s[0].Raw), `"sighting_of_ref":"`+id) {
		t.Errorf("%v", got.all)
	}
}

func TestCandidates_NeedTheThreshold(t *testing.T) {
	for n, want := range map[int]int{9: 0, 10: 1} {
		var events []logs.Event
		for range n {
			events = append(events, attempt("203.0.113.9", start()))
		}
		got, _ := makeAll(t, evidence.Options{}, events)
		if found := len(got.of("indicator")); found != want {
			t.Errorf("%d failures make %d indicators", n, found)
		}
	}
}

// Buckets of one day make one indicator, of one content.
func TestCandidates_AreTheSameAllDay(t *testing.T) {
	var events []logs.Event
	for i := range 40 {
		events = append(events, attempt("203.0.113.9", start().Add(time.Duration(i/20)*2*time.Hour)))
	}
	got, _ := makeAll(t, evidence.Options{}, events)
	all := got.of("indicator")
	if len(all) != 2 || string(all[0].Raw) != string(all[1].Raw) {
		t.Errorf("%v", all)
	}
}

func TestCandidates_OnlyIfTheFeedWantsThem(t *testing.T) {
	b, err := collectors.NewBuilder(collectors.Feed{
		ID: "sensor", Name: "Example", Policy: collectors.Policy{TLP: "clear"},
		STIX: collectors.Output{Objects: []string{"observable"}},
	}, start())
	must(t, err)
	a, err := evidence.New(b, evidence.Options{Now: now}, evidence.State{})
	must(t, err)
	got := &collected{t: t}
	for i := range int64(20) {
		must(t, a.Add(attempt("203.0.113.9", start()), i, got.emit))
	}
	must(t, a.Close(got.emit))
	if n := len(got.of("indicator")) + len(got.of("relationship")); n > 0 || len(got.of("sighting")) == 0 {
		t.Errorf("%d that nobody wants", n)
	}
}

func TestCase_HoldsEverythingTogether(t *testing.T) {
	a, got := newAggregator(t, evidence.Options{}), &collected{t: t}
	c := evidence.NewCase("Telnet worm", collectors.Reference{
		SourceName: "raw log", ExternalID: strings.Repeat("ab", 32),
		Hashes: collectors.Hashes{SHA256: strings.Repeat("ab", 32)},
	})
	must(t, a.Add(attempt("203.0.113.9", start()), 0, got.emit))
	must(t, a.Close(c.Through(got.emit)))
	made := len(got.all)
	must(t, a.CloseCase(c, got.emit))
	report := got.of("report")
	if len(report) != 1 || len(got.of("incident")) != 1 {
		t.Fatalf("%v", got.all)
	}
	for _, o := range got.all[:made+1] {
		if !strings.Contains(string(report[0].Raw), `"`+o.ID+`"`) {
			t.Errorf("the report does not refer to %s", o.ID)
		}
	}
	must(t, a.CloseCase(evidence.NewCase("of nothing"), func(o stix.Object) error {
		t.Errorf("a case of nothing has %s", o.Raw)
		return nil
	}))
	named := evidence.NewCase("Worm on nas.lan")
	must(t, named.Through(func(stix.Object) error { return nil })(report[0]))
	if err := a.CloseCase(named, got.emit); err == nil {
		t.Error("a title with an internal name leaves")
	}
}

func TestNew_TellsMistakes(t *testing.T) {
	for want, o := range map[string]evidence.Options{
		"window":      {Window: 7 * time.Minute},
		"candidates":  {TTL: time.Hour},
		"thresholds":  {MaxBuckets: 1},
		"targets":     {MinTargets: 65},
		"home net":    {HomeNets: []netip.Prefix{{}}},
		"an identity": {Where: []stix.Object{{Type: "malware"}}},
	} {
		if _, err := evidence.New(newBuilder(t), o, evidence.State{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
