package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

func statusCountCases() []Case {
	return []Case{
		{
			ID: "T21-4.3-06", Group: Standard, Section: "4.3.1", Level: Must,
			Title: "total_count is the number of objects in the envelope",
			Demand: "The counters of a status are never below 0. When it is complete total_count " +
				"is the number of objects that were posted; those that were stored already are " +
				"among them.",
			needs: needWrite, run: totalIsWhatWasPosted,
		},
		{
			ID: "T21-4.3-07a", Group: Standard, Section: "4.3.1", Level: Should,
			Title: "the counters of a status add up",
			Demand: "success_count, failure_count and pending_count together are total_count, and " +
				"of a complete status nothing is pending. Clients refuse a status in which the " +
				"sum is wrong.",
			needs: needWrite, run: countersAddUp,
		},
		{
			ID: "T21-4.3-07b", Group: Standard, Section: "4.3.1", Level: Should,
			Title: "the lists of a status are as long as its counters say",
			Demand: "successes, failures and pendings may be left out. Those that are there have " +
				"an entry for each object that success_count, failure_count and pending_count " +
				"have counted.",
			needs: needWrite, run: listsMatchCounters,
		},
		{
			ID: "T21-4.3-09a", Group: Standard, Section: "4.3.1", Level: Must,
			Title: "every object in a status has its id and version",
			Demand: "The entries of successes, failures and pendings have id and version, which " +
				"are strings. (An example in section 5.5 has no version; the table that requires " +
				"it is what binds.)",
			needs: needWrite, run: detailsHaveTheirProperties,
		},
		{
			ID: "T21-4.3-09b", Group: Standard, Section: "4.3.1", Level: Must,
			Title: "the entries of a status name the posted objects and their versions",
			Demand: "For STIX the id of an entry in successes, failures and pendings is the " +
				"object's id, and its version is the object's modified, or created if it has no " +
				"modified.",
			needs: needWrite, run: detailsNameWhatWasPosted,
		},
	}
}

// totalIsWhatWasPosted posts something that is stored already, which is easily forgotten when the
// counters are made from what was stored.
func totalIsWhatWasPosted(t *trial) {
	known := t.indicator("one that is stored already")
	t.add(t.main, known)
	pushed := t.push(t.main, known, t.indicator("a new one"), t.indicator("another new one"))
	a, status := t.concluded(pushed)
	for _, name := range []string{
		"total_count", "success_count", "failure_count", "pending_count",
	} {
		if n, ok := status.number(name); ok && n < 0 {
			t.fault(a, name+" is 0 or more", "%d", n)
		}
	}
	if total, ok := status.number("total_count"); ok && total != 3 {
		t.fault(a, "total_count is 3, as many as were posted, of which one was stored already",
			"%d", total)
	}
}

// misfit returns an object that STIX 2.1 forbids, by a fault that a server may not care about.
func (w *world) misfit(name string) stixObject {
	return w.version(freshID("malware"), name, nthVersion(1), "is_family", `"perhaps"`)
}

// mixed pushes objects of which two are invalid, so that there is something in failures, and
// returns the answer. A server that refuses such an envelope as a whole gets the valid ones.
func (t *trial) mixed(valid ...stixObject) *answer {
	all := slices.Concat(valid[:1],
		[]stixObject{t.misfit("the invalid one"), t.misfit("the other invalid one")}, valid[1:])
	a := t.push(t.main, all...)
	if a.Status != http.StatusAccepted {
		a = t.push(t.main, valid...)
	}
	return a
}

// concluded waits until a push is processed, and returns the answer that tells so, which is that
// to the push or a later one, with the status in it.
func (t *trial) concluded(pushed *answer) (*answer, object) {
	status := t.settle(pushed)
	if t.ok(pushed, http.StatusAccepted).text("status") != "pending" {
		return pushed, status
	}
	a := t.get(t.status(status.text("id")))
	return a, t.ok(a)
}

func countersAddUp(t *trial) {
	a, status := t.concluded(t.mixed(t.indicator("one"), t.indicator("another")))
	total, ok := status.number("total_count")
	good, ok2 := status.number("success_count")
	bad, ok3 := status.number("failure_count")
	open, ok4 := status.number("pending_count")
	if !ok || !ok2 || !ok3 || !ok4 {
		t.untold("%s: the status lacks counters; see T21-4.3-04", a.sent())
	}
	if good+bad+open != total {
		t.fault(a, fmt.Sprintf("counters that add up to total_count, %d", total),
			"%d successes, %d failures and %d pending", good, bad, open)
	}
	if open != 0 {
		t.fault(a, "pending_count is 0, because the status is complete", "%d", open)
	}
}

// listsMatchCounters looks at the lists that are there; all of them are optional.
func listsMatchCounters(t *trial) {
	a, status := t.concluded(t.mixed(t.indicator("one"), t.indicator("another")))
	for _, l := range []struct{ list, counter string }{
		{"successes", "success_count"}, {"failures", "failure_count"}, {"pendings", "pending_count"},
	} {
		n, counted := status.number(l.counter)
		if raw := string(status[l.list]); raw == "" || raw == "null" || !counted {
			continue // T21-4.3-04 judges a null
		}
		if length := len(status.list(l.list)); int64(length) != n {
			t.fault(a, "as many entries in "+l.list+" as "+l.counter+" says, "+
				strconv.FormatInt(n, 10), "%d", length)
		}
	}
}

func detailsHaveTheirProperties(t *trial) {
	a := t.mixed(t.indicator("one"), t.indicator("another"))
	if len(details(t.settle(a))) == 0 {
		t.skip("the status lists no objects, which it may leave out")
	}
	read := t.get(t.status(t.statusID(a)))
	for _, one := range []*answer{a, read} {
		found := statusResource().check(one.body)
		t.blame(one, found.of(flawMissing, flawType).within("status-details"))
	}
}

// details are the entries of all lists of a status.
func details(status object) []object {
	return slices.Concat(status.objects("successes"), status.objects("failures"),
		status.objects("pendings"))
}

// detailsNameWhatWasPosted compares versions as instants: whether a server may write them with
// other digits than the object is not the question here.
func detailsNameWhatWasPosted(t *trial) {
	changed := t.version(freshID("indicator"), "one that was changed", nthVersion(7))
	marking := t.statement("one without modified")
	a, status := t.concluded(t.push(t.main, changed, marking))
	listed := details(status)
	if len(listed) == 0 {
		t.skip("the status lists no objects, which it may leave out")
	}
	for _, d := range listed {
		id, version := d.text("id"), d.text("version")
		switch {
		case id == "" || version == "": // T21-4.3-09a
		case id != changed.id && id != marking.id:
			t.fault(a, "entries with the ids that were posted, "+changed.id+" and "+marking.id,
				"%s", id)
		case id == changed.id && !sameInstant(version, changed.version):
			t.fault(a, "version is modified of the object, "+changed.version, "%s", version)
		case id == marking.id && !sameInstant(version, marking.version):
			t.fault(a, "version is created of the object, which has no modified, "+marking.version,
				"%s", version)
		}
	}
}

// sameInstant compares versions, which may be written with more or fewer digits.
func sameInstant(a, b string) bool {
	x, errX := time.Parse(time.RFC3339Nano, a)
	y, errY := time.Parse(time.RFC3339Nano, b)
	return a == b || errX == nil && errY == nil && x.Equal(y)
}
