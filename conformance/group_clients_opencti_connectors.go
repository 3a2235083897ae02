package conformance

import (
	"net/http"
	"strings"
)

// openCTIConnectorCases are about programs that run beside OpenCTI: one polls, one pushes.
func openCTIConnectorCases() []Case {
	polls := "OpenCTI connector external-import/taxii2 (OpenCTI-Platform/connectors a2681ba)"
	pushes := "OpenCTI connector stream/taxii-post (OpenCTI-Platform/connectors a2681ba), "
	return []Case{
		{
			ID: "clients-opencti-next", Section: "3.5",
			Title: "gives next with every page that is not the last",
			Demand: "The connector asks again for as long as more is true, and for the same page " +
				"unless there is a next: without one it never ends.",
			Source: polls, needs: needItems, run: moreComesWithNext,
		},
		{
			ID: "clients-opencti-foreign-next", Section: "3.5",
			Title: "tolerates next of another collection",
			Demand: "The connector does not forget next after the last page but sends it to the " +
				"collection that it reads after this one. With an error it does not read that " +
				"collection. The mistake is the connector's, and 400 is a right answer to it; " +
				"who wants to be read by it takes a foreign next for none at all.",
			Source: polls, needs: needItems, run: foreignNextIsTolerated,
		},
		{
			ID: "clients-opencti-titles", Section: "5.2",
			Title: "has no dots in the titles of collections",
			Demand: "The connector is told what to read as root.title and cuts that at its dots: a " +
				"collection with one more in its title cannot be named. It can be read with all " +
				"the others of the root, as root.*",
			Source: polls, run: titlesHaveNoDots,
		},
		{
			ID: "clients-opencti-push", Section: "5.5",
			Title: "takes bundles as application/stix+json",
			Demand: "The connector posts each object as a STIX bundle of its own with Content-Type: " +
				"application/stix+json; version=2.1. With 415 nothing is shared, and nobody notices.",
			Source: pushes + "OpenCTI-Platform/connectors#7499", needs: needWrite,
			run: func(t *trial) { t.takesBundleAs("application/stix+json; version=2.1", t.fault) },
		},
		{
			ID: "clients-opencti-push-vnd", Section: "5.5",
			Title: "takes bundles as application/vnd.oasis.stix+json",
			Demand: "Earlier releases of the connector posted their bundles with Content-Type: " +
				"application/vnd.oasis.stix+json; version=2.1.",
			Source: pushes + "OpenCTI-Platform/connectors#4916", needs: needWrite,
			run: func(t *trial) {
				t.takesBundleAs("application/vnd.oasis.stix+json; version=2.1", t.warn)
			},
		},
	}
}

func moreComesWithNext(t *trial) {
	w := t.window(2)
	p := t.page(t.get(t.main.objects(), values(w.with("limit", "1"))))
	if p.more && p.next == "" {
		t.fault(p.answer, "next, since more is true", "more without next")
	}
}

func foreignNextIsTolerated(t *trial) {
	other := t.first(func(c *collection) bool { return c.read && c.id != t.main.id })
	if other == nil {
		t.skip("the user may read one collection alone; there is no other to send its next to")
	}
	t.ok(t.get(other.objects(), query("limit", "1")))
	w := t.window(2)
	p := t.firstOf(t.main.objects(), values(w.with("limit", "1")))
	a := t.get(other.objects(), query("limit", "1", "next", p.next))
	find := t.fault
	if a.Status/100 == 4 { // the connector has no right to more, see T21-3.5-07
		find = t.warn
	}
	if !served(a) {
		find(a, "status 200, as without next", "%s to a next of the collection %s", a.came(),
			t.main.id)
	}
}

func titlesHaveNoDots(t *trial) {
	a := t.get(t.collections())
	for _, c := range t.ok(a).objects("collections") {
		if title := c.text("title"); strings.Contains(title, ".") {
			t.warn(a, "titles without dots", "the collection %s is called %q", c.text("id"), title)
		}
	}
}

// takesBundleAs posts one object in a bundle under a media type, and under that of TAXII if that
// does not work: who takes no bundles at all fails clients-splunk-bundle.
func (t *trial) takesBundleAs(kind string, find finder) {
	o := t.indicator("one of taxii-post")
	t.remember(t.main, o.id)
	accept := with("Accept", "application/taxii+json; version=2.1")
	a := t.must(http.MethodPost, t.main.objects(), []edit{
		content(kind, bundle(o)), accept, describing("a bundle as " + kind),
	})
	if a.Status/100 == 2 {
		return
	}
	b := t.post(t.main.objects(), bundle(o), accept)
	if b.Status/100 != 2 {
		t.skip("the server takes no bundles at all; see clients-splunk-bundle")
	}
	find(a, "status 202, as with Content-Type: "+mediaTAXII,
		"%s with Content-Type: %s", a.came(), kind)
}
