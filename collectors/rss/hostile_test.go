package rss_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors"
)

// What a feed nests, repeats or never ends is bounded, and what stands around it is read.
func TestCollect_SurvivesHostileFeeds(t *testing.T) {
	good := post("good", "good[.]example[.]com")
	for name, test := range map[string]struct {
		text    string
		reports int
	}{
		"nested deeply":      {good + strings.Repeat("<a>", 1<<17), 1},
		"markup in an item":  {good + "<item><description>" + strings.Repeat("<b>", 1<<17) + "</description></item>", 1},
		"same element":       {"<item><title>" + strings.Repeat("<title>", 1<<17) + "</item>" + good, 1},
		"giant tag":          {good + "<item x='" + strings.Repeat("y", 5<<20) + "'/>" + post("next", "n[.]example[.]com"), 2},
		"many attributes":    {good + "<item " + strings.Repeat("a='' ", 1<<17) + "/>", 1},
		"many items":         {good + strings.Repeat("<item/>", 1<<17), 1},
		"many broken items":  {good + strings.Repeat("<item <", 1<<17), 1},
		"many prefixes":      {good + "<x " + strings.Repeat("xmlns:a='b' ", 1<<14) + "/>", 1},
		"ends without items": {strings.Repeat("</item></rss>", 1<<14) + good, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			s := &site{pages: map[string]func() (*collectors.Document, error){
				home: body(`<rss version="2.0"><channel>` + test.text),
			}}
			got, err := collect(t, s, day, "", nil)
			if err != nil || len(got.reports) != test.reports {
				t.Errorf("%d reports, want %d; error %v", len(got.reports), test.reports, err)
			}
			if len(got.cursor) > 100_000 {
				t.Errorf("a cursor of %d bytes", len(got.cursor))
			}
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<30 {
				t.Errorf("%d MiB were allocated", grown>>20)
			}
		})
	}
}

// Whatever a feed says, it can be read twice with one result, and makes nothing when it is known.
func FuzzCollect(f *testing.F) {
	f.Add(`<rss><channel><item><title>evil[.]example[.]com</title></item>`)
	f.Add(`<feed><entry><id>a</id><link href="/x"/><content type="xhtml"><p>203.0.113.7:80</p></content></entry>`)
	f.Add(`<rdf:RDF><item rdf:about="x"><dc:date>2025-01-01</dc:date><description>a&b <![CDATA[<b>]]></item>`)
	f.Add(`{"version":"https://jsonfeed.org/version/1","items":[{"id":1,"content_html":"CVE-2024-3400"}]}`)
	f.Add("\xff\xfe<\x00r\x00s\x00s\x00")
	f.Fuzz(func(t *testing.T, text string) {
		s := &site{pages: map[string]func() (*collectors.Document, error){home: body(text)}}
		first, err := collect(t, s, day, "", nil)
		if err != nil {
			return
		}
		second, err := collect(t, s, day, "", nil)
		if err != nil || second.objects != first.objects || second.cursor != first.cursor {
			t.Errorf("%d objects, then %d; error %v", first.objects, second.objects, err)
		}
		third, err := collect(t, s, day, first.cursor, nil)
		if !errors.Is(err, collectors.ErrNotModified) || third.objects > 0 {
			t.Errorf("%d objects of what was read; error %v", third.objects, err)
		}
	})
}
