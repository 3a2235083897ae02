package mutants

import (
	"math"
	"slices"
	"sync"
	"time"
)

// cursorMutants keep something on the server that next depends on.
func cursorMutants() []Mutant {
	return []Mutant{
		{
			Name:   "cursor-of-deleted",
			Fault:  "next is void once the object it was taken at is deleted.",
			Fails:  "cursors-deletion",
			change: func(b *behaviour) { b.resume = resumeAtObject(b.resume) },
		},
		{
			Name:   "cursor-once",
			Fault:  "A request with next that is repeated gets the first page.",
			Fails:  "cursors-again",
			change: func(b *behaviour) { b.resume = resumeOnce(b.resume) },
		},
		{
			Name:   "cursor-few",
			Fault:  "The server remembers the five cursors that it gave out last.",
			Fails:  "cursors-side-by-side",
			change: forgetCursors,
		},
		{
			Name:   "cursor-counts",
			Fault:  "next counts objects, and a new version of one takes it out of the count.",
			Fails:  "cursors-version",
			change: countObjects,
		},
	}
}

type resume = func(c *call, q query, cur cursor) query

func resumeAtObject(right resume) resume {
	return func(c *call, q query, cur cursor) query {
		q = right(c, q, cur)
		there := slices.ContainsFunc(c.server.snapshot(c.col), func(e *entry) bool {
			return e.position == cur.Position
		})
		if !there && q.from > 0 {
			q.from = math.MaxInt // nothing comes any more
		}
		return q
	}
}

func resumeOnce(right resume) resume {
	var mu sync.Mutex
	var last string
	return func(c *call, q query, cur cursor) query {
		mu.Lock()
		defer mu.Unlock()
		if last == c.req.URL.RawQuery {
			return q
		}
		last = c.req.URL.RawQuery
		return right(c, q, cur)
	}
}

func forgetCursors(b *behaviour) {
	const remembered = 5
	var mu sync.Mutex
	var given []string
	seal, right := b.encodeCursor, b.resume
	b.encodeCursor = func(cur cursor) string {
		mu.Lock()
		defer mu.Unlock()
		given = append(given[max(0, len(given)-remembered+1):], seal(cur))
		return seal(cur)
	}
	b.resume = func(c *call, q query, cur cursor) query {
		mu.Lock()
		defer mu.Unlock()
		if !slices.Contains(given, seal(cur)) {
			return q
		}
		return right(c, q, cur)
	}
}

// countObjects shifts a walk by as many objects as got a new version since its cursor was given.
func countObjects(b *behaviour) {
	var mu sync.Mutex
	given := map[string]time.Time{}
	seal, right := b.encodeCursor, b.resume
	b.encodeCursor = func(cur cursor) string {
		mu.Lock()
		defer mu.Unlock()
		given[seal(cur)] = time.Now()
		return seal(cur)
	}
	b.resume = func(c *call, q query, cur cursor) query {
		q = right(c, q, cur)
		mu.Lock()
		defer mu.Unlock()
		read := map[string]bool{}
		for _, e := range c.server.snapshot(c.col) {
			read[e.id] = read[e.id] || e.position <= cur.Position
			if read[e.id] && e.stored.After(given[seal(cur)]) {
				q.from++
			}
		}
		return q
	}
}
