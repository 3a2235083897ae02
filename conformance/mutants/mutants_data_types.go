package mutants

import (
	"bytes"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// dataTypeMutants err in the data types of §2.
func dataTypeMutants() []Mutant {
	return []Mutant{
		{
			Name:  "boolean-false-as-number",
			Fault: "can_read and can_write are 0 where they are false.",
			Fails: "T21-2-01",
			change: func(b *behaviour) {
				right := b.collection
				b.collection = func(c *call, col *collection) *document {
					d := right(c, col)
					for _, name := range []string{"can_read", "can_write"} {
						if d.get(name) == false {
							d.set(name, 0)
						}
					}
					return d
				}
			},
		},
		{
			Name:  "boolean-more-as-string",
			Fault: `The last page of a manifest has "more":"false".`,
			Fails: "T21-2-01",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rep.doc.get("more") == false {
						rep.doc.set("more", "false")
					}
				}, atManifest)
			},
		},
		{
			Name:  "collection-id-version-1",
			Fault: "The id of one collection is a UUID of version 1.",
			Fails: "T21-2-02",
			change: func(b *behaviour) {
				// The server knows the id again, so that everything else works.
				right, segments := b.collection, b.segments
				b.collection = func(c *call, col *collection) *document {
					d := right(c, col)
					d.set("id", strings.Replace(col.id, "-4f0e-", "-1f0e-", 1))
					return d
				}
				b.segments = func(u *url.URL) []string {
					bent := *u
					bent.Path = strings.Replace(u.Path, "-1f0e-", "-4f0e-", 1)
					return segments(&bent)
				}
			},
		},
		{
			Name:  "status-id-prefixed",
			Fault: "The id of a status is a UUID with status-- before it.",
			Fails: "T21-2-02",
			change: func(b *behaviour) {
				right, segments := b.status, b.segments
				b.status = func(c *call, st *status) *document {
					d := right(c, st)
					d.set("id", "status--"+st.id)
					return d
				}
				b.segments = func(u *url.URL) []string {
					parts := segments(u)
					for i := range parts {
						parts[i] = strings.TrimPrefix(parts[i], "status--")
					}
					return parts
				}
			},
		},
		{
			Name:   "integer-beyond-54-bits",
			Fault:  "max_content_length is 2^60.",
			Fails:  "T21-2-03",
			change: func(b *behaviour) { b.advertisedBody = 1 << 60 },
		},
		{
			Name:  "integer-with-point",
			Fault: "max_content_length is written 1048576.0.",
			Fails: "T21-2-03",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					rep.doc.set("max_content_length", jsontext.Value("1048576.0"))
				}, atRoot)
			},
		},
		{
			Name:  "list-element-number",
			Fault: "media_types of a collection has the number 2.1 among its strings.",
			Fails: "T21-2-05",
			change: func(b *behaviour) {
				right := b.collection
				b.collection = func(c *call, col *collection) *document {
					d := right(c, col)
					d.set("media_types", []any{stixType("2.1"), stixType("2.0"), 2.1})
					return d
				}
			},
		},
		{
			Name:  "timestamp-request-milliseconds",
			Fault: "request_timestamp has three digits after the second.",
			Fails: "T21-2-06",
			// Dates in headers and manifests stay, since clients send them back.
			change: func(b *behaviour) {
				b.statusTime = func(t time.Time) string {
					return t.UTC().Format("2006-01-02T15:04:05.000Z")
				}
			},
		},
		{
			Name:  "timestamp-added-five-digits",
			Fault: "A date_added whose last digit is 0 has five digits after the second.",
			Fails: "T21-2-06",
			// Some libraries cut zeros off, so that one date in ten is wrong.
			change: func(b *behaviour) {
				right := b.manifestTime
				b.manifestTime = func(t time.Time) string {
					return strings.Replace(right(t), "0Z", "Z", 1)
				}
			},
		},
		{
			Name:  "body-latin-1",
			Fault: "The discovery resource is sent in Latin-1.",
			Fails: "T21-2-07a",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					rep.doc.set("description", "Zürich")
					rep.body = bytes.ReplaceAll(rep.doc.bytes(), []byte("ü"), []byte{0xfc})
				}, atDiscovery)
			},
		},
		{
			Name:  "body-byte-order-mark",
			Fault: "The discovery resource begins with a byte order mark.",
			Fails: "T21-2-07a",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					rep.body = append([]byte("\xef\xbb\xbf"), rep.doc.bytes()...)
				}, atDiscovery)
			},
		},
		{
			Name:  "characters-lost",
			Fault: "Characters of other scripts than Latin are stored as question marks.",
			Fails: "T21-2-07b",
			// Only what the suite posts: an object of the group Fidelity would be changed, too.
			change: func(b *behaviour) {
				b.keep = func(raw jsontext.Value) jsontext.Value {
					return bytes.ReplaceAll(raw, []byte("脅威"), []byte("??"))
				}
			},
		},
		{
			Name:  "body-duplicate-member",
			Fault: "The discovery resource has its title twice.",
			Fails: "T21-2-08",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					rep.doc.add("title", rep.doc.get("title"))
				}, atDiscovery)
			},
		},
		{
			Name:  "body-lone-surrogate",
			Fault: "The description of an API root has one half of a surrogate pair.",
			Fails: "T21-2-08",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					rep.doc.set("description", jsontext.Value(`"Half a \ud83d"`))
				}, atRoot)
			},
		},
	}
}
