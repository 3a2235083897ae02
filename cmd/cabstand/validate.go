package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/admission"
)

// validation is what cabstand validate was asked for.
type validation struct {
	*cli
	form       string
	strict     bool
	noWarnings bool
	rule       string // to explain
	accept     string // the preset of what a collection accepts, "" for none
}

// forms are the values of -o.
var forms = [...]string{"text", "json", "sarif"}

func (c *cli) validateCommand() *cobra.Command {
	v := validation{cli: c}
	cmd := &cobra.Command{
		Use:   "validate FILE...",
		Short: "Check STIX content against the rules of STIX 2.1; - is standard input",
		Long: "Check the objects of bundles, envelopes, JSON Lines or single objects against the " +
			"rules of STIX 2.1. With --accept, files are judged in their order as though they were " +
			"pushed to a collection that asks for more. Exit status 1 says that an object breaks a MUST, 2 that a file " +
			"could not be read.",
		Example: validateExamples,
		RunE: func(cmd *cobra.Command, given []string) error {
			switch {
			case !slices.Contains(forms[:], v.form):
				return usageError{fmt.Errorf("-o is %q; it must be text, json or sarif", v.form)}
			case v.strict && v.noWarnings:
				return usageError{errStrictWithoutWarnings}
			case cmd.Flags().Changed("explain"):
				return v.explain()
			}
			return v.run(cmd.Context(), given)
		},
	}
	cmd.Args = func(cmd *cobra.Command, given []string) error {
		switch {
		case !cmd.Flags().Changed("explain"):
			return args(cobra.MinimumNArgs(1))(cmd, given)
		case len(given) > 0:
			return usageError{errors.New("--explain takes a rule and no file")}
		}
		return nil
	}
	flags := cmd.Flags()
	flags.StringVarP(&v.form, "output", "o", "text", "text, json or sarif")
	flags.BoolVar(&v.strict, "strict", false, "a warning makes an object invalid, too")
	flags.BoolVar(&v.noWarnings, "no-warnings", false, "look for violations of MUST only")
	flags.StringVar(&v.accept, "accept", "", "judge also by what a collection asks for with this "+
		"preset: ais, the AIS-ready checks")
	flags.StringVar(&v.rule, "explain", "", "say what a `rule` means, and why; or all, for a list")
	return cmd
}

const validateExamples = `  cabstand validate bundle.json
  cabstand validate --strict reports/a.json reports/b.json.gz
  jq -c '.objects[]' bundle.json | cabstand validate -
  cabstand validate -o sarif bundle.json > validate.sarif
  cabstand validate --accept ais bundle.json
  cabstand validate --explain S21-2.16-01`

var errStrictWithoutWarnings = errors.New(
	"--strict counts warnings and --no-warnings does not look for them; give one of the two")

// report writes verdicts in one of the forms.
type report interface {
	add(verdict) error
	end(unread []error) error // once, after the last verdict: why files could not be read
}

func (v *validation) report(w io.Writer) report {
	switch v.form {
	case "json":
		return newJSONReport(w)
	case "sarif":
		return &sarifReport{w: w, strict: v.strict}
	}
	return &textReport{w: w, colour: v.colour()}
}

// run judges the files one after another. One that cannot be read does not keep the others
// from being judged.
func (v *validation) run(ctx context.Context, files []string) error {
	gate, err := admission.Policy{Preset: v.accept}.Gate()
	if err != nil {
		return usageError{fmt.Errorf("--accept is %q; it must be %s", v.accept, admission.PresetAIS)}
	}
	out := bufio.NewWriter(v.out)
	report := v.report(out)
	count := tally{strict: v.strict}
	j := judge{least: stix.Should, strict: v.strict, gate: gate}
	j.known.Received = time.Now()
	if v.noWarnings {
		j.least = stix.Must
	}
	var unread []error
	for _, name := range files {
		j.emit = func(found verdict) error {
			found.name = name
			if len(files) > 1 {
				found.File = name
			}
			count.add(found)
			return errors.Join(context.Cause(ctx), report.add(found))
		}
		err := v.file(ctx, name, &j, out)
		if broken := out.Flush(); broken != nil { // which is also what err is about
			return undecidedError{errors.Join(append(unread, broken)...)}
		}
		if err != nil {
			unread = append(unread, err)
		}
	}
	if ctx.Err() != nil {
		unread = []error{errors.New("interrupted")}
	}
	if err := errors.Join(report.end(unread), out.Flush()); err != nil {
		return undecidedError{err}
	}
	if v.form == "text" {
		fmt.Fprintln(v.errs, count)
	}
	switch {
	case len(unread) > 0:
		return undecidedError{errors.Join(unread...)}
	case count.invalid:
		return errSilent
	}
	return nil
}

// file judges the texts of one file.
func (v *validation) file(ctx context.Context, name string, j *judge, out *bufio.Writer) error {
	in, err := v.open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	texts := stix.NewReader(flushing{in, out}, maxText)
	for index := 0; ; index++ {
		text, err := texts.NextText()
		switch {
		case errors.Is(err, io.EOF) && index > 0:
			return nil
		case errors.Is(err, io.EOF):
			err = errors.New("nothing in it")
		case err == nil:
			err = errors.Join(context.Cause(ctx), j.text(index, text))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", in.name, err)
		}
	}
}

// flushing shows what is known before it waits for more, for those who type or tail.
type flushing struct {
	in  io.Reader
	out *bufio.Writer
}

func (f flushing) Read(b []byte) (int, error) {
	if err := f.out.Flush(); err != nil {
		return 0, err
	}
	return f.in.Read(b)
}

// tally counts what the summary tells and the exit status depends on.
type tally struct {
	strict                            bool
	invalid                           bool // anything, be it a bundle itself
	objects, faulty, errors, warnings int
}

func (t *tally) add(found verdict) {
	if found.Index >= 0 {
		t.objects++
		if !found.Valid {
			t.faulty++
		}
	}
	t.invalid = t.invalid || !found.Valid
	for _, f := range found.Violations {
		if f.Level == stix.Must.String() || t.strict {
			t.errors++
		} else {
			t.warnings++
		}
	}
}

func (t tally) String() string {
	return fmt.Sprintf("%s, %d invalid, %s, %s", counted(t.objects, "object"),
		t.faulty, counted(t.errors, "error"), counted(t.warnings, "warning"))
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
