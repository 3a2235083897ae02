package conformance

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// mispCases are about the TAXII servers of MISP: it browses them, and pushes to them.
func mispCases() []Case {
	source := "MISP TaxiiServer (MISP/MISP bb0909a)"
	return []Case{
		{
			ID: "clients-misp-root", Section: "4.2",
			Title: "has its API root directly below the host",
			Demand: "Of the URL of an API root MISP keeps the last part of the path alone, so that " +
				"https://host/taxii2/root/ becomes https://host/root/, where there is nothing.",
			Source: source + ", MISP/MISP#8832 and #9860", run: rootIsOneSegment,
		},
		{
			ID: "clients-misp-basic", Section: "8.2",
			Title: "knows basic in small letters",
			Demand: "MISP sends Authorization: basic …; the names of schemes are the same in any " +
				"case (RFC 9110 section 11.1).",
			Source: source, needs: needAuth, run: schemeIsCaseBlind,
		},
		{
			ID: "clients-misp-content-type", Section: "3.1",
			Title: "ignores Content-Type on GET",
			Demand: "MISP, Elastic Agent, Cyware and FLAREclient send Content-Type with every " +
				"request, although a GET has no content.",
			Source: source + "; Elastic ti_custom; cytaxii2 1f404de", run: contentTypeOnGet,
		},
		{
			ID: "clients-misp-next", Section: "3.5",
			Title: "makes next of characters that a path can carry",
			Demand: "MISP puts next into the path of its own pages. A slash in it makes two parts " +
				"of one, and ? # % : mean something else there, too.",
			Source: source, needs: needItems, run: nextFitsIntoPath,
		},
		{
			ID: "clients-misp-more", Section: "3.7",
			Title: "says more with every page",
			Demand: "MISP reads more without a look whether it is there, which it need not be when " +
				"it is false; PHP then logs a warning for each page.",
			Source: source, needs: needItems, run: moreIsAlwaysThere,
		},
		{
			ID: "clients-misp-push", Section: "5.5",
			Title: "takes pushes in a row whose statuses nobody reads",
			Demand: "MISP posts one envelope after the other and never asks what became of them. " +
				"Each is taken, and its objects show up without being asked for.",
			Source: "MISP taxii_push.py (MISP/MISP bb0909a)", needs: needWrite, run: pushesWithoutWaiting,
		},
	}
}

func rootIsOneSegment(t *trial) {
	u, err := url.Parse(t.root)
	if err != nil {
		t.untold("the URL of the API root cannot be read: %v", err)
	}
	if parts := strings.Split(strings.Trim(u.Path, "/"), "/"); len(parts) != 1 {
		t.fault(t.get(t.root), "an API root such as "+t.base+"/"+parts[len(parts)-1]+"/", "%s", t.root)
	}
}

func schemeIsCaseBlind(t *trial) {
	c := t.config.User
	if c.User == "" {
		t.skip("MISP logs in with user and password; give them with --user")
	}
	t.ok(t.get(t.main.url))
	pair := base64.StdEncoding.EncodeToString([]byte(c.User + ":" + c.Password))
	a := t.try(http.MethodGet, t.main.url, as(nobody), with("Authorization", "basic "+pair))
	t.asked(a, "status 200, as with Authorization: Basic …", t.fault)
}

func contentTypeOnGet(t *trial) {
	t.ok(t.get(t.main.objects(), query("limit", "1")))
	a := t.try(http.MethodGet, t.main.objects(), query("limit", "1"),
		with("Content-Type", mediaTAXII))
	t.asked(a, "status 200, as without Content-Type: "+mediaTAXII, t.fault)
}

// nextFitsIntoPath looks at several of them: only some of the values that base64 makes have a
// slash in them.
func nextFitsIntoPath(t *trial) {
	w := t.window(6)
	for limit := 1; limit <= 5; limit++ {
		p := t.firstOf(t.main.objects(), values(w.with("limit", fmt.Sprint(limit))))
		switch {
		case strings.Contains(p.next, "/"):
			t.fault(p.answer, "next without a slash", "next %q", excerpt([]byte(p.next)))
			return
		case strings.ContainsAny(p.next, "?#%:"):
			t.warn(p.answer, "next without ? # % :", "next %q", excerpt([]byte(p.next)))
			return
		}
	}
}

func moreIsAlwaysThere(t *trial) {
	w := t.window(1)
	p := t.page(t.get(t.main.objects(), query("match[id]", w.items[0].id)))
	if p.body["more"] == nil {
		t.warn(p.answer, `"more":false`, "an envelope without more")
	}
}

func pushesWithoutWaiting(t *trial) {
	var objects []stixObject
	var a *answer
	for n := range 3 {
		o := t.indicator(fmt.Sprintf("push %d in a row", n))
		objects = append(objects, o)
		a = t.push(t.main, o)
		if a.Status/100 == 2 {
			continue
		}
		if n == 0 {
			t.untold("%s: %s", a.sent(), a.came())
		}
		t.fault(a, "status 202, as for the push before", "%s", a.came())
		return
	}
	if !t.appear(t.main, objects...) {
		t.fault(a, "the objects of this push and of the two before it in the manifest, after a while",
			"some are not there %v later", settled)
	}
}
