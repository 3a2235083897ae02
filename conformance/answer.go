package conformance

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strings"
)

// The media type of TAXII 2.1 and the header fields that it defines (TAXII 2.1 sections 3.1, 3.2).
const (
	mediaTAXII = "application/taxii+json;version=2.1"
	addedFirst = "X-TAXII-Date-Added-First"
	addedLast  = "X-TAXII-Date-Added-Last"
)

// answer is an exchange together with what a case wants to look at.
type answer struct {
	*Exchange
	header http.Header
	body   []byte // all of it, decompressed; ResponseBody is its beginning
	tls    *tls.ConnectionState
}

// came tells in a few words what came, for findings.
func (a *answer) came() string {
	if a.Status == 0 {
		return a.Failure
	}
	text := fmt.Sprintf("status %d", a.Status)
	if title := a.title(); title != "" {
		text += fmt.Sprintf(" %q", title)
	}
	if a.Failure != "" {
		text += "; " + a.Failure
	}
	return text
}

// sent tells the request in a line.
func (a *answer) sent() string {
	line := a.Method + " " + a.URL
	if a.What != "" {
		line += " with " + a.What
	}
	switch who(a.User) {
	case user:
	case nobody:
		line += " without credentials"
	default:
		line += " as " + a.User
	}
	return line
}

// title is that of an error body, cut to what fits into a line.
func (a *answer) title() string {
	var body struct{ Title string }
	if a.Status < 400 || json.Unmarshal(a.body, &body) != nil {
		return ""
	}
	return excerpt([]byte(body.Title))
}

// media returns the media type of the answer in lower case and its parameters.
func (a *answer) media() (kind string, params map[string]string) {
	kind, params, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil {
		kind, _, _ = strings.Cut(strings.ToLower(a.header.Get("Content-Type")), ";")
	}
	return strings.TrimSpace(kind), params
}

// object is a JSON object by its members, values as they came. If a name occurs twice the last
// one counts; that it occurs twice is for one case alone to judge.
type object map[string]json.RawMessage

// object reads the body as a JSON object.
func (a *answer) object() (object, error) { return parseObject(a.body) }

func parseObject(data []byte) (object, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var o object
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, fmt.Errorf("it is no JSON object: %w", err)
	}
	if o == nil {
		return nil, fmt.Errorf("it is no JSON object but %s", excerpt(data))
	}
	return o, nil
}

// text returns a member that is a string, "" if it is not there or something else.
func (o object) text(name string) string {
	var s string
	_ = json.Unmarshal(o[name], &s)
	return s
}

// flag returns a member that is a boolean; what is not there is false.
func (o object) flag(name string) bool {
	var b bool
	_ = json.Unmarshal(o[name], &b)
	return b
}

// mostElements bounds the lists that a server can have the suite take apart: objects are hundreds
// of bytes long, so that no honest answer of maxBody has more.
const mostElements = 100_000

// list returns the elements of a member that is a list, the first mostElements of them.
func (o object) list(name string) []json.RawMessage {
	d := json.NewDecoder(bytes.NewReader(o[name]))
	if start, err := d.Token(); err != nil || start != json.Delim('[') {
		return nil
	}
	var l []json.RawMessage
	for d.More() && len(l) < mostElements {
		var raw json.RawMessage
		if d.Decode(&raw) != nil {
			return nil
		}
		l = append(l, raw)
	}
	return l
}

// texts returns the strings among the elements of a list.
func (o object) texts(name string) []string {
	var found []string
	for _, raw := range o.list(name) {
		var s string
		if json.Unmarshal(raw, &s) == nil {
			found = append(found, s)
		}
	}
	return found
}

// objects returns the elements of a list that are JSON objects.
func (o object) objects(name string) []object {
	var found []object
	for _, raw := range o.list(name) {
		if member, err := parseObject(raw); err == nil {
			found = append(found, member)
		}
	}
	return found
}

// number returns a member that is a whole number, and whether it is one.
func (o object) number(name string) (int64, bool) {
	var n int64
	err := json.Unmarshal(o[name], &n)
	return n, err == nil && o[name] != nil && string(o[name]) != "null"
}

// excerpt is the beginning of something long, on one line.
func excerpt(b []byte) string {
	const most = 120
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(b[:min(len(b), 4*most)]), "?")), " ")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
