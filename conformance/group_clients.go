package conformance

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// clientCases send what the clients in use send, as far as no case of the standard does, and ask
// for what those clients cannot do without. A server that fails one may conform to the standard
// in every word; that client does not work with it all the same. Where a client gets by somehow,
// or a later release of it does, the case warns.
func clientCases() []Case {
	cases := slices.Concat(
		oasisClientCases(),
		openCTICases(),
		openCTIConnectorCases(),
		mispCases(),
		pollerCases(),
		otherClientCases(),
	)
	for i := range cases {
		cases[i].Group, cases[i].Level = Clients, Client
	}
	return cases
}

// finder is fault or warn of a trial.
type finder func(a *answer, want, got string, args ...any)

// asked compares an answer with what came for the same request in a plainer form, which had to
// succeed before: only then is it the form that the server does not take. A 5xx is for the cases
// of the standard.
func (t *trial) asked(a *answer, want string, find finder) {
	switch {
	case served(a):
	case a.Status >= 500, a.Status == 0:
		t.untold("%s: %s", a.sent(), a.came())
	default:
		find(a, want, "%s", a.came())
	}
}

// afterLike asks for objects with an added_after that is written as the layout has it (see
// time.Layout). Whether such a spelling is a timestamp of TAXII 2.1 is disputed; clients send it.
func (t *trial) afterLike(layout string, find finder) {
	w := t.window(1)
	date, err := time.Parse(time.RFC3339Nano, w.items[0].date)
	if err != nil {
		t.untold("the date_added %q in the manifest cannot be read: %v", w.items[0].date, err)
	}
	date = date.UTC().Truncate(time.Second).Add(120 * time.Millisecond)
	plain := t.get(t.main.objects(), query("limit", "1", "added_after", date.Format(dateAdded)))
	t.ok(plain)
	a := t.try(http.MethodGet, t.main.objects(),
		query("limit", "1", "added_after", date.Format(layout)))
	want := "status 200, as for " + date.Format(dateAdded)
	if a.Status >= 500 { // no case of the standard sends such spellings
		find(a, want, "%s", a.came())
		return
	}
	t.asked(a, want, find)
}

// dateAdded is the form of TAXII timestamps (TAXII 2.1 section 2).
const dateAdded = "2006-01-02T15:04:05.000000Z"

// firstOf fetches the first page of some objects, and skips the case if it does not lead to
// another one by next.
func (t *trial) firstOf(at string, edits ...edit) page {
	p := t.page(t.get(at, edits...))
	if p.next == "" {
		t.skip("the server gave no next to go on with; see clients-opencti-next")
	}
	return p
}

// itemIDs lists the ids of items, in order.
func itemIDs(items []item) []string {
	ids := make([]string, len(items))
	for n, i := range items {
		ids[n] = i.id
	}
	return ids
}

// bundle wraps objects as STIX does, which some clients post instead of an envelope.
func bundle(objects ...stixObject) []byte {
	inner := strings.TrimPrefix(string(envelope(objects...)), "{")
	return []byte(`{"type":"bundle","id":` + quote(freshID("bundle")) + "," + inner)
}

// appear waits until objects can be read and reports whether they could.
func (t *trial) appear(c *collection, objects ...stixObject) bool {
	for deadline := time.Now().Add(settled); ; {
		found := t.list(c.manifest(), match("match[id]", strings.Join(idsOf(objects), ",")))
		if len(only(found, idsOf(objects)...)) >= len(objects) {
			return true
		}
		if time.Now().After(deadline) || sleep(t.ctx, 200*time.Millisecond) != nil {
			return false
		}
	}
}
