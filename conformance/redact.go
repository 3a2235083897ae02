package conformance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	// keepBody is how much of a body an exchange keeps for the report.
	keepBody = 64 << 10
	// longestSecret is how far behind keepBody a secret is still looked for, so that none is kept
	// in part.
	longestSecret = 4 << 10
	// shortestPart is how much of a secret at the end of a text that was cut off gives it away;
	// longestPart is more than an excerpt can end in.
	shortestPart, longestPart = 4, 500
	hidden                    = "***"
)

// redactor takes credentials out of what is kept for a report. It looks for the secrets
// themselves, in the spellings in which a server may send them back.
type redactor struct {
	spellings []string // the longest first
	replacer  *strings.Replacer
}

func newRedactor(c Config) *redactor {
	r := &redactor{}
	for _, who := range []Credentials{c.User, c.Second} {
		if who.User != "" || who.Password != "" {
			pair := base64.StdEncoding.EncodeToString([]byte(who.User + ":" + who.Password))
			r.add(pair, strings.TrimRight(pair, "="))
		}
		r.add(who.Password, who.Token, who.Bearer)
	}
	// One secret may be the beginning of another one.
	slices.SortStableFunc(r.spellings, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, spelling := range r.spellings {
		pairs = append(pairs, spelling, hidden)
	}
	r.replacer = strings.NewReplacer(pairs...)
	return r
}

// add knows secrets by their spellings in plain text, HTML, URLs and JSON.
func (r *redactor) add(secrets ...string) {
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		query, path := url.QueryEscape(secret), url.PathEscape(secret)
		r.spellings = append(r.spellings, secret, html.EscapeString(secret), query, path,
			lowerPercent(query), lowerPercent(path))
		plain, cautious := jsonSpellings(secret)
		for _, text := range []string{plain, cautious, inASCII(plain), inASCII(cautious)} {
			r.spellings = append(r.spellings, text, strings.ReplaceAll(text, "/", `\/`))
		}
	}
}

// jsonSpellings returns text as it stands in JSON, with <, > and & as they are and escaped.
func jsonSpellings(text string) (plain, cautious string) {
	quoted, _ := json.Marshal(text) // a string always marshals
	cautious = string(quoted[1 : len(quoted)-1])
	back := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&")
	return back.Replace(cautious), cautious
}

// inASCII escapes what is not ASCII, as many JSON libraries do.
func inASCII(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < utf8.RuneSelf {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// lowerPercent writes the digits of percent-encoding in small letters.
func lowerPercent(text string) string {
	parts := strings.Split(text, "%")
	for n := 1; n < len(parts); n++ {
		parts[n] = strings.ToLower(parts[n][:2]) + parts[n][2:]
	}
	return strings.Join(parts, "%")
}

// hide takes credentials out of a text, and what is left of one where excerpt has cut it.
func (r *redactor) hide(s string) string {
	const mostCuts = 50 // a sentence of the suite's has few, and a server may send any number
	parts := strings.SplitN(r.replacer.Replace(s), "…", mostCuts)
	for n := range len(parts) - 1 {
		parts[n] = r.hideEnd(parts[n])
	}
	return strings.Join(parts, "…")
}

// hideEnd replaces the longest end of a text with which a secret begins.
func (r *redactor) hideEnd(text string) string {
	for n := min(longestPart, len(text)); n >= shortestPart; n-- {
		end := text[len(text)-n:]
		if slices.ContainsFunc(r.spellings, func(s string) bool { return strings.HasPrefix(s, end) }) {
			return text[:len(text)-n] + hidden
		}
	}
	return text
}

// beginning returns the part of a body that is kept.
func (r *redactor) beginning(body []byte) []byte {
	if body == nil {
		return nil
	}
	kept := r.replacer.Replace(string(body[:min(len(body), keepBody+longestSecret)]))
	return []byte(kept[:min(len(kept), keepBody)])
}

// hideHeader changes h in place.
func (r *redactor) hideHeader(h http.Header) {
	for name, values := range h {
		for i, v := range values {
			values[i] = r.hide(v)
		}
		if name == "Authorization" || name == "Set-Cookie" {
			h[name] = []string{hidden}
		}
	}
}
