package collectors_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
)

const text = "192.0.2.1\n192.0.2.2\n"

// now is when everything happens in these tests.
var now = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// waits are the pauses that a client made, none of them real.
type waits []time.Duration

func newClient(w *waits) *collectors.Client {
	return collectors.NewClient(collectors.ClientConfig{
		UserAgent: "cabstand/test (+https://cabstand.example)",
		Now:       func() time.Time { return now },
		Rand:      func() float64 { return 0 },
		Getenv:    func(name string) string { return map[string]string{"KEY": "s3cret"}[name] },
		Sleep: func(ctx context.Context, d time.Duration) error {
			*w = append(*w, d)
			return ctx.Err()
		},
	})
}

func session(t *testing.T, feed collectors.Feed, known collectors.Validators) (*collectors.Session, *waits) {
	t.Helper()
	w := &waits{}
	s, err := newClient(w).Session(feed, known)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, w
}

func fetchOnce(t *testing.T, url string) (*collectors.Document, *waits, error) {
	t.Helper()
	s, w := session(t, collectors.Feed{ID: "list", URL: url, MaxBytes: 1000}, nil)
	doc, err := s.Fetch(t.Context(), collectors.Request{})
	return doc, w, err
}

func TestFetch(t *testing.T) {
	ok := collectortest.Body("text/plain", text)
	long := strings.Repeat("x", 1001)
	for name, tc := range map[string]struct {
		answers   []collectortest.Answer
		wantError string
		wantWaits string
	}{
		"200":                        {[]collectortest.Answer{ok}, "", "[]"},
		"500 is repeated":            {[]collectortest.Answer{collectortest.Status(500), ok}, "", "[1s]"},
		"429 waits as asked":         {[]collectortest.Answer{collectortest.Throttle(429, "7"), ok}, "", "[7s]"},
		"429 waits until a date":     {[]collectortest.Answer{collectortest.Throttle(429, "Wed, 04 Mar 2026 05:06:27 GMT"), ok}, "", "[20s]"},
		"429 with a date gone by":    {[]collectortest.Answer{collectortest.Throttle(429, "Wed, 04 Mar 2020 05:06:27 GMT"), ok}, "", "[1s]"},
		"429 with nonsense":          {[]collectortest.Answer{collectortest.Throttle(429, "-5 soon"), ok}, "", "[1s]"},
		"429 for too long":           {[]collectortest.Answer{collectortest.Throttle(429, "86400000"), ok}, "asks to wait 24h0m0s", "[]"},
		"429 beyond all numbers":     {[]collectortest.Answer{collectortest.Throttle(429, "99999999999999999999"), ok}, "asks to wait 24h0m0s", "[]"},
		"503 forever":                {[]collectortest.Answer{collectortest.Status(503)}, "503 Service Unavailable", "[1s 2s 4s]"},
		"403 with a wait":            {[]collectortest.Answer{collectortest.Throttle(403, "6"), ok}, "", "[6s]"},
		"403":                        {[]collectortest.Answer{collectortest.Status(403), ok}, "403 Forbidden", "[]"},
		"404":                        {[]collectortest.Answer{collectortest.Status(404), ok}, "404 Not Found", "[]"},
		"304 that nobody asked for":  {[]collectortest.Answer{collectortest.Status(304), ok}, "304", "[]"},
		"204":                        {[]collectortest.Answer{collectortest.Status(204), ok}, "204", "[]"},
		"half a page":                {[]collectortest.Answer{collectortest.HalfPage(text), ok}, "", "[1s]"},
		"half a page forever":        {[]collectortest.Answer{collectortest.HalfPage(text)}, "unexpected EOF", "[1s 2s 4s]"},
		"gzip":                       {[]collectortest.Answer{collectortest.Gzipped(text)}, "", "[]"},
		"gzip without its end":       {[]collectortest.Answer{collectortest.TruncatedGzip(text), ok}, "", "[1s]"},
		"HTML":                       {[]collectortest.Answer{collectortest.HTML(), ok}, "a web page instead of data", "[]"},
		"HTML by its type":           {[]collectortest.Answer{collectortest.Body("text/html; charset=utf-8", "x"), ok}, "a web page instead of data", "[]"},
		"too large":                  {[]collectortest.Answer{collectortest.Body("text/plain", long), ok}, "larger than max_bytes", "[]"},
		"too large after gunzipping": {[]collectortest.Answer{collectortest.Gzipped(long), ok}, "larger than max_bytes", "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			server := collectortest.Serve(t, tc.answers...)
			doc, w, err := fetchOnce(t, server.URL+"/list.txt")
			if got := durations(*w); got != tc.wantWaits {
				t.Errorf("waits = %s, want %s", got, tc.wantWaits)
			}
			switch {
			case tc.wantError == "" && err != nil:
				t.Fatal(err)
			case tc.wantError != "" && (err == nil || !strings.Contains(err.Error(), tc.wantError)):
				t.Fatalf("error = %v, want one with %q", err, tc.wantError)
			case tc.wantError == "" && string(doc.Body) != text:
				t.Errorf("body = %q, want %q", doc.Body, text)
			}
		})
	}
}

func durations(w waits) string {
	texts := make([]string, len(w))
	for i, d := range w {
		texts[i] = d.String()
	}
	return "[" + strings.Join(texts, " ") + "]"
}

func TestFetchSaysWhoAsks(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", text))
	if _, _, err := fetchOnce(t, server.URL); err != nil {
		t.Fatal(err)
	}
	got := server.Requests()[0].Header.Get("User-Agent")
	if want := "cabstand/test (+https://cabstand.example)"; got != want {
		t.Errorf("User-Agent = %q, want %q", got, want)
	}
}

// Some sources want to be told by the User-Agent who asks. Where they redirect to need not know.
func TestFetchMaySayWhoAsksInOtherWords(t *testing.T) {
	elsewhere := collectortest.Serve(t, collectortest.Body("text/plain", text))
	server := collectortest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusFound)
	})
	s, _ := session(t, collectors.Feed{
		ID: "list", URL: server.URL,
		Auth: collectors.Auth{HeaderEnv: map[string]string{"User-Agent": "KEY"}},
	}, nil)
	if _, err := s.Fetch(t.Context(), collectors.Request{}); err != nil {
		t.Fatal(err)
	}
	if got := server.Requests()[0].Header.Get("User-Agent"); got != "s3cret" {
		t.Errorf("the source was told %q", got)
	}
	got := elsewhere.Requests()[0].Header.Get("User-Agent")
	if want := "cabstand/test (+https://cabstand.example)"; got != want {
		t.Errorf("the other server was told %q, want %q", got, want)
	}
}

func TestFetchKeepsTheBeginningOfAMessage(t *testing.T) {
	server := collectortest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("message", "Invalid apiKey."+strings.Repeat("é", 1000))
		w.WriteHeader(http.StatusNotFound)
	})
	_, _, err := fetchOnce(t, server.URL)
	status, ok := errors.AsType[*collectors.StatusError](err)
	if !ok || !strings.HasPrefix(status.Message, "Invalid apiKey.é") || len(status.Message) > 200 ||
		!utf8.ValidString(status.Message) || strings.Contains(err.Error(), "apiKey") {
		t.Errorf("error %v, message %q", err, status.Message)
	}
}

func TestFetchAllowsHTMLOnRequest(t *testing.T) {
	server := collectortest.Serve(t, collectortest.HTML())
	s, _ := session(t, collectors.Feed{ID: "page", URL: server.URL}, nil)
	if _, err := s.Fetch(t.Context(), collectors.Request{AllowHTML: true}); err != nil {
		t.Error(err)
	}
}

func TestFetchEmptyBodyIsADocument(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", ""))
	doc, _, err := fetchOnce(t, server.URL)
	if err != nil || len(doc.Body) != 0 {
		t.Errorf("document %v, error %v; want an empty document", doc, err)
	}
}

func TestFetchUnchanged(t *testing.T) {
	for name, answer := range map[string]collectortest.Answer{
		"304":           collectortest.Tagged(`"v1"`, text),
		"the same body": collectortest.Body("text/plain", text),
	} {
		t.Run(name, func(t *testing.T) {
			server := collectortest.Serve(t, answer)
			feed := collectors.Feed{ID: "list", URL: server.URL}
			first, _ := session(t, feed, nil)
			if _, err := first.Fetch(t.Context(), collectors.Request{}); err != nil {
				t.Fatal(err)
			}
			second, _ := session(t, feed, first.Validators())
			_, err := second.Fetch(t.Context(), collectors.Request{})
			if !errors.Is(err, collectors.ErrNotModified) {
				t.Errorf("second run: %v, want %v", err, collectors.ErrNotModified)
			}
			third, _ := session(t, feed, second.Validators())
			if _, err = third.Fetch(t.Context(), collectors.Request{}); !errors.Is(err, collectors.ErrNotModified) {
				t.Errorf("third run: %v, want %v", err, collectors.ErrNotModified)
			}
			if _, err = third.Fetch(t.Context(), collectors.Request{Unconditional: true}); err != nil {
				t.Errorf("unconditional: %v", err)
			}
		})
	}
}

func TestFetchAsksWithWhatTheServerSaid(t *testing.T) {
	long := strings.Repeat("x", 1025)
	for name, tc := range map[string]struct {
		method, etag, date string // of the first answer
		wantTag, wantDate  string // in the second request
	}{
		"both":          {"", `"1"`, "Wed, 04 Mar 2026 05:06:07 GMT", `"1"`, "Wed, 04 Mar 2026 05:06:07 GMT"},
		"much too long": {"", long, long, "", ""},
		"a POST":        {"POST", `"1"`, "Wed, 04 Mar 2026 05:06:07 GMT", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			server := collectortest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("ETag", tc.etag)
				w.Header().Set("Last-Modified", tc.date)
				_, _ = w.Write([]byte(text))
			}, collectortest.Body("text/plain", "more"))
			feed := collectors.Feed{ID: "list", URL: server.URL}
			var known collectors.Validators
			for range 2 {
				s, _ := session(t, feed, known)
				if _, err := s.Fetch(t.Context(), collectors.Request{Method: tc.method}); err != nil {
					t.Fatal(err)
				}
				known = s.Validators()
			}
			got := server.Requests()[1].Header
			if got.Get("If-None-Match") != tc.wantTag || got.Get("If-Modified-Since") != tc.wantDate {
				t.Errorf("second request: %v", got)
			}
		})
	}
}

// The hash of a body is no condition that a server could answer.
func TestFetchDoesNotBelieveA304WithoutACondition(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", text), collectortest.Status(304))
	feed := collectors.Feed{ID: "list", URL: server.URL}
	first, _ := session(t, feed, nil)
	if _, err := first.Fetch(t.Context(), collectors.Request{}); err != nil {
		t.Fatal(err)
	}
	second, _ := session(t, feed, first.Validators())
	_, err := second.Fetch(t.Context(), collectors.Request{})
	if err == nil || errors.Is(err, collectors.ErrNotModified) {
		t.Errorf("error = %v, want one about the status", err)
	}
}

func TestFetchRemembersABoundedNumberOfDocuments(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", text))
	s, _ := session(t, collectors.Feed{ID: "list", URL: server.URL}, nil)
	for i := range 300 {
		if _, err := s.Fetch(t.Context(), collectors.Request{URL: fmt.Sprint(server.URL, "/", i)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.Validators()); n != 256 {
		t.Errorf("%d validators kept, want 256", n)
	}
}

func TestFetchDripEndsWithTheRun(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Drip())
	s, w := session(t, collectors.Feed{ID: "drip", URL: server.URL}, nil)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Fetch(ctx, collectors.Request{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error = %v, want %v", err, context.DeadlineExceeded)
	}
	if len(*w) != 0 {
		t.Errorf("repeated after the end of the run: %v", *w)
	}
}

func TestFetchRefusesPrivateAddresses(t *testing.T) {
	inner := collectortest.Serve(t, collectortest.Body("text/plain", "secret"))
	byName := strings.Replace(inner.URL, "127.0.0.1", "localhost", 1)
	toOther := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, byName, http.StatusFound) }
	outer := collectortest.Serve(t, toOther)

	// The feed names 127.0.0.1, so that host is the operator's choice, but no other.
	_, w, err := fetchOnce(t, outer.URL)
	if !errors.Is(err, collectors.ErrPrivateAddress) || len(*w) > 0 {
		t.Errorf("error = %v after waits %v, want %v at once", err, *w, collectors.ErrPrivateAddress)
	}
	if n := len(inner.Requests()); n != 0 {
		t.Errorf("the inner server got %d requests", n)
	}
	// A name that stands for internal addresses only is the operator's choice as well.
	if _, _, err := fetchOnce(t, byName); err != nil {
		t.Errorf("feed on localhost: %v", err)
	}
}

func TestFetchRefusesNameThatTurnsPrivate(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "secret"))
	lookup := []byte{198, 51, 100, 7} // what the name stood for when the run began
	client := collectors.NewClient(collectors.ClientConfig{
		Attempts: 1,
		Lookup:   func(context.Context, string) ([]net.IP, error) { return []net.IP{lookup}, nil },
	})
	s, err := client.Session(collectors.Feed{
		ID: "rebound", URL: strings.Replace(server.URL, "127.0.0.1", "localhost", 1),
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Fetch(t.Context(), collectors.Request{}); !errors.Is(err, collectors.ErrPrivateAddress) {
		t.Errorf("error = %v, want %v", err, collectors.ErrPrivateAddress)
	}
}

func TestFetchRedirectsAreBounded(t *testing.T) {
	around := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/again", http.StatusFound)
	}
	server := collectortest.Serve(t, around)
	_, _, err := fetchOnce(t, server.URL)
	if err == nil || !strings.Contains(err.Error(), "more than 5 in a row") {
		t.Errorf("error = %v, want a refused redirect", err)
	}
	if n := len(server.Requests()); n != 6 {
		t.Errorf("%d requests, want 6", n)
	}
}

func TestFetchKeepsSecretsToTheirOrigin(t *testing.T) {
	other := collectortest.Serve(t, collectortest.Body("text/plain", text))
	home := collectortest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusFound) // the same address, another port
	})
	feed := collectors.Feed{ID: "keyed", URL: home.URL, Auth: collectors.Auth{
		BearerEnv: "KEY", HeaderEnv: map[string]string{"X-Api-Key": "KEY"},
	}}
	s, _ := session(t, feed, nil)
	if _, err := s.Fetch(t.Context(), collectors.Request{}); err != nil {
		t.Fatal(err)
	}
	if got := home.Requests()[0].Header; got.Get("Authorization") != "Bearer s3cret" || got.Get("X-Api-Key") != "s3cret" {
		t.Errorf("home got %v", got)
	}
	if _, err := s.Fetch(t.Context(), collectors.Request{URL: other.URL}); !errors.Is(err, collectors.ErrNotModified) && err != nil {
		t.Fatal(err)
	}
	for _, r := range other.Requests() {
		if r.Header.Get("Authorization")+r.Header.Get("X-Api-Key") != "" {
			t.Errorf("another origin got %v", r.Header)
		}
	}
}

func TestFetchWithoutSecret(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", text))
	s, _ := session(t, collectors.Feed{
		ID: "keyed", URL: server.URL, Auth: collectors.Auth{BearerEnv: "NOT_SET"},
	}, nil)
	_, err := s.Fetch(t.Context(), collectors.Request{})
	if err == nil || !strings.Contains(err.Error(), "NOT_SET: environment variable is not set") {
		t.Errorf("error = %v, want one that names the variable", err)
	}
	if n := len(server.Requests()); n != 0 {
		t.Errorf("%d requests without the secret", n)
	}
}

func TestFetchNoFallBackToHTTP(t *testing.T) {
	plain := collectortest.Serve(t, collectortest.Body("text/plain", text))
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	defer secure.Close()
	client := collectors.NewClient(collectors.ClientConfig{
		TLS: secure.Client().Transport.(*http.Transport).TLSClientConfig,
	})
	s, err := client.Session(collectors.Feed{ID: "tls", URL: secure.URL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Fetch(t.Context(), collectors.Request{})
	if err == nil || !strings.Contains(err.Error(), "from https to http") {
		t.Errorf("error = %v, want a refused redirect", err)
	}
}

func TestFetchFile(t *testing.T) {
	dir := t.TempDir()
	plain, packed := filepath.Join(dir, "100% list.txt"), filepath.Join(dir, "list.txt.gz")
	for path, body := range map[string][]byte{plain: []byte(text), packed: collectortest.Gzip(text)} {
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, url := range []string{plain, packed, "file://" + packed} {
		doc, _, err := fetchOnce(t, url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
		} else if string(doc.Body) != text {
			t.Errorf("%s: body %q, want %q", url, doc.Body, text)
		}
	}
	if _, _, err := fetchOnce(t, dir); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("folder: error = %v", err)
	}
}

func TestFetchFileNeedsAFeedThatIsOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	server := collectortest.Serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "file://"+path, http.StatusFound)
	})
	s, _ := session(t, collectors.Feed{ID: "list", URL: server.URL}, nil)
	for _, url := range []string{path, "file://" + path, "gopher://192.0.2.1/", server.URL} {
		if doc, err := s.Fetch(t.Context(), collectors.Request{URL: url}); err == nil {
			t.Errorf("%s: got %q", url, doc.Body)
		}
	}
}
