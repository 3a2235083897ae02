package evidence_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors/evidence"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/logs/check"
)

func TestCopyist_CoversVictimsAndMachines(t *testing.T) {
	c, err := evidence.NewCopyist([]netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")},
		pseudonyms(t), check.New(check.Options{Allow: []check.Kind{check.UserName}}))
	must(t, err)
	e := attempt("203.0.113.9", start())
	e.Sensor, e.Host, e.Destination.Addr = "s", "shop", netip.MustParseAddr("192.0.2.77")
	for line, want := range map[string]string{
		"s sshd[7]: sent to 198.51.100.7":    "sensor sshd[7]: sent to anon-v4-39-c0-6b-09",
		"GET shop/s (shop) workshop":         "GET host/sensor (host) workshop",
		"203.0.113.9 turned to 192.0.2.77":   "203.0.113.9 turned to anon-v4-3f-fd-f1-4d",
		"Failed password for root from afar": "Failed password for root from afar",
		"GET Shop/ on SHOP":                  "GET host/ on host",
		"PTR 7.100.51.198.in-addr.arpa":      "PTR anon-v4-39-c0-6b-09",
	} {
		if got, why, err := c.Line(line, e); got != want || why != "" || err != nil {
			t.Errorf("%q becomes %q (%s, %v)", line, got, why, err)
		}
	}
	for line, want := range map[string]check.Kind{
		"password=Zq7Jx9Wv3Kp5":          check.Password,
		`{"password":"Zq7Jx9Wv3Kp5"}`:    check.Password,
		"from 10.1.2.3":                  check.InternalAddress,
		`{"a":"jane\u0040example.com"}`:  check.EmailAddress,
		`{"a":"\u0031\u00398.51.100.7"}`: check.InternalAddress,
		`{"a":"on \u0073hop"}`:           check.InternalHost,
		`{"\u0073hop":1}`:                check.InternalHost,
	} {
		if got, why, err := c.Line(line, e); got != "" || why != want || err != nil {
			t.Errorf("%q becomes %q (%s, %v)", line, got, why, err)
		}
	}
}

func TestCopyist_NeedsAKey(t *testing.T) {
	if _, err := evidence.NewCopyist(nil, nil, check.New(check.Options{})); err == nil {
		t.Error("there is a copy without a key")
	}
}

// A format knows where there is what nothing tells about: who logged in, a password, the machine.
func TestCopyist_GoesByWhatTheFormatKnows(t *testing.T) {
	c, err := evidence.NewCopyist(nil, pseudonyms(t), check.New(check.Options{}))
	must(t, err)
	web, err := logs.NewParser(logs.Web, logs.Options{Reference: start()})
	must(t, err)
	for user, want := range map[string]check.Kind{"jane.doe": check.UserName, "-": ""} {
		line := `203.0.113.9 - ` + user + ` [02/Nov/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 12`
		e, err := web.Parse([]byte(line))
		must(t, err)
		if _, why, err := c.Line(line, e); why != want || err != nil {
			t.Errorf("%s: %q, %v", line, why, err)
		}
	}
	zeek, err := logs.NewParser(logs.ZeekJSON, logs.Options{Reference: start()})
	must(t, err)
	line := `{"_path":"http","ts":1762052645.0,"id.orig_h":"203.0.113.9","id.resp_h":"192.0.2.77","method":"GET",` +
		`"host":"shop.example.net:8080","uri":"/","referrer":"http://SHOP.example.net/a"}`
	e, err := zeek.Parse([]byte(line))
	must(t, err)
	if public, why, err := c.Line(line, e); strings.Contains(strings.ToLower(public), "shop") || why != "" || err != nil {
		t.Errorf("%q leaves (%s, %v)", public, why, err)
	}
	sshd, err := logs.NewParser(logs.SSHD, logs.Options{Reference: start()})
	must(t, err)
	line = "Nov  2 03:04:05 gate sshd[7]: Connection from 203.0.113.9 port 4711 on 192.0.2.78 port 22 rdomain \"\""
	e, err = sshd.Parse([]byte(line))
	must(t, err)
	if public, why, err := c.Line(line, e); strings.Contains(public, "192.0.2.78") || why != "" || err != nil {
		t.Errorf("%q leaves (%s, %v)", public, why, err)
	}
	e = logs.Event{Format: logs.Form, User: "-", Password: "Zq7Jx9Wv3Kp5"}
	if public, why, _ := c.Line("203.0.113.9 tried Zq7Jx9Wv3Kp5", e); why != check.Password {
		t.Errorf("%q leaves", public)
	}
}

// Who asks for names is nobody who attacks.
func TestCopyist_CoversWhoAsksForNames(t *testing.T) {
	c, err := evidence.NewCopyist(nil, pseudonyms(t), check.New(check.Options{}))
	must(t, err)
	for _, action := range []logs.Action{logs.Query, logs.Answer} {
		e := attempt("203.0.113.9", start())
		e.Action, e.User, e.Password = action, "", ""
		got, why, err := c.Line("203.0.113.9 asked 198.51.100.7 for evil.example", e)
		if strings.Contains(got, "203.0.113.9") || strings.Contains(got, "198.51.100.7") || why != "" || err != nil {
			t.Errorf("%s: %q (%s, %v)", action, got, why, err)
		}
	}
}
