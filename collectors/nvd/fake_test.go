package nvd_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/nvd"
	"github.com/cabstand/cabstand/stix"
)

// now is when every run of the tests is.
var now = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// fakeCVE is what the fake NVD has of a CVE.
type fakeCVE struct {
	id       string
	modified time.Duration // before now
	kev      bool
	status   string
	score    float64
}

// fake is NVD, CISA and EPSS on one server.
type fake struct {
	url    string
	cves   []fakeCVE
	kev    []string          // CVEs of the catalogue
	scores map[string]string // rows, by the word in the URL
	today  string            // the day of the current ones; "" is that of now
	// before may answer a request to NVD in the place of the fake; n counts them from 1.
	before func(w http.ResponseWriter, r *http.Request, n int) bool

	queries []string // to NVD, without the size of pages
}

func serve(t *testing.T, f *fake) *fake {
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch name := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/epss-"), ".csv"); {
	case r.URL.Path == "/kev" && f.kev != nil:
		fmt.Fprintf(w, `{"catalogVersion":"v%d","count":%d,"vulnerabilities":[`, len(f.kev), len(f.kev))
		for i, cve := range f.kev {
			fmt.Fprintf(w, `%s{"cveID":%q,"dueDate":"2026-02-01","requiredAction":"Update.",`+
				`"knownRansomwareCampaignUse":"Known"}`, strings.Repeat(",", min(i, 1)), cve)
		}
		fmt.Fprint(w, "]}")
	case strings.HasPrefix(r.URL.Path, "/epss-") && f.scores[name] != "":
		day := name
		if day == "current" {
			day = cmp.Or(f.today, "2026-01-02")
		}
		fmt.Fprintf(w, "#model_version:v1,score_date:%sT00:00:00Z\ncve,epss,percentile\n%s",
			day, f.scores[name])
	case r.URL.Path == "/cves":
		f.queries = append(f.queries, strings.Replace(r.URL.RawQuery, "&resultsPerPage=2", "", 1))
		if f.before == nil || !f.before(w, r, len(f.queries)) {
			f.page(w, r)
		}
	default:
		http.NotFound(w, r)
	}
}

// page answers as NVD does.
func (f *fake) page(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	const layout = "2006-01-02T15:04:05.000-07:00"
	from, _ := time.Parse(layout, q.Get("lastModStartDate"))
	to, _ := time.Parse(layout, q.Get("lastModEndDate"))
	if to.Sub(from) > 120*24*time.Hour {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	var found []string
	for _, c := range f.cves {
		at := now.Add(-c.modified)
		switch {
		case q.Has("cveId") && q.Get("cveId") != c.id:
		case q.Has("hasKev") && !c.kev:
		case q.Has("lastModStartDate") && (at.Before(from) || at.After(to)):
		default:
			found = append(found, c.record())
		}
	}
	start, _ := strconv.Atoi(q.Get("startIndex"))
	size, _ := strconv.Atoi(q.Get("resultsPerPage"))
	start = min(start, len(found))
	fmt.Fprintf(w, `{"format":"NVD_CVE","version":"2.0","totalResults":%d,"vulnerabilities":[%s]}`,
		len(found), strings.Join(found[start:min(start+size, len(found))], ","))
}

func (c fakeCVE) record() string {
	return fmt.Sprintf(`{"cve":{"id":%q,"vulnStatus":%q,"descriptions":[{"lang":"en","value":"d"}],`+
		`"metrics":{"cvssMetricV31":[{"type":"Primary","cvssData":{"version":"3.1","baseScore":%g}}]}}}`,
		c.id, cmp.Or(c.status, "Analyzed"), c.score)
}

// outcome is what a run came to.
type outcome struct {
	cursor    string
	cves      []string // of the vulnerabilities, sorted, each once
	raw       map[string]string
	skipped   []string
	withdrawn []string
	waits     []time.Duration
	err       error
}

// feed is one that reads the fake.
func (f *fake) feed(settings map[string]any) collectors.Feed {
	all := map[string]any{
		"kev_url": f.url + "/kev", "epss_url": f.url + "/epss-current.csv", "page_size": 2,
	}
	if f.kev == nil {
		all["kev_url"] = "none"
	}
	if f.scores == nil {
		all["epss_url"] = "none"
	}
	for name, value := range settings {
		all[name] = value
	}
	return collectors.Feed{
		ID: "nvd", Name: "NVD", Kind: "nvd", URL: f.url + "/cves", Settings: all,
		Policy: collectors.Policy{TLP: "clear", Redistribute: "public", Licence: "public domain"},
	}
}

// run collects once. emit may be nil.
func (f *fake) run(
	t *testing.T, cursor string, settings map[string]any, emit func(stix.Object) error,
) outcome {
	t.Helper()
	f.queries = nil
	out := outcome{raw: map[string]string{}}
	noWait := func(context.Context, time.Duration) error { return nil }
	feed := f.feed(settings)
	session, err := collectors.NewClient(collectors.ClientConfig{Sleep: noWait}).Session(feed, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	kind := nvd.Kind(func(ctx context.Context, d time.Duration) error {
		out.waits = append(out.waits, d)
		return context.Cause(ctx)
	})
	c, err := kind.New(feed, collectors.Tools{
		Fetch: session, Now: func() time.Time { return now },
		Skip: func(where string, reason error) {
			out.skipped = append(out.skipped, fmt.Sprintf("%s: %v", where, reason))
		},
		Rows: func(int) error { return nil },
		Withdraw: func(ids ...string) error {
			out.withdrawn = append(out.withdrawn, ids...)
			return nil
		},
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	out.cursor, out.err = c.Collect(t.Context(), cursor, func(o stix.Object) error {
		if o.Type == "vulnerability" {
			name := nameOf(t, o)
			out.cves = append(out.cves, name)
			out.raw[name] = string(o.Raw)
		}
		if emit != nil {
			return emit(o)
		}
		return nil
	})
	slices.Sort(out.cves)
	out.cves = slices.Compact(out.cves)
	return out
}

// many returns CVEs that changed one minute after another, the first an hour ago.
func many(n int) []fakeCVE {
	var all []fakeCVE
	for i := range n {
		all = append(all, fakeCVE{
			id:       fmt.Sprintf("CVE-2026-%04d", i+1),
			modified: time.Hour - time.Duration(i)*time.Minute,
		})
	}
	return all
}

func names(cves []fakeCVE) []string {
	var all []string
	for _, c := range cves {
		all = append(all, c.id)
	}
	return all
}
