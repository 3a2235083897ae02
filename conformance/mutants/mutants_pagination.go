package mutants

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// paginationMutants err in how a list goes on (§3.5). Most of them do so in the manifest alone,
// because clients walk through objects in so many ways that more than one case would notice.
func paginationMutants() []Mutant {
	return []Mutant{
		{
			Name:  "versions-end-early",
			Fault: "A list of versions that limit has cut says that there is no more.",
			Fails: "T21-3.5-01",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					rep.doc.set("more", false)
					rep.doc.drop("next")
				}, atVersions)
			},
		},
		{
			Name:  "object-ends-early",
			Fault: "One object with all versions, which limit has cut, says that there is no more.",
			Fails: "T21-3.5-01",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if c.asks("match[version]") {
						rep.doc.set("more", false)
						rep.doc.drop("next")
					}
				}, atObject)
			},
		},
		{
			Name:  "next-loses-type",
			Fault: "In the manifest, match[type] is lost from the second page on.",
			Fails: "T21-3.5-02a",
			change: func(b *behaviour) {
				b.resumeAt(atManifest, func(q query) query {
					delete(q.match, "type")
					return q
				})
			},
		},
		{
			Name:  "next-repeats",
			Fault: "A page of a manifest of one type begins with the last record of the page before.",
			Fails: "T21-3.5-02b",
			change: func(b *behaviour) {
				b.resumeAt(atManifest, func(q query) query {
					if q.match["type"] != nil {
						q.from--
					}
					return q
				})
			},
		},
		{
			Name:   "next-skips",
			Fault:  "A page of a manifest of one type leaves out the record that it should begin with.",
			Fails:  "T21-3.5-02b",
			change: func(b *behaviour) { b.leaveOutFirst("next", "match[type]") },
		},
		{
			Name: "added-after-skips",
			Fault: "A manifest of one type that goes on by added_after leaves out the record that it " +
				"should begin with.",
			Fails:  "T21-3.5-03",
			change: func(b *behaviour) { b.leaveOutFirst("added_after", "match[type]", "limit") },
		},
		{
			Name:  "next-without-more",
			Fault: "A manifest has next although it is complete.",
			Fails: "T21-3.5-04",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if rep.doc.get("next") == nil {
						rep.doc.set("next", c.server.b.encodeCursor(cursor{Collection: c.col.id}))
					}
				}, atManifest)
			},
		},
		{
			Name:   "next-is-a-session",
			Fault:  "A request with next is answered as if the user for whom it was made had sent it.",
			Fails:  "T21-3.5-06a",
			change: func(b *behaviour) { b.authenticate = authenticateByNext },
		},
		{
			Name:  "next-names-the-collection",
			Fault: "next brings objects of the collection that it was made in, wherever it is sent.",
			Fails: "T21-3.5-06b",
			change: func(b *behaviour) {
				right := b.resume
				b.resume = func(c *call, q query, cur cursor) query {
					if col := c.root.find(cur.Collection); col != nil {
						c.col = col
					}
					return right(c, q, cur)
				}
			},
		},
		{
			Name:  "next-overrides-filters",
			Fault: "The filters for which next was made replace those of the request.",
			Fails: "T21-3.5-06c",
			change: func(b *behaviour) {
				right := b.resume
				b.resume = func(c *call, q query, cur cursor) query {
					if cur.Collection == c.col.id {
						q.match = nil
					}
					return right(c, q, cur)
				}
			},
		},
		{
			Name:  "next-made-up",
			Fault: "A next that the server cannot read brings the first page.",
			Fails: "T21-3.5-07",
			change: func(b *behaviour) {
				right := b.decodeCursor
				b.decodeCursor = func(text string) (cursor, error) {
					cur, _ := right(text)
					return cur, nil
				}
			},
		},
		{
			Name: "next-counts-from-the-end",
			Fault: "next of a manifest counts from the newest record, so that records come twice when " +
				"others are added during a walk.",
			Fails:  "T21-3.5-08",
			change: countFromTheEnd,
		},
		{
			Name: "manifest-loses-its-way",
			Fault: "A manifest has no next, and leaves out a record when it goes on by added_after " +
				"in pages of four.",
			Fails:  "T21-3.5-09",
			change: loseTheWay,
		},
		{
			Name:  "range-of-items",
			Fault: "A manifest is cut by the header Range of TAXII 2.0, with 206.",
			Fails: "T21-3.5-10",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if c.req.Header.Get("Range") != "" {
						rep.status = http.StatusPartialContent
						rep.header.Set("Content-Range", "items 0-1/2")
					}
				}, atManifest)
			},
		},
	}
}

// resumeAt lets f bend what a request with next means at an endpoint.
func (b *behaviour) resumeAt(at endpoint, f func(q query) query) {
	right := b.resume
	b.resume = func(c *call, q query, cur cursor) query {
		q = right(c, q, cur)
		if c.endpoint == at {
			q = f(q)
		}
		return q
	}
}

// leaveOutFirst takes the first record from pages of a manifest that were asked for with all of
// some parameters, unless added_after is the beginning that every walk has.
func (b *behaviour) leaveOutFirst(parameters ...string) {
	b.onSuccess(func(c *call, rep *reply) {
		given := c.req.URL.Query()
		rows := rep.doc.rows("objects")
		for _, name := range parameters {
			if !given.Has(name) || len(rows) < 2 {
				return
			}
		}
		if parameters[0] == "added_after" && !c.followsItsKind(given.Get("added_after")) {
			return
		}
		rep.doc.set("objects", rows[1:])
	}, atManifest)
}

// followsItsKind reports whether the entry of a date is of the type that is asked for.
func (c *call) followsItsKind(date string) bool {
	kind := c.req.URL.Query().Get("match[type]")
	return slices.ContainsFunc(c.server.snapshot(c.col), func(e *entry) bool {
		return timestamp(e.added) == date && e.typ == kind
	})
}

// authenticateByNext lets whoever can log in be the first user if he sends a next.
func authenticateByNext(r *http.Request, users []*user) *user {
	u := authenticateUser(r, users)
	if u != nil && r.URL.Query().Has("next") {
		return users[0]
	}
	return u
}

// countFromTheEnd steps back by as many records as were added since a next was given out.
func countFromTheEnd(b *behaviour) {
	var mu sync.Mutex
	newest := map[string]int{}
	right := b.resume
	b.resume = func(c *call, q query, cur cursor) query {
		mu.Lock()
		defer mu.Unlock()
		resumed := right(c, q, cur)
		if before, ok := newest[q.next]; ok && c.endpoint == atManifest {
			resumed.from -= c.newestPosition() - before
		}
		return resumed
	}
	b.onSuccess(func(c *call, rep *reply) {
		mu.Lock()
		defer mu.Unlock()
		if next, ok := rep.doc.get("next").(string); ok {
			newest[next] = c.newestPosition()
		}
	}, atManifest)
}

func (c *call) newestPosition() int {
	last := 0
	for _, e := range c.server.snapshot(c.col) {
		last = max(last, e.position)
	}
	return last
}

func loseTheWay(b *behaviour) {
	b.onSuccess(func(c *call, rep *reply) {
		rep.doc.drop("next")
		given, rows := c.req.URL.Query(), rep.doc.rows("objects")
		if given.Get("limit") != "4" || given.Has("match[type]") || len(rows) < 2 {
			return
		}
		after, err := time.Parse(time.RFC3339Nano, given.Get("added_after"))
		if err == nil && !c.isAnchor(after) {
			rep.doc.set("objects", rows[1:])
		}
	}, atManifest)
}

// isAnchor reports whether the entry of a date is an identity, as the one before a walk is.
func (c *call) isAnchor(date time.Time) bool {
	return slices.ContainsFunc(c.server.snapshot(c.col), func(e *entry) bool {
		return e.added.Equal(date) && e.typ == "identity"
	})
}
