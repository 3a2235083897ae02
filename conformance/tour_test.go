package conformance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/conformance"
	"github.com/cabstand/cabstand/conformance/mutants"
)

// With few requests a second the first case that takes the tour cannot finish it. It says so, and
// does not pass on the half of the answers; the cases after it go on.
func TestTour_GoesOnInTheNextCase(t *testing.T) {
	t.Parallel()
	s := started(t, mutants.Correct())
	c := everything(s, s.URL())
	c.Write, c.Collection, c.Groups = false, s.Collections().ReadOnly, nil
	c.Only = []string{"T21-2"}
	c.Timeout, c.Rate = time.Second, 4
	results := run(t, c).Results
	first, last := results[0], results[len(results)-1]
	if first.Outcome != conformance.Error || !strings.Contains(first.Reason, "time of this case") {
		t.Errorf("the first case: %s", told(first))
	}
	if last.Outcome != conformance.Pass {
		t.Errorf("the last case: %s", told(last))
	}
}

func TestStrayContent(t *testing.T) {
	const id = "tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
	const object = `{"type":"tool","id":"` + id + `"}`
	for body, want := range map[string]string{
		`{"objects":[` + object + `]}`:                     "",
		`{"more":false,"x_example_seen":[` + object + `]}`: "",
		`{"type":"feed","id":"7"}`:                         "",
		`{"items":[{"type":"tool","id":"7"}]}`:             "",
		`{"type":"bundle","objects":[]}`:                   "a bundle",
		`{"items":[` + object + `]}`:                       "the member items",
		object:                                             "the root itself, the object " + id,
	} {
		if got := conformance.StrayContent(body); got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}

func TestIsError(t *testing.T) {
	for _, c := range []struct {
		due, body string
		want      bool
	}{
		{"envelope", `{"title":"Not found"}`, true},
		{"envelope", `{"type":"about:blank","title":"Not found"}`, true},
		{"collection", `{"title":"Not found","http_status":"404"}`, true},
		{"discovery", `{"title":"Not found","description":"It is gone","error_code":"7"}`, true},

		{"envelope", `{}`, false},
		{"envelope", `{"title":"Ours","objects":[{}]}`, false},
		{"collections", `{"title":"Ours","collections":[]}`, false},
		{"discovery", `{"title":"Ours","description":"All of it"}`, false},
		{"collection", `{"id":"7","title":"Ours","error_id":"none"}`, false},
		{"envelope", `[]`, false},
	} {
		if got := conformance.IsError(c.body, conformance.Tables()[c.due]); got != c.want {
			t.Errorf("%s as %s: got %v, want %v", c.body, c.due, got, c.want)
		}
	}
}
