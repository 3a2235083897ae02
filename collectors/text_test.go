package collectors_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors"
)

func TestOneLine_CutsBetweenCharacters(t *testing.T) {
	for _, test := range []struct {
		text string
		most int
		want string
	}{
		{" a\n\t b ", 10, "a b"},
		{"a\x1b\x00[31mb\u0085", 10, "a [31mb"},
		{"äöüäöü", 12, "äöüäöü"},
		{"äöüäöü", 11, "äöüä…"},
		{"äöüäöü", 10, "äöü…"},
		{"ab cdefg", 6, "ab…"},
		{"a\xffb", 10, "ab"},
	} {
		if got := collectors.OneLine(test.text, test.most); got != test.want {
			t.Errorf("%q in %d bytes: %q, want %q", test.text, test.most, got, test.want)
		}
	}
}

func TestNameKey_IsTheSameForSpellings(t *testing.T) {
	if a, b := collectors.NameKey(" Agent\tTesla"), collectors.NameKey("agent  tesla "); a != b {
		t.Errorf("%q and %q", a, b)
	}
}
