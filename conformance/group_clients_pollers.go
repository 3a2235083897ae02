package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// pollerCases are about clients that fetch what is new at intervals.
func pollerCases() []Case {
	return []Case{
		{
			ID: "clients-elastic-next", Section: "3.5",
			Title: "remembers with next what was asked for",
			Demand: "Elastic Agent before 1.8.2 of the integration, and the taxii2 connector of " +
				"OpenCTI, send next without the added_after of the first page. The pages go on all " +
				"the same: nothing is left out, and nothing from before comes up.",
			Source: "Elastic ti_custom before 1.8.2, elastic/integrations#20184; OpenCTI connector " +
				"external-import/taxii2 (OpenCTI-Platform/connectors a2681ba)",
			needs: needItems, run: nextRemembersFilters,
		},
		{
			ID: "clients-xsoar-pages", Section: "3.5",
			Title: "has something on every page that is not the last",
			Demand: "XSOAR takes a page without objects for the end, and OpenCTI begins again. A " +
				"server that looks for matches in one page of the collection at a time hides what " +
				"comes later from them.",
			Source: "Cortex XSOAR TAXII2ApiModule (demisto/content 0016900); OpenCTI ingestionManager",
			needs:  needItems, run: noPageIsEmpty,
		},
		{
			ID: "clients-xsoar-titles", Section: "5.2",
			Title: "gives each collection of an API root a title of its own",
			Demand: "XSOAR, and the taxii2 connector of OpenCTI, find a collection by its title and " +
				"take the first that has it; one with the same title cannot be reached.",
			Source: "Cortex XSOAR FeedTAXII2 (demisto/content 0124ebb)", run: titlesAreUnique,
		},
		{
			ID: "clients-eclecticiq-added-after", Section: "3.4",
			Title: "takes added_after in whole seconds",
			Demand: "EclecticIQ begins with 1970-01-01T00:00:00Z, and Elastic Agent sent no fraction, " +
				"either, until May 2026.",
			Source: "EclecticIQ Intelligence Center, TAXII 2.1 poll; Elastic ti_custom, " +
				"elastic/integrations#19107; demisto/content#21349",
			needs: needItems,
			run:   func(t *trial) { t.afterLike("2006-01-02T15:04:05Z", t.fault) },
		},
		{
			ID: "clients-flare-accept", Section: "3.1",
			Title: "reads an Accept of several lines",
			Demand: "FLAREclient sends two lines, Accept: application/stix+json and Accept: " +
				"application/taxii+json. They mean the same as one line with a comma (RFC 9110 " +
				"section 5.3).",
			Source: "CISA FLAREclient-Java 7a10f14", run: acceptInTwoLines,
		},
		{
			ID: "clients-cytaxii2-default", Section: "4.1",
			Title: "names its default API root by an absolute URL",
			Demand: "Cyware's client takes default from the discovery resource and calls it as it is; " +
				"without one, or with a path alone, it goes nowhere.",
			Source: "Cyware cytaxii2 1f404de", needs: needTLS, run: defaultIsAbsolute,
		},
	}
}

// nextRemembersFilters walks twice from the same place in the collection: with what was asked
// for on every page, and with next alone from the second page on.
func nextRemembersFilters(t *trial) {
	w := t.window(6)
	start := len(w.items) / 3
	before := itemIDs(w.items[:start])
	v := match("added_after", w.items[start].date, "limit", fmt.Sprint(start))
	want := only(t.list(t.main.objects(), v), itemIDs(w.items)...)
	if len(only(want, before...)) > 0 {
		t.untold("added_after brings what was added before; see T21-3.4-03a")
	}
	p := t.firstOf(t.main.objects(), values(v))
	got := only(p.items, itemIDs(w.items)...)
	for n := 0; n < maxPages && p.more && p.next != "" && len(got) <= len(want); n++ {
		a := t.try(http.MethodGet, t.main.objects(), query("limit", v.Get("limit"), "next", p.next))
		t.asked(a, "the page that follows, to next without added_after", t.fault)
		if !served(a) {
			return
		}
		if p = t.page(a); len(only(p.items, before...)) > 0 {
			t.fault(a, "nothing that was added until "+v.Get("added_after"), "%s",
				only(p.items, before...)[0].id)
			return
		}
		got = append(got, only(p.items, itemIDs(w.items)...)...)
	}
	if !slices.Equal(itemIDs(want), itemIDs(got)) {
		t.fault(p.answer, fmt.Sprintf("%d objects, as with added_after on every page", len(want)),
			"%d objects: %s", len(got), strings.Join(itemIDs(got), " "))
	}
}

// noPageIsEmpty asks for the type of the last object it knows, together with two that are rare.
// An empty page is tolerated where nothing comes after it.
func noPageIsEmpty(t *trial) {
	w := t.window(6)
	types := w.items[len(w.items)-1].kind() + ",relationship,campaign"
	var empty *answer
	for v := w.with("limit", "2", "match[type]", types); ; {
		p := t.page(t.get(t.main.objects(), values(v)))
		if empty != nil && len(p.items) > 0 {
			t.fault(empty, "objects, since more is true and others follow", "a page without objects")
			return
		}
		following, ok := onward(v, p)
		if !p.more || !ok || t.history.count() > maxFiltered {
			return
		}
		if len(p.items) == 0 && empty == nil {
			empty = p.answer
		}
		v = following
	}
}

// maxFiltered is how many pages noPageIsEmpty looks at.
const maxFiltered = 40

func titlesAreUnique(t *trial) {
	a := t.get(t.collections())
	seen := map[string]string{}
	for _, c := range t.ok(a).objects("collections") {
		title, id := c.text("title"), c.text("id")
		if other, twice := seen[title]; twice && other != id && title != "" {
			t.fault(a, "different titles", "%s and %s are both called %q", other, id, title)
		}
		seen[title] = id
	}
}

func acceptInTwoLines(t *trial) {
	one := "application/stix+json, application/taxii+json"
	t.ok(t.get(t.main.objects(), query("limit", "1"), with("Accept", one)))
	a := t.try(http.MethodGet, t.main.objects(), query("limit", "1"),
		with("Accept", "application/stix+json"), also("Accept", "application/taxii+json"))
	t.asked(a, "status 200, as with Accept: "+one, t.fault)
}

func defaultIsAbsolute(t *trial) {
	a := t.get(t.discovery)
	given := t.ok(a).text("default")
	if u, err := url.Parse(given); err != nil || u.Scheme != "https" || u.Host == "" {
		t.fault(a, "default with scheme and host, such as "+t.root, "default %q", given)
	}
}
