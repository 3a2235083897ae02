package mutants

import (
	"net/http"
	"net/url"
	"slices"
)

// misreads has the server read other parameters than were sent, at GETs of these endpoints. A
// query that cannot be read at all stays as it is.
func (b *behaviour) misreads(change func(v url.Values), at ...endpoint) {
	b.handle = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		values, err := url.ParseQuery(r.URL.RawQuery)
		shape := readPath(&call{req: r}, pathSegments(r.URL))
		if err == nil && r.Method == http.MethodGet && slices.Contains(at, shape) {
			r = r.Clone(r.Context())
			change(values)
			r.URL.RawQuery = values.Encode()
		}
		next.ServeHTTP(w, r)
	}
}

// crashes has the server answer 500 where a query is as asks says.
func (b *behaviour) crashes(asks func(v url.Values) bool) {
	b.finish = func(c *call, rep *reply) {
		if asks(c.req.URL.Query()) {
			rep.status = http.StatusInternalServerError
			rep.doc = c.server.b.failure(c, rep.status, "Something went wrong.")
		}
	}
}
