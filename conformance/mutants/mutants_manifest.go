package mutants

import (
	"net/http"
	"strings"
	"time"
)

// recordMutants err in the manifest (§5.3).
func recordMutants() []Mutant {
	return []Mutant{
		{
			Name:  "manifest-without-list",
			Fault: "A manifest that limit has cut to one record has it without the list around it.",
			Fails: "T21-5.3-01",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					rows := rep.doc.rows("objects")
					if len(rows) == 1 && !c.asks("match[id]", "match[type]", "match[version]") {
						rep.doc.set("objects", rows[0])
					}
				}, atManifest)
			},
		},
		{
			Name:  "manifest-null",
			Fault: "The objects of an empty manifest are null.",
			Fails: "T21-5.3-02",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rep.doc.get("objects") == nil {
						rep.doc.set("objects", nil)
					}
				}, atManifest)
			},
		},
		{
			Name:  "manifest-none-added",
			Fault: "A manifest is 404 when nothing was added after the given time.",
			Fails: "T21-5.3-02",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if rep.doc.get("objects") == nil && c.asks("added_after") {
						rep.status = http.StatusNotFound
						rep.doc = c.server.b.failure(c, rep.status, "There is nothing new.")
					}
				}, atManifest)
			},
		},
		{
			Name:  "manifest-without-version",
			Fault: "The record of an identity has no version.",
			Fails: "T21-5.3-03",
			change: func(b *behaviour) {
				b.bendRecords(func(_ *call, row *document) {
					if strings.HasPrefix(row.get("id").(string), "identity--") {
						row.drop("version")
					}
				})
			},
		},
		{
			Name:  "manifest-record-twice",
			Fault: "A manifest of some objects with all versions begins with the same record twice.",
			Fails: "T21-5.3-03",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					rows := rep.doc.rows("objects")
					if len(rows) > 3 && c.asks("match[id]") && c.asks("match[version]") {
						rep.doc.set("objects", append([]*document{rows[0]}, rows...))
					}
				}, atManifest)
			},
		},
		{
			Name:  "manifest-bare-id",
			Fault: "The only record of a manifest of one type has its id without the type.",
			Fails: "T21-5.3-04",
			change: func(b *behaviour) {
				b.bendRecords(func(c *call, row *document) {
					if c.asks("match[type]") && c.req.URL.Query().Get("limit") == "1" {
						_, bare, _ := strings.Cut(row.get("id").(string), "--")
						row.set("id", bare)
					}
				})
			},
		},
		{
			Name:   "manifest-cut-version",
			Fault:  "The version of a record is cut to the second.",
			Fails:  "T21-5.3-05a",
			change: func(b *behaviour) { b.rewriteFractions(time.RFC3339) },
		},
		{
			Name:   "manifest-short-version",
			Fault:  "The version of a record has no zeros at its end.",
			Fails:  "T21-5.3-05b",
			change: func(b *behaviour) { b.rewriteFractions(time.RFC3339Nano) },
		},
		{
			Name:  "manifest-ahead",
			Fault: "Dates of addition are two hours ahead, in local time that claims to be UTC.",
			Fails: "T21-5.3-06",
			change: func(b *behaviour) {
				right := b.dates
				b.dates = func(now, previous time.Time, n int) []time.Time {
					return right(now.Add(2*time.Hour), previous, n)
				}
			},
		},
		{
			Name:  "manifest-behind",
			Fault: "Dates of addition are two hours behind.",
			Fails: "T21-5.3-06",
			change: func(b *behaviour) {
				right := b.dates
				b.dates = func(now, previous time.Time, n int) []time.Time {
					return right(now.Add(-2*time.Hour), previous, n)
				}
			},
		},
		{
			Name:  "manifest-other-media-type",
			Fault: "The media type in a manifest is not one that the collection has.",
			Fails: "T21-5.3-07",
			change: func(b *behaviour) {
				b.bendRecords(func(_ *call, row *document) {
					row.set("media_type", "application/vnd.oasis.stix+json;version=2.1")
				})
			},
		},
		{
			Name:   "manifest-wrong-password",
			Fault:  "A wrong password is answered with 403 at the manifest.",
			Fails:  "T21-5.3-08a",
			change: func(b *behaviour) { b.forbidWrongPasswords(atManifest) },
		},
		{
			Name:  "manifest-without-right",
			Fault: "The manifest of a collection that may only be written is refused with 400.",
			Fails: "T21-5.3-08b",
			change: func(b *behaviour) {
				b.refuseWith(atManifest, false, true, http.StatusBadRequest)
			},
		},
		{
			Name:  "manifest-newest-of-type",
			Fault: "A manifest of one type ignores match[version]=all.",
			Fails: "T21-5.3-09",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if c.asks("match[type]") && c.asks("match[version]") {
						*rep = *c.askedWithout(rep, "match[version]")
					}
				}, atManifest)
			},
		},
	}
}

// bendRecords lets f bend each record of a manifest.
func (b *behaviour) bendRecords(f func(c *call, row *document)) {
	b.onSuccess(func(c *call, rep *reply) {
		for _, row := range rep.doc.rows("objects") {
			f(c, row)
		}
	}, atManifest)
}

// rewriteFractions writes versions that have a fraction of a second in another layout.
func (b *behaviour) rewriteFractions(layout string) {
	b.bendRecords(func(_ *call, row *document) {
		version, _ := row.get("version").(string)
		at := instant(version)
		if at.Nanosecond() > 0 && strings.HasPrefix(row.get("id").(string), "tool--") {
			row.set("version", at.Format(layout))
		}
	})
}

// asks reports whether a request has one of some parameters.
func (c *call) asks(names ...string) bool {
	given := c.req.URL.Query()
	for _, name := range names {
		if given.Has(name) {
			return true
		}
	}
	return false
}

// askedWithout returns what a page would be without some parameters of the request. It is for
// faults that ignore a parameter once it was found to be well-formed.
func (c *call) askedWithout(rep *reply, names ...string) *reply {
	given := c.req.URL.Query()
	for _, name := range names {
		given.Del(name)
	}
	return c.askedWith(rep, given.Encode())
}

// askedWith returns what a page would be for another query, with the media type of the reply that
// it replaces.
func (c *call) askedWith(rep *reply, query string) *reply {
	other := *c
	other.req = c.req.Clone(c.req.Context())
	other.req.URL.RawQuery = query
	page, err := c.server.getPage(&other)
	if err != nil {
		return rep
	}
	page.header.Set("Content-Type", rep.header.Get("Content-Type"))
	return page
}
