package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/conformance"
	"github.com/cabstand/cabstand/conformance/report"
)

var update = flag.Bool("update", false, "write the files in testdata anew")

func TestWrite_LooksAsBefore(t *testing.T) {
	for _, format := range report.Formats() {
		t.Run(string(format), func(t *testing.T) {
			golden(t, "sample."+string(format), write(t, format, sample()))
		})
	}
	t.Run("verbose and coloured text", func(t *testing.T) {
		var b strings.Builder
		options := report.TextOptions{Colour: true, Verbose: true}
		if err := report.WriteText(&b, sample(), options); err != nil {
			t.Fatal(err)
		}
		golden(t, "verbose.text", b.String())
	})
}

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); -update writes it anew:\n%s", path, diff)
	}
}

func write(t *testing.T, format report.Format, r *conformance.Report) string {
	t.Helper()
	var b strings.Builder
	if err := report.Write(&b, format, r); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

func TestWrite_UnknownFormatIsAnError(t *testing.T) {
	err := report.Write(&bytes.Buffer{}, "pdf", sample())
	if err == nil || err.Error() != `there is no report format "pdf"` {
		t.Errorf("got %v", err)
	}
}

// broken fails as a full disk does.
type broken struct{ err error }

func (b broken) Write([]byte) (int, error) { return 0, b.err }

func TestWrite_TellsWhenItCannotWrite(t *testing.T) {
	full := errors.New("no space left")
	for _, format := range report.Formats() {
		if err := report.Write(broken{full}, format, sample()); !errors.Is(err, full) {
			t.Errorf("%s: got %v", format, err)
		}
	}
}

func TestWrite_AnEmptyReportIsWellFormed(t *testing.T) {
	for _, format := range report.Formats() {
		got := write(t, format, &conformance.Report{})
		if strings.Contains(got, "null") || !strings.Contains(got, "Whether the server conforms") &&
			format != report.JUnit {
			t.Errorf("%s:\n%s", format, got)
		}
	}
}

func TestWrite_SectionsAreInNumericOrder(t *testing.T) {
	for _, format := range []report.Format{report.Text, report.HTML, report.JUnit, report.Markdown} {
		got := write(t, format, sample())
		var places []int
		for _, heading := range []string{
			"2 Data types", "3.4 Filtering", "3.9 DNS service records", "3.10", "5.7 Delete an object",
			"8.2 Transport and authentication", "Appendix B", "HTTP, of", "Clients in use",
			"Fidelity: byte for byte",
		} {
			at := regexp.MustCompile(`(?m)(^| |"|>|1m)` + regexp.QuoteMeta(heading)).FindStringIndex(got)
			if at == nil {
				t.Fatalf("%s has no %s:\n%s", format, heading, got)
			}
			places = append(places, at[0])
		}
		if !slices.IsSorted(places) {
			t.Errorf("%s: headings at %v", format, places)
		}
	}
}

func TestSentence(t *testing.T) {
	result := func(level conformance.Level, o conformance.Outcome) conformance.Result {
		r := passing("x", "2", level, "x")
		r.Outcome = o
		return r
	}
	pass := result(conformance.Must, conformance.Pass)
	for _, c := range []struct {
		name    string
		results []conformance.Result
		want    string
	}{
		{"nothing ran", nil, "Whether the server conforms is not known: no case at MUST passed."},
		{"all pass", []conformance.Result{pass, pass}, "The server passes every case at MUST (2)."},
		{
			"some skipped", []conformance.Result{pass, result(conformance.Must, conformance.Skip)},
			"The server passes the 1 case at MUST that could be checked; 1 more were skipped.",
		},
		{
			"one undecided", []conformance.Result{pass, result(conformance.Must, conformance.Error)},
			"No violation of a MUST is known, but 1 case at MUST could not be decided.",
		},
		{
			"one fails", []conformance.Result{
				pass, result(conformance.Must, conformance.Fail), result(conformance.Must, conformance.Error),
			},
			"The server does not conform to TAXII 2.1: it fails 1 of the 2 cases at MUST that could be " +
				"checked.",
		},
		{
			"clients and promises fail", []conformance.Result{
				pass, result(conformance.Client, conformance.Fail),
				result(conformance.Promise, conformance.Fail),
			},
			"The server passes every case at MUST (1). Of what clients in use need, it fails 1 case. " +
				"Of what goes beyond the standard, it fails 1 case.",
		},
	} {
		got := report.Sentence(&conformance.Report{Results: c.results})
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// What an interrupted run has not seen may be wrong.
func TestSentence_AnInterruptedRunDoesNotShowThatAServerConforms(t *testing.T) {
	pass := passing("x", "2", conformance.Must, "x")
	r := &conformance.Report{Results: []conformance.Result{pass}, Interrupted: true}
	want := "No violation of a MUST is known, and 1 case at MUST passed. The run was interrupted " +
		"before all cases were put to the server."
	if diff := cmp.Diff(want, report.Sentence(r)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(write(t, report.JSON, r), `"verdict": "unknown"`) {
		t.Error("the verdict is known")
	}
}

func TestJSON_IsReadBackWithStableNames(t *testing.T) {
	var got map[string]any
	if err := json.Unmarshal([]byte(write(t, report.JSON, sample())), &got); err != nil {
		t.Fatal(err)
	}
	var names []string
	collect(got, "", &names)
	slices.Sort(names)
	golden(t, "names.txt", strings.Join(slices.Compact(names), "\n")+"\n")
}

// collect gathers the paths of all members, without the names of HTTP headers.
func collect(v any, path string, names *[]string) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			*names = append(*names, path+"/"+name)
			if name != "headers" {
				collect(inner, path+"/"+name, names)
			}
		}
	case []any:
		for _, inner := range v {
			collect(inner, path, names)
		}
	}
}

func TestJUnit_CountsAddUp(t *testing.T) {
	var got struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Tests int        `xml:"tests,attr"`
			Cases []struct{} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(write(t, report.JUnit, sample())), &got); err != nil {
		t.Fatal(err)
	}
	tests := 0
	for _, suite := range got.Suites {
		if suite.Tests != len(suite.Cases) {
			t.Errorf("a suite says %d and has %d", suite.Tests, len(suite.Cases))
		}
		tests += suite.Tests
	}
	counts := []int{tests, got.Tests, got.Failures, got.Errors, got.Skipped}
	if diff := cmp.Diff([]int{14, 14, 1, 1, 3}, counts); diff != "" {
		t.Errorf("tests, failures, errors, skipped (-want +got):\n%s", diff)
	}
}
