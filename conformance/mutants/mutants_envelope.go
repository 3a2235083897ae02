package mutants

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// envelopeMutants err in the envelope of §3.7 and in the names of §3.8.
func envelopeMutants() []Mutant {
	return []Mutant{
		{
			Name:  "envelope-is-bundle",
			Fault: "Objects come in a STIX bundle.",
			Fails: "T21-3.7-01",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					rep.doc.set("type", "bundle")
					rep.doc.set("id", "bundle--5eed0000-0000-4000-8000-000000000000")
				}, atObjects)
			},
		},
		{
			Name:  "envelope-objects-null",
			Fault: `An envelope without objects has "objects":null.`,
			Fails: "T21-3.7-02",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rep.doc.get("objects") == nil {
						rep.doc.add("objects", jsontext.Value("null"))
					}
				}, atObjects)
			},
		},
		{
			Name:  "envelope-holds-bundle",
			Fault: "A page of more than 20 objects has an empty bundle at its end, unless filters match.",
			Fails: "T21-3.7-03",
			// Cases about limit and match count what they get; this page is neither.
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					objects, _ := rep.doc.get("objects").([]jsontext.Value)
					if len(objects) > 20 && !strings.Contains(c.req.URL.RawQuery, "match") {
						bundle := `{"type":"bundle","id":"bundle--5eed0000-0000-4000-8000-000000000000"}`
						rep.doc.set("objects", append(objects, jsontext.Value(bundle)))
					}
				}, atObjects)
			},
		},
		{
			Name:  "envelope-no-body",
			Fault: "Where no object matches the body is empty.",
			Fails: "T21-3.7-04",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rep.doc.get("objects") == nil {
						rep.body = []byte{}
					}
				}, atObject)
			},
		},
		{
			Name:  "property-in-camel-case",
			Fault: "media_types of a collection is written mediaTypes.",
			Fails: "T21-3.8-01",
			change: func(b *behaviour) {
				right := b.collection
				b.collection = func(c *call, col *collection) *document {
					d := right(c, col)
					d.rename("media_types", "mediaTypes")
					return d
				}
			},
		},
		{
			Name:  "property-in-capitals",
			Fault: "The title of an API root is written Title.",
			Fails: "T21-3.8-01",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) { rep.doc.rename("title", "Title") }, atRoot)
			},
		},
	}
}
