package collectors_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
)

// TestFetchRefusesEveryFormOfAPrivateAddress goes through a feed on the loopback interface,
// which opens that one address and no other.
func TestFetchRefusesEveryFormOfAPrivateAddress(t *testing.T) {
	s, _ := session(t, collectors.Feed{ID: "list", URL: "http://127.0.0.1:1/"}, nil)
	for _, host := range []string{
		"127.0.0.2", "10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
		"0.0.0.0", "0.1.2.3", "192.0.0.8", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
		"[::]", "[::1]", "[::127.0.0.1]", "[::ffff:127.0.0.2]", "[::ffff:10.0.0.1]",
		"[::ffff:0:10.0.0.1]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::1]", "[2001::1]", "[2002:a00:1::]",
		"[fe80::1]", "[fe80::1%25lo]", "[fec0::1]", "[fd00::1]", "[fc00::1]", "[ff02::1]",
	} {
		_, err := s.Fetch(t.Context(), collectors.Request{URL: "http://" + host + ":1/"})
		if !errors.Is(err, collectors.ErrPrivateAddress) {
			t.Errorf("%s: error = %v, want %v", host, err, collectors.ErrPrivateAddress)
		}
	}
}

// named is a session for a feed on a host that look-ups find at the given address.
func named(t *testing.T, feedURL, at string) *collectors.Session {
	t.Helper()
	client := collectors.NewClient(collectors.ClientConfig{
		Attempts: 1,
		Lookup: func(context.Context, string) ([]net.IP, error) {
			return []net.IP{net.ParseIP(at)}, nil
		},
	})
	s, err := client.Session(collectors.Feed{ID: "named", URL: feedURL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// An internal name is dialled at the address that was judged. The resolver, which does not
// know this one, is not asked again.
func TestFetchDialsTheAddressThatItJudged(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", text))
	s := named(t, strings.Replace(server.URL, "127.0.0.1", "feeds.invalid", 1), "127.0.0.1")
	if _, err := s.Fetch(t.Context(), collectors.Request{}); err != nil {
		t.Error(err)
	}
}

func TestFetchRefusesANameOfALinkLocalAddress(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "secret"))
	s := named(t, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), "169.254.169.254")
	_, err := s.Fetch(t.Context(), collectors.Request{})
	if !errors.Is(err, collectors.ErrPrivateAddress) {
		t.Errorf("error = %v, want %v", err, collectors.ErrPrivateAddress)
	}
}

func TestTransportRefusesPrivateAddresses(t *testing.T) {
	inner := collectortest.Serve(t, collectortest.Body("text/plain", "secret"))
	home, err := url.Parse("http://127.0.0.2/")
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: collectors.Transport(home)}
	resp, err := client.Get(inner.URL)
	if err == nil {
		resp.Body.Close()
	}
	if !errors.Is(err, collectors.ErrPrivateAddress) {
		t.Errorf("error = %v, want %v", err, collectors.ErrPrivateAddress)
	}
}

// TestFetchKeepsTheQueryToItself holds for URLs that carry a key.
func TestFetchKeepsTheQueryToItself(t *testing.T) {
	other := collectortest.Serve(t, collectortest.Status(http.StatusNotFound))
	home := collectortest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusFound)
	})
	_, _, err := fetchOnce(t, home.URL+"/list?key=s3cret")
	if err == nil || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "/list") {
		t.Errorf("error = %v, want one with the path and without the key", err)
	}
	if got := other.Requests()[0].Referer(); got != "" {
		t.Errorf("another origin is told %q", got)
	}
	home = collectortest.Serve(t, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if _, _, err = fetchOnce(t, home.URL+"/list?key=s3cret"); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("broken connection: error = %v, want one without the key", err)
	}
}
