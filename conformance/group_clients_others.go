package conformance

import (
	"net/http"
	"strings"
)

// otherClientCases are about Splunk, and about people who try a server with curl.
func otherClientCases() []Case {
	return []Case{
		{
			ID: "clients-splunk-bundle", Section: "5.5",
			Title: "takes a STIX bundle in place of an envelope",
			Demand: "The CTIS app of Splunk and the TAXII sink of python-stix2 post a bundle as " +
				"application/taxii+json. It has the list objects as an envelope has; the rest of " +
				"it can be ignored.",
			Source: "Splunk CTIS TAXII app (ctis-taxii-splunk-app df78057); python-stix2 3.0.2 " +
				"TAXIICollectionSink",
			needs: needWrite, run: takesBundles,
		},
		{
			ID: "clients-splunk-slash", Section: "3.1",
			Title: "answers URLs without the slash at their end",
			Demand: "Every URL of TAXII ends in a slash, and people leave it out: in what they type " +
				"into Splunk, OpenCTI or curl. A server answers as if it were there, or redirects to " +
				"that URL on the same host, so that the credentials are sent again.",
			Source: "OpenCTI-Platform/opencti#7755; oasis-open/cti-taxii-client#50",
			run:    slashMayBeMissing,
		},
		{
			ID: "clients-curl-accept", Section: "3.1",
			Title: "answers Accept: */*",
			Demand: "That is what curl sends unless it is told otherwise, and it allows every media " +
				"type (RFC 9110 section 12.5.1). With 406 people take the server for broken.",
			Source: "curl 8", run: answersAnything,
		},
		{
			ID: "clients-curl-added-after", Section: "3.4",
			Title: "takes added_after in other spellings of RFC 3339",
			Demand: "In scripts times have an offset in place of Z, whose plus sign arrives as a blank " +
				"when it is not encoded, or small letters. RFC 3339 knows them all.",
			Source: "scripts around curl; RFC 3339 section 5.6", needs: needItems,
			run: otherSpellings,
		},
	}
}

func takesBundles(t *trial) {
	author := t.version(freshID("identity"), "the author of a grouping", nthVersion(1))
	found := t.indicator("the content of a grouping", "created_by_ref", quote(author.id))
	group := t.grouping(author, found)
	t.remember(t.main, author.id, found.id, group.id)
	a := t.post(t.main.objects(), bundle(group, author, found))
	if a.Status/100 != 2 {
		t.add(t.main, group, author, found) // ends the case if these are not taken either
		t.fault(a, "status 202, as for the same objects in an envelope", "%s", a.came())
		return
	}
	if refused := refusedBy(t.settle(a)); refused != "" {
		t.skip("the server does not take such objects: %s", refused)
	}
	if !t.appear(t.main, group, author, found) {
		t.fault(a, "the objects of the bundle in the manifest", "%s, but some are not there", a.came())
	}
}

// grouping holds objects together, as the CTIS app does.
func (t *trial) grouping(author, content stixObject) stixObject {
	id := freshID("grouping")
	return stixObject{id, nthVersion(1), join([]string{
		"type", `"grouping"`, "spec_version", `"2.1"`, "id", quote(id),
		"created_by_ref", quote(author.id), "created", quote(born), "modified", quote(nthVersion(1)),
		"name", quote("The grouping of the conformance run " + t.run),
		"context", `"suspicious-activity"`, "object_refs", "[" + quote(content.id) + "]",
	}, nil)}
}

func slashMayBeMissing(t *trial) {
	for _, u := range []struct {
		at  string
		few edit
	}{{t.discovery, query()}, {t.main.objects(), query("limit", "1")}} {
		t.ok(t.get(u.at, u.few))
		a := t.try(http.MethodGet, strings.TrimRight(u.at, "/"), u.few)
		if a.Status/100 != 3 { // T21-3.1-01 judges where a redirect leads
			t.asked(a, "status 200, or a redirect to "+u.at, t.warn)
		}
	}
}

func answersAnything(t *trial) {
	t.ok(t.get(t.main.objects(), query("limit", "1")))
	a := t.try(http.MethodGet, t.main.objects(), query("limit", "1"), with("Accept", "*/*"))
	t.asked(a, "status 200 with Accept: */*", t.warn)
}

func otherSpellings(t *trial) {
	for _, layout := range []string{
		"2006-01-02T15:04:05.000000+00:00", "2006-01-02T15:04:05.000000 00:00",
		"2006-01-02t15:04:05.000000z",
	} {
		t.afterLike(layout, t.warn)
	}
}
