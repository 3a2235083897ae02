package conformance

import "net/http"

// contentTypeCases are about the Content-Type of what is posted.
func contentTypeCases() []Case {
	return []Case{
		{
			ID: "T21-3.1-10a", Group: Standard, Section: "3.1", Level: Must,
			Title: "objects in the defined Content-Type are never refused with 415",
			Demand: "A POST whose Content-Type is application/taxii+json;version=2.1, with or without " +
				"a blank behind the semicolon and in capitals or not, must not be answered with 415.",
			needs: needWrite, run: definedContentType,
		},
		{
			ID: "T21-3.1-10b", Group: Standard, Section: "3.1", Level: Should,
			Title: "objects in the Content-Type without a version are not refused with 415",
			Demand: "application/taxii+json without a version stands for the newest version that the " +
				"server has, in a POST as elsewhere.",
			needs: needWrite, run: contentTypeWithoutVersion,
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
	return t.post(t.main.objects(), nil, content(kind, envelope(o)))
}

func definedContentType(t *trial) {
	for _, kind := range []string{
		mediaTAXII, "application/taxii+json; version=2.1", "Application/TAXII+JSON;Version=2.1",
	} {
		t.taken(kind)
	}
}

func contentTypeWithoutVersion(t *trial) { t.taken("application/taxii+json") }

// taken judges that a Content-Type does not get 415.
func (t *trial) taken(kind string) {
	if a := t.pushAs(kind); a.Status == http.StatusUnsupportedMediaType {
		t.fault(a, "any status but 415", "%s for Content-Type: %s", a.came(), kind)
	}
}

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
