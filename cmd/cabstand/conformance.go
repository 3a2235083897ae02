package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/conformance"
	"github.com/cabstand/cabstand/internal/nearest"
)

// examination is what cabstand conformance was asked for.
type examination struct {
	*cli
	remote
	config  conformance.Config
	users   examinees
	groups  []string
	reports []string
	list    bool
	verbose bool
}

func (c *cli) conformanceCommand() *cobra.Command {
	e := &examination{cli: c}
	cmd := &cobra.Command{
		Use:   "conformance URL",
		Short: "Judge a TAXII 2.1 server: which requirements of the standard it keeps",
		Long: "Judge a TAXII 2.1 server from outside, case by case. URL is the server, its discovery " +
			"resource, an API root or a collection, over https, or over http on loopback. Without " +
			"--write nothing is changed. Exit status 0 says that every MUST that could be checked " +
			"holds, 1 that the server fails one, 2 that the suite could not run or could not tell. " +
			"Credentials come from CABSTAND_USER and CABSTAND_PASSWORD, or from CABSTAND_TOKEN, those of " +
			"the second user from CABSTAND_SECOND_USER, CABSTAND_SECOND_PASSWORD and " +
			"CABSTAND_SECOND_TOKEN; on a terminal a password that is missing is asked for.",
		Example: conformanceExamples,
		RunE: func(cmd *cobra.Command, given []string) error {
			if e.list {
				return e.listCases()
			}
			return e.run(cmd, given[0])
		},
	}
	cmd.Args = func(cmd *cobra.Command, given []string) error {
		if e.list {
			return args(cobra.NoArgs)(cmd, given)
		}
		return args(cobra.ExactArgs(1))(cmd, given)
	}
	e.flags(cmd)
	return cmd
}

const conformanceExamples = `  cabstand conformance https://taxii.example.com/
  cabstand conformance --write --collection scratch https://taxii.example.com/api/
  cabstand conformance --user alice --second-user bob --hidden board https://taxii.example.com/
  cabstand conformance --group all --report html=report.html http://127.0.0.1:6100/
  cabstand conformance --list`

func (e *examination) flags(cmd *cobra.Command) {
	e.remote.flags(cmd)
	e.users.flags(cmd)
	f, c := cmd.Flags(), &e.config
	f.BoolVar(&c.Write, "write", false, "add objects to the collection and delete them again "+
		"(default: ask, or no without a terminal)")
	f.StringVar(&c.WriteOnly, "write-only", "", "collection that the user may write but not read")
	f.StringVar(&c.ReadOnly, "read-only", "", "collection that the user may read but not write")
	f.StringVar(&c.Forbidden, "forbidden", "", "collection that the user may neither read nor write")
	f.StringVar(&c.Hidden, "hidden", "", "collection that the user cannot even see")
	f.StringVar(&c.Empty, "empty", "", "collection without objects")
	f.StringSliceVar(&e.groups, "group", nil, "also run this `group`; may be repeated: "+
		strings.Join(optionalGroups(), ", "))
	f.StringSliceVar(&c.Only, "only", nil, "run these cases alone: an id, its beginning such as "+
		"T21-3.4, a group or a level; may be repeated")
	f.StringSliceVar(&c.Skip, "skip", nil, "leave these cases out; as --only")
	f.BoolVar(&e.list, "list", false, "list all cases, and what no case can check")
	f.Float64Var(&c.Rate, "rate", defaultRate, "most requests a second, 0 for no limit "+
		"(on loopback there is none unless one is given)")
	f.DurationVar(&c.Timeout, "timeout", 15*time.Second, "longest wait for an answer")
	f.StringArrayVar(&e.reports, "report", nil, "write a report: `FORMAT[=FILE]`, where FORMAT is "+
		strings.Join(reportFormats(), ", ")+"; without FILE to standard output; may be repeated")
	f.BoolVar(&e.verbose, "verbose", false, "print a row also for what passed or was skipped")
	_ = cmd.RegisterFlagCompletionFunc("group",
		cobra.FixedCompletions(optionalGroups(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("report",
		cobra.FixedCompletions(reportFormats(), cobra.ShellCompDirectiveNoFileComp))
}

// defaultRate is gentle to a server that others use meanwhile.
const defaultRate = 20

// everyGroup stands for all optional groups.
const everyGroup = "all"

func optionalGroups() []string {
	var names []string
	for _, g := range conformance.Groups() {
		if g.Optional() {
			names = append(names, string(g))
		}
	}
	return append(names, everyGroup)
}

// run judges the server at a URL. Everything that can be wrong with the call is found before
// the first request, for a run takes its time.
func (e *examination) run(cmd *cobra.Command, url string) error {
	targets, err := reportTargets(e.reports)
	if err != nil {
		return usageError{err}
	}
	cases, err := e.prepare(cmd, url)
	if err != nil {
		return usageError{err}
	}
	ctx := cmd.Context()
	shown := e.showCases(ctx, len(cases))
	e.config.OnResult = shown.add
	r, err := conformance.Run(ctx, e.config)
	shown.finish()
	switch {
	case ctx.Err() != nil && err != nil:
		return undecidedError{errInterrupted}
	case err != nil:
		return undecidedError{err}
	}
	if err := e.publish(r, targets); err != nil {
		return undecidedError{err}
	}
	return judgement(r)
}

var errInterrupted = errors.New("interrupted")

// judgement turns a verdict into the exit status.
func judgement(r *conformance.Report) error {
	switch v := r.Verdict(); {
	case v == conformance.Violates:
		return errSilent
	case r.Interrupted:
		return undecidedError{fmt.Errorf("%w; the report has what was run", errInterrupted)}
	case v == conformance.Unknown:
		return undecidedError{errors.New("the suite could not tell whether every MUST holds; the " +
			"report says why")}
	}
	return nil
}

// prepare completes the configuration of the suite from flags, environment and answers, and
// returns the cases that are to run. Questions come last.
func (e *examination) prepare(
	cmd *cobra.Command, url string,
) (cases []conformance.Case, err error) {
	c := &e.config
	c.Suite, c.Collection = "cabstand/"+version(), e.remote.collection
	if c.URL, err = e.users.takeFrom(url); err != nil {
		return nil, err
	}
	if c.Groups, err = groupsOf(e.groups); err != nil {
		return nil, err
	}
	if cases, err = conformance.Selected(*c); err != nil {
		return nil, err
	}
	if err := e.limits(cmd); err != nil {
		return nil, err
	}
	if c.TLS, err = e.remote.tls(); err != nil {
		return nil, err
	}
	if c.User, c.Second, err = e.logins(e.users); err != nil {
		return nil, err
	}
	if !cmd.Flags().Changed("write") {
		c.Write, err = e.askToWrite()
	}
	return cases, err
}

// limits settles how much the server is asked of.
func (e *examination) limits(cmd *cobra.Command) error {
	c := &e.config
	if !cmd.Flags().Changed("rate") && onLoopback(c.URL) {
		c.Rate = 0
	}
	switch {
	case c.Rate < 0:
		return fmt.Errorf("--rate is %v; it must be 0 or more requests a second", c.Rate)
	case c.Timeout <= 0:
		return fmt.Errorf("--timeout is %v; it must be longer than nothing", c.Timeout)
	}
	return nil
}

// groupsOf reads the values of --group.
func groupsOf(names []string) ([]conformance.Group, error) {
	var groups []conformance.Group
	for _, name := range names {
		if name == everyGroup {
			return conformance.Groups(), nil
		}
		g := conformance.Group(name)
		if !slices.Contains(conformance.Groups(), g) {
			return nil, unknownValue("--group", name, optionalGroups())
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// unknownValue names the value that was probably meant, or all.
func unknownValue(flag, value string, known []string) error {
	if meant, ok := nearest.Name(value, known); ok {
		return fmt.Errorf("%s is %q; did you mean %s?", flag, value, meant)
	}
	return fmt.Errorf("%s is %q; it must be one of %s", flag, value, strings.Join(known, ", "))
}
