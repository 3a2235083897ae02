package mutants

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
)

// httpMutants err in what TAXII leaves to HTTP.
func httpMutants() []Mutant {
	return []Mutant{
		{
			Name:  "head-missing",
			Fault: "No URL knows HEAD.",
			Fails: "HTTP-HEAD",
			change: func(b *behaviour) {
				right := b.methods
				b.methods = func(s shape) []string {
					return slices.DeleteFunc(right(s), func(m string) bool { return m == http.MethodHead })
				}
			},
		},
		{
			Name:  "options-breaks",
			Fault: "OPTIONS is a 500.",
			Fails: "HTTP-OPTIONS",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if c.req.Method == http.MethodOptions {
						rep.turn(c, http.StatusInternalServerError)
					}
				}
			},
		},
		{
			Name:  "allow-missing",
			Fault: "A 405 has no Allow.",
			Fails: "HTTP-405",
			change: func(b *behaviour) {
				b.onFailure(func(_ *call, rep *reply) { rep.header.Del("Allow") },
					http.StatusMethodNotAllowed)
			},
		},
		{
			Name:  "retry-after-missing",
			Fault: "Who asks for the same thing ten times in a row gets a 429 without Retry-After.",
			Fails: "HTTP-429",
			change: func(b *behaviour) {
				// Requests in a row are counted, not requests in a time: a slow machine must not
				// hide the fault, nor a fast one show it to other cases.
				var last atomic.Value
				var row atomic.Int64
				b.finish = func(c *call, rep *reply) {
					if last.Swap(c.req.RequestURI) != any(c.req.RequestURI) {
						row.Store(0)
					}
					if c.endpoint == atRoot && row.Add(1) == 10 {
						rep.turn(c, http.StatusTooManyRequests)
					}
				}
			},
		},
		{
			Name:  "gzip-for-all",
			Fault: "Answers are compressed whether or not the client offered to unpack them.",
			Fails: "HTTP-GZIP",
			change: func(b *behaviour) {
				b.compresses = func(*http.Request) bool { return true }
			},
		},
		{
			Name:  "gzip-post-breaks",
			Fault: "A POST in gzip is a 500.",
			Fails: "HTTP-GZIP-POST",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if c.req.Header.Get("Content-Encoding") == "gzip" {
						rep.turn(c, http.StatusInternalServerError)
					}
				}, atAdd)
			},
		},
		{
			Name:  "chunks-refused",
			Fault: "A POST without Content-Length is 400.",
			Fails: "HTTP-CHUNKED",
			change: func(b *behaviour) {
				right := b.readBody
				b.readBody = func(c *call, limit int64) ([]byte, error) {
					if c.req.ContentLength < 0 {
						return nil, refuse(http.StatusBadRequest, "Content-Length is missing.")
					}
					return right(c, limit)
				}
			},
		},
		{
			Name:  "post-redirected",
			Fault: "A POST to the objects without the slash is redirected with 301.",
			Fails: "HTTP-REDIRECT",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if c.endpoint == atAdd && !strings.HasSuffix(c.req.URL.Path, "/") {
						rep.turn(c, http.StatusMovedPermanently)
						rep.header.Set("Location", c.req.URL.Path+"/")
					}
				}
			},
		},
	}
}
