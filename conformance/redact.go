package conformance

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

const (
	// keepBody is how much of a body an exchange keeps for the report.
	keepBody = 64 << 10
	// longestSecret is how far behind keepBody a secret is still looked for, so that none is kept
	// in part.
	longestSecret = 4 << 10
	hidden        = "***"
)

// redactor takes credentials out of what is kept for a report. It looks for the secrets
// themselves, in the spellings in which a server may send them back.
type redactor struct {
	replacer *strings.Replacer
}

func newRedactor(c Config) *redactor {
	var pairs []string
	add := func(secret string) {
		if secret == "" {
			return
		}
		quoted, _ := json.Marshal(secret) // a string always marshals
		for _, spelling := range []string{
			secret, string(quoted[1 : len(quoted)-1]), url.QueryEscape(secret), url.PathEscape(secret),
		} {
			pairs = append(pairs, spelling, hidden)
		}
	}
	for _, who := range []Credentials{c.User, c.Second} {
		if who.User != "" || who.Password != "" {
			add(base64.StdEncoding.EncodeToString([]byte(who.User + ":" + who.Password)))
		}
		add(who.Password)
		add(who.Token)
		add(who.Bearer)
	}
	return &redactor{strings.NewReplacer(pairs...)}
}

func (r *redactor) hide(s string) string { return r.replacer.Replace(s) }

// beginning returns the part of a body that is kept.
func (r *redactor) beginning(body []byte) []byte {
	if body == nil {
		return nil
	}
	kept := r.hide(string(body[:min(len(body), keepBody+longestSecret)]))
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
