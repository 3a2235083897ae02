package edit_test

import (
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/edit"
	"github.com/cabstand/cabstand/internal/scan"
)

func TestBrackets_KeepsTheBytesOfWhatStays(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`{"gone":1,"a":2}`, `{"a":2}`},
		{`{ "a" : [1, 2] , "gone":1 }`, `{ "a" : [1, 2] }`},
		{"{\n  \"gone\":{},\n  \"a\": 1.50,\n  \"b\":\t\"\\u0062\"\n}", "{\n  \"a\": 1.50,\n  \"b\":\t\"\\u0062\"\n}"},
		{`{"a":1,"g\u006fne":"]}","gone":2,"b":3}`, `{"a":1,"b":3}`},
		{`{"gone":1 , "gone":2 }`, `{ }`},
		{`{ }`, `{ }`},
		{`["", 1 ,[2], "x" ]`, `["", 1 ,[2], "x" ]`},
		{`[ null, 1,null , 2,null ]`, `[ 1 , 2 ]`},
	} {
		got, _ := without(c.text)
		if got != c.want {
			t.Errorf("%s: %s, want %s", c.text, got, c.want)
		}
	}
}

func TestBrackets_LeavesTheScannerBehind(t *testing.T) {
	s := scan.Of([]byte(`[{"a":[]} ,7]`))
	if _, _ = edit.Brackets(nil, &s, skipping(&s)); s.Pos != len(s.Text) {
		t.Errorf("at %d of %d", s.Pos, len(s.Text))
	}
}

// Text that is cut off or no JSON makes no sense, and no panic.
func FuzzBrackets(f *testing.F) {
	for _, text := range []string{"", "{", `{"a`, `{"a":`, `{"a":1`, "[", "[1,", "7", "}", `{1:2}`, `{"a":1,]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, s := without(text); len(got) > len(text) || s.Pos > len(text)+1 {
			t.Errorf("%q: %q, at %d", text, got, s.Pos)
		}
	})
}

// without returns a text without its members named gone and its items that are null.
func without(text string) (string, *scan.Scanner) {
	s := scan.Of([]byte(text))
	out, closing := edit.Brackets(nil, &s, func(out []byte, name string) ([]byte, bool) {
		out, _ = skipping(&s)(out, name)
		return out, name != "gone" && !strings.HasSuffix(string(out), "null")
	})
	return string(out) + closing, &s
}

// skipping keeps everything.
func skipping(s *scan.Scanner) edit.Each {
	return func(out []byte, _ string) ([]byte, bool) {
		start := s.Pos
		s.Skip()
		return append(out, s.Text[start:s.Pos]...), true
	}
}
