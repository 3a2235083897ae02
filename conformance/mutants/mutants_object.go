package mutants

import (
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
)

// objectMutants err at the URL of one object (§5.6).
func objectMutants() []Mutant {
	return []Mutant{
		{
			Name:  "object-no-observables",
			Fault: "Domain names are not found at their id.",
			Fails: "T21-5.6-01",
			change: func(b *behaviour) {
				right := b.knownObject
				b.knownObject = func(c *call, entries []*entry) bool {
					return right(c, entries) &&
						(c.endpoint != atObject || entries[0].typ != "domain-name")
				}
			},
		},
		{
			Name:  "object-with-others",
			Fault: "A marking definition comes with another object when it is asked for by its id.",
			Fails: "T21-5.6-01",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					raws, _ := rep.doc.get("objects").([]jsontext.Value)
					if typ, _ := readID(c.objectID); typ == "marking-definition" && len(raws) == 1 {
						rep.doc.set("objects", append(raws, c.server.snapshot(c.col)[0].raw))
					}
				}, atObject)
			},
		},
		{
			Name:  "object-in-full",
			Fault: "A domain name has one more property when it is asked for by its id.",
			Fails: "T21-5.6-01",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					raws, _ := rep.doc.get("objects").([]jsontext.Value)
					if typ, _ := readID(c.objectID); typ == "domain-name" && len(raws) == 1 {
						full := replace(`{"type"`, `{"x_example_org_hits":7,"type"`)(raws[0])
						rep.doc.set("objects", []jsontext.Value{full})
					}
				}, atObject)
			},
		},
		{
			Name:  "object-partial",
			Fault: "Versions of one object that limit has cut to one are answered with 206.",
			Fails: "T21-5.6-02",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rep.doc.get("more") == true {
						rep.status = http.StatusPartialContent
					}
				}, atObject)
			},
		},
		{
			Name:   "object-wrong-password",
			Fault:  "A wrong password is answered with 403 at one object.",
			Fails:  "T21-5.6-03a",
			change: func(b *behaviour) { b.forbidWrongPasswords(atObject) },
		},
		{
			Name:  "object-without-right",
			Fault: "One object of a collection that may only be written is refused with 400.",
			Fails: "T21-5.6-03b",
			change: func(b *behaviour) {
				b.refuseWith(atObject, false, true, http.StatusBadRequest)
			},
		},
		{
			Name:   "object-first-ignored",
			Fault:  "match[version]=first at one object brings the newest version.",
			Fails:  "T21-5.6-04a",
			change: func(b *behaviour) { b.ignoreFirst() },
		},
		{
			Name:  "object-all-by-default",
			Fault: "One object without match[version] comes in all versions.",
			Fails: "T21-5.6-04a",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if typ, _ := readID(c.objectID); typ == "malware" && c.req.URL.RawQuery == "" {
						*rep = *c.askedWith(rep, "match[version]=all")
					}
				}, atObject)
			},
		},
		{
			Name:   "object-added-after-ignored",
			Fault:  "added_after is ignored at one object with all its versions.",
			Fails:  "T21-5.6-04b",
			change: func(b *behaviour) { b.ignore(atObject, "added_after", "match[version]") },
		},
		{
			Name:   "object-next-ignored",
			Fault:  "next is ignored at one object.",
			Fails:  "T21-5.6-04c",
			change: func(b *behaviour) { b.ignore(atObject, "next", "match[version]") },
		},
		{
			Name:   "object-limit-ignored",
			Fault:  "limit is ignored at one object with all its versions.",
			Fails:  "T21-5.6-04c",
			change: func(b *behaviour) { b.ignore(atObject, "limit", "match[version]") },
		},
		{
			Name:  "object-spec-version-refused",
			Fault: "match[spec_version] is not implemented at one object.",
			Fails: "T21-5.6-04d",
			change: func(b *behaviour) {
				b.failWhenAsked(http.StatusNotImplemented, "match[spec_version]")
			},
		},
		{
			Name:  "object-unknown-served",
			Fault: "A campaign that the collection does not have is 200 without objects.",
			Fails: "T21-5.6-05",
			change: func(b *behaviour) {
				right := b.knownObject
				b.knownObject = func(c *call, entries []*entry) bool {
					typ, _ := readID(c.objectID)
					return right(c, entries) || c.endpoint == atObject && typ == "campaign"
				}
			},
		},
		{
			Name:  "object-match-type-fails",
			Fault: "match[type] at one object is answered with 422.",
			Fails: "T21-5.6-06",
			change: func(b *behaviour) {
				b.failWhenAsked(http.StatusUnprocessableEntity, "match[type]")
			},
		},
	}
}

// ignore answers an endpoint as if a parameter had not been sent, where another one was, too.
func (b *behaviour) ignore(at endpoint, name, besides string) {
	b.onSuccess(func(c *call, rep *reply) {
		if c.asks(name) && c.asks(besides) {
			*rep = *c.askedWithout(rep, name)
		}
	}, at)
}

func (b *behaviour) ignoreFirst() {
	b.onSuccess(func(c *call, rep *reply) {
		if c.req.URL.Query().Get("match[version]") == "first" {
			*rep = *c.askedWithout(rep, "match[version]")
		}
	}, atObject)
}

// failWhenAsked answers one object with an error code when a parameter is sent.
func (b *behaviour) failWhenAsked(code int, name string) {
	b.onSuccess(func(c *call, rep *reply) {
		if c.asks(name) {
			rep.status = code
			rep.doc = c.server.b.failure(c, code, "This parameter is not known here.")
		}
	}, atObject)
}
