package conformance

import (
	"net/http"
	"strings"
)

func securityCases() []Case {
	return []Case{
		{
			ID: "T21-B-02", Group: Standard, Section: "B", Level: Should,
			Title: "answers a query with ten thousand values",
			Demand: "A server protects itself against queries that cost too much: match[id] with ten " +
				"thousand ids gets an answer in time, be it the objects or a refusal (400, 413, 414, " +
				"431), and no 5xx.",
			Source: "TAXII 2.1 appendix B", needs: needItems, run: answersLongQueries,
		},
		{
			ID: "T21-B-03", Group: Standard, Section: "B", Level: Should,
			Title: "checks rights where a path with dots leads",
			Demand: "A path that goes up with .. or %2e%2e%2f leads nowhere, or to something on which " +
				"the rights of the user are checked: neither to files of the server nor to " +
				"collections that the user may not read.",
			Source: "TAXII 2.1 appendix B", run: dotsOpenNoDoors,
		},
	}
}

// manyIDs is how many values the long query has.
const manyIDs = 10_000

func answersLongQueries(t *trial) {
	ids := make([]string, manyIDs)
	for i := range ids {
		ids[i] = freshID("indicator")
	}
	a := t.try(http.MethodGet, t.main.manifest(), rawQuery("match[id]="+strings.Join(ids, ",")))
	a.URL = t.main.manifest() + "?match[id]=… (10,000 ids)" // half a megabyte says no more
	switch {
	case a.Status >= 500:
		t.fault(a, "an answer below 500", "%s", a.came())
	case a.Status == 0 && t.ctx.Err() == nil && a.Took >= t.config.Timeout:
		t.fault(a, "an answer within "+t.config.Timeout.String(), "%s", a.came())
	case a.Status == 0:
		t.note("the connection was closed instead of an answer: %s", a.Failure)
	}
}

// dotsOpenNoDoors starts every path in the collection that the user may read, since a server that
// resolves dots behind its check of rights has then checked the wrong collection.
func dotsOpenNoDoors(t *trial) {
	for _, up := range []string{"../", "%2e%2e/", "..%2f", "%2e%2e%2f"} {
		t.sneak(t.main.url+strings.Repeat(up, 8)+"etc/passwd", func(a *answer) bool {
			return strings.Contains(string(a.body), "root:x:0:0")
		}, "no file of the server")
		for _, c := range []*collection{t.writeOnly, t.forbidden, t.hidden} {
			if c != nil {
				t.sneak(t.main.url+up+c.id+"/objects/", showsObjects, "nothing of a collection that "+
					"the user may not read")
			}
		}
	}
}

// sneak asks for a path that should lead nowhere. Whether the answer is a 5xx is for the group
// Robustness.
func (t *trial) sneak(at string, leaks func(*answer) bool, want string) {
	if a := t.try(http.MethodGet, at); served(a) && leaks(a) {
		t.fault(a, want, "%s: %s", a.came(), excerpt(a.body))
	}
}

func showsObjects(a *answer) bool {
	o, err := a.object()
	return err == nil && len(o.list("objects")) > 0
}
