package mutants

import "net/http"

// apiRootMutants err in API roots (§4.2).
func apiRootMutants() []Mutant {
	return []Mutant{
		listing("root-listed-twice", "An API root is listed with and without its slash.",
			"T21-4.2-02", "/api1"),
		rooted("root-without-title", "An API root has no title.", "T21-4.2-04",
			func(d *document) { d.drop("title") }),
		rooted("versions-by-name", "An API root calls one of its versions taxii-2.0.", "T21-4.2-05",
			func(d *document) { d.set("versions", []string{taxiiType, "taxii-2.0"}) }),
		rooted("versions-without-2.1", "An API root has version 2.0 alone in versions.",
			"T21-4.2-05", func(d *document) {
				d.set("versions", []string{"application/vnd.oasis.taxii+json;version=2.0"})
			}),
		rooted("limit-zero", "max_content_length is 0.", "T21-4.2-06",
			func(d *document) { d.set("max_content_length", 0) }),
		{
			Name:  "limit-below-told",
			Fault: "Half of max_content_length is too large.",
			Fails: "T21-4.2-07",
			change: func(b *behaviour) {
				b.maxBody = int64(b.advertisedBody) / 2
			},
		},
		limited("limit-of-chunks-alone", "A body that says its length may be of any.", "T21-4.2-08a",
			func(r *http.Request) bool { return r.ContentLength < 0 }),
		limited("limit-of-content-length", "A body that does not say its length may be of any.",
			"T21-4.2-08b", func(r *http.Request) bool { return r.ContentLength >= 0 }),
		{
			Name:  "unknown-root-bad-request",
			Fault: "An API root that does not exist is 400.",
			Fails: "T21-4.2-09",
			change: func(b *behaviour) {
				b.onFailure(func(c *call, rep *reply) {
					if c.rootName != "" && c.root == nil && c.shape != atNowhere {
						rep.turn(c, http.StatusBadRequest)
					}
				}, http.StatusNotFound)
			},
		},
	}
}

// rooted bends the resource of API roots.
func rooted(name, fault, fails string, bend func(*document)) Mutant {
	return Mutant{Name: name, Fault: fault, Fails: fails, change: func(b *behaviour) {
		right := b.apiRoot
		b.apiRoot = func(c *call) *document {
			d := right(c)
			bend(d)
			return d
		}
	}}
}

// generous is the limit of servers that forgot theirs, in bytes.
const generous = 64 << 20

// limited limits the bodies of some requests alone.
func limited(name, fault, fails string, when func(*http.Request) bool) Mutant {
	return Mutant{Name: name, Fault: fault, Fails: fails, change: func(b *behaviour) {
		right := b.readBody
		b.readBody = func(c *call, limit int64) ([]byte, error) {
			if !when(c.req) {
				limit = generous
			}
			return right(c, limit)
		}
	}}
}
