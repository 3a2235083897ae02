package scan_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/scan"
)

func TestScanner_WalksMembersAndItems(t *testing.T) {
	s := scan.Of([]byte(` { "a" : [ 1 , "x\"]" ,{}], "\u0062":true }`))
	var got []string
	s.Kind()
	for going := s.Open(); going && s.Kind() == '"'; going = s.More() {
		got = append(got, s.Name()+"="+scan.KindName(s.Kind()))
		start := s.Pos
		s.Skip()
		got = append(got, s.Text[start:s.Pos])
	}
	want := `a=a list|[ 1 , "x\"]" ,{}]|b=a boolean|true`
	if text := strings.Join(got, "|"); text != want {
		t.Errorf("%s, want %s", text, want)
	}
}

func TestScanner_SaysWhatIsEmpty(t *testing.T) {
	for _, text := range []string{"{}", "[ ]", "{\n}", "[", "{"} {
		s := scan.Scanner{Text: text}
		if s.Open() || s.Pos != len(text) {
			t.Errorf("%q: something inside, or at %d", text, s.Pos)
		}
	}
}

func TestQuote_MakesTextShortAndPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"a\n\xff\"": `"a\n` + "\uFFFD" + `\""`, strings.Repeat("a", 100): `"` + strings.Repeat("a", 60) + `..."`,
	} {
		if got := scan.Quote(text); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Skip passes exactly one value of valid JSON, and comes to an end within any text.
func FuzzScanner(f *testing.F) {
	for _, text := range []string{`{"a":[1,{"b":"\\\""}],"c":null}`, `"\\"`, `[[[`, `}`, `"`, `{"a"`, `{"a":}`, "1e5 "} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := scan.Scanner{Text: text}
		s.Skip()
		if s.Pos > len(text) {
			t.Fatalf("%q: at %d", text, s.Pos)
		}
		if json.Valid([]byte(text)) && strings.Trim(text[s.Pos:], " \t\r\n") != "" {
			t.Errorf("%q: %q is left", text, text[s.Pos:])
		}
		steps := 0
		for s.Pos = 0; s.Kind() != 0 && steps <= 2*len(text); steps++ {
			if s.Open() {
				s.Name()
			}
		}
		if steps > 2*len(text) {
			t.Errorf("%q: no end", text)
		}
	})
}

func TestPointer_EndsAtAValueAroundWhatIsTooLong(t *testing.T) {
	long, half := strings.Repeat("n", 301), strings.Repeat("n", 300)
	for want, path := range map[string][]scan.Step{
		"":                                   nil,
		"/a/3/~0~1":                          {{Name: "a"}, {Index: 3, List: true}, {Name: "~/"}},
		"/a":                                 {{Name: "a"}, {Name: long}, {Name: "b"}},
		"//" + half:                          {{Name: ""}, {Name: half}},
		"/" + half + "/" + half + "/" + half: {{Name: half}, {Name: half}, {Name: half}, {Name: half}},
	} {
		if got := scan.Pointer(path); got != want {
			t.Errorf("%.400s, want %.400s", got, want)
		}
	}
}
