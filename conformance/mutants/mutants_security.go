package mutants

import (
	"net/http"
	"path"
	"strings"
)

// authenticationMutants err in how somebody logs in (§8.2.2).
func authenticationMutants() []Mutant {
	return []Mutant{
		{
			Name:  "basic-not-offered",
			Fault: "A 401 names the scheme Bearer alone.",
			Fails: "T21-8.2-07",
			change: func(b *behaviour) {
				b.challenges = []string{`Bearer realm="taxii"`}
			},
		},
		{
			Name:   "no-challenge",
			Fault:  "A 401 comes without WWW-Authenticate, as if there were no way to log in.",
			Fails:  "T21-8.2-11",
			change: func(b *behaviour) { b.challenges = nil },
		},
		{
			Name:   "no-realm",
			Fault:  "The challenge of a 401 is Basic without realm.",
			Fails:  "T21-8.2-11",
			change: func(b *behaviour) { b.challenges = []string{`Basic charset="UTF-8"`} },
		},
		{
			Name:  "forbidden-without-credentials",
			Fault: "Who has not logged in gets 403 at the API root and is not asked to.",
			Fails: "T21-8.2-12",
			change: func(b *behaviour) {
				b.onFailure(func(c *call, rep *reply) {
					if c.endpoint == atRoot && c.req.Header.Get("Authorization") == "" {
						turnInto(c, rep, http.StatusForbidden)
					}
				}, http.StatusUnauthorized)
			},
		},
		{
			Name:  "login-for-hidden",
			Fault: "Who asks for the versions in a hidden collection is told to log in, and has.",
			Fails: "T21-8.2-13",
			change: func(b *behaviour) {
				b.onFailure(func(c *call, rep *reply) {
					if c.endpoint == atVersions && c.user != nil && c.col == nil &&
						c.root.find(c.collectionName) != nil {
						turnInto(c, rep, http.StatusUnauthorized)
						rep.header.Set("WWW-Authenticate", `Basic realm="taxii"`)
					}
				}, http.StatusNotFound)
			},
		},
	}
}

// securityMutants err in what appendix B of the standard advises.
func securityMutants() []Mutant {
	return []Mutant{
		{
			Name:  "long-query-breaks",
			Fault: "A query with thousands of values ends in a 500.",
			Fails: "T21-B-02",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if strings.Count(c.req.URL.RawQuery, ",") > 5000 {
						turnInto(c, rep, http.StatusInternalServerError)
					}
				}
			},
		},
		{
			Name:   "dots-open-doors",
			Fault:  "A path with dots is resolved behind the check of rights, and opens any collection.",
			Fails:  "T21-B-03",
			change: func(b *behaviour) { b.handle = resolveDotsTooLate },
		},
	}
}

// resolveDotsTooLate serves the place that the dots lead to with the rights of somebody who may
// read it.
func resolveDotsTooLate(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if strings.Contains(r.URL.Path, "/../") {
		bob := testUsers()[1]
		r = r.Clone(r.Context())
		r.URL.Path, r.URL.RawPath = path.Clean(r.URL.Path), ""
		r.SetBasicAuth(bob.name, bob.password)
	}
	next.ServeHTTP(w, r)
}

// statusCodeMutants err in the tables of sections 4 and 5.
func statusCodeMutants() []Mutant {
	return []Mutant{
		{
			Name:   "any-password-at-root",
			Fault:  "The API root is served to whoever names a user, whatever the password.",
			Fails:  "T21-20-01",
			change: func(b *behaviour) { b.handle = anyPassword("/api1/") },
		},
		{
			Name:   "any-password-at-status",
			Fault:  "A status is told to whoever names its user, whatever the password.",
			Fails:  "T21-20-02",
			change: func(b *behaviour) { b.handle = anyPassword("/api1/status/*/") },
		},
		{
			Name:  "nothing-in-nothing",
			Fault: "An object of a collection that does not exist is an empty page, and no 404.",
			Fails: "T21-20-03",
			change: func(b *behaviour) {
				b.onFailure(func(c *call, rep *reply) {
					if c.endpoint == atObject && c.root != nil && c.root.find(c.collectionName) == nil {
						rep.status, rep.doc = http.StatusOK, newDocument("more", false)
					}
				}, http.StatusNotFound)
			},
		},
		{
			Name:  "objects-for-nothing",
			Fault: "Objects for a collection that does not exist are taken, and lost.",
			Fails: "T21-20-04",
			change: func(b *behaviour) {
				b.onFailure(func(c *call, rep *reply) {
					if c.endpoint == atAdd && c.root != nil && c.root.find(c.collectionName) == nil {
						rep.status = http.StatusAccepted
						rep.doc = statusDocument(c, newStatus(c, b.now()))
					}
				}, http.StatusNotFound)
			},
		},
	}
}

// anyPassword serves the paths of a pattern to whoever names a user, as if the password had been
// right.
func anyPassword(pattern string) func(http.ResponseWriter, *http.Request, http.Handler) {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		name, _, given := r.BasicAuth()
		meant, _ := path.Match(pattern, r.URL.Path) // the patterns are well-formed
		for _, u := range testUsers() {
			if given && meant && u.name == name {
				r = r.Clone(r.Context())
				r.SetBasicAuth(u.name, u.password)
			}
		}
		next.ServeHTTP(w, r)
	}
}

// turnInto makes an answer a failure with another status.
func turnInto(c *call, rep *reply, code int) {
	rep.status, rep.body = code, nil
	rep.doc = c.server.b.failure(c, code, "The server has made up its mind.")
}
