package mutants

import (
	"net/http"
	"slices"
	"strings"
)

// mediaTypeMutants err in URLs and media types (§3.1).
func mediaTypeMutants() []Mutant {
	return slices.Concat(answerMutants(), answerTypeMutants(), acceptMutants(), contentTypeMutants())
}

// answerMutants err in what is at a URL.
func answerMutants() []Mutant {
	return []Mutant{
		{
			Name:  "slash-missing-breaks",
			Fault: "The manifest without the slash at the end of its URL is a 500.",
			Fails: "T21-3.1-01",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if c.shape == atManifest && !strings.HasSuffix(c.req.URL.Path, "/") {
						rep.turn(c, http.StatusInternalServerError)
					}
				}
			},
		},
		{
			Name:  "slash-missing-redirects-home",
			Fault: "The manifest without the slash at the end of its URL is redirected to the root.",
			Fails: "T21-3.1-01",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if c.shape == atManifest && !strings.HasSuffix(c.req.URL.Path, "/") {
						rep.turn(c, http.StatusPermanentRedirect)
						rep.header.Set("Location", "/")
					}
				}
			},
		},
		{
			Name:  "collection-in-list",
			Fault: "A collection, asked for by its id, is a list with the resource in it.",
			Fails: "T21-3.1-02",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if c.collectionName != c.col.alias {
						rep.body = slices.Concat([]byte("["), rep.doc.bytes(), []byte("]"))
					}
				}, atCollection)
			},
		},
		{
			Name:  "failure-without-body",
			Fault: "A 400 has no body.",
			Fails: "T21-3.1-03",
			change: func(b *behaviour) {
				b.onFailure(func(_ *call, rep *reply) { rep.body = []byte{} }, http.StatusBadRequest)
			},
		},
		{
			Name:  "failure-not-json",
			Fault: "A 400 has words as its body, and the media type of TAXII.",
			Fails: "T21-3.1-03",
			change: func(b *behaviour) {
				b.onFailure(func(_ *call, rep *reply) { rep.body = []byte("bad request") },
					http.StatusBadRequest)
			},
		},
		{
			Name:  "delete-missing",
			Fault: "DELETE is 404 for every object.",
			Fails: "T21-3.1-17",
			change: func(b *behaviour) {
				b.doomed = func(*behaviour, query, []*entry) []*entry { return nil }
			},
		},
	}
}

// turn makes a failure of an answer.
func (r *reply) turn(c *call, code int) {
	why := "This server does not do that."
	*r = *newReply(code, c.server.b.failure(c, code, why))
	r.header.Set("Content-Type", taxiiType)
}

// answerTypeMutants send the wrong Content-Type with one kind of answer each.
func answerTypeMutants() []Mutant {
	mutants := []Mutant{
		mistyped("versions-in-json", "The versions of an object come as application/json.",
			"T21-3.1-05a", "application/json",
			func(c *call, code int) bool { return c.endpoint == atVersions && code == http.StatusOK }),
		mistyped("status-without-version", "A 202 comes as application/taxii+json with no version.",
			"T21-3.1-05b", "application/taxii+json",
			func(_ *call, code int) bool { return code == http.StatusAccepted }),
		mistyped("charset", "The list of collections comes with charset=utf-8.",
			"T21-3.1-15", taxiiType+"; charset=utf-8",
			func(c *call, code int) bool { return c.endpoint == atCollections && code == http.StatusOK }),
		mistyped("no-version-means-2.0", "An Accept without a version gets version 2.0.",
			"T21-3.1-06", "application/taxii+json;version=2.0",
			func(c *call, _ int) bool {
				return c.endpoint == atRoot && c.req.Header.Get("Accept") == "application/taxii+json"
			}),
		mistyped("alias-echoed", "Who asks for the media type of TAXII 2.0 gets 2.1 under that name.",
			"T21-3.1-16", "application/vnd.oasis.taxii+json;version=2.1",
			func(c *call, code int) bool {
				accept := c.req.Header.Get("Accept")
				return accept == "application/vnd.oasis.taxii+json;version=2.1" && code == http.StatusOK
			}),
	}
	for _, m := range []struct {
		name, fails, kind string
		code              int
	}{
		{"400-in-json", "T21-3.1-05c", "application/json", http.StatusBadRequest},
		{"401-in-html", "T21-3.1-05d", "text/html", http.StatusUnauthorized},
		{"404-in-text", "T21-3.1-05e", "text/plain; charset=utf-8", http.StatusNotFound},
		{"406-in-problem-json", "T21-3.1-05f", "application/problem+json", http.StatusNotAcceptable},
		{"415-in-2.0", "T21-3.1-05g", "application/taxii+json;version=2.0",
			http.StatusUnsupportedMediaType},
		{"403-in-stix", "T21-3.1-05h", "application/stix+json;version=2.1", http.StatusForbidden},
		{"413-in-html", "T21-3.1-05i", "text/html", http.StatusRequestEntityTooLarge},
	} {
		mutants = append(mutants, mistyped(m.name, "A failure comes as "+m.kind+".", m.fails, m.kind,
			func(_ *call, code int) bool { return code == m.code }))
	}
	return mutants
}

// mistyped sends a Content-Type with the answers that when picks.
func mistyped(name, fault, fails, kind string, when func(*call, int) bool) Mutant {
	return Mutant{Name: name, Fault: fault, Fails: fails, change: func(b *behaviour) {
		right := b.contentType
		b.contentType = func(c *call, code int) string {
			if when(c, code) {
				return kind
			}
			return right(c, code)
		}
	}}
}

// acceptMutants misread Accept.
func acceptMutants() []Mutant {
	return []Mutant{
		refusing("accept-needs-version", "The manifest is 406 if Accept names no version.",
			"T21-3.1-07a", http.StatusNotAcceptable, func(c *call, accept string) bool {
				return c.endpoint == atManifest && accept == "application/taxii+json"
			}),
		refusing("accept-in-capitals", "An Accept in capitals is 406.",
			"T21-3.1-07b", http.StatusNotAcceptable, func(_ *call, accept string) bool {
				return strings.HasPrefix(accept, "Application/TAXII")
			}),
		refusing("accept-with-weight", "An Accept that ends in a weight is 406.",
			"T21-3.1-07b", http.StatusNotAcceptable, func(_ *call, accept string) bool {
				return strings.HasSuffix(accept, ";version=2.1;q=0.9")
			}),
		refusing("accept-as-printed", "The Accept that the table of the manifest prints is 406.",
			"T21-3.1-08", http.StatusNotAcceptable, func(_ *call, accept string) bool {
				return accept == taxiiType+",application/stix+json;version=2.1"
			}),
		refusing("accept-of-the-future", "An Accept for a version that there is not is 400.",
			"T21-3.1-09", http.StatusBadRequest, func(_ *call, accept string) bool {
				return strings.HasSuffix(accept, "version=9.9")
			}),
		refusing("accept-unspecific", "An Accept for application/* is 400.",
			"T21-3.1-13", http.StatusBadRequest, func(_ *call, accept string) bool {
				return accept == "application/*"
			}),
	}
}

// refusing refuses what it may not refuse in Accept.
func refusing(name, fault, fails string, code int, when func(*call, string) bool) Mutant {
	return Mutant{Name: name, Fault: fault, Fails: fails, change: func(b *behaviour) {
		b.finish = func(c *call, rep *reply) {
			if when(c, c.req.Header.Get("Accept")) {
				rep.turn(c, code)
			}
		}
	}}
}

// contentTypeMutants misread the Content-Type of a POST.
func contentTypeMutants() []Mutant {
	return []Mutant{
		{
			Name:  "content-type-with-blank",
			Fault: "A Content-Type with a blank behind the semicolon is 415.",
			Fails: "T21-3.1-10a",
			change: func(b *behaviour) {
				b.understands = func(kind string) bool {
					return kind != "application/taxii+json; version=2.1" && understandsTAXII(kind)
				}
			},
		},
		{
			Name:  "content-type-needs-version",
			Fault: "A Content-Type without a version is 415.",
			Fails: "T21-3.1-10b",
			change: func(b *behaviour) {
				b.understands = func(kind string) bool {
					return kind != "application/taxii+json" && understandsTAXII(kind)
				}
			},
		},
		{
			Name:  "content-type-in-capitals",
			Fault: "A Content-Type in capitals is 415.",
			Fails: "T21-3.1-10b",
			change: func(b *behaviour) {
				b.understands = func(kind string) bool {
					return strings.HasPrefix(kind, "application/") && understandsTAXII(kind)
				}
			},
		},
		{
			Name:  "content-type-unknown-not-found",
			Fault: "A POST of application/json is 404.",
			Fails: "T21-3.1-11",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if c.endpoint == atAdd && c.req.Header.Get("Content-Type") == "application/json" {
						rep.turn(c, http.StatusNotFound)
					}
				}
			},
		},
	}
}
