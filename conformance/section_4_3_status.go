package conformance

import (
	"bytes"
	"net/http"

	"github.com/google/uuid"
)

func statusCases() []Case {
	return []Case{
		{
			ID: "T21-4.3-01", Group: Standard, Section: "4.3", Level: Must,
			Title: "the status of every push can be read",
			Demand: "The answer to a push has the id of a status. A GET of status/{id}/ below " +
				"the API root returns that status, also when other pushes came after it.",
			needs: needWrite, run: statusOfEachPushIsServed,
		},
		{
			ID: "T21-4.3-03", Group: Standard, Section: "4.3", Level: Must,
			Title: "a status that does not exist is 404",
			Demand: "When there is no status of an id, or none any more, the answer to a GET of " +
				"status/{id}/ is 404.",
			run: unknownStatusIsNotFound,
		},
		{
			ID: "T21-4.3-04", Group: Standard, Section: "4.3.1", Level: Must,
			Title: "a status has its required properties",
			Demand: "A status has id, status, total_count, success_count, failure_count and " +
				"pending_count, both in the answer to the push and when it is read later. " +
				"successes, failures and pendings are lists, if they are there.",
			needs: needWrite, run: statusHasItsProperties,
		},
		{
			ID: "T21-4.3-05", Group: Standard, Section: "4.3.1", Level: Must,
			Title:  "the property status is complete or pending",
			Demand: "The property status of a status is \"complete\" or \"pending\", and nothing else.",
			needs:  needWrite, run: statusIsCompleteOrPending,
		},
		{
			ID: "T21-4.3-08", Group: Standard, Section: "4.3.1", Level: Should,
			Title: "a complete status stays as it is",
			Demand: "\"complete\" says that the work on a push is over, so that its status reads " +
				"the same from then on.",
			needs: needWrite, run: completeStatusStays,
		},
		{
			ID: "T21-4.3-10", Group: Standard, Section: "4.3", Level: Must,
			Title: "the push and Get Status tell of the same status",
			Demand: "The answer to a push is the resource that a GET of status/{id}/ returns later: " +
				"with the same id, and with the same total_count once the work has begun.",
			needs: needWrite, run: statusIsTheSameLater,
		},
		{
			ID: "T21-4.3-11", Group: Standard, Section: "4.3", Level: Should,
			Title: "the status of a push is not shown to users without rights",
			Demand: "A status tells which objects were pushed. To a user who may neither read nor " +
				"write the collection the answer is 403 or 404.",
			needs: needWrite | needSecond, run: statusIsNotForOthers,
		},
	}
}

// statusID returns the id of the status with which a push was answered.
func (t *trial) statusID(a *answer) string {
	id := t.ok(a, http.StatusAccepted).text("id")
	if id == "" {
		t.untold("%s: the status has no id; see T21-4.3-04", a.sent())
	}
	return id
}

// statusOfEachPushIsServed makes two pushes: a server may have kept the last status alone.
func statusOfEachPushIsServed(t *trial) {
	var ids []string
	for _, name := range []string{"the first push", "the second push"} {
		ids = append(ids, t.statusID(t.push(t.main, t.indicator(name))))
	}
	for n, id := range ids {
		a := t.get(t.status(id))
		want := "200 with the status of the first of two pushes"
		if n == 1 {
			want = "200 with the status of the last push"
		}
		if a.Status != http.StatusOK {
			t.fault(a, want, "%s", a.came())
		} else if _, err := a.object(); err != nil {
			t.fault(a, want, "a body of which %v", err)
		}
	}
}

func unknownStatusIsNotFound(t *trial) {
	a := t.get(t.status(uuid.NewString()))
	isNotFound(t, a, "404, because no push has this id")
}

// isNotFound judges the answer about something that does not exist. A server that gives nothing
// away may say 403 about it as about what the user may not see, so that this is no failure; and
// whoever has not logged in may be asked to before he is told anything.
func isNotFound(t *trial, a *answer, want string) {
	switch a.Status {
	case http.StatusNotFound:
	case http.StatusUnauthorized:
		if t.config.User.Empty() {
			t.skip("%s: status 401, and no credentials were given; give some with --user", a.sent())
		}
		t.fault(a, want, "%s", a.came())
	case http.StatusForbidden:
		t.warn(a, want, "%s", a.came())
	default:
		t.fault(a, want, "%s", a.came())
	}
}

// statusHasItsProperties looks at the answer to the push, too: for many clients it is the only
// status that they see.
func statusHasItsProperties(t *trial) {
	pushed := t.push(t.main, t.indicator("one for its status"))
	t.ok(pushed, http.StatusAccepted)
	t.blame(pushed, missingOfStatus(pushed))
	read := t.get(t.status(t.statusID(pushed)))
	t.ok(read)
	t.blame(read, missingOfStatus(read))
}

func missingOfStatus(a *answer) flaws {
	return statusResource().check(a.body).of(flawMissing, flawType).within("status")
}

func statusIsCompleteOrPending(t *trial) {
	pushed := t.push(t.main, t.indicator("one for its status"))
	read := t.get(t.status(t.statusID(pushed)))
	for _, status := range []struct {
		a    *answer
		body object
	}{{pushed, t.ok(pushed, http.StatusAccepted)}, {read, t.ok(read)}} {
		raw, given := status.body["status"]
		word := status.body.text("status")
		if given && word != "complete" && word != "pending" {
			t.fault(status.a, `"status" is "complete" or "pending"`, "%s", excerpt(raw))
		}
	}
}

// completeStatusStays compares what the standard defines; a custom property may well change.
func completeStatusStays(t *trial) {
	pushed := t.push(t.main, t.indicator("one for its status"))
	t.settle(pushed)
	at := t.status(t.statusID(pushed))
	first := t.ok(t.get(at))
	again := t.get(at)
	second := t.ok(again)
	for _, p := range statusResource().properties {
		was, is := first[p.name], second[p.name]
		same := bytes.Equal(was, is)
		if p.holds == listOfResources { // the order of the entries means nothing
			same = len(first.list(p.name)) == len(second.list(p.name))
		}
		if !same {
			t.fault(again, "the same status as a moment before, when it was complete already",
				"%q was %s and is now %s", p.name, orAbsent(was), orAbsent(is))
		}
	}
}

// orAbsent tells the value of a property for a finding.
func orAbsent(raw []byte) string {
	if raw == nil {
		return "not there"
	}
	return excerpt(raw)
}

func statusIsTheSameLater(t *trial) {
	pushed := t.push(t.main, t.indicator("one"), t.indicator("another"))
	before := t.ok(pushed, http.StatusAccepted)
	t.settle(pushed)
	a := t.get(t.status(t.statusID(pushed)))
	after := t.ok(a)
	if id := before.text("id"); after.text("id") != id {
		t.fault(a, "the id "+id+" that the push was answered with", "%s", orAbsent(after["id"]))
	}
	total, _ := before.number("total_count")
	if total == 0 {
		return // the work had not begun when the push was answered
	}
	if now, ok := after.number("total_count"); ok && now != total {
		t.fault(a, "the total_count of the answer to the push, "+string(before["total_count"]),
			"%d", now)
	}
}

// statusIsNotForOthers asks only for a user who has no business with the collection at all: who
// else may see a status the standard leaves open.
func statusIsNotForOthers(t *trial) {
	seen := t.try(http.MethodGet, t.main.url, as(second))
	if o, err := seen.object(); served(seen) && err == nil {
		if o.flag("can_read") || o.flag("can_write") {
			t.skip("the second user has rights on the collection, so that he may see its " +
				"statuses; give one who has none with --second-user")
		}
	}
	id := t.statusID(t.push(t.main, t.indicator("one for its status")))
	a := t.get(t.status(id), as(second))
	switch a.Status {
	case http.StatusForbidden, http.StatusNotFound, http.StatusUnauthorized:
	default:
		t.fault(a, "403 or 404, because the push is another user's", "%s", a.came())
	}
}
