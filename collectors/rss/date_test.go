package rss_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
)

// The spellings stand for what feeds say; a report shows what was understood.
func TestCollect_ReadsDatesInManySpellings(t *testing.T) {
	want := map[string]string{}
	var items []string
	for spelling, at := range map[string]string{
		"Thu, 20 Nov 2025 08:00:00 +0100":    "2025-11-20T07:00:00.000Z",
		"Thu, 20 Nov 2025 08:00:00 GMT":      "2025-11-20T08:00:00.000Z",
		"20 Nov 25 08:00 EST":                "2025-11-20T13:00:00.000Z",
		"Thursday, 20 November 2025 8:00:00": "2025-11-20T08:00:00.000Z",
		"Do, 20 Nov 2025 08:00:00 +01:00":    "2025-11-20T07:00:00.000Z",
		"2025-11-20T08:00:00Z":               "2025-11-20T08:00:00.000Z",
		"2025-11-20T08:00:00.25+01:00":       "2025-11-20T07:00:00.250Z",
		"2025-11-20T08:00:00+0100":           "2025-11-20T07:00:00.000Z",
		"2025-11-20T08:00Z":                  "2025-11-20T08:00:00.000Z",
		"2025-11-20 08:00:00":                "2025-11-20T08:00:00.000Z",
		"2025-11-20 08:00:00 +0100":          "2025-11-20T07:00:00.000Z",
		"2025-11-20":                         "2025-11-20T00:00:00.000Z",
		"Thu Nov 20 08:00:00 2025":           "2025-11-20T08:00:00.000Z",
		"Thu Nov 20 08:00:00 PST 2025":       "2025-11-20T16:00:00.000Z",
		"Nov 20, 2025":                       "2025-11-20T00:00:00.000Z",
		"Sept 5, 2025 08:00 UTC":             "2025-09-05T08:00:00.000Z",
		"yesterday":                          "2026-01-02T03:04:05.000Z", // when it was first seen
		"Thu, 31 Feb 2025 08:00:00 GMT":      "2026-01-02T03:04:05.000Z",
		"0001-01-01T00:00:00Z":               "2026-01-02T03:04:05.000Z",
		strings.Repeat("2", 100):             "2026-01-02T03:04:05.000Z",
	} {
		want[spelling] = at
		items = append(items, "<item><title>"+spelling+"</title><guid>"+spelling+"</guid>"+
			"<pubDate>"+spelling+"</pubDate><description>a[.]example[.]com</description></item>")
	}
	s := &site{pages: map[string]func() (*collectors.Document, error){home: channel(items...)}}
	got, err := collect(t, s, day, "", nil)
	if diff := cmp.Diff(want, got.reports); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}
