package conformance

import (
	"net/http"
	"slices"

	"github.com/google/uuid"
)

// statusCodeCases are about lines of the tables of sections 4 and 5 that no case of those
// sections is about.
func statusCodeCases() []Case {
	tables := "TAXII 2.1 tables of sections 4 and 5"
	return []Case{
		{
			ID: "T21-20-01", Group: Standard, Section: "4.2", Level: Must,
			Title: "refuses a wrong password at the API root",
			Demand: "When the API root is protected, a request for it with a wrong password is " +
				"answered by 401, 403 or 404.",
			Source: tables, needs: needAuth, run: refusesAtRoot,
		},
		{
			ID: "T21-20-02", Group: Standard, Section: "4.3", Level: Must,
			Title: "refuses a wrong password at a status",
			Demand: "What became of a push is told to nobody with a wrong password: the answer is " +
				"401, 403 or 404.",
			Source: tables, needs: needAuth | needWrite, run: refusesAtStatus,
		},
		{
			ID: "T21-20-03", Group: Standard, Section: "5", Level: Must,
			Title: "answers 404 below a collection that does not exist",
			Demand: "The manifest, the objects and the versions of a collection that does not exist " +
				"are answered by 404, or by 403 as if it existed; never with an empty page.",
			Source: tables, run: nothingBelowNothing,
		},
		{
			ID: "T21-20-04", Group: Standard, Section: "5.5", Level: Must,
			Title: "takes no objects for a collection that does not exist",
			Demand: "A POST to a collection that does not exist is answered by 404, or by 403, and so " +
				"is a DELETE if the server deletes at all: what a client sends must not get lost " +
				"with a success.",
			Source: tables, needs: needWrite, run: takesNothingForNothing,
		},
	}
}

// refuses judges an answer that should be one of a few failures. Other failures are no more than
// odd, because the tables do not claim to be complete (section 3.6).
func (t *trial) refuses(a *answer, codes ...int) {
	want := oneOf(codes)
	switch {
	case a.Status == 0, slices.Contains(codes, a.Status): // silence is allowed (section 8.2.2)
	case a.Status < 400:
		t.fault(a, want, "%s", a.came())
	case a.Status != http.StatusTooManyRequests:
		t.warn(a, want, "%s", a.came())
	}
}

func refusesAtRoot(t *trial) {
	if served(t.try(http.MethodGet, t.root, as(nobody))) {
		t.skip("the API root is open to anybody; only what is below it is protected")
	}
	t.refuses(t.try(http.MethodGet, t.root, as(misspelt)), 401, 403, 404)
}

func refusesAtStatus(t *trial) {
	status := t.add(t.main, t.indicator("a status for nobody else"))
	at := t.status(status.text("id"))
	t.ok(t.get(at))
	t.refuses(t.try(http.MethodGet, at, as(misspelt)), 401, 403, 404)
}

// nowhere is a collection that does not exist.
func (t *trial) nowhere() *collection {
	id := uuid.NewString()
	return &collection{id: id, url: t.at(id)}
}

func nothingBelowNothing(t *trial) {
	c, id := t.nowhere(), freshID("indicator")
	for _, at := range []string{c.manifest(), c.objects(), c.object(id), c.versions(id)} {
		t.refuses(t.get(at), 403, 404)
	}
}

func takesNothingForNothing(t *trial) {
	c, o := t.nowhere(), t.indicator("the one for nobody")
	t.refuses(t.intrude(c, o), 403, 404)
	if t.deletes {
		t.refuses(t.delete(c.object(o.id)), 403, 404)
	}
}
