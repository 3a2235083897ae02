package all_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/all"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// begun is how the feed of a kind begins, where a kind needs more than a URL.
type begun struct {
	settings map[string]any
	cursor   string
}

func begin(kind string) begun {
	switch kind {
	case "text":
		return begun{settings: map[string]any{"fields": map[string]any{"value": "$0"}}}
	case "csv":
		return begun{settings: map[string]any{"fields": map[string]any{"value": "1"}}}
	case "json", "jsonl":
		return begun{settings: map[string]any{"fields": map[string]any{"value": "."}}}
	case "x-search":
		return begun{settings: map[string]any{"query": "c2"}, cursor: `{"since":2000000000000000000}`}
	case "abusech-fplist":
		return begun{
			settings: map[string]any{"feeds": map[string]any{"URLhaus": []any{"urlhaus"}}},
			cursor:   "3-4",
		}
	case "crits":
		return begun{
			settings: map[string]any{"resources": []any{"indicators"}},
			cursor:   `{"indicators":{"since":"2026-01-01T00:00:00Z"}}`,
		}
	case "cisa-kev":
		return begun{cursor: "2026.01.01 2026-01-01T00:00:00Z"}
	case "nvd":
		return begun{
			settings: map[string]any{"kev_url": "none", "epss_url": "none"},
			cursor:   `{"until":"2026-01-01T00:00:00Z"}`,
		}
	}
	return begun{cursor: "2026-01-01T00:00:00Z"}
}

// bound is the feeds' max_bytes. What is as large as that gets to the parsers.
const bound = 16 << 20

// hostile are the answers of servers that are broken, overloaded, taken over, or no source at all.
func hostile() map[string]collectortest.Answer {
	html := "<html><body>Please log in.</body></html>"
	return map[string]collectortest.Answer{
		"429":                     collectortest.Status(http.StatusTooManyRequests),
		"429 with a second":       collectortest.Throttle(http.StatusTooManyRequests, "1"),
		"429 with a year":         collectortest.Throttle(http.StatusTooManyRequests, "31536000"),
		"429 with nonsense":       collectortest.Throttle(http.StatusTooManyRequests, "-1e99, soon"),
		"401":                     collectortest.Status(http.StatusUnauthorized),
		"403":                     collectortest.Status(http.StatusForbidden),
		"404":                     collectortest.Status(http.StatusNotFound),
		"500":                     collectortest.Status(http.StatusInternalServerError),
		"204":                     collectortest.Status(http.StatusNoContent),
		"304 without being asked": collectortest.Status(http.StatusNotModified),
		"hangs": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // only then the server sees the client go
			<-r.Context().Done()
		},
		"drips":            collectortest.Drip(),
		"web page as text": collectortest.HTML(),
		"web page":         collectortest.Body("text/html", html),
		"empty":            collectortest.Body("application/json", ""),
		"blank":            collectortest.Body("application/json", " \n\t\r\n"),
		"null":             collectortest.Body("application/json", "null"),
		"empty object":     collectortest.Body("application/json", "{}"),
		"empty list":       collectortest.Body("application/json", "[]"),
		"number":           collectortest.Body("application/json", "1e999"),
		"not UTF-8":        collectortest.Body("application/json", "{\"objects\":[\"\xff\xfe\"]}"),
		"picture":          collectortest.Body("image/png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
		"truncated JSON":   collectortest.Body("application/json", `{"vulnerabilities":[{"cve`),
		"half a body":      collectortest.HalfPage(`{"objects":[{"type":"identity"}]}`),
		"half a gzip":      collectortest.TruncatedGzip(strings.Repeat("203.0.113.7\n", 1000)),
		"gzip bomb":        collectortest.Gzipped(strings.Repeat("\x00", 4*bound)),
		"too large":        collectortest.Body("text/plain", strings.Repeat("x", bound+1)),
		"one long line":    collectortest.Body("text/plain", strings.Repeat("x", bound)),
		"open brackets":    collectortest.Body("application/json", strings.Repeat("[", bound)),
		"open objects":     collectortest.Body("application/json", strings.Repeat(`{"a":`, bound/5)),
		"nested brackets": collectortest.Body("application/json",
			strings.Repeat("[", bound/2)+strings.Repeat("]", bound/2)),
		"many numbers": collectortest.Body("application/json",
			"["+strings.Repeat("0,", bound/2-2)+"0]"),
		"redirects to itself": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
		},
		"redirects to a file": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(http.StatusFound)
		},
		"many headers": func(w http.ResponseWriter, _ *http.Request) {
			for range 1000 {
				w.Header().Add("X-Noise", strings.Repeat("x", 1<<10))
			}
		},
	}
}

// waits are the answers after which a client that is left alone would wait for long. The client of
// kind taxii, whose clock is not ours, also does after others.
var waits = regexp.MustCompile(`^(429|403|500|hangs|drips)`)

// TestKinds_SurviveEveryServer has each kind meet each of the servers. What it comes to is an
// error, or a success that leaves the cursor where it was: nothing may be concluded from such
// answers.
func TestKinds_SurviveEveryServer(t *testing.T) {
	for name, answer := range hostile() {
		server := collectortest.Serve(t, answer)
		for _, kind := range all.Kinds() {
			if kind.Name == "log" {
				continue // it reads files of this machine and asks no server
			}
			patience := time.Minute
			if waits.MatchString(name) || kind.Name == "taxii" {
				patience = 300 * time.Millisecond
			}
			t.Run(kind.Name+"/"+name, func(t *testing.T) {
				start := begin(kind.Name)
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				memory := watchMemory()
				next, err := meet(ctx, t, kind, server.URL, start)
				if err == nil && next != start.cursor {
					t.Errorf("the cursor went from %q to %q", start.cursor, next)
				}
				if grown := memory(); grown > mostMemory {
					t.Errorf("the heap grew by %d MiB for %d MiB of an answer", grown>>20, bound>>20)
				}
			})
		}
	}
}

// meet runs a kind once.
func meet(
	ctx context.Context, t *testing.T, kind collectors.Kind, url string, start begun,
) (next string, err error) {
	t.Helper()
	noWait := func(ctx context.Context, _ time.Duration) error { return context.Cause(ctx) }
	feed := collectors.Feed{
		ID: "hostile", Name: "Hostile", Kind: kind.Name, URL: url, MaxBytes: bound,
		Settings: start.settings,
		Policy:   collectors.Policy{TLP: "clear", Redistribute: "internal", Licence: "none"},
	}
	session, err := collectors.NewClient(collectors.ClientConfig{Sleep: noWait}).Session(feed, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	c, err := kind.New(feed, collectors.Tools{
		Fetch: session, Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Skip: func(string, error) {}, Rows: func(int) error { return nil },
		Withdraw: func(...string) error { return errors.New("nothing is to be taken back") },
		Recall: func(context.Context, ...string) (map[string]stix.Object, error) {
			return nil, nil
		},
		Objects: oneObject(t),
		Log:     slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatalf("a feed without what its kind needs: add it to begin: %v", err)
	}
	return c.Collect(ctx, start.cursor, func(stix.Object) error { return nil })
}

// oneObject is a collection for kinds that ask about what it holds.
func oneObject(
	t *testing.T,
) func(context.Context, []string, string) (collectors.Stretch, error) {
	t.Helper()
	o, err := stix.Parse([]byte(`{"type":"domain-name","spec_version":"2.1","value":"a.example",` +
		`"id":"domain-name--9ee2c7f4-0b3c-5d0e-8a0a-2c1f4f6f1e01"}`))
	if err != nil {
		t.Fatal(err)
	}
	place := collectors.PlaceAt(time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	return func(context.Context, []string, string) (collectors.Stretch, error) {
		held := []collectors.Held{collectors.NewHeld(o, place)}
		return collectors.Stretch{Held: held, End: place}, nil
	}
}

// mostMemory is what reading an answer may take: the body, its copies while it arrives, and what is
// made of it, before any of that is collected.
const mostMemory = 16 * bound

// watchMemory looks at the heap now and then. What it returns ends that, and tells by how much the
// heap has grown at most.
func watchMemory() (grown func() uint64) {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	before, most := stats.HeapAlloc, stats.HeapAlloc
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				runtime.ReadMemStats(&stats)
				most = max(most, stats.HeapAlloc)
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-stopped
		return most - before
	}
}
