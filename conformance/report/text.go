package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/conformance"
)

// TextOptions are what a terminal can do and a reader wants.
type TextOptions struct {
	Colour  bool // with the escape sequences of terminals
	Verbose bool // with a row for cases that passed or were skipped, and with all notes
}

// The bounds of the text report. The other reports have all of it.
const (
	columns      = 80  // where sentences are wrapped
	longestText  = 600 // bytes of one thing that a server said
	mostFindings = 5   // of one case
)

// WriteText writes the report for a terminal: the table by clause, what was not checked and
// why, the score of each level, the verdict. An error is one of w.
func WriteText(w io.Writer, r *conformance.Report, o TextOptions) error {
	t := &text{TextOptions: o}
	r = clean(r)
	t.head(r)
	t.chapters(chapters(r))
	t.gaps(gaps(r))
	t.left(r.Left)
	t.scores(levelScores(r))
	t.printf("\n%s\n", t.paint(bold, Sentence(r)))
	_, err := w.Write(t.Bytes())
	return err
}

// text is the report as far as it has been written.
type text struct {
	bytes.Buffer
	TextOptions
}

func (t *text) printf(format string, args ...any) { fmt.Fprintf(t, format, args...) }

// head says what was tested, and when.
func (t *text) head(r *conformance.Report) {
	t.printf("%s\n", t.paint(bold, "TAXII 2.1 conformance of "+cut(r.Server, longestText)))
	for _, f := range facts(r) {
		t.labelled("  ", f.Name, f.Value)
	}
	for _, note := range r.Notes {
		t.wrapped("  ", "note", cut(note, longestText))
	}
}

// chapters writes a row for each section, and below it those of its cases that have something to
// say. Blank lines set these apart, not each row.
func (t *text) chapters(all []chapter) {
	apart := true
	for _, c := range all {
		shown := c.Results
		if !t.Verbose {
			shown = slices.DeleteFunc(slices.Clone(shown), undetailed)
		}
		if apart || len(shown) > 0 {
			t.printf("\n")
		}
		t.printf("%s %s\n", t.paint(bold, fmt.Sprintf("%-48s", c.Name)), tally(c.Score))
		t.cases(shown)
		apart = len(shown) > 0
	}
}

func (t *text) cases(all []conformance.Result) {
	width := 0
	for _, result := range all {
		width = max(width, len(result.Case.ID))
	}
	for _, result := range all {
		t.row(result, width)
		if detailed(result) {
			t.findings(result)
		}
		t.reasons(result)
	}
}

// row writes a case in a line; width is that of the column of ids.
func (t *text) row(r conformance.Result, width int) {
	outcome := fmt.Sprintf("%-5s", strings.ToUpper(string(r.Outcome)))
	t.printf("  %s  %-*s  %-7s  %s\n", t.paint(colourOf(r.Outcome), outcome), width, r.Case.ID,
		r.Case.Level, r.Case.Title)
}

// findings writes what was demanded and what was not as it should be.
func (t *text) findings(r conformance.Result) {
	if demand := demanded(r.Case); demand != "" {
		t.wrapped(inset, "demanded", demand)
	}
	for i, f := range r.Findings {
		if i == mostFindings {
			t.wrapped(inset, "more", fmt.Sprintf("%d findings; the other reports list them",
				len(r.Findings)-mostFindings))
			break
		}
		if f.Sent != "" {
			t.labelled(inset, "sent", f.Sent)
		}
		t.labelled(inset, "expected", f.Want)
		t.labelled(inset, "came", f.Got)
		if f.Warning && r.Outcome == conformance.Fail {
			t.labelled(inset, "", "(this alone would be a warning)")
		}
	}
}

// reasons writes what the suite says of a case besides.
func (t *text) reasons(r conformance.Result) {
	if r.Reason != "" {
		t.wrapped(inset, "because", cut(r.Reason, longestText))
	}
	for _, note := range r.Notes {
		t.wrapped(inset, "note", cut(note, longestText))
	}
}

// gaps says what would make more cases possible.
func (t *text) gaps(all []gap) {
	if len(all) == 0 {
		return
	}
	t.printf("\n%s\n", t.paint(bold, "Skipped, and what would help"))
	for _, g := range all {
		t.wrapped("  ", counted(len(g.IDs), "case"), cut(g.Reason, longestText))
		if t.Verbose {
			t.wrapped("  ", "", strings.Join(g.IDs, ", "))
		}
	}
}

// left names what the suite should have taken away and could not.
func (t *text) left(ids []string) {
	if len(ids) == 0 {
		return
	}
	t.printf("\n%s\n", t.paint(bold, "Objects of the suite that are still there"))
	for _, id := range ids {
		t.printf("  %s\n", cut(id, longestText))
	}
}

func (t *text) scores(all []levelScore) {
	if len(all) == 0 {
		return
	}
	t.printf("\n%s\n", t.paint(bold, fmt.Sprintf("%-8s %6s %6s %6s %6s %6s",
		"level", "pass", "fail", "warn", "skip", "error")))
	for _, s := range all {
		t.printf("%-8s %6d %6d %6d %6d %6d\n", s.Level, s.Pass, s.Fail, s.Warn, s.Skip, s.Error)
	}
}

// inset is where the explanations of a case begin.
const inset = "         "

// labelled writes what somebody may want to copy, in one line.
func (t *text) labelled(inset, label, value string) {
	t.printf("%s%-10s %s\n", inset, label, cut(value, longestText))
}

// wrapped writes sentences.
func (t *text) wrapped(inset, label, sentences string) {
	room := columns - len(inset) - 11
	at := 0
	t.printf("%s%-10s", inset, label)
	for word := range strings.FieldsSeq(sentences) {
		if at > 0 && at+1+len(word) > room {
			t.printf("\n%s%-10s", inset, "")
			at = 0
		}
		t.printf(" %s", word)
		at += 1 + len(word)
	}
	t.printf("\n")
}

// The colours of a terminal.
const (
	bold   = "1"
	red    = "31"
	green  = "32"
	yellow = "33"
	faint  = "2"
)

func colourOf(o conformance.Outcome) string {
	switch o {
	case conformance.Pass:
		return green
	case conformance.Fail:
		return red
	case conformance.Skip:
		return faint
	}
	return yellow
}

func (t *text) paint(colour, text string) string {
	if !t.Colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}
