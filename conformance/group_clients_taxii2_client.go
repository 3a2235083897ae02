package conformance

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// oasisClientCases are about the Python client of OASIS, which most clients in Python are built
// on: XSOAR, the connectors of OpenCTI, the push of MISP, the CTIS app of Splunk, python-stix2.
func oasisClientCases() []Case {
	source := "taxii2-client 2.3.0 (oasis-open/cti-taxii-client 54dabad)"
	return []Case{
		{
			ID: "clients-taxii2-client-content-type", Section: "3.1",
			Title: "writes Content-Type the way the OASIS client compares it",
			Demand: "The client cuts Content-Type at its semicolons and wants the pieces " +
				"application/taxii+json and version=2.1 as they stand here: in small letters and " +
				"without quotation marks. Anything else raises an error before the body is read.",
			Source: source + "; oasis-open/cti-taxii-client#101", run: contentTypeIsLiteral,
		},
		{
			ID: "clients-taxii2-client-limit", Section: "3.5",
			Title: "takes next together with another limit",
			Demand: "When a page is shorter than the limit that was asked for, the client asks for " +
				"the rest with the size of that page as the limit.",
			Source: source + ", as_pages", needs: needItems, run: limitMayChange,
		},
		{
			ID: "clients-taxii2-client-added-after", Section: "3.4",
			Title: "takes added_after with as few digits as the OASIS client sends",
			Demand: "The client leaves out zeros at the end of a fraction, so that its timestamps " +
				"have any number of digits behind the second: 2026-01-31T08:00:00.12Z.",
			Source: source + ", format_datetime", needs: needItems,
			run: func(t *trial) { t.afterLike("2006-01-02T15:04:05.00Z", t.fault) },
		},
	}
}

func contentTypeIsLiteral(t *trial) {
	page := t.main.objects() + "?limit=1"
	for _, at := range []string{t.discovery, t.root, t.collections(), page} {
		a := t.try(http.MethodGet, at)
		kind, params := a.media()
		if !served(a) || kind != "application/taxii+json" || params["version"] != "2.1" {
			continue // see T21-3.1-05
		}
		given := a.header.Get("Content-Type")
		pieces := strings.Split(strings.ReplaceAll(given, " ", ""), ";")
		if !slices.Contains(pieces, "application/taxii+json") || !slices.Contains(pieces, "version=2.1") {
			t.fault(a, "Content-Type: "+mediaTAXII, "Content-Type: %s", excerpt([]byte(given)))
		}
	}
}

func limitMayChange(t *trial) {
	w := t.window(6)
	p := t.firstOf(t.main.objects(), values(w.with("limit", "3")))
	same := t.page(t.get(t.main.objects(), values(w.with("limit", "3", "next", p.next))))
	if len(same.items) < 2 {
		t.untold("%s: %d items, where at least 2 should follow", same.sent(), len(same.items))
	}
	// A server may give out a next that works once, which is enough for this client.
	p = t.firstOf(t.main.objects(), values(w.with("limit", "3")))
	a := t.try(http.MethodGet, t.main.objects(), values(w.with("limit", "2", "next", p.next)))
	want := fmt.Sprintf("the next 2 objects: %v", itemIDs(same.items[:2]))
	t.asked(a, want, t.fault)
	o, err := a.object()
	if !served(a) || err != nil {
		return
	}
	got := readPage(a, o).items
	if n := min(len(got), 2); n == 0 || !slices.Equal(itemIDs(got[:n]), itemIDs(same.items[:n])) {
		t.fault(a, want, "%v", itemIDs(got))
	}
}
