package all_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/all"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// One URL in the spellings of three sources is one observable, and three indicators that are
// based on it: who says what is not mixed up, and what they speak of is not taken for several.
func TestKinds_ShareTheObservableAndNotTheIndicator(t *testing.T) {
	st, err := pebblestore.Open("db", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	const url = "http://files.example.com/it's here.exe"
	answers := map[string]string{
		"urlhaus": `{"query_status":"ok","urls":[{"id":"1","url":"` + url + `","url_status":"online",` +
			`"date_added":"2026-01-01 08:00:00 UTC","threat":"malware_download"}]}`,
		"threatfox": `{"query_status":"ok","data":[{"id":"7","ioc":"` + url + `","ioc_type":"url",` +
			`"threat_type":"payload_delivery","confidence_level":75,"first_seen":"2026-01-01 08:00:00 UTC"}]}`,
		"text": "hxxp://files.example[.]com/it's here.exe",
	}
	var feeds []collectors.Feed
	for kind, answer := range answers {
		f := collectors.Feed{
			ID: kind, Name: kind, Kind: kind, Collection: "r/c",
			URL:    collectortest.Serve(t, collectortest.Body("text/plain", answer)).URL,
			Policy: collectors.Policy{TLP: "clear", Redistribute: "internal", Licence: "terms"},
		}
		if kind == "text" {
			f.Settings = map[string]any{"refang": true, "fields": map[string]any{"value": "$0"}}
		}
		feeds = append(feeds, f)
	}
	runner, err := collectors.New(collectors.RunnerConfig{
		Store: st, Documents: st, Kinds: all.Kinds(), Feeds: feeds,
		Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind := range answers {
		if _, err := runner.RunNow(t.Context(), kind); err != nil {
			t.Fatal(err)
		}
	}
	page, err := st.Page(t.Context(), "r/c", store.Query{
		Types: []string{"url", "indicator", "relationship"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{} // of what, and how many different ones
	seen := map[string]bool{}
	count := func(what, value string) {
		if value != "" && !seen[what+value] {
			seen[what+value] = true
			got[what]++
		}
	}
	for _, e := range page.Entries {
		var o struct {
			By      string `json:"created_by_ref"`
			Value   string `json:"value"`
			Pattern string `json:"pattern"`
			Source  string `json:"source_ref"`
			Target  string `json:"target_ref"`
		}
		if err := json.Unmarshal(e.Raw, &o); err != nil {
			t.Fatal(err)
		}
		count(e.Type, e.ID)
		count("value", o.Value)
		count("pattern", o.Pattern)
		count("source of "+e.Type, o.By)
		count("end", o.Target)
		count("beginning", o.Source)
	}
	want := map[string]int{
		"url": 1, "value": 1, "indicator": 3, "pattern": 1, "source of indicator": 3,
		"relationship": 3, "source of relationship": 3, "beginning": 3, "end": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
