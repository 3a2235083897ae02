package mutants

import (
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"
)

// clientPagingMutants err in how they go from page to page.
func clientPagingMutants() []Mutant {
	return []Mutant{
		{
			Name:  "no-next",
			Fault: "A page of objects that is not the last has no next; clients go on by added_after.",
			Fails: "clients-opencti-next",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) { rep.doc.drop("next") }, atObjects)
			},
		},
		{
			Name:  "foreign-next-refused",
			Fault: "next of another collection is refused with 400.",
			Fails: "clients-opencti-foreign-next",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if cur, given := cursorOf(c); given && cur.Collection != c.col.id {
						turnInto(c, rep, http.StatusBadRequest)
					}
				}, atObjects)
			},
		},
		{
			Name:  "next-of-another-spelling",
			Fault: "next is refused unless added_after has six digits behind the second.",
			Fails: "clients-opencti-paging",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					cur, given := cursorOf(c)
					after := c.req.URL.Query().Get("added_after")
					if given && after != "" && digits(after) == 3 && !cur.After.IsZero() {
						turnInto(c, rep, http.StatusBadRequest)
					}
				}, atObjects)
			},
		},
		{
			Name:   "next-of-another-limit",
			Fault:  "next is refused with a limit other than that of the page that it came with.",
			Fails:  "clients-taxii2-client-limit",
			change: func(b *behaviour) { bindLimit(b) },
		},
		{
			Name:  "next-forgets-filters",
			Fault: "next without the added_after of the first page leads back to the beginning.",
			Fails: "clients-elastic-next",
			change: func(b *behaviour) {
				right := b.resume
				b.resume = func(c *call, q query, cur cursor) query {
					if q.after.IsZero() && !cur.After.IsZero() {
						return q
					}
					return right(c, q, cur)
				}
			},
		},
		{
			Name:  "next-with-slash",
			Fault: "next has a slash in it.",
			Fails: "clients-misp-next",
			change: func(b *behaviour) {
				seal, open := b.encodeCursor, b.decodeCursor
				b.encodeCursor = func(cur cursor) string { return "page/" + seal(cur) }
				b.decodeCursor = func(text string) (cursor, error) {
					return open(strings.TrimPrefix(text, "page/"))
				}
			},
		},
		{
			Name:  "no-more",
			Fault: "more is left out where it is false.",
			Fails: "clients-misp-more",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rep.doc.get("more") == false {
						rep.doc.drop("more")
					}
				}, atObjects, atObject)
			},
		},
		{
			Name:   "pages-first-filters-then",
			Fault:  "A page is cut before three or more types are looked for, and may be left empty.",
			Fails:  "clients-xsoar-pages",
			change: func(b *behaviour) { filterPages(b) },
		},
	}
}

// cursorOf is what next of a request says, if it is one of this server.
func cursorOf(c *call) (cursor, bool) {
	cur, err := openCursor(c.req.URL.Query().Get("next"))
	return cur, err == nil
}

// bindLimit remembers with which limits each next was given out: two walks may come past the same
// place.
func bindLimit(b *behaviour) {
	var mu sync.Mutex
	type ticket struct{ next, limit string }
	given, known := map[ticket]bool{}, map[string]bool{}
	b.onSuccess(func(c *call, rep *reply) {
		mu.Lock()
		defer mu.Unlock()
		asked := c.req.URL.Query()
		next, limit := asked.Get("next"), asked.Get("limit")
		if known[next] && limit != "" && !given[ticket{next, limit}] {
			turnInto(c, rep, http.StatusBadRequest)
			return
		}
		if next, more := rep.doc.get("next").(string); more {
			known[next], given[ticket{next, limit}] = true, true
		}
	}, atObjects)
}

// filterPages lets every type pass when three or more are asked for, and then takes the others out
// of the page.
func filterPages(b *behaviour) {
	right := b.matchesType
	b.matchesType = func(e *entry, types []string) bool {
		return len(types) >= 3 || right(e, types)
	}
	b.onSuccess(func(c *call, rep *reply) {
		types := strings.Split(c.req.URL.Query().Get("match[type]"), ",")
		raws, _ := rep.doc.get("objects").([]jsontext.Value)
		if len(types) < 3 {
			return
		}
		var left []jsontext.Value
		for _, raw := range raws {
			if o := readObject(raw); right(&entry{object: *o}, types) {
				left = append(left, raw)
			}
		}
		rep.doc.drop("objects")
		if len(left) > 0 {
			rep.doc.add("objects", left)
		}
	}, atObjects)
}

// clientNameMutants err in names and URLs.
func clientNameMutants() []Mutant {
	return []Mutant{
		{
			Name:   "root-below-taxii2",
			Fault:  "The API roots are two segments deep, such as /taxii2/api1/.",
			Fails:  "clients-misp-root",
			change: func(b *behaviour) { sinkRoots(b) },
		},
		{
			Name:   "title-with-dot",
			Fault:  "The title of a collection has a dot in it.",
			Fails:  "clients-opencti-titles",
			change: func(b *behaviour) { retitle(b, "Nothing yet", "Nothing 1.0") },
		},
		{
			Name:   "title-twice",
			Fault:  "Two collections have the same title.",
			Fails:  "clients-xsoar-titles",
			change: func(b *behaviour) { retitle(b, "Nothing yet", "Reports") },
		},
		{
			Name:   "relative-default",
			Fault:  "The default API root is a path without host.",
			Fails:  "clients-cytaxii2-default",
			Secure: true,
			change: func(b *behaviour) {
				b.discovery = func(c *call) *document {
					d := discoveryDocument(c)
					d.set("api_roots", []string{"/api1/", "/api2/"})
					d.set("default", "/api1/")
					return d
				}
			},
		},
	}
}

func retitle(b *behaviour, from, to string) {
	right := b.collection
	b.collection = func(c *call, col *collection) *document {
		d := right(c, col)
		if d.get("title") == from {
			d.set("title", to)
		}
		return d
	}
}

// sinkRoots moves the API roots below the discovery resource.
func sinkRoots(b *behaviour) {
	const above = "taxii2"
	b.segments = func(u *url.URL) []string {
		parts := pathSegments(u)
		if len(parts) < 2 {
			return parts
		}
		if parts[0] != above {
			return []string{above, "no", "such", "root"}
		}
		return parts[1:]
	}
	b.discovery = func(c *call) *document {
		d := discoveryDocument(c)
		d.set("api_roots", []string{"/taxii2/api1/", "/taxii2/api2/"})
		d.set("default", "/taxii2/api1/")
		return d
	}
}
