package mutants

import (
	"net/http"
	"strings"
	"time"
)

// headerMutants err in the headers of answers (§3.2).
func headerMutants() []Mutant {
	return []Mutant{
		{
			Name:  "first-date-missing",
			Fault: "The versions of an object come without X-TAXII-Date-Added-First.",
			Fails: "T21-3.2-01",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					rep.header.Del("X-TAXII-Date-Added-First")
				}, atVersions)
			},
		},
		{
			Name:  "first-date-of-collection",
			Fault: "X-TAXII-Date-Added-First of a manifest is the date of the collection's first object.",
			Fails: "T21-3.2-01",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					redate(rep, "X-TAXII-Date-Added-First", c.server.snapshot(c.col)[0].added)
				}, atManifest)
			},
		},
		{
			Name:  "last-date-of-collection",
			Fault: "X-TAXII-Date-Added-Last of an object is the date of the collection's last object.",
			Fails: "T21-3.2-02",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					entries := c.server.snapshot(c.col)
					redate(rep, "X-TAXII-Date-Added-Last", entries[len(entries)-1].added)
				}, atObject)
			},
		},
		{
			Name:  "dates-in-nanoseconds",
			Fault: "The X-TAXII headers of the versions of an object have nine digits.",
			Fails: "T21-3.2-03a",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					for _, end := range []string{"First", "Last"} {
						header := "X-TAXII-Date-Added-" + end
						if date, ok := strings.CutSuffix(rep.header.Get(header), "Z"); ok {
							rep.header.Set(header, date+"000Z")
						}
					}
				}, atVersions)
			},
		},
		{
			Name:  "dates-undefined",
			Fault: "A manifest without records has X-TAXII-Date-Added-Last: undefined.",
			Fails: "T21-3.2-03b",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rep.doc.get("objects") == nil {
						rep.header.Set("X-TAXII-Date-Added-Last", "undefined")
					}
				}, atManifest)
			},
		},
		{
			Name:  "user-agent-needed",
			Fault: "A request without User-Agent is refused.",
			Fails: "T21-3.2-06",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if c.req.UserAgent() == "" {
						rep.turn(c, http.StatusForbidden)
					}
				}
			},
		},
		{
			Name:  "date-missing",
			Fault: "Answers have no Date.",
			Fails: "T21-3.2-07",
			change: func(b *behaviour) {
				b.finish = func(_ *call, rep *reply) { rep.header["Date"] = nil }
			},
		},
	}
}

// redate changes a header that is there.
func redate(rep *reply, header string, to time.Time) {
	if rep.header.Get(header) != "" {
		rep.header.Set(header, timestamp(to))
	}
}
