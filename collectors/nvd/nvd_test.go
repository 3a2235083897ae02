package nvd_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/nvd"
	"github.com/cabstand/cabstand/stix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCases(t *testing.T) { collectortest.Run(t, nvd.Kind(nil)) }

func nameOf(t *testing.T, o stix.Object) string {
	t.Helper()
	var said struct{ Name string }
	if err := json.Unmarshal(o.Raw, &said); err != nil {
		t.Fatal(err)
	}
	return said.Name
}

func TestCollect_ReadsAllPagesAndWaitsBetweenThem(t *testing.T) {
	f := serve(t, &fake{cves: many(5)})
	got := f.run(t, "", map[string]any{"pause": "6s"}, nil)
	if diff := cmp.Diff(names(f.cves), got.cves); got.err != nil || diff != "" {
		t.Fatalf("error %v (-want +got):\n%s", got.err, diff)
	}
	if want := []time.Duration{6 * time.Second, 6 * time.Second}; !slices.Equal(got.waits, want) {
		t.Errorf("waited %v before the later of three requests", got.waits)
	}
	const window = "lastModStartDate=2025-12-02T03:04:05.000%2B00:00" +
		"&lastModEndDate=2026-01-02T03:04:05.000%2B00:00"
	for i, query := range f.queries {
		if want := window + "&startIndex=" + []string{"0", "2", "4"}[i]; query != want {
			t.Errorf("query %d:\n%s, want\n%s", i+1, query, want)
		}
	}
}

func TestCollect_SplitsTheTimeIntoWindowsThatNVDAllows(t *testing.T) {
	f := serve(t, &fake{cves: []fakeCVE{
		{id: "CVE-2025-0001", modified: 299 * 24 * time.Hour},
		{id: "CVE-2025-0002", modified: 119 * 24 * time.Hour},
		{id: "CVE-2025-0003", modified: time.Minute},
	}})
	got := f.run(t, "", map[string]any{"since": "7200h"}, nil)
	if diff := cmp.Diff(names(f.cves), got.cves); got.err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", got.err, diff)
	}
	if len(f.queries) != 3 {
		t.Errorf("%d queries for 300 days: %v", len(f.queries), f.queries)
	}
}

func TestCollect_LooksADayBackFromTheCursor(t *testing.T) {
	f := serve(t, &fake{cves: many(1)})
	got := f.run(t, "", nil, nil)
	f.run(t, got.cursor, nil, nil)
	if len(f.queries) != 0 {
		t.Errorf("a run at the same time asked %v", f.queries)
	}
	earlier := strings.Replace(got.cursor, "T03:04:05Z", "T01:04:05Z", 1)
	second := f.run(t, earlier, nil, nil)
	if !slices.Equal(second.cves, got.cves) || !strings.Contains(f.queries[0], "=2026-01-01T01:04:05") {
		t.Errorf("CVEs %v by %v", second.cves, f.queries)
	}
	if second.cursor != got.cursor {
		t.Errorf("cursor %s, want %s", second.cursor, got.cursor)
	}
}

func TestCollect_GoesOnWhereItBrokeOff(t *testing.T) {
	f := serve(t, &fake{cves: many(7)})
	f.before = func(w http.ResponseWriter, _ *http.Request, n int) bool {
		if n > 2 {
			w.WriteHeader(http.StatusNotImplemented)
		}
		return n > 2
	}
	first := f.run(t, "", nil, nil)
	if first.err != nil || len(first.cves) != 4 {
		t.Fatalf("two pages and a fault: %v, error %v", first.cves, first.err)
	}
	if again := f.run(t, first.cursor, nil, nil); again.err != nil {
		t.Fatalf("the pages after the fault: %v", again.err)
	}
	f.before = func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.WriteHeader(http.StatusNotImplemented)
		return true
	}
	if stays := f.run(t, first.cursor, nil, nil); stays.err == nil {
		t.Error("a fault that stays is no error of the next run")
	}
	f.before = nil
	second := f.run(t, first.cursor, nil, nil)
	if diff := cmp.Diff(names(f.cves)[4:], second.cves); second.err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", second.err, diff)
	}
}

// CVEs of the first page that are modified again while the later ones are read leave the window,
// and all others move up.
func TestCollect_MissesNothingThatMovesWhileItReads(t *testing.T) {
	f := serve(t, &fake{cves: many(7)})
	f.before = func(_ http.ResponseWriter, _ *http.Request, n int) bool {
		if n == 2 {
			f.cves[0].modified, f.cves[1].modified = -time.Second, -time.Second
		}
		return false
	}
	got := f.run(t, "", nil, nil)
	if diff := cmp.Diff(names(f.cves), got.cves); got.err != nil || diff != "" {
		t.Errorf("error %v (-want +got):\n%s", got.err, diff)
	}
}

func TestCollect_WaitsOutAThrottle(t *testing.T) {
	f := serve(t, &fake{cves: many(3)})
	f.before = func(w http.ResponseWriter, _ *http.Request, n int) bool {
		throttles := n == 2 || n == 3
		if throttles {
			w.WriteHeader(http.StatusForbidden)
		}
		return throttles
	}
	got := f.run(t, "", map[string]any{"pause": "0s"}, nil)
	want := []time.Duration{0, 30 * time.Second, 0, time.Minute, 0}
	if got.err != nil || len(got.cves) != 3 || !slices.Equal(got.waits, want) {
		t.Errorf("%d CVEs, waited %v, error %v", len(got.cves), got.waits, got.err)
	}
}

func TestCollect_TellsRefusalsApart(t *testing.T) {
	for name, test := range map[string]struct {
		status        int
		message, want string
	}{
		"throttled":  {http.StatusForbidden, "", "raise settings.pause"},
		"bad key":    {http.StatusNotFound, "Invalid apiKey.", "does not accept the key"},
		"bad query":  {http.StatusNotFound, "Invalid lastModStartDate.", `NVD says "Invalid lastModStartDate."`},
		"other path": {http.StatusNotFound, "", "check the feed's url"},
		"too often":  {http.StatusTooManyRequests, "", "429"},
		"down":       {http.StatusServiceUnavailable, "", "503"},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, &fake{before: func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				w.Header()["message"] = []string{test.message}
				w.WriteHeader(test.status)
				return true
			}})
			got := f.run(t, "", nil, nil)
			if got.err == nil || !strings.Contains(got.err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", got.err, test.want)
			}
			if _, kept := errors.AsType[*collectors.StatusError](got.err); !kept {
				t.Errorf("error %v hides the status", got.err)
			}
		})
	}
}

func TestCollect_ReadsWhatTheCatalogueHasOutsideTheWindow(t *testing.T) {
	f := serve(t, &fake{
		cves: []fakeCVE{
			{id: "CVE-2019-0001", modified: 9000 * time.Hour, kev: true},
			{id: "CVE-2019-0002", modified: 9000 * time.Hour}, // NVD is late to say so
			{id: "CVE-2019-0003", modified: 9000 * time.Hour},
		},
		kev: []string{"CVE-2019-0001", "CVE-2019-0002", "CVE-2026-0009"},
	})
	got := f.run(t, "", nil, nil)
	want := []string{"CVE-2019-0001", "CVE-2019-0002", "CVE-2026-0009"}
	if diff := cmp.Diff(want, got.cves); got.err != nil || diff != "" {
		t.Fatalf("error %v (-want +got):\n%s", got.err, diff)
	}
	for _, cve := range want {
		for _, word := range []string{
			`"labels":["kev","known-ransomware-campaign-use"`, `"due_date":"2026-02-01"`,
			`"required_action":"Update."`,
		} {
			if !strings.Contains(got.raw[cve], word) {
				t.Errorf("%s lacks %s: %s", cve, word, got.raw[cve])
			}
		}
	}
	if again := f.run(t, got.cursor, nil, nil); again.err != nil || len(f.queries) > 0 {
		t.Errorf("the same catalogue again: error %v, queries %v", again.err, f.queries)
	}
}

func TestCollect_ReadsAgainWhatHasAnotherScore(t *testing.T) {
	f := serve(t, &fake{
		cves: []fakeCVE{
			{id: "CVE-2019-0001", modified: 9000 * time.Hour},
			{id: "CVE-2019-0002", modified: 9000 * time.Hour},
			{id: "CVE-2019-0003", modified: 9000 * time.Hour},
			{id: "CVE-2019-0004", modified: 9000 * time.Hour},
		},
		scores: map[string]string{
			"2026-01-01": "CVE-2019-0001,0.02,0\nCVE-2019-0002,0.81,0\nCVE-2019-0003,0.02,0\nCVE-2019-0004,0.3,0\n",
			"current":    "CVE-2019-0001,0.97,0\nCVE-2019-0002,0.84,0\nCVE-2019-0003,0.08,0\nCVE-2019-0004,0.01,0\n",
		},
	})
	begun := `{"until":"2026-01-02T03:04:05Z","epss":"2026-01-01"}`
	first := f.run(t, begun, map[string]any{"lookups": 1, "epss_min": 0.5}, nil)
	if want := []string{"CVE-2019-0001"}; first.err != nil || !slices.Equal(first.cves, want) {
		t.Fatalf("CVEs %v, error %v", first.cves, first.err)
	}
	if !strings.Contains(first.raw["CVE-2019-0001"], `"epss_score":0.95`) {
		t.Errorf("0.97 is not rounded down to a step: %s", first.raw["CVE-2019-0001"])
	}
	second := f.run(t, first.cursor, map[string]any{"lookups": 1, "epss_min": 0.5}, nil)
	if want := []string{"CVE-2019-0004"}; second.err != nil || !slices.Equal(second.cves, want) {
		t.Errorf("what waited for the next run: CVEs %v, error %v", second.cves, second.err)
	}
	if third := f.run(t, second.cursor, nil, nil); len(third.cves) > 0 || len(f.queries) > 0 {
		t.Errorf("the third run read %v by %v", third.cves, f.queries)
	}
}

// A record without what a source says of it would take the score or the flag from an object that
// has them.
func TestCollect_WritesNothingWithoutOneOfItsSources(t *testing.T) {
	for source, f := range map[string]*fake{
		"CISA's catalogue": {cves: many(1), kev: []string{}},
		"EPSS scores":      {cves: many(1), scores: map[string]string{}},
	} {
		got := serve(t, f).run(t, "", nil, nil)
		if got.err == nil || !strings.HasPrefix(got.err.Error(), source) || len(got.cves) > 0 {
			t.Errorf("without %s: CVEs %v, error %v", source, got.cves, got.err)
		}
	}
	f := serve(t, &fake{cves: many(1), scores: map[string]string{"current": "CVE-2026-0001,0.5,0\n"}})
	got := f.run(t, `{"until":"2026-01-01T00:00:00Z","scores":300000}`, nil, nil)
	if !errors.Is(got.err, collectors.ErrGuard) || len(got.cves) > 0 {
		t.Errorf("one score after 300000: CVEs %v, error %v", got.cves, got.err)
	}
}

func TestCollect_TakesWhatReachesAThreshold(t *testing.T) {
	f := serve(t, &fake{
		cves: []fakeCVE{
			{id: "CVE-2026-0001", score: 9.8}, {id: "CVE-2026-0002", score: 6.9},
			{id: "CVE-2026-0003", score: 2}, {id: "CVE-2026-0004", score: 2, kev: true},
		},
		kev:    []string{"CVE-2026-0004"},
		scores: map[string]string{"current": "CVE-2026-0003,0.6,0\nCVE-2026-0001,0.01,0\n"},
	})
	for name, test := range map[string]struct {
		settings map[string]any
		want     string
	}{
		"none":    {nil, "1 2 3 4"},
		"cvss":    {map[string]any{"cvss_min": 7}, "1 4"},
		"epss":    {map[string]any{"epss_min": 0.5}, "3 4"},
		"either":  {map[string]any{"cvss_min": 6.9, "epss_min": 0.5}, "1 2 3 4"},
		"kev":     {map[string]any{"kev_only": true}, "4"},
		"kev too": {map[string]any{"kev_only": true, "cvss_min": 1}, "4"},
	} {
		t.Run(name, func(t *testing.T) {
			got := f.run(t, "", test.settings, nil)
			short := strings.ReplaceAll(strings.Join(got.cves, " "), "CVE-2026-000", "")
			if got.err != nil || short != test.want {
				t.Errorf("CVEs %s, want %s, error %v", short, test.want, got.err)
			}
		})
	}
}

func TestCollect_WithdrawsWhatNVDRejects(t *testing.T) {
	f := serve(t, &fake{cves: many(2)})
	whole := ""
	f.run(t, "", nil, func(o stix.Object) error {
		if o.Type == "vulnerability" && nameOf(t, o) == "CVE-2026-0002" {
			whole = o.ID
		}
		return nil
	})
	f.cves[1].status = "Rejected"
	got := f.run(t, "", nil, nil)
	if got.err != nil || !slices.Equal(got.withdrawn, []string{whole}) ||
		!slices.Equal(got.cves, []string{"CVE-2026-0001"}) {
		t.Errorf("withdrawn %v of %s, emitted %v, error %v", got.withdrawn, whole, got.cves, got.err)
	}
}

func TestCollect_StopsAtTheFirstErrorOfEmit(t *testing.T) {
	full, calls := errors.New("disk full"), 0
	got := serve(t, &fake{cves: many(6)}).run(t, "", nil, func(stix.Object) error {
		if calls++; calls > 5 { // on the second page
			return full
		}
		return nil
	})
	if !errors.Is(got.err, full) || calls != 6 {
		t.Errorf("error %v after %d calls", got.err, calls)
	}
}
