package report_test

import (
	"net/http"
	"time"

	"github.com/cabstand/cabstand/conformance"
)

// failed is the place of the case that failed among the results of sample.
const failed = 3

// sample is a run against a server that does most things right. It has a case of each outcome,
// of each level and of two groups besides the standard's.
func sample() *conformance.Report {
	return &conformance.Report{
		Suite: "cabstand 1.2.3", Server: "https://taxii.example.com/taxii2/",
		Software: `nginx, "Example ISAC"`,
		Started:  time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC), Took: 12340 * time.Millisecond,
		Requests: 345, Run: "k3v9", Wrote: true,
		Target: "https://taxii.example.com/api/collections/6f2c1c0e-2a4b-4d53-9b0a-3f6f6f1f7a10/",
		Left:   []string{"identity--3f6f6f1f-7a10-4d53-9b0a-6f2c1c0e2a4b"},
		Notes:  []string{"the server names 2 API roots; the first is judged"},
		Results: []conformance.Result{
			sourced(passing("HTTP-HEAD", "HTTP", conformance.Should, "HEAD is like GET")),
			passing("T21-B-01", "Appendix B", conformance.Should, "deep nesting does no harm"),
			passing("T21-2-01", "2", conformance.Must, "booleans are literals"),
			failing(), undecided(),
			passing("T21-3.10-01", "3.10", conformance.Must, "a later section follows"),
			passing("T21-3.9-01", "3.9", conformance.Must, "an earlier section precedes"),
			warning(),
			noted(),
			skipped("T21-5.3-02", "5.3", "a collection is needed without objects; name one with --empty"),
			skipped("T21-5.7-01", "5.7", "a second user is needed; give one with --second-user"),
			skipped("T21-8.2-13", "8.2", "a second user is needed; give one with --second-user"),
			of(conformance.Clients, conformance.Client,
				passing("clients-01", "3.1", conformance.Client, "no charset in Content-Type")),
			of(conformance.Fidelity, conformance.Promise,
				passing("fidelity-01", "", conformance.Promise, "numbers keep their digits")),
		},
	}
}

func passing(id, section string, level conformance.Level, title string) conformance.Result {
	return conformance.Result{
		Case: conformance.Case{
			ID: id, Group: conformance.Standard, Section: section, Level: level, Title: title,
			Demand: "The demand of " + id + ".",
		},
		Outcome: conformance.Pass, Requests: 2, Took: 15 * time.Millisecond,
	}
}

func of(g conformance.Group, level conformance.Level, r conformance.Result) conformance.Result {
	r.Case.Group, r.Case.Level = g, level
	return r
}

func skipped(id, section, reason string) conformance.Result {
	r := passing(id, section, conformance.Must, "what "+id+" asks for")
	r.Outcome, r.Reason, r.Requests, r.Took = conformance.Skip, reason, 0, 0
	return r
}

func failing() conformance.Result {
	r := passing("T21-3.4-03", "3.4", conformance.Must, "added_after leaves out its own moment")
	r.Case.Demand = "The filter added_after selects what was added after that moment, not at it, so " +
		"that a client which goes on from the last date that it has seen gets nothing twice."
	r.Outcome = conformance.Fail
	r.Findings = []conformance.Finding{
		{
			Sent: "GET /api/collections/6f2c/objects/?added_after=2026-11-22T08:00:01.000001Z",
			Want: "nothing that was added at 2026-11-22T08:00:01.000001Z",
			Got:  "200 with indicator--1, added at 2026-11-22T08:00:01.000001Z",
		},
		{
			Warning: true, Sent: "GET /api/collections/6f2c/manifest/?added_after=2026-11-22T08:00:01Z",
			Want: "200 or 400", Got: "404 Not Found",
		},
	}
	r.Exchanges = []*conformance.Exchange{{
		User: "user", Method: http.MethodGet,
		URL: "https://taxii.example.com/api/collections/6f2c/objects/" +
			"?added_after=2026-11-22T08:00:01.000001Z",
		Header:  http.Header{"Accept": {"application/taxii+json;version=2.1"}},
		Started: time.Date(2026, 11, 22, 8, 0, 3, 0, time.UTC), Took: 7654 * time.Microsecond,
		Status: http.StatusOK,
		ResponseHeader: http.Header{
			"Content-Type": {"application/taxii+json;version=2.1"}, "Set-Cookie": {"***"},
		},
		ResponseBody: []byte(`{"more":false,"objects":[{"type":"indicator","id":"indicator--1"}]}`),
		ResponseSize: 67,
	}}
	return r
}

func undecided() conformance.Result {
	r := passing("T21-3.5-02", "3.5", conformance.Must, "a walk by next finds all")
	r.Outcome = conformance.Error
	r.Reason = "GET /api/collections/6f2c/objects/: no whole answer within 15s"
	r.Exchanges = []*conformance.Exchange{{
		Method: http.MethodPost, URL: "https://taxii.example.com/api/collections/6f2c/objects/",
		Header: http.Header{"Accept": {"application/taxii+json;version=2.1"}},
		Body:   []byte(`{"objects":[]}`), What: "an envelope of no objects", Took: 15 * time.Second,
		Started: time.Date(2026, 11, 22, 8, 0, 4, 0, time.UTC),
		Failure: "no whole answer within 15s",
	}}
	return r
}

func warning() conformance.Result {
	r := passing("T21-4.3-02", "4.3.1", conformance.Should, "a status stays for a day")
	r = sourced(r)
	r.Outcome = conformance.Warn
	r.Findings = []conformance.Finding{{Want: "200", Got: "404 Not Found"}}
	return r
}

func sourced(r conformance.Result) conformance.Result {
	r.Case.Source = "RFC 9110, section 15.5.5"
	return r
}

func noted() conformance.Result {
	r := passing("T21-5.7-07", "5.7", conformance.Info, "what DELETE without match[version] deletes")
	r.Notes = []string{"it deleted every version"}
	return r
}
