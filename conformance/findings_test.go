package conformance_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/conformance"
	"github.com/cabstand/cabstand/conformance/mutants"
)

// mutant returns the server of a mutant by its name.
func mutant(t *testing.T, name string) *mutants.Server {
	t.Helper()
	n := slices.IndexFunc(mutants.All(), func(m mutants.Mutant) bool { return m.Name == name })
	if n < 0 {
		t.Fatalf("there is no mutant %s", name)
	}
	return mutants.All()[n].Server()
}

// findings judges a server behind a front by one case.
func findings(t *testing.T, s *mutants.Server, f front, id string) []conformance.Finding {
	t.Helper()
	server := httptest.NewServer(f(s.Handler()))
	defer server.Close()
	c := everything(s, server.URL+"/api1/")
	c.Only = []string{id}
	return run(t, c).Results[0].Findings
}

func asItIs(next http.Handler) http.Handler { return next }

// Statuses are all that a reader sees of a push, so the one that is blamed is the last one.
func TestFinding_ShowsTheStatusOfACompletePush(t *testing.T) {
	pending := rewritten(func(_ *http.Request, rec *httptest.ResponseRecorder) {
		if rec.Code == http.StatusAccepted {
			replaced(rec, `"status":"complete"`, `"status":"pending"`)
		}
	})
	found := findings(t, mutant(t, "takes-content-no-type"), pending, "content-no-type")
	if len(found) != 1 || !strings.HasPrefix(found[0].Sent, "GET ") ||
		!strings.Contains(found[0].Sent, "/status/") || strings.Contains(found[0].Got, "pending\"") {
		t.Errorf("want one finding that shows the status when it was complete, got %+v", found)
	}
}

func TestFinding_TellsWhatWasPosted(t *testing.T) {
	for _, c := range []struct{ mutant, id, want string }{
		{
			"takes-content-no-type", "content-no-type",
			"objects/ with an envelope of two objects, the second of which is invalid: an object " +
				"without a type",
		},
		{
			"no-push-of-stix", "clients-opencti-push",
			"objects/ with a bundle as application/stix+json; version=2.1",
		},
	} {
		found := findings(t, mutant(t, c.mutant), asItIs, c.id)
		if len(found) != 1 || !strings.HasSuffix(found[0].Sent, c.want) {
			t.Errorf("%s: want a request that ends in %q, got %+v", c.id, c.want, found)
		}
	}
}

// A body is told by its objects unless the case describes it.
func TestFinding_NamesTheObjectsThatWerePosted(t *testing.T) {
	created := rewritten(func(_ *http.Request, rec *httptest.ResponseRecorder) {
		if rec.Code == http.StatusAccepted {
			rec.Code = http.StatusCreated
		}
	})
	const want = `objects/ with an envelope of indicator "the one to add"`
	found := findings(t, mutants.Correct(), created, "T21-5.5-01")
	if len(found) != 1 || !strings.HasSuffix(found[0].Sent, want) {
		t.Errorf("want a request that ends in %q, got %+v", want, found)
	}
}

// What is said once is not said again for each field, record or request.
func TestFinding_IsMadeOnceForMuchOfTheSame(t *testing.T) {
	for name, id := range map[string]string{
		"ignores-interop-tier-2":         "interop-tier-2",
		"ignores-interop-calculation":    "interop-calculation",
		"custom-property-without-prefix": "T21-7.1-03",
	} {
		if found := findings(t, mutant(t, name), asItIs, id); len(found) != 1 {
			t.Errorf("%s: want one finding, got %d: %+v", id, len(found), found)
		}
	}
}
