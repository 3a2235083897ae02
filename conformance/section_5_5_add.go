package conformance

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

func addCases() []Case {
	return []Case{
		{
			ID: "T21-5.5-01", Group: Standard, Section: "5.5", Level: Must,
			Title:  "a push is answered with 202",
			Demand: "A push that the server takes is answered with 202 and a status; not with 200 or 201.",
			needs:  needWrite, run: pushIsAccepted,
		},
		{
			ID: "T21-5.5-02", Group: Standard, Section: "5.5", Level: Must,
			Title:  "a push with a wrong password is 401 or 404",
			Demand: "When authentication fails, a push is answered with 401 or 404.",
			needs:  needWrite | needAuth, run: pushNeedsAPassword,
		},
		{
			ID: "T21-5.5-03a", Group: Standard, Section: "5.5", Level: Must,
			Title: "a push to a collection that the user may only read is 403 or 404",
			Demand: "When can_write of the collection is false for the user, a push is answered " +
				"with 403 or 404.",
			needs: needReadOnly,
			run:   func(t *trial) { pushNeedsTheRight(t, t.readOnly) },
		},
		{
			ID: "T21-5.5-03b", Group: Standard, Section: "5.5", Level: Must,
			Title: "a push to a collection that the user may neither read nor write is 403 or 404",
			Demand: "When the user has no rights on the collection, a push is answered with " +
				"403 or 404.",
			needs: needForbidden,
			run:   func(t *trial) { pushNeedsTheRight(t, t.forbidden) },
		},
		{
			ID: "T21-5.5-04a", Group: Standard, Section: "5.5", Level: Must,
			Title: "an object that is stored already is no error",
			Demand: "When an object with the same id and version is stored already, adding it " +
				"again is not an error: the answer is 202, and the object is not among failures.",
			needs: needWrite, run: duplicateIsNoError,
		},
		{
			ID: "T21-5.5-04b", Group: Standard, Section: "5.5", Level: Should,
			Title: "an object that is stored already stays as it is",
			Demand: "Adding an object that is stored already changes nothing: there is still one " +
				"such version, and it keeps its date_added. Otherwise every client reads it anew.",
			needs: needWrite, run: duplicateChangesNothing,
		},
		{
			ID: "T21-5.5-07", Group: Standard, Section: "5.5", Level: Should,
			Title: "what a status reports as stored can be read",
			Demand: "When one object of an envelope is invalid, the server stores the others and " +
				"has the invalid one among failures, or it refuses the whole envelope with 422. It " +
				"reports nothing as a success that cannot be read afterwards.",
			needs: needWrite, run: successesAreStored,
		},
		{
			ID: "T21-5.5-08", Group: Standard, Section: "5.5", Level: Info,
			Title: "a pending push is completed",
			Demand: "When the status of a push is pending, clients read it again until it is " +
				"complete. The standard sets no time; the suite waits for 10 seconds.",
			needs: needWrite, run: pendingIsCompleted,
		},
		{
			ID: "T21-5.5-09", Group: Standard, Section: "5.5", Level: Should,
			Title: "what was pushed can be read as soon as the status is complete",
			Demand: "A complete status says that the work is over. What it counts as a success is " +
				"then in the objects and in the manifest of the collection.",
			needs: needWrite, run: completeMeansReadable,
		},
	}
}

// pushIsAccepted leaves it to T21-5.2-04 when the user may not write in spite of can_write.
func pushIsAccepted(t *trial) {
	a := t.push(t.main, t.indicator("the one to add"))
	switch a.Status {
	case http.StatusAccepted:
	case http.StatusUnauthorized, http.StatusForbidden:
		t.untold("%s: %s; see T21-5.2-04", a.sent(), a.came())
	default:
		t.fault(a, "202 with a status", "%s", a.came())
	}
}

func pushNeedsAPassword(t *trial) {
	probe := t.indicator("one by a stranger")
	t.remember(t.main, probe.id)
	a := t.try(http.MethodPost, t.main.objects(), content(mediaTAXII, envelope(probe)), as(impostor))
	turnsAway(t, a)
}

func pushNeedsTheRight(t *trial, c *collection) {
	if !t.config.Write {
		t.skip("%s", t.whyNotWritten())
	}
	a := t.intrude(c, t.indicator("one that may not be added"))
	if a.Status != http.StatusForbidden && a.Status != http.StatusNotFound {
		t.fault(a, "403 or 404, because the user may not write to "+c.id, "%s", a.came())
	}
}

// duplicateIsNoError reads "no error" for the push and for the object in it alike. Whether a
// server counts such an object as a success it may decide.
func duplicateIsNoError(t *trial) {
	o := t.indicator("the one to add twice")
	t.add(t.main, o)
	a := t.push(t.main, o)
	if a.Status != http.StatusAccepted {
		t.fault(a, "202, because an object that is stored already is no error", "%s", a.came())
		return
	}
	last, status := t.concluded(a)
	for _, failed := range status.objects("failures") {
		if failed.text("id") == o.id {
			t.fault(last, "no failure for "+o.id+", which was stored already", "%q among failures",
				failed.text("message"))
		}
	}
}

func duplicateChangesNothing(t *trial) {
	o := t.indicator("the one to add twice")
	t.add(t.main, o)
	before := t.shown(t.main, o)[0]
	t.settle(t.push(t.main, o))
	a := t.get(t.main.manifest(), query("match[id]", o.id, "match[version]", "all"))
	after := only(t.page(a).items, o.id)
	switch {
	case len(after) != 1:
		t.fault(a, "one record of the object, which was added twice", "%d records", len(after))
	case after[0].date != before.date:
		t.fault(a, "the date_added of the first time, "+before.date, "%s", after[0].date)
	}
}

// successesAreStored leaves it to the server which objects it takes for invalid.
func successesAreStored(t *trial) {
	good, bad := t.indicator("the valid one"), t.misfit("the invalid one")
	a := t.push(t.main, bad, good)
	switch {
	case a.Status == http.StatusUnprocessableEntity || a.Status == http.StatusBadRequest:
		t.note("the whole envelope is refused: %s", a.came())
		return
	case a.Status/100 != 2:
		t.fault(a, "202 with a status that reports on each object, or 422", "%s", a.came())
		return
	}
	last, status := t.concluded(a)
	failures, counted := status.number("failure_count")
	if !counted {
		t.untold("%s: the status has no failure_count; see T21-4.3-04", last.sent())
	}
	t.note("failure_count is %d of two objects, one of them invalid", failures)
	missing := t.unreadable(good, bad)
	for deadline := time.Now().Add(settled / 4); missing > failures; {
		if time.Now().After(deadline) || sleep(t.ctx, 200*time.Millisecond) != nil {
			break
		}
		missing = t.unreadable(good, bad) // that it comes late is for T21-5.5-09 to judge
	}
	if missing > failures {
		t.fault(last, fmt.Sprintf("every object stored but the %d in failure_count", failures),
			"%d of two cannot be read", missing)
	}
}

// unreadable counts the objects that cannot be read.
func (t *trial) unreadable(objects ...stixObject) (n int64) {
	for _, o := range objects {
		if read := t.get(t.main.object(o.id)); len(only(readAny(read), o.id)) == 0 {
			n++
		}
	}
	return n
}

// readAny returns the items of an answer, none if it is no page.
func readAny(a *answer) []item {
	o, err := a.object()
	if !served(a) || err != nil {
		return nil
	}
	return readPage(a, o).items
}

func pendingIsCompleted(t *trial) {
	o := t.version(freshID("infrastructure"), "the one to wait for", nthVersion(1))
	a := t.push(t.main, o)
	status := t.ok(a, http.StatusAccepted)
	id := t.statusID(a)
	for deadline := time.Now().Add(settled / 2); status.text("status") == "pending"; {
		err := sleep(t.ctx, 200*time.Millisecond)
		switch {
		case time.Now().After(deadline), errors.Is(err, context.DeadlineExceeded):
			t.fault(a, "a status that is complete in the end", "one that is still pending")
			return
		case err != nil:
			t.untold("%s: the status is still pending", a.sent())
		}
		status = t.ok(t.get(t.status(id)))
	}
}

// completeMeansReadable asks at once and once, other than cases that need objects of their own.
func completeMeansReadable(t *trial) {
	o := t.version(freshID("course-of-action"), "the one to read at once", nthVersion(1))
	t.add(t.main, o)
	for _, at := range []string{t.main.objects(), t.main.manifest()} {
		a := t.get(at, query("match[id]", o.id))
		if ids := itemIDs(t.page(a).items); !slices.Contains(ids, o.id) {
			t.fault(a, o.id+", whose push is complete", "%d other objects", len(ids))
		}
	}
}
