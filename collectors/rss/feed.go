package rss

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"

	"github.com/cabstand/cabstand/collectors"
)

// Bounds of a feed: its bytes, and the items that are read of it.
const (
	maxDocument = 32 << 20
	maxItems    = 1000
)

var (
	errTooLarge = fmt.Errorf("more than %d bytes", maxDocument)
	errNoFeed   = fmt.Errorf("%w: neither RSS, Atom nor JSON Feed; check the feed's url",
		collectors.ErrFormat)
)

// reading is what was read of a document.
type reading struct {
	items   []item
	faults  []fault // what could not be read
	omitted bool    // there are more items than are read
}

// fault says where something cannot be read, and why.
type fault struct {
	where  string
	reason error
}

// add keeps an item and says whether there is room for more.
func (r *reading) add(it item) bool {
	if len(r.items) == maxItems {
		r.omitted = true
		return false
	}
	it.where = fmt.Sprintf("item %d", len(r.items)+len(r.faults)+1)
	r.items = append(r.items, it)
	return true
}

// fail notes that an item cannot be read.
func (r *reading) fail(reason error) {
	where := fmt.Sprintf("item %d", len(r.items)+len(r.faults)+1)
	r.faults = append(r.faults, fault{where, reason})
}

// tell reports what was not read.
func (r *reading) tell(tools collectors.Tools) {
	for _, f := range r.faults {
		tools.Skip(f.where, f.reason)
	}
	if r.omitted {
		tools.Log.Warn("feed has more items than are read", "read", maxItems)
	}
}

// readFeed reads a document by what it looks like. The error says that it is no feed at all.
func readFeed(doc *collectors.Document) (reading, error) {
	if len(doc.Body) > maxDocument {
		return reading{}, errTooLarge
	}
	base, err := url.Parse(doc.URL)
	if err != nil {
		base = &url.URL{}
	}
	text := inUTF8(doc.Body, doc.ContentType)
	var r reading
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		r, err = readJSON(text)
	} else {
		r, err = readXML(text)
	}
	for i := range r.items {
		r.items[i].settle(base)
	}
	r.unique()
	return r, err
}

// settle makes the link of an item absolute, and takes an identifier that is too long for none.
func (it *item) settle(base *url.URL) {
	if it.link == "" && it.permalink && strings.HasPrefix(it.id, "http") {
		it.link = it.id
	}
	it.link = resolve(base, it.link)
	if len(it.id) > maxLink {
		it.id = ""
	}
}

// unique drops items that stand twice in a feed. Where a feed gives the same identifier to items
// that link to different pages, the identifier says nothing and the link counts.
func (r *reading) unique() {
	links := map[string]string{} // by id
	shared := map[string]bool{}
	for _, it := range r.items {
		if link, ok := links[it.id]; ok && it.id != "" && link != it.link {
			shared[it.id] = true
		}
		links[it.id] = it.link
	}
	seen := map[string]bool{}
	var kept []item
	for _, it := range r.items {
		if shared[it.id] && it.link != "" {
			it.id = ""
		}
		if !seen[it.key()] {
			seen[it.key()] = true
			kept = append(kept, it)
		}
	}
	r.items = kept
}
