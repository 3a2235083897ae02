package uri_test

import (
	"testing"

	"github.com/cabstand/cabstand/internal/uri"
)

func TestEncode(t *testing.T) {
	for text, want := range map[string]string{
		"https://example.com/a?b=c&d=e#f":     "https://example.com/a?b=c&d=e#f",
		"http://[2001:db8::1]:8080/":          "http://[2001:db8::1]:8080/",
		"http://example.com/a b\"c\\d'e":      "http://example.com/a%20b%22c%5Cd'e",
		"http://example.com/ü<>{}|^`":         "http://example.com/%C3%BC%3C%3E%7B%7D%7C%5E%60",
		"http://example.com/100%/%zz/%e4/%4":  "http://example.com/100%25/%25zz/%e4/%254",
		"http://example.com/a[1]?b[]=2#x[#]y": "http://example.com/a%5B1%5D?b%5B%5D=2#x%5B%23%5Dy",
		"http://[2001:db8::1]/[x]":            "http://[2001:db8::1]/%5Bx%5D",
		"http://a[b]c.example/":               "http://a%5Bb%5Dc.example/",
		"http://us[er@host/":                  "http://us%5Ber@host/",
		"http://user:p[w]@[2001:db8::1]:80/x": "http://user:p%5Bw%5D@[2001:db8::1]:80/x",
		"http://u@[::1]@h/":                   "http://u%40%5B::1%5D@h/",
		"http://[not-ip]/":                    "http://%5Bnot-ip%5D/",
		`http://h\[x]`:                        "http://h%5C%5Bx%5D",
		"mailto:a b@example.com":              "mailto:a%20b@example.com",
	} {
		got := uri.Encode(text)
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
		if err := uri.Check(got); err != nil {
			t.Errorf("%s %v", got, err)
		}
	}
}

func TestEncode_CannotMendEverything(t *testing.T) {
	for _, text := range []string{"", "example.com/a", "http://h:port/", "http://host:8 0/", "ht tp://x/", "1http://x/"} {
		if err := uri.Check(uri.Encode(text)); err == nil {
			t.Errorf("%s became a URI, %s", text, uri.Encode(text))
		}
	}
}

func FuzzEncode(f *testing.F) {
	f.Add("http://user@[::1]:80/a?b#c")
	f.Add("a://[@]:1/[]%2#")
	f.Fuzz(func(t *testing.T, text string) {
		once := uri.Encode(text)
		if again := uri.Encode(once); again != once {
			t.Errorf("%q: %q, then %q", text, once, again)
		}
		if uri.Check(text) == nil && once != text {
			t.Errorf("%q is a URI and became %q", text, once)
		}
	})
}

func TestHost(t *testing.T) {
	for text, want := range map[string]string{
		"https://example.com/a":              "example.com",
		"http://user:pass@example.com:80?x":  "example.com",
		"http://[2001:db8::5]:443/":          "2001:db8::5",
		`http://example.com\@other.example/`: "example.com",
		"http://a@b@example.com":             "example.com",
		"http://[2001:db8::5":                "",
		"http://a b/":                        "",
		"example.com/a":                      "",
		"1http://example.com":                "",
		"http://":                            "",
	} {
		host, ok := uri.Host(text)
		if !ok {
			host = ""
		}
		if host != want {
			t.Errorf("%s: host %q, want %q", text, host, want)
		}
	}
}
