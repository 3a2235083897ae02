package mutants

import (
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// timestamp is the form of §2: UTC, six digits, Z.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// setDateHeaders leaves both headers out of an empty page (part 22 Q1).
func setDateHeaders(c *call, p page, header http.Header) {
	if len(p.entries) == 0 {
		return
	}
	b := &c.server.b
	header.Set("X-TAXII-Date-Added-First", b.headerTime(p.entries[0].added))
	header.Set("X-TAXII-Date-Added-Last", b.headerTime(p.entries[len(p.entries)-1].added))
}

// discoveryDocument writes URLs absolute over TLS. Over plain HTTP they can only be relative,
// since an absolute one must be https (§4.1.1).
func discoveryDocument(c *call) *document {
	prefix := ""
	if c.req.TLS != nil {
		prefix = "https://" + c.req.Host
	}
	var urls []string
	for _, root := range c.server.roots {
		urls = append(urls, prefix+"/"+root.name+"/")
	}
	return newDocument(
		"title", "A TAXII server for tests",
		"description", "It keeps everything in memory.",
		"contact", "taxii@example.com",
		"default", urls[0],
		"api_roots", urls,
	)
}

// apiRootDocument names the one version of TAXII, and what a body may weigh in bytes.
func apiRootDocument(c *call) *document {
	return newDocument(
		"title", c.root.title,
		"description", c.root.description,
		"versions", []string{taxiiType},
		"max_content_length", c.server.b.advertisedBody,
	)
}

// collectionsDocument is {} when the user knows none (§5.1.1).
func collectionsDocument(c *call, cols []*collection) *document {
	d := newDocument()
	var rows []*document
	for _, col := range cols {
		rows = append(rows, c.server.b.collection(c, col))
	}
	if len(rows) > 0 {
		d.add("collections", rows)
	}
	return d
}

// collectionDocument describes the rights of this user. The media types are those that manifest
// records use.
func collectionDocument(c *call, col *collection) *document {
	read, write := c.server.b.rights(c.user, col)
	d := newDocument("id", col.id, "title", col.title, "description", col.description)
	if col.alias != "" {
		d.add("alias", col.alias)
	}
	d.add("can_read", read)
	d.add("can_write", write)
	d.add("media_types", []string{stixType("2.1"), stixType("2.0")})
	return d
}

func stixType(spec string) string { return "application/stix+json;version=" + spec }

// pageDocument starts what the three paged resources share: more always, next if and only if
// there is more.
func pageDocument(p page) *document {
	d := newDocument("more", p.more)
	if p.next != "" {
		d.add("next", p.next)
	}
	return d
}

// manifestDocument has one record for each version of an object (§5.3.1).
func manifestDocument(c *call, p page) *document {
	d := pageDocument(p)
	var rows []*document
	for _, e := range p.entries {
		rows = append(rows, newDocument(
			"id", e.id,
			"date_added", c.server.b.manifestTime(e.added),
			"version", e.version,
			"media_type", stixType(e.spec),
		))
	}
	if len(rows) > 0 {
		d.add("objects", rows)
	}
	return d
}

// envelopeDocument writes objects as they were stored, byte for byte.
func envelopeDocument(_ *call, p page) *document {
	d := pageDocument(p)
	var raws []jsontext.Value
	for _, e := range p.entries {
		raws = append(raws, e.raw)
	}
	if len(raws) > 0 {
		d.add("objects", raws)
	}
	return d
}

// versionsDocument repeats the versions of the manifest (§5.8.1).
func versionsDocument(_ *call, p page) *document {
	d := pageDocument(p)
	var list []string
	for _, e := range p.entries {
		list = append(list, e.version)
	}
	if len(list) > 0 {
		d.add("versions", list)
	}
	return d
}

// errorDocument has http_status as a string (§3.6.1).
func errorDocument(_ *call, code int, why string) *document {
	return newDocument(
		"title", http.StatusText(code),
		"description", why,
		"http_status", strconv.Itoa(code),
	)
}
