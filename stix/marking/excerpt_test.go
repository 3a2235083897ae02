package marking_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
)

const other = "marking-definition--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"

func TestExcerpt_Text(t *testing.T) {
	green, red := marking.Marks{Level: marking.Green}, marking.Marks{Level: marking.Red}
	both := marking.Marks{Level: marking.AmberStrict, Others: []string{other}}
	for want, e := range map[string]marking.Excerpt{
		"green unless red": {green, red},
		"none unless amber+strict,8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f": {marking.Marks{}, both},
		"broken": {green, marking.Marks{Broken: true}},
	} {
		if got := e.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		got, ok := marking.ParseExcerpt(want)
		if ok != (want != "broken") {
			t.Errorf("%q: %v", want, ok)
		}
		if diff := cmp.Diff(e, got); ok && diff != "" {
			t.Errorf("%q (-want +got):\n%s", want, diff)
		}
	}
	if got := (marking.Excerpt{Left: marking.Marks{Broken: true}, Fuller: green}).String(); got != "broken" {
		t.Errorf("%q of broken marks", got)
	}
	for _, text := range []string{
		"", "green", " unless ", "green unless ", " unless red", "green  unless red", "Green unless red",
		"green unless broken", "broken unless red", "green unless amber unless red",
	} {
		if e, ok := marking.ParseExcerpt(text); ok {
			t.Errorf("%q: %v", text, e)
		}
	}
}

func FuzzParseExcerpt(f *testing.F) {
	f.Add("green unless red")
	f.Add("none unless clear,8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f")
	f.Add("broken unless broken")
	f.Fuzz(func(t *testing.T, text string) {
		e, ok := marking.ParseExcerpt(text)
		if !ok {
			return
		}
		if got := e.String(); got != text {
			t.Errorf("%q is read as %q", text, got)
		}
		if !marking.IsExcerpt(text) || len(text) > store.MaxMarksLen {
			t.Errorf("%q: %d bytes, an excerpt: %v", text, len(text), marking.IsExcerpt(text))
		}
		if _, is := marking.ParseMarks(text); is {
			t.Errorf("%q are marks of an object, too", text)
		}
	})
}

// The longest text of all fits into a store.
func TestExcerpt_LongestFits(t *testing.T) {
	m := marking.Marks{Level: marking.AmberStrict}
	for n := range 8 {
		m.Others = append(m.Others, strings.Replace(other, "8e2e2d2b", "8e2e2d2"+string(rune('0'+n)), 1))
	}
	text := marking.Excerpt{Left: m, Fuller: m}.String()
	if len(text) < 600 || len(text) > store.MaxMarksLen {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}
