package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/conformance"
	reports "github.com/cabstand/cabstand/conformance/report"
)

// reportTarget is one --report: a format, and the file that gets it.
type reportTarget struct {
	format reports.Format
	file   string // "" for standard output
}

// reportFormats are the formats that --report knows; text is printed anyway.
func reportFormats() []string {
	var names []string
	for _, f := range reports.Formats() {
		if f != reports.Text {
			names = append(names, string(f))
		}
	}
	return names
}

// reportTargets reads the values of --report. It looks for files that cannot be written, since
// that would come out only after the run.
func reportTargets(values []string) ([]reportTarget, error) {
	var targets []reportTarget
	for _, value := range values {
		format, file, named := strings.Cut(value, "=")
		if !slices.Contains(reportFormats(), format) {
			return nil, unknownValue("--report", format, reportFormats())
		}
		if file == "-" {
			named, file = false, ""
		}
		target := reportTarget{reports.Format(format), file}
		if err := target.check(named, targets); err != nil {
			return nil, err
		}
		targets = append(targets, target)
	}
	return targets, nil
}

// check reports what is wrong with a target that comes after others.
func (t reportTarget) check(named bool, before []reportTarget) error {
	toFile := func(other reportTarget) bool { return other.file == t.file }
	switch {
	case named && t.file == "":
		return fmt.Errorf("--report %s= is without a file; give --report %[1]s=FILE", t.format)
	case slices.ContainsFunc(before, toFile) && !named:
		return errors.New("only one report can go to standard output; give --report FORMAT=FILE " +
			"for the others")
	case slices.ContainsFunc(before, toFile):
		return fmt.Errorf("two reports go to the file %s", t.file)
	case !named:
		return nil
	}
	if info, err := os.Stat(t.file); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder; --report %s=FILE names the file to write", t.file, t.format)
	}
	if _, err := os.Stat(filepath.Dir(t.file)); err != nil {
		return fmt.Errorf("the folder of %s is not there: %w", t.file, err)
	}
	return nil
}

// publish writes the reports. The one for people gives way to a report that has standard output.
func (e *examination) publish(r *conformance.Report, targets []reportTarget) error {
	options := reports.TextOptions{Colour: e.colour(), Verbose: e.verbose}
	out := e.out
	if slices.ContainsFunc(targets, func(t reportTarget) bool { return t.file == "" }) {
		options.Colour, out = false, e.errs
	}
	failures := []error{reports.WriteText(out, r, options)}
	for _, t := range targets {
		failures = append(failures, e.writeReport(r, t))
	}
	return errors.Join(failures...)
}

func (e *examination) writeReport(r *conformance.Report, t reportTarget) error {
	if t.file == "" {
		return reports.Write(e.out, t.format, r)
	}
	var text bytes.Buffer
	if err := reports.Write(&text, t.format, r); err != nil {
		return err
	}
	return writeFile(t.file, &text)
}

// listCases prints the cases that are selected, or all, and then also what no case can check.
func (e *examination) listCases() error {
	e.config.Groups = conformance.Groups()
	cases, err := conformance.Selected(e.config)
	if err != nil {
		return usageError{err}
	}
	err = show(e.cli, cases, "CASE LEVEL GROUP SECTION TITLE",
		func(c conformance.Case) []string {
			return []string{c.ID, string(c.Level), string(c.Group), orDash(c.Section), c.Title}
		})
	if err != nil || len(e.config.Only)+len(e.config.Skip) > 0 {
		return err
	}
	if err := e.say("\nWhat no case checks, and why"); err != nil {
		return err
	}
	return show(e.cli, conformance.Unchecked(), "REQUIREMENT REASON",
		func(u conformance.Uncheckable) []string { return []string{u.ID, u.Reason} })
}

// orDash fills an empty cell.
func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
