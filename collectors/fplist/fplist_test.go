package fplist_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/fplist"
	"github.com/cabstand/cabstand/collectors/malwarebazaar"
	"github.com/cabstand/cabstand/collectors/table"
	"github.com/cabstand/cabstand/collectors/threatfox"
	"github.com/cabstand/cabstand/collectors/urlhaus"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

func TestCases(t *testing.T) { collectortest.Run(t, fplist.Kind()) }

func feed(id, kind, url string) collectors.Feed {
	return collectors.Feed{
		ID: id, Name: id, Kind: kind, URL: url, Collection: "r/c",
		Policy: collectors.Policy{TLP: "clear", Redistribute: "internal", Licence: "terms"},
	}
}

const (
	link = "http://files.example.com/it's here.exe"
	hash = "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"
)

// sources are what the kinds of abuse.ch answer: one value each.
func sources() map[string]string {
	return map[string]string{
		"urlhaus": `{"query_status":"ok","urls":[{"id":"1","url":"` + link + `","url_status":"online",` +
			`"date_added":"2026-01-01 08:00:00 UTC","threat":"malware_download"}]}`,
		"threatfox": `{"query_status":"ok","data":[{"id":"7","ioc":"198.51.100.7:443","ioc_type":"ip:port",` +
			`"threat_type":"botnet_cc","confidence_level":75,"first_seen":"2026-01-01 08:00:00 UTC"}]}`,
		"malwarebazaar": `{"query_status":"ok","data":[{"sha256_hash":"` + hash + `",` +
			`"first_seen":"2026-01-01 08:00:00"}]}`,
		// A list that has nothing to do with abuse.ch.
		"text": link,
	}
}

// entries is an answer of the list.
func entries(all ...string) string {
	var list []string
	for i := 0; i < len(all); i += 4 {
		list = append(list, fmt.Sprintf(`%q:{"time_stamp":"2026-01-02 08:00:00 UTC","platform":%q,`+
			`"entry_type":%q,"entry_value":%q,"removed_by":"admin","removal_notes":null}`,
			all[i], all[i+1], all[i+2], all[i+3]))
	}
	return "{" + strings.Join(list, ",") + "}"
}

// world is a server with the feeds of abuse.ch in one collection.
type world struct {
	t      *testing.T
	store  store.Store
	runner *collectors.Runner
	fps    string // what the list answers
}

func newWorld(t *testing.T) *world {
	s, err := pebblestore.Open("db", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	w := &world{t: t, store: s}
	var feeds []collectors.Feed
	for kind, answer := range sources() {
		f := feed(kind, kind, collectortest.Serve(t, collectortest.Body("application/json", answer)).URL)
		if kind == "text" {
			f.Settings = map[string]any{"fields": map[string]any{"value": "$0"}}
		}
		feeds = append(feeds, f)
	}
	list := feed("fps", "abusech-fplist", collectortest.Serve(t, func(rw http.ResponseWriter, r *http.Request) {
		collectortest.Body("application/json", w.fps)(rw, r)
	}).URL)
	list.Settings = map[string]any{"feeds": map[string]any{
		"URLhaus": []any{"urlhaus"}, "ThreatFox": []any{"threatfox"}, "MalwareBazaar": []any{"malwarebazaar"},
	}}
	w.runner, err = collectors.New(collectors.RunnerConfig{
		Store: s, Documents: s, Feeds: append(feeds, list),
		Kinds: append(table.Kinds(), fplist.Kind(), urlhaus.Kind(), threatfox.Kind(), malwarebazaar.Kind()),
		Now:   func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		HTTP: collectors.ClientConfig{
			Attempts: 1, Sleep: func(context.Context, time.Duration) error { return nil },
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) run(feeds ...string) (last collectors.Report) {
	w.t.Helper()
	for _, id := range feeds {
		var err error
		if last, err = w.runner.RunNow(w.t.Context(), id); err != nil {
			w.t.Fatal(err)
		}
	}
	return last
}

// indicators are the patterns of the collection by whether they are revoked, with the feed.
func (w *world) indicators() map[string]bool {
	w.t.Helper()
	page, err := w.store.Page(w.t.Context(), "r/c", store.Query{Types: []string{"indicator"}})
	if err != nil {
		w.t.Fatal(err)
	}
	of := map[string]string{}
	for kind := range sources() {
		of[stix.MintID("identity", kind)] = kind
	}
	revoked := map[string]bool{}
	for _, e := range page.Entries {
		o, err := stix.Parse(e.Raw)
		if err != nil {
			w.t.Fatal(err)
		}
		revoked[of[o.CreatedByRef]] = o.Revoked
	}
	return revoked
}

// One test over all kinds, so that a kind that gives its indicators other keys is found out.
func TestRunRevokesTheIndicatorsOfOtherFeeds(t *testing.T) {
	w := newWorld(t)
	w.run("urlhaus", "threatfox", "malwarebazaar", "text")
	w.fps = entries("1", "URLhaus", "url", link, "2", "ThreatFox", "ip:port", "198.51.100.7:443",
		"3", "MalwareBazaar", "sha256_hash", hash)
	if n := w.run("fps").Revoked; n != 3 {
		t.Errorf("%d revoked, want 3", n)
	}
	want := map[string]bool{"urlhaus": true, "threatfox": true, "malwarebazaar": true, "text": false}
	if diff := cmp.Diff(want, w.indicators()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := w.run("fps").Revoked; n != 0 {
		t.Errorf("%d revoked by the same list, want none", n)
	}
}

func TestRunConcernsThePlatformThatSaysSo(t *testing.T) {
	w := newWorld(t)
	w.run("urlhaus", "threatfox", "malwarebazaar")
	w.fps = entries("1", "ThreatFox", "url", link, "2", "YARAify", "sha256_hash", hash)
	if n := w.run("fps").Revoked; n != 0 {
		t.Errorf("%d revoked, want none", n)
	}
}

// An entry counts in two runs: a run of the feed may have been under way in the first. What is
// listed again after that stays.
func TestRunHeedsAnEntryTwiceAndNotForEver(t *testing.T) {
	w := newWorld(t)
	w.fps = entries("1", "URLhaus", "url", "http://other.example.com/")
	w.run("fps")
	w.fps = entries("1", "URLhaus", "url", "http://other.example.com/", "2", "URLhaus", "url", link)
	w.run("fps")
	w.run("urlhaus")
	var revoked []int
	for range 4 {
		revoked = append(revoked, w.run("fps").Revoked)
		w.run("urlhaus")
	}
	if diff := cmp.Diff([]int{1, 0, 0, 0}, revoked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRunSaysWhatIsWrongWithTheKey(t *testing.T) {
	list := feed("fps", "abusech-fplist", collectortest.Serve(t, collectortest.Status(403)).URL)
	list.Settings = map[string]any{"feeds": map[string]any{"URLhaus": []any{"urlhaus"}}}
	w := newWorld(t)
	if err := w.runner.Replace([]collectors.Feed{list}); err != nil {
		t.Fatal(err)
	}
	_, err := w.runner.RunNow(t.Context(), "fps")
	if err == nil || !strings.Contains(err.Error(), "keys are had at") {
		t.Errorf("error = %v, want advice about the key", err)
	}
}

// An empty list has the form of one: there is nothing to correct in the settings.
func TestRunOfAnEmptyListIsStoppedByAGuard(t *testing.T) {
	w := newWorld(t)
	w.fps = "{}"
	report, err := w.runner.RunNow(t.Context(), "fps")
	if err == nil || report.Trouble != collectors.TroubleGuard {
		t.Errorf("error %v, trouble %q, want %q", err, report.Trouble, collectors.TroubleGuard)
	}
}

// FuzzCollect reads what may be an answer.
func FuzzCollect(f *testing.F) {
	for _, name := range []string{"api", "hostile", "error-key"} {
		body, err := os.ReadFile("testdata/cases/" + name + "/input.json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, "101-102")
	}
	list := feed("fps", "abusech-fplist", "")
	list.Settings = map[string]any{"feeds": map[string]any{"threatfox": []any{"a", "b"}}}
	f.Fuzz(func(t *testing.T, body []byte, cursor string) {
		var runs [2]string
		for i := range runs {
			c, err := fplist.Kind().New(list, collectors.Tools{
				Fetch: answers(body), Now: time.Now, Rows: func(int) error { return nil },
				Skip: func(where string, reason error) { runs[i] += where + reason.Error() },
				Withdraw: func(ids ...string) error {
					for _, id := range ids {
						if err := stix.CheckID(id); err != nil {
							t.Errorf("%s: %v", id, err)
						}
					}
					runs[i] += strings.Join(ids, " ")
					return nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			next, err := c.Collect(t.Context(), cursor, nil)
			runs[i] += fmt.Sprint(next, err)
		}
		if runs[0] != runs[1] {
			t.Errorf("the second run differs:\n%s\n%s", runs[0], runs[1])
		}
	})
}

// answers is a fetcher that has one document.
type answers []byte

func (a answers) Fetch(context.Context, collectors.Request) (*collectors.Document, error) {
	return &collectors.Document{Body: a}, nil
}
