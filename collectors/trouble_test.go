package collectors_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

func TestTroubleOf_TellsErrorsApart(t *testing.T) {
	status := func(code int, wait time.Duration) error {
		return fmt.Errorf("fetch: %w", &collectors.StatusError{Status: code, RetryAfter: wait})
	}
	for _, tc := range []struct {
		err  error
		want collectors.Trouble
	}{
		{nil, collectors.NoTrouble},
		{collectors.ErrNotModified, collectors.NoTrouble},
		{status(401, 0), collectors.TroubleKey},
		{status(403, 0), collectors.TroubleKey},
		{status(403, time.Minute), collectors.TroubleQuota},
		{status(429, 0), collectors.TroubleQuota},
		{status(402, 0), collectors.TroubleQuota},
		{status(509, 0), collectors.TroubleQuota},
		{status(500, 0), collectors.TroubleServer},
		{status(503, time.Minute), collectors.TroubleServer},
		{status(408, 0), collectors.TroubleServer},
		{status(404, 0), collectors.TroubleSettings},
		{status(204, 0), collectors.TroubleFormat},
		// A kind knows better than the status.
		{fmt.Errorf("%w: %w", collectors.ErrQuota, status(403, 0)), collectors.TroubleQuota},
		{fmt.Errorf("%w: %w", collectors.ErrKey, status(429, 0)), collectors.TroubleKey},
		{fmt.Errorf("%w: no list", collectors.ErrFormat), collectors.TroubleFormat},
		{collectors.ErrHTML, collectors.TroubleFormat},
		{collectors.ErrTooLarge, collectors.TroubleFormat},
		{errors.New("a kind that says nothing of it"), collectors.TroubleFormat},
		{fmt.Errorf("%w: 1 row", collectors.ErrGuard), collectors.TroubleGuard},
		{fmt.Errorf("no row; %w", collectors.ErrEmpty), collectors.TroubleGuard},
		{&collectors.SettingError{Feed: "list", Path: "url", Reason: "no host"}, collectors.TroubleSettings},
		{collectors.ErrPrivateAddress, collectors.TroubleSettings},
		{&fs.PathError{Op: "open", Path: "list.txt", Err: fs.ErrNotExist}, collectors.TroubleSettings},
		{&net.DNSError{Name: "feed.example"}, collectors.TroubleUnreachable},
		{context.DeadlineExceeded, collectors.TroubleUnreachable},
		{collectors.ErrUnreachable, collectors.TroubleUnreachable},
		{fmt.Errorf("write: %w", store.ErrUnavailable), collectors.TroubleStore},
	} {
		if diff := cmp.Diff(tc.want, collectors.TroubleOf(tc.err)); diff != "" {
			t.Errorf("%v (-want +got):\n%s", tc.err, diff)
		}
	}
}

// gone is the URL of a server that is no more.
func gone() string {
	server := httptest.NewServer(nil)
	defer server.Close()
	return server.URL
}

func TestRunTellsWhatKindOfTroubleThereIsAndWhatToDo(t *testing.T) {
	const list = "192.0.2.1 192.0.2.2"
	for name, tc := range map[string]struct {
		answer collectortest.Answer // nil is nobody there
		change func(*collectors.Feed)
		want   collectors.Trouble
		advice string
	}{
		"wrong key":      {collectortest.Status(401), withKey, collectors.TroubleKey, "set LIST_KEY in"},
		"refused key":    {collectortest.Status(403), withKey, collectors.TroubleKey, "set LIST_KEY in"},
		"no key named":   {collectortest.Status(401), nil, collectors.TroubleKey, "the feed names no key"},
		"key not set":    {collectortest.Status(200), withLostKey, collectors.TroubleKey, "set LOST_KEY in"},
		"asked to wait":  {collectortest.Throttle(429, "7200"), nil, collectors.TroubleQuota, "before 2026-03-04T07:06:07Z"},
		"quota":          {collectortest.Status(509), nil, collectors.TroubleQuota, "a longer schedule"},
		"403 for a pace": {collectortest.Throttle(403, "60"), withKey, collectors.TroubleQuota, "before 2026-03-04T05:07:07Z"},
		"web page":       {collectortest.HTML(), nil, collectors.TroubleFormat, "cabstand feed test"},
		"cut gzip":       {collectortest.TruncatedGzip(list), nil, collectors.TroubleFormat, "cabstand feed test"},
		"half a page":    {collectortest.HalfPage(list), nil, collectors.TroubleUnreachable, "tried again by itself"},
		"nobody there":   {nil, nil, collectors.TroubleUnreachable, "tried again by itself"},
		"too slow":       {collectortest.Drip(), shortly, collectors.TroubleUnreachable, "tried again by itself"},
		"server error":   {collectortest.Status(502), nil, collectors.TroubleServer, "a fault of its own"},
		"empty":          {collectortest.Body("text/plain", ""), atLeastOne, collectors.TroubleGuard, "guards"},
		"moved":          {collectortest.Status(404), nil, collectors.TroubleSettings, "may have moved"},
		"panic":          {collectortest.Body("text/plain", "panic"), nil, collectors.TroubleInternal, "report it"},
	} {
		t.Run(name, func(t *testing.T) {
			f := feed("")
			if f.URL = gone(); tc.answer != nil {
				f.URL = collectortest.Serve(t, tc.answer).URL
			}
			if tc.change != nil {
				tc.change(&f)
			}
			w := newWorld(t)
			cfg := w.config(f)
			cfg.HTTP.Getenv = func(name string) string {
				return map[string]string{"LIST_KEY": "s3cret"}[name]
			}
			var err error
			if w.runner, err = collectors.New(cfg); err != nil {
				t.Fatal(err)
			}
			report, err := w.runner.RunNow(t.Context(), "list")
			status := w.status()
			if err == nil || report.Trouble != tc.want || status.Trouble != tc.want {
				t.Errorf("%v: trouble %q, in the status %q, want %q",
					err, report.Trouble, status.Trouble, tc.want)
			}
			if !strings.Contains(report.Advice, tc.advice) || report.Advice != status.Advice {
				t.Errorf("advice %q, in the status %q, want %q", report.Advice, status.Advice, tc.advice)
			}
			if strings.Contains(status.LastError+status.Advice, "s3cret") {
				t.Error("the key is told")
			}
			if status.State != "failing" || status.Failures != 1 {
				t.Errorf("state %s after %d failures", status.State, status.Failures)
			}
		})
	}
}

// A list of which not one row makes sense is no list that became shorter.
func TestRunOfRowsThatMakeNoSenseIsAboutTheirForm(t *testing.T) {
	w, _ := played(t, nil, func(_ context.Context, tools collectors.Tools, _ func(stix.Object) error) (string, error) {
		tools.Skip("line 1", errors.New("no address"))
		return "", tools.Rows(0)
	})
	f := feed("https://feed.example/")
	f.Kind = "script"
	atLeastOne(&f)
	w.replace(f)
	if report, err := w.runner.RunNow(t.Context(), "list"); report.Trouble != collectors.TroubleFormat {
		t.Errorf("%v: trouble %q", err, report.Trouble)
	}
}

func TestRunOfAFeedThatMayNotWriteAsksNobody(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1"))
	w := newWorld(t)
	cfg := w.config(feed(server.URL))
	cfg.May = func(_ context.Context, f collectors.Feed) error { return errors.New(f.ID + " may not") }
	var err error
	if w.runner, err = collectors.New(cfg); err != nil {
		t.Fatal(err)
	}
	report, err := w.runner.RunNow(t.Context(), "list")
	if err == nil || report.Trouble != collectors.TroubleSettings || len(server.Requests()) > 0 {
		t.Errorf("error %v, trouble %q, %d requests", err, report.Trouble, len(server.Requests()))
	}
	if n := len(w.versions()); n != 0 {
		t.Errorf("%d objects written", n)
	}
}

func withKey(f *collectors.Feed) {
	f.Auth.HeaderEnv = map[string]string{"Auth-Key": "LIST_KEY"}
}

func withLostKey(f *collectors.Feed) { f.Auth.BearerEnv = "LOST_KEY" }

func atLeastOne(f *collectors.Feed) { f.Guards.MinRows = 1 }

func shortly(f *collectors.Feed) { f.Timeout = 50 * time.Millisecond }
