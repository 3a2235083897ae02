package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"

	"github.com/cabstand/cabstand/stix"
)

// textReport writes a line for each violation, in the way of compilers, so that editors and
// people find the place.
type textReport struct {
	w      io.Writer
	colour bool
}

func (r *textReport) add(found verdict) error {
	for _, f := range found.Violations {
		where := fmt.Sprintf("%s:%d:%d:", plain(found.name), f.Line, f.Column)
		what := f.Rule
		if which := found.named() + f.Pointer; which != "" {
			what += " " + plain(which)
		}
		_, err := fmt.Fprintf(r.w, "%s %s %s: %s\n",
			r.paint(bold, where), r.paint(colourOf(f.Level), f.Level), what, plain(f.Message))
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *textReport) end([]error) error { return nil }

// longestID is that of a type name of 250 characters, two hyphens and a UUID. Each violation
// repeats it, so that one without bound would make much of little.
const longestID = 250 + 2 + 36

// named says which object a verdict is about: its id, or its index if it has none.
func (v verdict) named() string {
	switch {
	case v.ID != "" && len(v.ID) <= longestID:
		return v.ID
	case v.Index == itself:
		return "" // there is but one
	}
	return fmt.Sprintf("#%d", v.Index)
}

// The colours of a terminal that a report uses.
const (
	bold   = "1"
	red    = "31"
	yellow = "33"
)

func colourOf(level string) string {
	if level == stix.Must.String() {
		return red
	}
	return yellow
}

func (r *textReport) paint(colour, text string) string {
	if !r.colour {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// colour reports whether standard output is a terminal that may be coloured; NO_COLOR with any
// value forbids it (https://no-color.org).
func (c *cli) colour() bool {
	if forbidden, _ := c.lookupEnv("NO_COLOR"); forbidden != "" {
		return false
	}
	if kind, _ := c.lookupEnv("TERM"); kind == "dumb" {
		return false
	}
	terminal, ok := c.out.(*os.File)
	return ok && term.IsTerminal(int(terminal.Fd()))
}

// plain escapes what could move the cursor or hide text: pointers and messages quote what a
// stranger wrote.
func plain(text string) string {
	if strings.IndexFunc(text, odd) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if odd(r) {
			fmt.Fprintf(&b, "\\u{%x}", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

func odd(r rune) bool { return !unicode.IsPrint(r) }

// jsonReport writes a line for each verdict.
type jsonReport struct{ enc *json.Encoder }

func newJSONReport(w io.Writer) *jsonReport {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return &jsonReport{enc}
}

func (r *jsonReport) add(found verdict) error { return r.enc.Encode(found) }

func (r *jsonReport) end([]error) error { return nil }
