package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cabstand/cabstand/conformance"
)

// The elements of JUnit's XML that GitLab, Jenkins and the usual actions of GitHub read.
type (
	junitReport struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Name     string       `xml:"name,attr"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Errors   int          `xml:"errors,attr"`
		Skipped  int          `xml:"skipped,attr"`
		Time     string       `xml:"time,attr"` // seconds
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name       string          `xml:"name,attr"`
		Tests      int             `xml:"tests,attr"`
		Failures   int             `xml:"failures,attr"`
		Errors     int             `xml:"errors,attr"`
		Skipped    int             `xml:"skipped,attr"`
		Time       string          `xml:"time,attr"`
		Timestamp  string          `xml:"timestamp,attr"`
		Properties []junitProperty `xml:"properties>property"`
		Cases      []junitCase     `xml:"testcase"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string      `xml:"classname,attr"`
		Name    string      `xml:"name,attr"`
		Time    string      `xml:"time,attr"`
		Failure *junitFault `xml:"failure"`
		Error   *junitFault `xml:"error"`
		Skipped *junitFault `xml:"skipped"`
		Out     string      `xml:"system-out,omitempty"`
	}
	junitFault struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// longestCase bounds what is told of a case, in bytes: systems that read the format keep it in
// databases.
const longestCase = 64 << 10

// writeJUnit writes a suite for each chapter. Warnings are passes with a text: there is nothing
// between the two in this format.
func writeJUnit(w io.Writer, r *conformance.Report) error {
	r = clean(r)
	out := junitReport{Name: "TAXII 2.1 conformance of " + r.Server, Time: seconds(r.Took)}
	for _, c := range chapters(r) {
		suite := suiteOf(r, c)
		out.Tests += suite.Tests
		out.Failures += suite.Failures
		out.Errors += suite.Errors
		out.Skipped += suite.Skipped
		out.Suites = append(out.Suites, suite)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func suiteOf(r *conformance.Report, c chapter) junitSuite {
	out := junitSuite{
		Name: c.Name, Tests: c.Score.Total(), Failures: c.Score.Fail, Errors: c.Score.Error,
		Skipped: c.Score.Skip, Timestamp: r.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: []junitProperty{{"server", r.Server}, {"suite", r.Suite}},
	}
	var took time.Duration
	for _, result := range c.Results {
		took += result.Took
		out.Cases = append(out.Cases, junitOf(c, result))
	}
	out.Time = seconds(took)
	return out
}

func junitOf(c chapter, r conformance.Result) junitCase {
	out := junitCase{
		Class: c.Name, Name: r.Case.ID + " " + r.Case.Title, Time: seconds(r.Took),
	}
	said := cut(junitText(r), longestCase)
	level := string(r.Case.Level)
	switch r.Outcome {
	case conformance.Fail:
		out.Failure = &junitFault{firstFinding(r), level, said}
	case conformance.Error:
		out.Error = &junitFault{r.Reason, level, said}
	case conformance.Skip:
		out.Skipped = &junitFault{Message: r.Reason}
	default:
		out.Out = said
	}
	return out
}

// firstFinding is what lists of failures show.
func firstFinding(r conformance.Result) string {
	for _, f := range r.Findings {
		if !f.Warning {
			return cut(fmt.Sprintf("expected %s, came %s", f.Want, f.Got), longestText)
		}
	}
	return ""
}

// junitText tells all that is known of a case; "" if that is no more than that it passed.
func junitText(r conformance.Result) string {
	var b strings.Builder
	if r.Outcome != conformance.Pass {
		fmt.Fprintf(&b, "%s %s: %s\n", r.Outcome, r.Case.Level, demanded(r.Case))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "\nsent     %s\nexpected %s\ncame     %s\n", f.Sent, f.Want, f.Got)
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	for _, e := range r.Exchanges {
		fmt.Fprintf(&b, "\n--- %s\n%s\n%s", outline(e), requestText(e), responseText(e))
	}
	return b.String()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
