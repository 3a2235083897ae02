package audit_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cabstand/cabstand/internal/audit"
)

func TestTally(t *testing.T) {
	begin := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return begin.Add(time.Duration(minutes) * time.Minute) }
	read := func(minutes int, filter audit.Filter, objects, first, last int) audit.Event {
		e := audit.Event{
			Time: at(minutes), Kind: audit.Read, User: "kim", Address: "192.0.2.1", Endpoint: "objects",
			Root: "api", Collection: "c", Status: 200, Objects: objects, Filter: filter,
		}
		if objects > 0 {
			e.First, e.Last = at(first), at(last)
		}
		return e
	}
	stuck := audit.Filter{AddedAfter: at(-50)}
	var sums audit.Tally
	for _, e := range []audit.Event{
		read(0, audit.Filter{}, 100, -100, -50),
		read(1, stuck, 10, -49, -40),
		read(2, stuck, 10, -49, -40),
		read(3, stuck, 10, -49, -40),
		{Time: at(4), Kind: audit.Push, User: "kim", Root: "api", Collection: "c", Status: 202, Objects: 5, Refused: 2},
		{Time: at(5), Kind: audit.Push, User: "kim", Root: "api", Collection: "c", Status: 503, Objects: 9},
		{Time: at(6), Kind: audit.LoginFailed, User: "kim", Status: 401, Repeated: 4},
		{Time: at(7), Kind: audit.Read, User: "kim", Endpoint: "discovery", Status: 200},
		{Time: at(8), Kind: audit.Change, User: "kim", Record: "user kim"},
		// An empty answer says where a client stands, unless it asks for the future.
		{Time: at(9), Kind: audit.Read, User: "lee", Endpoint: "objects", Root: "api", Collection: "c", Status: 200,
			Address: "192.0.2.2", Filter: audit.Filter{AddedAfter: at(-7)}},
		{Time: at(10), Kind: audit.Read, User: "lee", Endpoint: "objects", Root: "api", Collection: "c", Status: 200,
			Address: "192.0.2.3", Filter: audit.Filter{AddedAfter: at(99)}},
	} {
		sums.Add(e)
	}
	want := []audit.Activity{
		{User: "kim", Failures: 5, LastFailure: at(6)},
		{User: "kim", Root: "api", Collection: "c", LastPoll: at(3), Address: "192.0.2.1",
			Position: at(-40), SamePage: 3, LastPush: at(4), Pushed: 5, Refused: 2,
			Failures: 1, LastFailure: at(5)},
		{User: "lee", Root: "api", Collection: "c", LastPoll: at(10), Address: "192.0.2.3",
			Position: at(-7), SamePage: 1},
	}
	if diff := cmp.Diff(want, sums.Activities(), cmpopts.IgnoreUnexported(audit.Activity{})); diff != "" {
		t.Errorf("activities (-want +got):\n%s", diff)
	}
}
