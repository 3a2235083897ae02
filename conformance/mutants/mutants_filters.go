package mutants

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"
)

// filterMutants err in the filters of §3.4.
func filterMutants() []Mutant {
	return slices.Concat(
		malformedMutants(),
		addedAfterMutants(),
		limitMutants(),
		matchMutants(),
		matchTypeMutants(),
		versionMutants(),
		specMutants(),
	)
}

// addedAfterMutants err in added_after, or in what comes without it.
func addedAfterMutants() []Mutant {
	return []Mutant{
		{
			Name:   "hides-markings",
			Fault:  "A listing without match parameters leaves marking definitions out.",
			Fails:  "T21-3.4-02",
			change: hideMarkings,
		},
		{
			Name:  "added-after-inclusive",
			Fault: "An object added exactly at added_after is served again.",
			Fails: "T21-3.4-03a",
			change: func(b *behaviour) {
				b.misreads(func(v url.Values) {
					moveAfter(v, -time.Microsecond)
				}, atObjects, atManifest)
			},
		},
		{
			Name:  "added-after-spares-observables",
			Fault: "Objects without times are served whatever added_after says.",
			Fails: "T21-3.4-03b",
			change: func(b *behaviour) {
				right := b.isAfter
				b.isAfter = func(e *entry, after time.Time) bool {
					return e.modified == "" && e.created == "" || right(e, after)
				}
			},
		},
		{
			Name:  "added-after-rounded",
			Fault: "An added_after a microsecond short of a millisecond is rounded up to it.",
			Fails: "T21-3.4-03c",
			change: func(b *behaviour) {
				b.misreads(func(v url.Values) {
					if !v.Has("limit") && strings.HasSuffix(v.Get("added_after"), "999Z") {
						moveAfter(v, time.Microsecond)
					}
				}, atObjects, atManifest)
			},
		},
		{
			Name:   "begins-recently",
			Fault:  "Without added_after a listing begins with the last ten entries.",
			Fails:  "T21-3.4-06",
			change: beginRecently,
		},
		{
			Name:  "added-after-is-modified",
			Fault: "Objects that were modified in the last century are old for added_after.",
			Fails: "T21-3.4-07",
			change: func(b *behaviour) {
				right := b.isAfter
				b.isAfter = func(e *entry, after time.Time) bool {
					return !strings.HasPrefix(e.modified, "19") && right(e, after)
				}
			},
		},
	}
}

// moveAfter changes added_after, unless it is malformed anyway.
func moveAfter(v url.Values, by time.Duration) {
	after, err := parseTimestamp(v.Get("added_after"))
	if err == nil && len(v["added_after"]) == 1 {
		v.Set("added_after", timestamp(after.Add(by)))
	}
}

// unrestricted reports whether a request lists a collection without any match parameter.
func unrestricted(c *call) bool {
	return (c.endpoint == atObjects || c.endpoint == atManifest) &&
		!strings.Contains(c.req.URL.Query().Encode(), "match")
}

// hideMarkings leaves queries alone that ask for ids or types.
func hideMarkings(b *behaviour) {
	b.visible = func(c *call, e *entry) bool {
		return !unrestricted(c) || e.typ != "marking-definition"
	}
}

// beginRecently does not count as a wrong order: what is there ascends.
func beginRecently(b *behaviour) {
	b.visible = func(c *call, e *entry) bool {
		v := c.req.URL.Query()
		if !unrestricted(c) || v.Has("added_after") || v.Has("next") {
			return true
		}
		entries := c.server.snapshot(c.col)
		return e.position > entries[len(entries)-1].position-10
	}
}

// limitMutants err for few limits or queries, so that the walks of other cases end well.
func limitMutants() []Mutant {
	return []Mutant{
		{
			Name:  "limit-plus-one",
			Fault: "A page for limit=3 has four items.",
			Fails: "T21-3.4-09",
			change: func(b *behaviour) {
				right := b.cut
				b.cut = func(entries []*entry, limit int) ([]*entry, bool) {
					if limit == 3 {
						limit++
					}
					return right(entries, limit)
				}
			},
		},
		{
			Name:  "keeps-one-back",
			Fault: "What fits within limit comes in two pages.",
			Fails: "T21-3.4-10",
			change: func(b *behaviour) {
				right, most := b.cut, b.maxPage
				b.cut = func(entries []*entry, limit int) ([]*entry, bool) {
					if n := len(entries); n > 2 && n < limit && limit < most {
						limit = n - 1
					}
					return right(entries, limit)
				}
			},
		},
		{
			Name:  "huge-limit-refused",
			Fault: "A limit above a million gets 400.",
			Fails: "T21-3.4-11",
			change: func(b *behaviour) {
				right := b.parseLimit
				b.parseLimit = func(text string) (int, error) {
					n, err := right(text)
					if n > 1_000_000 {
						return 0, errors.New("is more than the server allows")
					}
					return n, err
				}
			},
		},
		{
			Name:  "more-forgotten",
			Fault: "A listing of several ids that limit=1 cuts does not say more.",
			Fails: "T21-3.4-12",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					v := c.req.URL.Query()
					if v.Get("limit") == "1" && strings.Contains(v.Get("match[id]"), ",") {
						rep.doc.set("more", false)
						rep.doc.drop("next")
					}
				}, atObjects, atManifest)
			},
		},
	}
}
