package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/cabstand/cabstand/conformance"
)

// writeMarkdown writes what fits into an issue: scores, and what is wrong. What the server said
// stands in code spans, where it neither renders nor calls anybody's name.
func writeMarkdown(w io.Writer, r *conformance.Report) error {
	r = clean(r)
	m := &markdown{}
	m.printf("# TAXII 2.1 conformance of %s\n\n**%s**\n\n", code(r.Server), prose(Sentence(r)))
	for _, f := range facts(r) {
		m.printf("- %s: %s\n", f.Name, code(f.Value))
	}
	for _, note := range r.Notes {
		m.printf("- note: %s\n", code(note))
	}
	m.levels(levelScores(r))
	m.sections(chapters(r))
	m.cases("Failures", r, conformance.Fail)
	m.cases("Warnings", r, conformance.Warn)
	m.cases("Undecided", r, conformance.Error)
	m.gaps(gaps(r))
	m.left(r.Left)
	_, err := w.Write(m.Bytes())
	return err
}

// markdown is the report as far as it has been written.
type markdown struct{ bytes.Buffer }

func (m *markdown) printf(format string, args ...any) { fmt.Fprintf(m, format, args...) }

const scoreHead = "| %s | pass | fail | warn | skip | error |\n|---|--:|--:|--:|--:|--:|\n"

func (m *markdown) score(name string, s conformance.Score) {
	m.printf("| %s | %d | %d | %d | %d | %d |\n", name, s.Pass, s.Fail, s.Warn, s.Skip, s.Error)
}

func (m *markdown) levels(all []levelScore) {
	m.printf("\n"+scoreHead, "level")
	for _, s := range all {
		m.score(string(s.Level), s.Score)
	}
}

func (m *markdown) sections(all []chapter) {
	m.printf("\n"+scoreHead, "section")
	for _, c := range all {
		m.score(prose(c.Name), c.Score)
	}
}

// cases lists those with one outcome.
func (m *markdown) cases(title string, r *conformance.Report, o conformance.Outcome) {
	for _, c := range chapters(r) {
		for _, result := range c.Results {
			if result.Outcome != o {
				continue
			}
			if title != "" {
				m.printf("\n## %s\n", title)
				title = ""
			}
			m.result(result)
		}
	}
}

func (m *markdown) result(r conformance.Result) {
	m.printf("\n### %s (%s): %s\n\n", prose(r.Case.ID), r.Case.Level, prose(r.Case.Title))
	if demand := demanded(r.Case); demand != "" {
		m.printf("%s\n\n", prose(demand))
	}
	for i, f := range r.Findings {
		if i == mostFindings {
			m.printf("- and %d more\n", len(r.Findings)-mostFindings)
			break
		}
		if f.Sent != "" {
			m.printf("- sent: %s\n  ", code(f.Sent))
		}
		m.printf("- expected: %s\n  - came: %s\n", code(f.Want), code(f.Got))
	}
	if r.Reason != "" {
		m.printf("- because: %s\n", code(r.Reason))
	}
	for _, note := range r.Notes {
		m.printf("- note: %s\n", code(note))
	}
}

func (m *markdown) gaps(all []gap) {
	if len(all) == 0 {
		return
	}
	m.printf("\n## Skipped, and what would help\n\n")
	for _, g := range all {
		m.printf("- %s: %s (%s)\n", counted(len(g.IDs), "case"), prose(cut(g.Reason, longestText)),
			prose(strings.Join(g.IDs, ", ")))
	}
}

func (m *markdown) left(ids []string) {
	if len(ids) == 0 {
		return
	}
	m.printf("\n## Objects of the suite that are still there\n\n")
	for _, id := range ids {
		m.printf("- %s\n", code(id))
	}
}

// prose escapes what Markdown would take for more than a letter, in sentences of ours, which name
// parameters such as match[id]. After @ and # comes an empty comment: code hosts would otherwise
// call a user or link an issue, escaped or not.
func prose(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '@' || r == '#':
			fmt.Fprintf(&b, "%c<!-- -->", r)
			continue
		case strings.ContainsRune("\\`*_[]<>|~&", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// code quotes a stranger's words, in a fence that is longer than any in them.
func code(text string) string {
	text = cut(text, longestText)
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if text == "" || strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		text = " " + text + " "
	}
	return fence + text + fence
}
