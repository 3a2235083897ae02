package extract_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors/extract"
)

// A whole value has no words around it: its marks count wherever they stand, and nothing else of
// it changes.
func TestRefang(t *testing.T) {
	for value, want := range map[string]string{
		"198[.]51[.]100[.]7":               "198.51.100.7",
		"198(.)51{.}100[dot]7":             "198.51.100.7",
		"evil[DOT]example(dot)com[.]":      "evil.example.com.",
		"hxxps://evil[.]example.com/a":     "https://evil.example.com/a",
		"hXXp[://]evil.example.com[/]a":    "http://evil.example.com/a",
		"hxxp[:]//evil.example.com":        "http://evil.example.com",
		"HTTP://evil.example.com/":         "HTTP://evil.example.com/",
		"sales[@]example.com":              "sales@example.com",
		"sales(at)example[.]com":           "sales@example.com",
		"[2001:db8::5]:443":                "[2001:db8::5]:443",
		"2001[:]db8[:][:]5":                "2001:db8::5",
		"https://example.com/a–b\u00a0[c]": "https://example.com/a–b\u00a0[c]",
		`C:\Users\a\.ssh`:                  `C:\Users\a\.ssh`,
		`HKLM\Software\.NET`:               `HKLM\Software\.NET`,
		"evil [.] example [.] com":         "evil.example.com",
		"":                                 "",
	} {
		if diff := cmp.Diff(want, extract.Refang(value)); diff != "" {
			t.Errorf("%s: %s", value, diff)
		}
	}
}
