package collectors_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors"
)

func TestURI(t *testing.T) {
	for text, want := range map[string]string{
		"https://example.com/a?b=c&d=e#f":     "https://example.com/a?b=c&d=e#f",
		"http://[2001:db8::1]:8080/":          "http://[2001:db8::1]:8080/",
		"http://example.com/a b\"c\\d'e":      "http://example.com/a%20b%22c%5Cd'e",
		"http://example.com/ü<>{}|^`":         "http://example.com/%C3%BC%3C%3E%7B%7D%7C%5E%60",
		"http://example.com/100%/%zz/%e4/%4":  "http://example.com/100%25/%25zz/%e4/%254",
		"http://example.com/a[1]?b[]=2#x[#]y": "http://example.com/a%5B1%5D?b%5B%5D=2#x%5B%23%5Dy",
		"http://[2001:db8::1]/[x]":            "http://[2001:db8::1]/%5Bx%5D",
	} {
		if got := collectors.URI(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if got := collectors.URI(want); got != want {
			t.Errorf("%s changes when it is encoded again: %s", want, got)
		}
	}
}
