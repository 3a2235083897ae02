// Package report writes the result of a conformance run for people (text, HTML, Markdown) and
// for programs (JSON, JUnit).
package report

import (
	"fmt"
	"io"

	"github.com/cabstand/cabstand/conformance"
)

// Format is a way to write a report.
type Format string

// The formats.
const (
	Text     Format = "text"     // a table by clause for a terminal; WriteText has options
	HTML     Format = "html"     // one file that needs nothing else, with all that was sent
	JSON     Format = "json"     // all there is, under names that stay
	JUnit    Format = "junit"    // the XML that systems for continuous integration read
	Markdown Format = "markdown" // what to put into an issue or a README
)

// Formats returns every format.
func Formats() []Format { return []Format{Text, HTML, JSON, JUnit, Markdown} }

// Write writes a report. What a server said may be anything: it is escaped as each format
// needs, and what could move a terminal's cursor or hide text is spelled out. An error is one
// of w, or says that there is no such format.
func Write(w io.Writer, format Format, r *conformance.Report) error {
	switch format {
	case Text:
		return WriteText(w, r, TextOptions{})
	case HTML:
		return writeHTML(w, r)
	case JSON:
		return writeJSON(w, r)
	case JUnit:
		return writeJUnit(w, r)
	case Markdown:
		return writeMarkdown(w, r)
	}
	return fmt.Errorf("there is no report format %q", format)
}
