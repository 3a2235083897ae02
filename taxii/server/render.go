package server

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
)

// paged is the body of a paged answer: a page and how one of its entries is written.
type paged struct {
	store.Page
	list  string // the name of the list of entries
	entry func(buf []byte, e *store.Entry) []byte
}

// addHeaders brackets a page that is not empty; an empty one has no dates to give (§3.2).
func (p paged) addHeaders(h http.Header) {
	if n := len(p.Entries); n > 0 {
		h[headerFirst] = []string{taxii.FormatTimestamp(p.Entries[0].DateAdded)}
		h[headerLast] = []string{taxii.FormatTimestamp(p.Entries[n-1].DateAdded)}
	}
}

// The headers of §3.2 in the form that net/http keeps header names in.
const (
	headerFirst = "X-Taxii-Date-Added-First"
	headerLast  = "X-Taxii-Date-Added-Last"
)

// roomFor is about what an entry needs beside the object: a manifest record, or a comma.
const roomFor = 64

// append writes the page: more always, because clients read it blindly; next if and only if
// there is more; the list only if it is not empty (§2).
func (p paged) append(buf []byte) []byte {
	size := len(p.Next)
	for i := range p.Entries {
		size += len(p.Entries[i].Raw)
	}
	buf = slices.Grow(buf, size+roomFor*(len(p.Entries)+1))
	buf = append(buf, `{"more":`...)
	if p.More {
		buf = append(buf, `true,"next":`...)
		buf = appendString(buf, p.Next)
	} else {
		buf = append(buf, `false`...)
	}
	for i := range p.Entries {
		if i == 0 {
			buf = append(append(append(buf, `,"`...), p.list...), `":[`...)
		} else {
			buf = append(buf, ',')
		}
		buf = p.entry(buf, &p.Entries[i])
	}
	if len(p.Entries) > 0 {
		buf = append(buf, ']')
	}
	return append(buf, '}')
}

// appendObject writes an object as it arrived (STIX 2.1 §3.6): nothing is encoded again.
func appendObject(buf []byte, e *store.Entry) []byte {
	return append(buf, e.Raw...)
}

// appendRecord writes a manifest record (§5.3.1).
func appendRecord(buf []byte, e *store.Entry) []byte {
	buf = appendString(append(buf, `{"id":`...), e.ID)
	buf = append(buf, `,"date_added":"`...)
	buf = e.DateAdded.UTC().AppendFormat(buf, taxii.TimestampFormat)
	buf = appendString(append(buf, `","version":`...), e.Version)
	mediaType := taxii.STIXMediaType
	if e.SpecVersion == stix.Spec20 {
		mediaType = stix20MediaType
	}
	buf = appendString(append(buf, `,"media_type":`...), mediaType)
	return append(buf, '}')
}

const stix20MediaType = "application/stix+json;version=2.0"

// appendVersion writes the version of an entry (§5.8.1).
func appendVersion(buf []byte, e *store.Entry) []byte {
	return appendString(buf, e.Version)
}

func appendString(buf []byte, text string) []byte {
	buf, _ = jsontext.AppendQuote(buf, text) // what is not UTF-8 becomes U+FFFD
	return buf
}

// appendBody writes any body; nil is none.
func appendBody(buf []byte, body any) []byte {
	switch body := body.(type) {
	case nil:
		return buf
	case paged:
		return body.append(buf)
	}
	out := bytes.NewBuffer(buf)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		panic(err) // our own types: an error here is a fault of this package
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
