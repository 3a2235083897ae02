package mutants

import (
	"bytes"
	"net/http"

	"github.com/go-json-experiment/json/jsontext"
)

// objectsMutants err in the list of objects, and in what becomes of objects (§5.4).
func objectsMutants() []Mutant {
	return []Mutant{
		{
			Name:  "objects-partial",
			Fault: "A page of objects that limit has cut to six is answered with 206.",
			Fails: "T21-5.4-01",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if c.req.URL.Query().Get("limit") == "6" && rep.doc.get("more") == true {
						rep.status = http.StatusPartialContent
					}
				}, atObjects)
			},
		},
		{
			Name:   "objects-wrong-password",
			Fault:  "A wrong password is answered with 403 at the objects.",
			Fails:  "T21-5.4-02",
			change: func(b *behaviour) { b.forbidWrongPasswords(atObjects) },
		},
		{
			Name:  "objects-write-only",
			Fault: "The objects of a collection that may only be written are refused with 400.",
			Fails: "T21-5.4-03a",
			change: func(b *behaviour) {
				b.refuseWith(atObjects, false, true, http.StatusBadRequest)
			},
		},
		{
			Name:  "objects-forbidden",
			Fault: "The objects of a collection without any right are refused with 400.",
			Fails: "T21-5.4-03b",
			change: func(b *behaviour) {
				b.refuseWith(atObjects, false, false, http.StatusBadRequest)
			},
		},
		{
			Name:  "objects-none-found",
			Fault: "A page of objects on which there is nothing is 404 if ids and a limit were given.",
			Fails: "T21-5.4-05",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if c.asks("limit") && c.asks("match[id]") && rep.doc.get("objects") == nil {
						rep.status = http.StatusNotFound
						rep.doc = c.server.b.failure(c, rep.status, "Nothing was found.")
					}
				}, atObjects)
			},
		},
		{
			Name:  "objects-bare",
			Fault: "A single object that was asked for by its id comes without its list.",
			Fails: "T21-5.4-06",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					raws, _ := rep.doc.get("objects").([]jsontext.Value)
					if len(raws) == 1 && c.asks("match[id]") && c.asks("limit") {
						rep.doc.set("objects", raws[0])
					}
				}, atObjects)
			},
		},
		{
			Name:   "objects-lose-custom",
			Fault:  "Custom properties of tools are lost, but for lists.",
			Fails:  "T21-5.4-07a",
			change: func(b *behaviour) { b.keepTools(dropNested) },
		},
		{
			Name:  "objects-add-property",
			Fault: "Tools get a property of the server's own.",
			Fails: "T21-5.4-07a",
			change: func(b *behaviour) {
				b.keepTools(replace(`{"type":"tool"`, `{"x_example_org_seen":1,"type":"tool"`))
			},
		},
		{
			Name:  "objects-round",
			Fault: "Numbers in tools are rounded to six digits.",
			Fails: "T21-5.4-07b",
			change: func(b *behaviour) {
				b.keepTools(replace(`0.30000000000000004`, `0.3`))
			},
		},
		{
			Name:  "objects-round-times",
			Fault: "Times in campaigns are rewritten to milliseconds.",
			Fails: "T21-5.4-07c",
			change: func(b *behaviour) {
				b.keepKind("campaign", replace(`.123456Z"`, `.123Z"`))
			},
		},
		{
			Name:   "objects-compose",
			Fault:  "Letters with an accent of their own become one character in tools.",
			Fails:  "T21-5.4-07d",
			change: func(b *behaviour) { b.keepTools(replace("e\u0301", "\u00e9")) },
		},
	}
}

// keepKind lets f change what is stored of objects of a type.
func (b *behaviour) keepKind(kind string, f func([]byte) []byte) {
	right := b.keep
	b.keep = func(raw jsontext.Value) jsontext.Value {
		if readObject(raw).typ == kind {
			raw = f(bytes.Clone(raw))
		}
		return right(raw)
	}
}

func (b *behaviour) keepTools(f func([]byte) []byte) { b.keepKind("tool", f) }

func replace(from, to string) func([]byte) []byte {
	return func(raw []byte) []byte { return bytes.ReplaceAll(raw, []byte(from), []byte(to)) }
}

// dropNested writes an object anew without the custom properties that are no lists.
func dropNested(raw []byte) []byte {
	d := newDocument()
	_ = eachMember(raw, func(name string, value jsontext.Value) { // it was read before
		if len(name) < 2 || name[:2] != "x_" || value.Kind() == '[' {
			d.add(name, value)
		}
	})
	return d.bytes()
}
