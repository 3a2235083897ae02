package conformance

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

func limitCases() []Case {
	return []Case{
		{
			ID: "T21-3.4-09", Group: Standard, Section: "3.4", Level: Must,
			Title: "no page is longer than limit",
			Demand: "limit is the most items that the client wants in an answer; the server gives " +
				"no more.",
			needs: needItems, run: limitIsObeyed,
		},
		{
			ID: "T21-3.4-10", Group: Standard, Section: "3.4", Level: Must,
			Title: "what fits into limit comes in one page",
			Demand: "If all that is available is within the limit of the client and that of the " +
				"server, all of it is in the answer, and nothing more is announced.",
			needs: needItems, run: whatFitsIsThere,
		},
		{
			ID: "T21-3.4-11", Group: Standard, Section: "3.4", Level: May,
			Title: "a limit above the server's own is no error",
			Demand: "A server may give fewer items than the client's limit allows. A limit that is " +
				"larger than the server's own maximum is therefore answered with a page.",
			needs: needItems, run: hugeLimitIsServed,
		},
		{
			ID: "T21-3.4-12", Group: Standard, Section: "3.4", Level: Must,
			Title: "more is true when limit cuts a selection short",
			Demand: "If more matches than the answer has room for, more is true, so that the " +
				"client knows that it has to ask again.",
			needs: needItems, run: moreIsSaid,
		},
	}
}

// limitIsObeyed leaves the endpoints of one object to T21-5.6-04c and T21-5.8-05b.
func limitIsObeyed(t *trial) {
	w := t.window(5)
	for limit := 1; limit <= 5; limit++ {
		for _, at := range t.listings() {
			a := t.get(at, values(w.with("limit", strconv.Itoa(limit))))
			if n := len(t.page(a).items); n > limit {
				t.fault(a, "at most "+strconv.Itoa(limit)+" items", "%d items", n)
			}
		}
	}
}

// whatFitsIsThere compares with the same query without limit: that this has the right entries is
// for the cases of match[id] to judge.
func whatFitsIsThere(t *trial) {
	w := t.window(3)
	ids := strings.Join([]string{w.items[0].id, w.items[1].id, w.items[2].id}, ",")
	for _, at := range t.listings() {
		full := t.page(t.get(at, query("match[id]", ids)))
		n := len(full.items)
		if full.more {
			t.skip("the server's own limit is %d, which is less than three objects", n)
		}
		if n == 0 || n > 10 {
			t.untold("%s: expected the 3 entries of the ids, came %d", full.sent(), n)
		}
		p := t.page(t.get(at, query("match[id]", ids, "limit", "10")))
		if more := t.hasMore(p); len(p.items) < n || more {
			t.fault(p.answer, fmt.Sprintf("all %d matching entries and no more:true", n),
				"%d entries and more:%t", len(p.items), more)
		}
	}
}

// hugeLimitIsServed keeps to a number that fits into 32 bits, so that no parser is to blame.
func hugeLimitIsServed(t *trial) {
	// One object will do, for a server without a limit of its own would send everything it has.
	id := t.window(1).items[0].id
	for _, at := range t.listings() {
		a := t.get(at, query("match[id]", id, "limit", "1000000000"))
		if a.Status != http.StatusOK {
			t.fault(a, "status 200 and as many items as the server likes to give", "%s", a.came())
		}
	}
}

// moreIsSaid looks at pages of one item alone. A page of two is for T21-3.4-09 to judge.
func moreIsSaid(t *trial) {
	w := t.window(2)
	ids := w.items[0].id + "," + w.items[1].id
	for _, at := range t.listings() {
		full := t.page(t.get(at, query("match[id]", ids)))
		if len(full.items) < 2 && !full.more {
			t.untold("%s: expected the entries of both ids, came %d", full.sent(), len(full.items))
		}
		p := t.page(t.get(at, query("match[id]", ids, "limit", "1")))
		if len(p.items) == 1 && !t.hasMore(p) {
			t.fault(p.answer, "more:true, because two objects match and only one is here",
				"one object, and more is not true")
		}
	}
}
