package conformance

import (
	"net/http"
	"slices"
	"strings"
)

func authenticationCases() []Case {
	return []Case{
		{
			ID: "T21-8.2-07", Group: Standard, Section: "8.2", Level: Should,
			Title: "offers HTTP Basic to those who have not logged in",
			Demand: "HTTP Basic is the one way to log in that every TAXII client knows, and a server " +
				"should know it, too. A client that waits to be asked learns of it from the " +
				"challenge of a 401.",
			Source: "TAXII 2.1 section 8.2.2; RFC 7617", needs: needAuth, run: offersBasic,
		},
		{
			ID: "T21-8.2-11", Group: Standard, Section: "8.2", Level: Must,
			Title: "says with a 401 how to log in",
			Demand: "An answer with the status 401 has the header WWW-Authenticate with a challenge " +
				"that can be read: the name of a scheme, and for Basic the parameter realm.",
			Source: "TAXII 2.1 section 1.6.9; RFC 9110 section 15.5.2; RFC 7617 section 2",
			needs:  needAuth, run: challengesAreThere,
		},
		{
			ID: "T21-8.2-12", Group: Standard, Section: "8.2", Level: Should,
			Title: "answers 401 when credentials are missing",
			Demand: "A request without credentials for something that is protected is answered by " +
				"401, so that the client can log in, or by 404 if the server hides what there is.",
			Source: "TAXII 2.1 sections 1.6.9, 4.2", needs: needAuth, run: asksToLogIn,
		},
		{
			ID: "T21-8.2-13", Group: Standard, Section: "8.2", Level: Must,
			Title: "answers 403 or 404 for what the user may not see",
			Demand: "What a user has no right to is answered by 403 or 404 when he has logged in, and " +
				"never with the content; 401 would have him log in again for nothing.",
			Source: "TAXII 2.1 tables of section 5", needs: needHidden, run: hidesTheHidden,
		},
	}
}

// unauthorized returns the answers with 401 to requests without credentials and with wrong ones.
// It asks once in a run: servers count wrong log-ins.
func (t *trial) unauthorized() []*answer {
	found := t.denied
	if found == nil {
		for _, at := range []string{t.discovery, t.root, t.collections(), t.main.objects()} {
			found = append(found, t.try(http.MethodGet, at, as(nobody)))
		}
		found = append(found, t.try(http.MethodGet, t.main.objects(), as(impostor)))
		found = slices.DeleteFunc(found, func(a *answer) bool {
			return a.Status != http.StatusUnauthorized
		})
		t.denied = found
	}
	if len(found) == 0 {
		t.skip("the server never answers 401; it hides what there is, or does not answer at all")
	}
	return found
}

func offersBasic(t *trial) {
	answers := t.unauthorized()
	known := 0
	for _, a := range answers {
		for _, c := range challenges(a.header) {
			if strings.EqualFold(c.scheme, "Basic") {
				return
			}
			known++
		}
	}
	if known == 0 {
		t.untold("a 401 does not tell how to log in; see T21-8.2-11")
	}
	t.fault(answers[0], "a challenge of the scheme Basic", "WWW-Authenticate: %s",
		excerpt([]byte(strings.Join(answers[0].header.Values("WWW-Authenticate"), ", "))))
}

func challengesAreThere(t *trial) {
	for _, a := range t.unauthorized() {
		given := strings.Join(a.header.Values("WWW-Authenticate"), ", ")
		found := challenges(a.header)
		if len(found) == 0 {
			came := "status 401 without that header"
			if given != "" {
				came = "status 401 with WWW-Authenticate: " + excerpt([]byte(given))
			}
			t.fault(a, `a header WWW-Authenticate such as: Basic realm="taxii"`, "%s", came)
		}
		for _, c := range found {
			_, named := c.params["realm"] // an empty name is one
			if strings.EqualFold(c.scheme, "Basic") && !named {
				t.fault(a, `a realm with the challenge: Basic realm="taxii"`,
					"WWW-Authenticate: %s", excerpt([]byte(given)))
			}
		}
	}
}

func asksToLogIn(t *trial) {
	a := t.try(http.MethodGet, t.root, as(nobody))
	if served(a) { // open to anybody, unlike the collection
		a = t.try(http.MethodGet, t.main.url, as(nobody))
	}
	switch {
	case a.Status == 0:
		t.note("a request without credentials is not answered, which a server may do")
	case a.Status != http.StatusUnauthorized && a.Status != http.StatusNotFound:
		t.fault(a, "401, or 404", "%s", a.came())
	}
}

func hidesTheHidden(t *trial) {
	unknown := freshID("indicator")
	for _, at := range []string{
		t.hidden.manifest(), t.hidden.objects(), t.hidden.object(unknown), t.hidden.versions(unknown),
	} {
		a := t.get(at)
		if a.Status != http.StatusForbidden && a.Status != http.StatusNotFound {
			t.fault(a, "403 or 404, since "+t.hidden.id+" is hidden from the user", "%s", a.came())
		}
	}
}
