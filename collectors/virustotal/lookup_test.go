package virustotal_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/collectors/virustotal"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// service plays VirusTotal. It does not know what it has no answer for.
type service struct {
	mu      sync.Mutex
	answers map[string]string // by the end of the path
	refusal string            // a code that is answered instead
	quota   int               // requests until it is used up; below zero is never
	asked   []string
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := strings.TrimPrefix(r.URL.Path, "/api/v3/")
	s.asked = append(s.asked, at)
	answer, known := s.answers[at]
	switch {
	case s.refusal != "":
		refuse(w, http.StatusUnauthorized, s.refusal)
	case s.quota == 0:
		refuse(w, http.StatusTooManyRequests, "QuotaExceededError")
	case known:
		s.quota--
		fmt.Fprint(w, answer)
	default:
		s.quota--
		refuse(w, http.StatusNotFound, "NotFoundError")
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"code":"%s","message":"…"}}`, code)
}

// told is an answer in which some engines say malicious.
func told(typ, id string, malicious int, more string) string {
	return fmt.Sprintf(`{"data":{"type":"%s","id":"%s","attributes":{"last_analysis_stats":`+
		`{"malicious":%d,"suspicious":0,"harmless":%d,"undetected":9},"last_analysis_date":%d%s}}}`,
		typ, id, malicious, 70-malicious, 1_767_000_000+malicious, more)
}

// lookups is a service, a store, and a runner with one feed.
type lookups struct {
	t       *testing.T
	service *service
	store   *pebblestore.Store
	runner  *collectors.Runner
	now     time.Time
	slept   []time.Duration
}

// block is a list of one value.
type block string

func (b block) Holds(_, value string) (string, bool) { return "ours", value == string(b) }
func (b block) Version() string                      { return "1" }

func newLookups(t *testing.T, settings map[string]any) *lookups {
	w := &lookups{
		t: t, service: &service{answers: map[string]string{}, quota: -1},
		now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
	}
	server := httptest.NewServer(w.service)
	t.Cleanup(server.Close)
	var err error
	w.store, err = pebblestore.Open("store", pebblestore.Options{
		FS: vfs.NewMem(), Now: func() time.Time { return w.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.store.Close() })
	feed := collectors.Feed{
		ID: "vt", Name: "VirusTotal", Kind: "virustotal-lookup", Collection: "feeds/all",
		URL: server.URL + "/api/v3", Settings: settings,
		Policy: collectors.Policy{TLP: "green", Redistribute: "internal", Licence: "terms"},
	}
	w.runner, err = collectors.New(collectors.RunnerConfig{
		Store: w.store, Documents: w.store, Kinds: []collectors.Kind{virustotal.LookupKind()},
		Feeds: []collectors.Feed{feed}, Now: func() time.Time { return w.now },
		HTTP: collectors.ClientConfig{
			Attempts: 1, Sleep: func(_ context.Context, d time.Duration) error {
				w.slept = append(w.slept, d)
				return nil
			},
		},
		Lists: func(context.Context, collectors.Feed) (collectors.Lists, error) {
			return block("listed.example.com"), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// hold puts indicators and observables of another feed into the collection.
func (w *lookups) hold(values ...string) {
	w.t.Helper()
	b, err := collectors.NewBuilder(collectors.Feed{
		ID: "other", Name: "Other",
		Policy: collectors.Policy{TLP: "green", Redistribute: "internal", Licence: "terms"},
	}, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, text := range values {
		value, err := observable.Read(observable.Auto, text)
		if err != nil {
			w.t.Fatal(err)
		}
		scos, err := value.SCOs(b)
		if err != nil {
			w.t.Fatal(err)
		}
		objects, err := b.Finding(collectors.Finding{
			Observables: scos,
			Indicator:   collectors.Indicator{Pattern: value.Pattern(), Name: value.Name()},
		})
		if err != nil {
			w.t.Fatal(err)
		}
		w.add(objects...)
	}
}

func (w *lookups) add(objects ...stix.Object) {
	w.t.Helper()
	var incoming []store.Incoming
	for _, o := range objects {
		incoming = append(incoming, store.Received(o))
	}
	if _, err := w.store.Add(w.t.Context(), "feeds/all", incoming); err != nil {
		w.t.Fatal(err)
	}
}

// run runs the feed some time later and returns what was asked meanwhile.
func (w *lookups) run(later time.Duration) (collectors.Report, []string, error) {
	w.t.Helper()
	w.now = w.now.Add(later)
	w.service.asked = nil
	report, err := w.runner.RunNow(w.t.Context(), "vt")
	return report, w.service.asked, err
}

// wants runs the feed, and wants it to ask for these and to write a number of objects.
func (w *lookups) wants(later time.Duration, written int, asked ...string) {
	w.t.Helper()
	report, got, err := w.run(later)
	if err != nil {
		w.t.Fatal(err)
	}
	slices.Sort(got)
	slices.Sort(asked)
	if diff := cmp.Diff(asked, got); diff != "" {
		w.t.Errorf("asked (-want +got):\n%s", diff)
	}
	if n := report.New + report.Changed + report.Revoked; n != written {
		w.t.Errorf("%d objects written, want %d: %+v", n, written, report.Counts)
	}
}

const (
	day   = 24 * time.Hour
	md5   = "9e107d9d372bb6826bd81d3542a419d6"
	sha   = "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"
	site  = "https://bad.example.com/x"
	about = "domains/bad.example.com"
)

func TestLookup_AsksOnceAndAgainAfterAWhile(t *testing.T) {
	w := newLookups(t, nil)
	w.hold("bad.example.com", "93.184.216.34", md5, site, "new.example.com")
	urlAt := "urls/" + base64.RawURLEncoding.EncodeToString([]byte(site))
	w.service.answers = map[string]string{
		about: told("domain", "bad.example.com", 12,
			`,"last_dns_records":[{"type":"A","value":"93.184.216.35"}]`),
		"ip_addresses/93.184.216.34": told("ip_address", "93.184.216.34", 0, `,"asn":64500`),
		"files/" + md5:               told("file", sha, 33, `,"md5":"`+md5+`"`),
		urlAt:                        told("url", strings.Repeat("0", 64), 3, `,"url":"`+site+`/"`),
	}
	all := []string{
		about, "ip_addresses/93.184.216.34", "files/" + md5, urlAt, "domains/new.example.com",
	}
	// Provenance, three notes and one of what is not known, the analysis of the file, the address
	// of the domain, the system of the other address, and how these are related. The address and
	// the system are the feed's own and are not asked about.
	w.wants(0, 3+4+1+2+2, all...)
	w.wants(time.Hour, 0)
	w.wants(29*day, 0)
	w.service.answers[about] = told("domain", "bad.example.com", 13, "")
	w.wants(2*day, 0, all...) // another engine says the same
	w.wants(time.Hour, 0)
	w.service.answers[about] = told("domain", "bad.example.com", 25, "")
	w.service.answers["domains/new.example.com"] = told("domain", "new.example.com", 1, "")
	w.wants(31*day, 2, all...)
	w.wants(time.Hour, 0)
}

func TestLookup_DoesNotAskAgainForAnotherVersion(t *testing.T) {
	w := newLookups(t, nil)
	w.hold("bad.example.com")
	w.wants(0, 3+1, about) // it is not known
	for range 3 {
		w.now = w.now.Add(day)
		w.hold("bad.example.com") // the other feed lists it again
		w.wants(0, 0)
	}
}

func TestLookup_KeepsItsPlaceWhenTheQuotaIsUsedUp(t *testing.T) {
	w := newLookups(t, nil)
	w.hold("a.example.com", "b.example.com", "c.example.com", "d.example.com")
	w.service.quota = 2
	w.wants(0, 3+2, "domains/a.example.com", "domains/b.example.com", "domains/c.example.com")
	report, _, err := w.run(time.Hour)
	if !errors.Is(err, collectors.ErrQuota) || report.Trouble != collectors.TroubleQuota {
		t.Errorf("error %v, trouble %q, want that the quota is used up", err, report.Trouble)
	}
	w.service.quota = -1
	w.wants(time.Hour, 2, "domains/c.example.com", "domains/d.example.com")
	w.wants(time.Hour, 0)
}

func TestLookup_TellsAWrongKey(t *testing.T) {
	w := newLookups(t, nil)
	w.hold("bad.example.com")
	w.service.refusal = "WrongCredentialsError"
	report, _, err := w.run(0)
	if !errors.Is(err, collectors.ErrKey) || report.Trouble != collectors.TroubleKey {
		t.Errorf("error %v, trouble %q, want one of the key", err, report.Trouble)
	}
	w.service.refusal = ""
	w.wants(time.Hour, 3+1, about)
}

func TestLookup_KeepsToItsBudget(t *testing.T) {
	w := newLookups(t, map[string]any{"per_day": 3, "per_run": 2})
	w.hold("a.example.com", "b.example.com", "c.example.com", "d.example.com", "e.example.com")
	for _, want := range []int{2, 1, 0} {
		if _, asked, err := w.run(time.Hour); err != nil || len(asked) != want {
			t.Errorf("asked %v, error %v, want %d", asked, err, want)
		}
	}
	w.hold("f.example.com")
	w.wants(day, 2, "domains/d.example.com", "domains/e.example.com")
	pace := []time.Duration{15 * time.Second, 15 * time.Second} // in both runs that asked twice
	if diff := cmp.Diff(pace, w.slept); diff != "" {
		t.Errorf("waited (-want +got):\n%s", diff)
	}
}

func TestLookup_AsksForOlderValuesAfterNewOnes(t *testing.T) {
	w := newLookups(t, map[string]any{"history": "24h", "per_run": 2})
	w.hold("a.example.com", "b.example.com")
	w.now = w.now.Add(7 * day)
	w.hold("c.example.com")
	w.wants(0, 3+2, "domains/a.example.com", "domains/c.example.com")
	w.hold("d.example.com")
	w.wants(time.Hour, 2, "domains/b.example.com", "domains/d.example.com")
	w.wants(time.Hour, 0)
}

func TestLookup_KeepsToItselfWhatIsNobodysBusiness(t *testing.T) {
	w := newLookups(t, nil)
	w.hold("10.0.0.1", "http://192.168.1.1/admin", "listed.example.com", "http://[fd00::1]/x",
		"someone@example.com", "198.51.100.0/24")
	w.wants(0, 0)
}

func TestLookup_TakesBackThatAFileIsNotKnown(t *testing.T) {
	w := newLookups(t, nil)
	w.hold(md5)
	w.wants(0, 3+1, "files/"+md5)
	w.service.answers["files/"+md5] = told("file", sha, 7, `,"md5":"`+md5+`"`)
	w.wants(31*day, 2, "files/"+md5) // the analysis, and the note; the file is there by its MD5
	w.wants(time.Hour, 0)
	delete(w.service.answers, "files/"+md5) // what was said stays
	w.wants(31*day, 0, "files/"+md5)
}
