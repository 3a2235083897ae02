package mutants

import "net/http"

// errorMutants err in the error resource of §3.6.
func errorMutants() []Mutant {
	return []Mutant{
		{
			Name:  "error-details-string",
			Fault: "The details of an error are a string.",
			Fails: "T21-2-09",
			change: func(b *behaviour) {
				b.onFailure(func(_ *call, rep *reply) { rep.doc.set("details", "None.") })
			},
		},
		{
			Name:  "error-with-200",
			Fault: "A request for HTML gets an error with the status 200.",
			Fails: "T21-3.6-01",
			// A server may serve HTML clients all the same, so the status alone is right here.
			change: func(b *behaviour) {
				b.onFailure(func(_ *call, rep *reply) {
					rep.status = http.StatusOK
				}, http.StatusNotAcceptable)
			},
		},
		{
			Name:  "error-without-title",
			Fault: "Errors have no title.",
			Fails: "T21-3.6-02",
			change: func(b *behaviour) {
				b.onFailure(func(_ *call, rep *reply) { rep.doc.drop("title") })
			},
		},
		{
			Name:  "error-status-number",
			Fault: "http_status of an error is a number.",
			Fails: "T21-3.6-03",
			change: func(b *behaviour) {
				b.onFailure(func(_ *call, rep *reply) { rep.doc.set("http_status", rep.status) })
			},
		},
		{
			Name:  "error-status-differs",
			Fault: "http_status of an error with the status 404 is 500.",
			Fails: "T21-3.6-04",
			change: func(b *behaviour) {
				b.onFailure(func(_ *call, rep *reply) {
					rep.doc.set("http_status", "500")
				}, http.StatusNotFound)
			},
		},
		{
			Name:  "error-tells-hidden",
			Fault: "The error for a hidden collection says that its owner has to be asked.",
			Fails: "T21-3.6-05",
			change: func(b *behaviour) {
				b.onFailure(func(c *call, rep *reply) {
					if c.root != nil && c.root.find(c.collectionName) != nil && c.col == nil {
						rep.doc.set("description", "Ask the owner to share the collection.")
					}
				}, http.StatusNotFound)
			},
		},
	}
}
