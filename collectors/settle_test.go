package collectors_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// raw is a step that emits one object as it stands.
func raw(object string) step {
	return func(_ context.Context, _ collectors.Tools, emit func(stix.Object) error) (string, error) {
		return "", emit(stix.Object{Raw: []byte(object)})
	}
}

// tool is an object with the given members after the required ones.
func tool(members string) string {
	return `{"type":"tool","spec_version":"2.1","id":"tool--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f001",` +
		`"created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z"` + members + `}`
}

func TestRunComparesContent(t *testing.T) {
	const from = `,"valid_from":"2026-03-04T00:00:00Z"`
	until := func(hours int) string {
		return from + `,"valid_until":"` + now.Add(time.Duration(hours)*time.Hour).Format(time.RFC3339) + `"`
	}
	for name, tc := range map[string]struct {
		first, second string
		ttl           time.Duration
		changed       int
	}{
		"the same":                       {`,"name":"a"`, `,"name":"a"`, 0, 0},
		"another value":                  {`,"name":"a"`, `,"name":"b"`, 0, 1},
		"one member more":                {`,"name":"a"`, `,"name":"a","x_b":1`, 0, 1},
		"another order":                  {`,"name":"a","x_b":1`, `,"x_b":1,"name":"a"`, 0, 0},
		"other spellings":                {`,"name":"a","x_b":1`, `,"name":"\u0061", "x_b":1.0`, 0, 0},
		"a number out of range":          {`,"x_b":1e400`, `,"x_b":1e400`, 0, 0},
		"an end that comes":              {from, until(5), 0, 1},
		"an end that goes":               {until(5), from, 0, 1},
		"an end that the source moves":   {until(5), until(6), 0, 1},
		"an end far off moves":           {until(50), until(51), 40 * time.Hour, 0},
		"an end that is near moves":      {until(5), until(40), 40 * time.Hour, 1},
		"an end that is near stays":      {until(5), until(5), 40 * time.Hour, 0},
		"an end comes a little earlier":  {until(50), until(41), 40 * time.Hour, 0},
		"an end comes a quarter earlier": {until(50), until(39), 40 * time.Hour, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := played(t, nil, raw(tool(tc.first)), raw(tool(tc.second)))
			f := feed("https://feed.example/")
			f.Kind, f.Schedule, f.STIX.TTL = "script", "@every 1h", tc.ttl
			w.replace(f)
			w.run("list")
			wantCounts(t, "second run", counts(0, tc.changed, 4-tc.changed, 0, 0), w.run("list").Counts)
		})
	}
}

func TestRunKeepsValidFromOnlyBeforeTheEnd(t *testing.T) {
	w, _ := played(t, nil,
		raw(tool(`,"valid_from":"2026-03-04T00:00:00Z"`)),
		raw(tool(`,"valid_from":"2026-03-01T00:00:00Z","valid_until":"2026-03-03T00:00:00Z"`)))
	w.run("list")
	w.run("list")
	last := string(w.versions("tool")[1].Raw)
	if !strings.Contains(last, `"valid_from":"2026-03-01T00:00:00Z"`) {
		t.Errorf("the second version begins after its end: %s", last)
	}
}

// An SCO has no versions, so that the markings of the first feed that wrote it stay. What says
// that a feed lists it has the feed's own.
func TestRunOfAStricterFeedMarksAllButTheSharedObservable(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Body("text/plain", "192.0.2.1"))
	clear, red := feed(server.URL), feed(server.URL)
	clear.Policy.TLP = "clear"
	red.ID, red.Policy.TLP = "strict", "red"
	w := newWorld(t, clear, red)
	w.run("list")
	// The address and nothing else is shared.
	wantCounts(t, "stricter feed", counts(5, 0, 1, 0, 0), w.run("strict").Counts)
	level, _ := marking.TLP("red")
	for _, o := range w.versions("indicator", "relationship")[2:] {
		if !strings.Contains(string(o.Raw), level.ID) {
			t.Errorf("lacks TLP:RED: %s", o.Raw)
		}
	}
	if n := len(w.versions("ipv4-addr")); n != 1 {
		t.Errorf("%d versions of the address, want 1", n)
	}
}
