package report

import (
	"bufio"
	"embed"
	"html/template"
	"io"
	"strings"

	"github.com/cabstand/cabstand/conformance"
)

// page is the template of the HTML report. It has its styles in it and loads nothing; its
// policy forbids even that what a server said could.
//
//go:embed report.html
var page embed.FS

// htmlReport is what the template shows.
type htmlReport struct {
	*conformance.Report
	Verdict  string // the class of the banner
	Sentence string
	Facts    []fact
	Levels   []levelScore
	Chapters []chapter
	Gaps     []gap
	Details  []conformance.Result // those that have an article of their own
}

// writeHTML relies on html/template, which escapes every text for the place where it stands.
func writeHTML(w io.Writer, r *conformance.Report) error {
	r = clean(r)
	parsed, err := template.New("report.html").Funcs(template.FuncMap{
		"tally": tally, "place": place, "upper": strings.ToUpper, "counted": counted,
		"outline": outline, "request": requestText, "response": responseText,
		"duration": duration, "moment": moment, "explain": explain, "detailed": detailed,
		"word": func(o conformance.Outcome) string { return string(o) },
	}).ParseFS(page, "report.html")
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	err = parsed.Execute(out, htmlReport{
		Report: r, Verdict: verdictName(r.Verdict()), Sentence: Sentence(r), Facts: facts(r),
		Levels: levelScores(r), Chapters: chapters(r), Gaps: gaps(r),
		Details: details(r),
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// details returns what is wrong, then what could not be decided, then the warnings, each in the
// order of the sections.
func details(r *conformance.Report) []conformance.Result {
	var all []conformance.Result
	for _, o := range []conformance.Outcome{conformance.Fail, conformance.Error, conformance.Warn} {
		for _, c := range chapters(r) {
			for _, result := range c.Results {
				if result.Outcome == o {
					all = append(all, result)
				}
			}
		}
	}
	return all
}

// detailed reports whether a case is among the details.
func detailed(r conformance.Result) bool { return !undetailed(r) }

func undetailed(r conformance.Result) bool {
	return r.Outcome == conformance.Pass || r.Outcome == conformance.Skip
}

// explain says what a level means.
func explain(l conformance.Level) string {
	switch l {
	case conformance.Must:
		return "the standard demands it; one failure is enough not to conform"
	case conformance.Should:
		return "the standard recommends it"
	case conformance.May:
		return "the standard leaves it open"
	case conformance.Info:
		return "the standard is silent or contradicts itself; what was met is noted"
	case conformance.Client:
		return "a client in wide use does not work otherwise"
	case conformance.Promise:
		return "more than the standard asks of a server"
	}
	return ""
}
