package conformance

import "net/http"

// contentTypeCases are about the Content-Type of what is posted.
func contentTypeCases() []Case {
	return []Case{
		{
			ID: "T21-3.1-10a", Group: Standard, Section: "3.1", Level: Must,
			Title: "objects in the defined Content-Type are never refused with 415",
			Demand: "A POST whose Content-Type is application/taxii+json;version=2.1, with or without " +
				"a blank behind the semicolon, must not be answered with 415.",
			needs: needWrite, run: definedContentType,
		},
		{
			ID: "T21-3.1-10b", Group: Standard, Section: "3.1", Level: Should,
			Title: "objects in other spellings of the Content-Type are not refused with 415",
			Demand: "application/taxii+json without a version stands for the newest version that the " +
				"server has, in a POST as elsewhere. Capitals mean the same as small letters " +
				"(RFC 9110 section 8.3.1).",
			needs: needWrite, run: spellingsOfContentType,
		},
		{
			ID: "T21-3.1-11", Group: Standard, Section: "3.1", Level: May,
			Title: "objects in another Content-Type are processed or get 415",
			Demand: "If the Content-Type of a POST is not one that the standard defines, the server " +
				"may process the body all the same, or answer with 415. Without a Content-Type it " +
				"may answer with 400, too.",
			needs: needWrite, run: undefinedContentType,
		},
	}
}

// pushAs sends one new object in a Content-Type.
func (t *trial) pushAs(kind string) *answer {
	o := t.indicator("sent as " + kind)
	t.remember(t.main, o.id)
	header := "Content-Type: " + kind
	if kind == "" {
		header = "no Content-Type"
	}
	return t.post(t.main.objects(), nil, content(kind, envelope(o)),
		describing("an envelope and "+header))
}

func definedContentType(t *trial) {
	t.taken(mediaTAXII)
	t.taken("application/taxii+json; version=2.1")
}

func spellingsOfContentType(t *trial) {
	t.taken("application/taxii+json")
	t.taken("Application/TAXII+JSON;Version=2.1")
}

// taken judges that a Content-Type does not get 415.
func (t *trial) taken(kind string) {
	if a := t.pushAs(kind); a.Status == http.StatusUnsupportedMediaType {
		t.fault(a, "any status but 415", "%s for Content-Type: %s", a.came(), kind)
	}
}

// undefinedContentType takes any 2xx: which one a success has is for T21-5.5-01.
func undefinedContentType(t *trial) {
	for _, kind := range []string{
		"application/stix+json;version=2.1", "application/json", "text/plain", "",
	} {
		a := t.pushAs(kind)
		header, want := "Content-Type: "+kind, "202 or 415"
		if kind == "" {
			header, want = "a POST without Content-Type", "202, 400 or 415"
		}
		switch {
		case a.Status/100 == 2, a.Status == http.StatusUnsupportedMediaType,
			kind == "" && a.Status == http.StatusBadRequest:
			t.note("%s: status %d", header, a.Status)
		default:
			t.fault(a, want, "%s for %s", a.came(), header)
		}
	}
}
