package conformance

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// item is one entry of a listing: of objects, of a manifest or of versions.
type item struct {
	id      string // "" in versions
	version string // as written; of objects: modified, else created, else ""
	date    string // date_added; only in a manifest
	raw     []byte // the object; only in objects
}

// kind is the type of the object.
func (i item) kind() string {
	kind, _, _ := strings.Cut(i.id, "--")
	return kind
}

// key tells versions of objects apart.
func (i item) key() string { return i.id + " " + i.version }

// page is an answer of one of the four endpoints that list (TAXII 2.1 section 3.5).
type page struct {
	*answer
	body        object
	items       []item
	more        bool
	next        string
	first, last string // the header fields, "" if absent
}

// page reads an answer as a page, whatever of the endpoints it is from.
func (t *trial) page(a *answer) page {
	p := readPage(a, t.ok(a))
	if len(p.items) >= mostElements {
		t.untold("%s: the page has %d items or more, which is more than the suite reads", a.sent(),
			mostElements)
	}
	return p
}

func readPage(a *answer, o object) page {
	p := page{
		answer: a, body: o, more: o.flag("more"), next: o.text("next"),
		first: a.header.Get(addedFirst), last: a.header.Get(addedLast),
	}
	for _, v := range o.texts("versions") {
		p.items = append(p.items, item{version: v})
	}
	for _, raw := range o.list("objects") {
		if member, err := parseObject(raw); err == nil {
			p.items = append(p.items, readItem(member, raw))
		}
	}
	return p
}

func readItem(o object, raw json.RawMessage) item {
	if _, isRecord := o["date_added"]; isRecord && o.text("type") == "" {
		return item{id: o.text("id"), version: o.text("version"), date: o.text("date_added")}
	}
	version := o.text("modified")
	if version == "" {
		version = o.text("created")
	}
	return item{id: o.text("id"), version: version, raw: raw}
}

// maxPages and maxWalked bound a walk, in pages and in bytes, at a server that never ends one.
const (
	maxPages  = 500
	maxWalked = 2 * maxBody
)

// list walks a listing to its end, by next where there is one and by the header otherwise, and
// returns its items in order. A walk that does not end, or stops with more to come, ends the case.
func (t *trial) list(at string, v url.Values) []item {
	_, found := t.whole(at, v)
	return found
}

// whole is list, with the first answer of the walk, to show in findings.
func (t *trial) whole(at string, v url.Values) (first *answer, found []item) {
	var before page
	read := 0
	for range maxPages {
		p := t.page(t.get(at, values(v)))
		found = append(found, p.items...)
		if first == nil {
			first = p.answer
		}
		if read += len(p.answer.body); read > maxWalked {
			t.untold("GET %s: it has not ended after %d MiB", at, maxWalked>>20)
		}
		if !p.more {
			return first, found
		}
		following, ok := onward(v, p)
		if !ok || before.next == p.next && slices.Equal(keys(before.items), keys(p.items)) {
			t.untold("%s: more is to come, but the answer does not tell where", p.sent())
		}
		v, before = following, p
	}
	t.untold("GET %s: it has not ended after %d pages", at, maxPages)
	return nil, nil
}

// onward returns the parameters of the page after p, which v brought. The next of that page may be
// the one that was sent: a server that keeps the place itself gives a walk one name.
func onward(v url.Values, p page) (url.Values, bool) {
	following := url.Values{}
	for name, list := range v {
		following[name] = list
	}
	switch {
	case p.next != "" && (p.next != v.Get("next") || len(p.items) > 0):
		following.Set("next", p.next)
	case p.next == "" && p.last != "" && p.last != v.Get("added_after"):
		following.Del("next")
		following.Set("added_after", p.last)
	default:
		return nil, false
	}
	return following, true
}

// match returns parameters, names and values in turn.
func match(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// plus returns parameters with more of them, names and values in turn; one that is there is
// replaced.
func plus(v url.Values, pairs ...string) url.Values {
	all := url.Values{}
	for name, list := range v {
		all[name] = list
	}
	for i := 0; i < len(pairs); i += 2 {
		all.Set(pairs[i], pairs[i+1])
	}
	return all
}

// only returns the items of some ids, in order.
func only(items []item, ids ...string) []item {
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	var found []item
	for _, i := range items {
		if wanted[i.id] {
			found = append(found, i)
		}
	}
	return found
}

// keys lists items by id and version.
func keys(items []item) []string {
	found := make([]string, len(items))
	for n, i := range items {
		found[n] = i.key()
	}
	return found
}

// served reports whether an answer has the status 200 and arrived whole.
func served(a *answer) bool { return a.Status == http.StatusOK && a.Failure == "" }
