package misp_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/misp"
	"github.com/cabstand/cabstand/stix"
)

const bigEvent = "0a000001-0000-4000-8000-000000000000"

// files is a feed of which the files are in memory.
type files map[string][]byte

func (f files) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	name := req.URL[strings.LastIndexByte(req.URL, '/')+1:]
	body, ok := f[name]
	if !ok {
		return nil, &collectors.StatusError{Status: 404}
	}
	return &collectors.Document{URL: req.URL, Body: body}, nil
}

// feedOf is a feed with one event.
func feedOf(event []byte) files {
	manifest := fmt.Sprintf(`{%q:{"timestamp":"1763800000"}}`, bigEvent)
	return files{"manifest.json": []byte(manifest), bigEvent + ".json": event}
}

// collectFiles runs a feed once, as the runner would for the first time.
func collectFiles(
	t testing.TB, f files, skip func(string, error), emit func(stix.Object) error,
) error {
	_, err := collector(t, f, skip).Collect(t.Context(), "", emit)
	return err
}

// collectAll runs a feed from a cursor on.
func collectAll(
	ctx context.Context, t testing.TB, f collectors.Fetcher, cursor string,
) (string, error) {
	skip := func(where string, err error) { t.Error(where, err) }
	return collector(t, f, skip).Collect(ctx, cursor, func(stix.Object) error { return nil })
}

func collector(
	t testing.TB, f collectors.Fetcher, skip func(string, error),
) collectors.Collector {
	feed := collectors.Feed{
		ID: "big", Name: "Big", Kind: "misp-feed", URL: "https://misp.example.com/feed",
		Policy: collectors.Policy{TLP: "clear", Redistribute: "public", Licence: "none"},
	}
	tools := collectortest.Tools(f)
	tools.Now, tools.Skip = func() time.Time { return time.Unix(now, 0) }, skip
	c, err := misp.FeedKind().New(feed, tools)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// bigFile is an event with that many attributes, each 250 bytes long.
func bigFile(attributes int) []byte {
	var out bytes.Buffer
	out.WriteString(`{"Event":{"Attribute":[`)
	for i := range attributes {
		if i > 0 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, `{"uuid":"0c000001-0000-4000-8000-%012d","type":"domain",`+
			`"category":"Network activity","to_ids":true,"value":"host%d.example.com",`+
			`"comment":"","timestamp":"1763700000","distribution":"5","object_relation":null}`, i, i)
	}
	fmt.Fprintf(&out, `],"uuid":%q,"info":"Big","timestamp":"1763800000"}}`, bigEvent)
	return out.Bytes()
}

// heapAfter returns the bytes that a run holds in the middle, beside the event itself.
func heapAfter(t testing.TB, attributes int) (held uint64, objects, listed int) {
	source := feedOf(bigFile(attributes))
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	err := collectFiles(t, source, func(where string, err error) { t.Error(where, err) },
		func(o stix.Object) error {
			if objects++; objects == 3*attributes-100 {
				runtime.GC()
				runtime.ReadMemStats(&during)
			}
			if o.Type == "report" {
				listed = strings.Count(string(o.Raw), `--`) // of which a few are no object_refs
			}
			return nil
		})
	if err != nil {
		t.Fatal(err)
	}
	if during.HeapAlloc > before.HeapAlloc {
		held = during.HeapAlloc - before.HeapAlloc
	}
	return held, objects, listed
}

// The objects of this event would be 25 MB. What is held is the list of the report.
func TestFeed_MemoryDoesNotGrowWithAnEvent(t *testing.T) {
	const attributes = 12_000
	held, objects, listed := heapAfter(t, attributes)
	if objects != 3*attributes+1 {
		t.Errorf("%d objects", objects)
	}
	if listed < 10_000 || listed > 10_010 {
		t.Errorf("the report names %d objects, want 10000", listed)
	}
	if held > 6<<20 {
		t.Errorf("%d bytes held in the middle of the event", held)
	}
}

// BenchmarkEvent reads an event of 50 MB.
func BenchmarkEvent(b *testing.B) {
	source := feedOf(bigFile(200_000))
	b.SetBytes(int64(len(source[bigEvent+".json"])))
	for b.Loop() {
		err := collectFiles(b, source, func(string, error) {}, func(stix.Object) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
}

func TestFeed_HostileEventsEnd(t *testing.T) {
	deep := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	head := `{"Event":{"uuid":"` + bigEvent + `",`
	for name, event := range map[string]string{
		"a list in a list":     `[` + deep + `]`,
		"deep attributes":      head + `"Attribute":` + deep + `}}`,
		"deep tags":            head + `"Tag":` + deep + `}}`,
		"deeper than the rest": `{"Event":` + strings.Repeat("[", 20_000),
		"an event in itself":   head + `"Event":{"Event":{}}}}`,
		"a long name":          head + `"info":"` + strings.Repeat("\u2028x", 1<<20) + `"}}`,
		"many tags": head + `"Tag":[` + strings.Repeat(`{"name":"misp-galaxy:tool=\"a\""},`, 50_000) +
			`{"name":"b"}],"Attribute":[{"type":"domain","value":"a.example.com","to_ids":1}]}}`,
		"a long value": head + `"Attribute":[{"type":"mutex","to_ids":1,"value":"` +
			strings.Repeat("x", 1<<20) + `"}]}}`,
		"an object of many": head + `"Object":[{"name":"file","Attribute":[` +
			strings.Repeat(`{"type":"md5"},`, 5000) + `{}]}]}}`,
		"twice": head + `"uuid":"` + bigEvent + `"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			largest := 0
			_ = collectFiles(t, feedOf([]byte(event)), func(_ string, err error) {
				if len(err.Error()) > 1000 {
					t.Errorf("an error of %d bytes", len(err.Error()))
				}
			}, func(o stix.Object) error {
				largest = max(largest, len(o.Raw))
				return nil
			})
			if largest > 20_000 {
				t.Errorf("an object of %d bytes", largest)
			}
		})
	}
}

func FuzzCollect(f *testing.F) {
	for _, name := range []string{
		"attributes/event.json", "leniency/event-1.json", "objects/event-1.json",
	} {
		f.Add(readCase(f, name))
	}
	f.Fuzz(func(t *testing.T, event []byte) {
		_ = collectFiles(t, feedOf(event), func(string, error) {}, func(o stix.Object) error {
			if _, err := stix.Parse(o.Raw); err != nil {
				t.Errorf("%v\n%s", err, o.Raw)
			}
			return nil
		})
	})
}
