package report

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cabstand/cabstand/conformance"
)

// clean returns a copy of a report that people can look at: every text is visible as a whole
// and on one line, only bodies keep their lines.
func clean(r *conformance.Report) *conformance.Report {
	out := guarded(r)
	out.Suite, out.Server, out.Software = line(r.Suite), line(out.Server), line(r.Software)
	out.Run, out.Target = line(r.Run), line(out.Target)
	out.Only, out.Skip = lines(r.Only), lines(r.Skip)
	out.Left, out.Notes = lines(r.Left), lines(r.Notes)
	for i := range out.Results {
		cleanResult(&out.Results[i])
	}
	return out
}

func cleanResult(r *conformance.Result) {
	c := &r.Case
	c.ID, c.Section, c.Title = line(c.ID), line(c.Section), line(c.Title)
	c.Demand, c.Source = line(c.Demand), line(c.Source)
	r.Notes, r.Reason = lines(r.Notes), line(r.Reason)
	r.Findings = slices.Clone(r.Findings)
	for i, f := range r.Findings {
		f.Sent, f.Want, f.Got = line(f.Sent), line(f.Want), line(f.Got)
		r.Findings[i] = f
	}
	for _, e := range r.Exchanges {
		e.User, e.Method, e.URL = line(e.User), line(e.Method), line(e.URL)
		e.Failure, e.What = line(e.Failure), line(e.What)
		e.Header, e.ResponseHeader = cleanHeader(e.Header), cleanHeader(e.ResponseHeader)
		e.Body, e.ResponseBody = cleanBody(e.Body), cleanBody(e.ResponseBody)
	}
}

// longestBody bounds a body after what is odd in it has been spelled out, which makes six bytes of
// one.
const longestBody = 64 << 10

func cleanBody(body []byte) []byte { return []byte(cut(visible(body), longestBody)) }

func cleanHeader(h http.Header) http.Header {
	out := http.Header{}
	for name, values := range h {
		out[line(name)] = lines(values)
	}
	return out
}

// line spells out what cannot be seen, line breaks included.
func line(text string) string {
	return spellOut(text, func(r rune) bool { return !unicode.IsPrint(r) })
}

func lines(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = line(text)
	}
	return out
}

// visible spells out what cannot be seen in a text that may have several lines.
func visible(text []byte) string {
	return spellOut(string(text), func(r rune) bool {
		return !unicode.IsPrint(r) && r != '\n' && r != '\t'
	})
}

// spellOut writes odd characters as \u{1b} and bytes that are no characters as \x{ff}, so that
// they neither move a cursor nor hide or reorder what stands beside them.
func spellOut(text string, odd func(rune) bool) string {
	if utf8.ValidString(text) && strings.IndexFunc(text, odd) < 0 {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			fmt.Fprintf(&b, "\\x{%02x}", text[i])
		case odd(r):
			fmt.Fprintf(&b, "\\u{%x}", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// cut bounds a text where somebody reads line by line. It says how long the text was.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for !utf8.RuneStart(text[most]) {
		most--
	}
	return fmt.Sprintf("%s... (%d bytes)", text[:most], len(text))
}

// hidden stands where a credential was.
const hidden = "***"

// guarded returns a copy of a report without the places where HTTP carries credentials. Exchanges
// come without them; this holds where somebody made a report in another way.
func guarded(r *conformance.Report) *conformance.Report {
	out := *r
	out.Server, out.Target = withoutUser(r.Server), withoutUser(r.Target)
	out.Results = slices.Clone(r.Results)
	for i := range out.Results {
		exchanges := &out.Results[i].Exchanges
		*exchanges = slices.Clone(*exchanges)
		for j, e := range *exchanges {
			copied := *e
			copied.URL = withoutUser(e.URL)
			copied.Header = withoutSecrets(e.Header)
			copied.ResponseHeader = withoutSecrets(e.ResponseHeader)
			(*exchanges)[j] = &copied
		}
	}
	return &out
}

// withoutUser takes the user and the password out of a URL.
func withoutUser(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.User == nil {
		return text
	}
	u.User = nil
	return u.String()
}

func withoutSecrets(h http.Header) http.Header {
	out := h.Clone()
	for name := range out {
		switch http.CanonicalHeaderKey(name) {
		case "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie":
			out[name] = []string{hidden}
		}
	}
	return out
}
