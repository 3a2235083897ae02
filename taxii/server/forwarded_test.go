package server_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/taxii/server"
)

// proxied returns a server behind proxies in 10.0.0.0/8 and fd00::/8 and what tells, by its log,
// which address it takes a request to come from.
func proxied(t testing.TB, header string) (from func(remote string, lines ...string) string) {
	t.Helper()
	var log bytes.Buffer
	s, err := server.New(server.Config{
		Store: newStore(t), Access: people{}, ProxyHeader: header,
		Logger: slog.New(slog.NewTextHandler(&log, nil)),
		TrustedProxies: []netip.Prefix{
			netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return func(remote string, lines ...string) string {
		r := httptest.NewRequest("GET", "/taxii2/", nil)
		r.RemoteAddr = remote
		for i := 0; i < len(lines); i += 2 {
			r.Header.Add(lines[i], lines[i+1])
		}
		log.Reset()
		s.ServeHTTP(httptest.NewRecorder(), r)
		_, after, _ := strings.Cut(log.String(), " remote=")
		address, _, _ := strings.Cut(after, " user_agent")
		return strings.Trim(address, `"`)
	}
}

func TestSender_IsTheLastHopThatIsNoTrustedProxy(t *testing.T) {
	const xff = "X-Forwarded-For"
	from := proxied(t, "")
	for name, test := range map[string]struct {
		remote string
		lines  []string
		want   string
	}{
		"no header":              {"10.0.0.1:99", nil, "10.0.0.1:99"},
		"one hop":                {"10.0.0.1:99", []string{xff, "192.0.2.7"}, "192.0.2.7:0"},
		"written by the client":  {"192.0.2.9:99", []string{xff, "198.51.100.1"}, "192.0.2.9:99"},
		"client wrote one, too":  {"10.0.0.1:99", []string{xff, "198.51.100.1, 192.0.2.7"}, "192.0.2.7:0"},
		"two proxies":            {"10.0.0.1:99", []string{xff, "192.0.2.7, 10.0.0.2"}, "192.0.2.7:0"},
		"two lines":              {"10.0.0.1:99", []string{xff, "198.51.100.1", xff, "192.0.2.7"}, "192.0.2.7:0"},
		"only proxies":           {"10.0.0.1:99", []string{xff, "10.0.0.3, 10.0.0.2"}, "10.0.0.3:0"},
		"with a port":            {"10.0.0.1:99", []string{xff, "192.0.2.7:4711"}, "192.0.2.7:4711"},
		"IPv6":                   {"[fd00::1]:99", []string{xff, "2001:db8::7"}, "[2001:db8::7]:0"},
		"IPv6 in brackets":       {"[fd00::1]:99", []string{xff, "[2001:db8::7]:80"}, "[2001:db8::7]:80"},
		"IPv6 with a zone":       {"[fd00::1]:99", []string{xff, "fe80::1%any text"}, "[fe80::1]:0"},
		"IPv4 within IPv6":       {"[::ffff:10.0.0.1]:99", []string{xff, "::ffff:192.0.2.7"}, "192.0.2.7:0"},
		"blank elements":         {"10.0.0.1:99", []string{xff, ",192.0.2.7,, ,"}, "192.0.2.7:0"},
		"broken":                 {"10.0.0.1:99", []string{xff, "192.0.2.7, unknown"}, "10.0.0.1:99"},
		"broken behind a proxy":  {"10.0.0.1:99", []string{xff, "unknown, 10.0.0.2"}, "10.0.0.2:0"},
		"the other header":       {"10.0.0.1:99", []string{"Forwarded", "for=192.0.2.7"}, "10.0.0.1:99"},
		"no address at all":      {"@", []string{xff, "192.0.2.7"}, "@"},
		"longer than any chain":  {"10.0.0.1:99", []string{xff, "192.0.2.7" + strings.Repeat(",10.0.0.2", 20)}, "10.0.0.2:0"},
		"as long as some chains": {"10.0.0.1:99", []string{xff, "192.0.2.7" + strings.Repeat(",10.0.0.2", 15)}, "192.0.2.7:0"},
	} {
		if got := from(test.remote, test.lines...); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestSender_OfForwarded(t *testing.T) {
	from := proxied(t, "Forwarded")
	for header, want := range map[string]string{
		"for=192.0.2.7":                                     "192.0.2.7:0",
		`For="[2001:db8::7]:4711";proto=https`:              "[2001:db8::7]:4711",
		"by=10.0.0.1; FOR=192.0.2.7;host=example.com":       "192.0.2.7:0",
		"for=198.51.100.1, for=192.0.2.7, for=\"10.0.0.2\"": "192.0.2.7:0",
		"for=_hidden":     "10.0.0.1:99",
		"proto=https":     "10.0.0.1:99",
		`for="192.0.2.7`:  "192.0.2.7:0",
		"for=":            "10.0.0.1:99",
		`for="a,b";x="y"`: "10.0.0.1:99",
	} {
		if got := from("10.0.0.1:99", "Forwarded", header); got != want {
			t.Errorf("%s: %s, want %s", header, got, want)
		}
	}
	if got := from("10.0.0.1:99", "X-Forwarded-For", "192.0.2.7"); got != "10.0.0.1:99" {
		t.Errorf("X-Forwarded-For is believed beside Forwarded: %s", got)
	}
}

func TestNew_RefusesOtherProxyHeaders(t *testing.T) {
	_, err := server.New(server.Config{Store: newStore(t), Access: people{}, ProxyHeader: "X-Real-IP"})
	if err == nil || !strings.Contains(err.Error(), `proxy header "X-Real-IP"`) {
		t.Errorf("error %v", err)
	}
}

// What a trusted proxy hands on gives an address, whatever a client has written into it, and
// that is never one that a client wrote before the last.
func FuzzSender(f *testing.F) {
	for _, text := range []string{"192.0.2.7", "a, 192.0.2.7", `for="[2001:db8::7]:1"`, ",,", "::%", "[", "for=;for="} {
		f.Add(text)
	}
	plain, pairs := proxied(f, ""), proxied(f, "Forwarded")
	f.Fuzz(func(t *testing.T, text string) {
		for header, from := range map[string]func(string, ...string) string{
			"X-Forwarded-For": plain, "Forwarded": pairs,
		} {
			if _, err := netip.ParseAddrPort(from("10.0.0.1:99", header, text)); err != nil {
				t.Errorf("%s: %q: %v", header, text, err)
			}
			last := map[string]string{"X-Forwarded-For": "203.0.113.5", "Forwarded": "for=203.0.113.5"}[header]
			if got := from("10.0.0.1:99", header, text+","+last); got != "203.0.113.5:0" {
				t.Errorf("%s: %q then %s: %s", header, text, last, got)
			}
			if got := from("192.0.2.9:1", header, text); got != "192.0.2.9:1" {
				t.Errorf("%s of a client: %q: %s", header, text, got)
			}
		}
	})
}

// accessFunc is an Access that refuses everybody.
type accessFunc func() error

func (f accessFunc) Authenticate(*http.Request) (server.Caller, error) { return nil, f() }

func TestThrottled_IsAnAnswerWithTheTimeToWait(t *testing.T) {
	_, h := newServer(t, server.Config{Access: accessFunc(func() error {
		return &server.ThrottledError{RetryAfter: 2100 * time.Millisecond}
	})})
	response, text := get(t, h.URL+"/taxii2/", "kim")
	if response.StatusCode != 429 || response.Header.Get("Retry-After") != "3" ||
		!strings.Contains(text, "not looked at") {
		t.Errorf("%d, Retry-After %q, %s", response.StatusCode, response.Header.Get("Retry-After"), text)
	}
}
