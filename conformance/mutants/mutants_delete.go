package mutants

import "net/http"

// deleteMutants err in DELETE (§5.7).
func deleteMutants() []Mutant {
	return []Mutant{
		{
			Name:  "delete-without-rights-403",
			Fault: "DELETE by a user who may neither read nor write is 403 instead of 404.",
			Fails: "T21-5.7-01a",
			change: func(b *behaviour) {
				b.refuseWith(atDelete, false, false, http.StatusForbidden)
			},
		},
		{
			Name:   "delete-by-reader-401",
			Fault:  "DELETE by a user who may only read is 401 instead of 403.",
			Fails:  "T21-5.7-01b",
			change: func(b *behaviour) { b.refuseWith(atDelete, true, false, http.StatusUnauthorized) },
		},
		{
			Name:   "delete-by-writer-409",
			Fault:  "DELETE by a user who may only write is 409 instead of 403.",
			Fails:  "T21-5.7-01c",
			change: func(b *behaviour) { b.refuseWith(atDelete, false, true, http.StatusConflict) },
		},
		{
			Name:   "wrong-password-on-delete-403",
			Fault:  "DELETE with a wrong password is 403.",
			Fails:  "T21-5.7-02",
			change: func(b *behaviour) { b.forbidWrongPasswords(atDelete) },
		},
		{
			Name:   "delete-204",
			Fault:  "DELETE is answered with 204.",
			Fails:  "T21-5.7-03",
			change: func(b *behaviour) { b.removed = http.StatusNoContent },
		},
		{
			Name:  "deleted-by-id",
			Fault: "What is deleted is still served by its id.",
			Fails: "T21-5.7-04",
			change: func(b *behaviour) {
				b.hideDeleted(func(c *call) bool { return c.endpoint == atObject })
			},
		},
		{
			Name:  "deleted-in-manifest",
			Fault: "What is deleted is still in the manifest when its id is asked for.",
			Fails: "T21-5.7-05",
			change: func(b *behaviour) {
				b.hideDeleted(func(c *call) bool {
					return c.endpoint == atManifest && c.req.URL.Query().Has("match[id]")
				})
			},
		},
		{
			Name:  "delete-takes-all-versions",
			Fault: "DELETE with the timestamp of a version deletes every version of the object.",
			Fails: "T21-5.7-06",
			change: func(b *behaviour) {
				b.doomed = func(_ *behaviour, _ query, entries []*entry) []*entry { return entries }
			},
		},
		{
			Name:  "delete-takes-the-first",
			Fault: "DELETE without match[version] deletes the oldest version.",
			Fails: "T21-5.7-07",
			change: func(b *behaviour) {
				right := b.doomed
				b.doomed = func(b *behaviour, q query, entries []*entry) []*entry {
					if q.match["version"] == nil {
						return entries[:1]
					}
					return right(b, q, entries)
				}
			},
		},
		{
			Name:  "delete-says-done",
			Fault: "The answer to DELETE is a word in plain text.",
			Fails: "T21-5.7-09",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) { rep.body = []byte("done") }, atDelete)
			},
		},
		{
			Name:  "delete-of-nothing-200",
			Fault: "DELETE of an object that does not exist is 200.",
			Fails: "T21-5.7-10a",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if c.endpoint != atDelete || c.col == nil || rep.status != http.StatusNotFound {
						return
					}
					if read, write := c.server.b.rights(c.user, c.col); read && write {
						rep.status, rep.doc = http.StatusOK, nil
					}
				}
			},
		},
		{
			Name:  "delete-ignores-malformed-version",
			Fault: "DELETE with a malformed match[version] deletes every version.",
			Fails: "T21-5.7-10b",
			change: func(b *behaviour) {
				b.handle = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					q := r.URL.Query()
					version := q.Get("match[version]")
					if r.Method == http.MethodDelete && checkVersions([]string{version}) != nil {
						q.Del("match[version]")
						r.URL.RawQuery = q.Encode()
					}
					next.ServeHTTP(w, r)
				}
			},
		},
	}
}

// hideDeleted keeps what is deleted, and shows it where shown is true.
func (b *behaviour) hideDeleted(shown func(c *call) bool) {
	gone := newMemory()
	name := func(e *entry) string { return e.id + " " + e.version }
	right := b.doomed
	b.doomed = func(b *behaviour, q query, entries []*entry) []*entry {
		var copies []*entry // what is not in the collection cannot be taken out of it
		for _, e := range right(b, q, entries) {
			gone.before(name(e))
			kept := *e
			copies = append(copies, &kept)
		}
		return copies
	}
	b.visible = func(c *call, e *entry) bool {
		return shown(c) || !gone.holds(name(e))
	}
}
