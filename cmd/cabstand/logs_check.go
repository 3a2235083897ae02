package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/logs/check"
)

// logFinding is a finding in a file, for programs.
type logFinding struct {
	File string `json:"file"`
	Line int    `json:"line"` // from 1
	check.Finding
}

func (c *cli) logsCheckCommand() *cobra.Command {
	var own, allow []string
	cmd := &cobra.Command{
		Use:   "check FILE...",
		Short: "Find what should not leave in logs, texts or JSON; - is standard input",
		Long: "Look for credentials, cookies, session ids, personal data, and names and addresses of " +
			"the inner network. What is found is told by place, kind and length, and not by its words. " +
			"Exit status 1 says that something was found, or could not be looked through.",
		Example: "  cabstand logs check auth.log cowrie.json\n" +
			"  cabstand logs check --own-domain example.com -o json bundle.json\n" +
			"  cabstand logs check --allow 'name of a user' case.json",
		Args: args(cobra.MinimumNArgs(1)),
	}
	cmd.RunE = func(_ *cobra.Command, given []string) error {
		kinds, err := kindsOf(allow)
		if err != nil {
			return err
		}
		checker := check.New(check.Options{OwnDomains: own, Allow: kinds})
		found, clean := []logFinding{}, true
		for _, name := range given {
			s := &search{Checker: checker, name: name}
			if err := c.searchFile(s); err != nil {
				return err
			}
			clean = clean && s.total == 0
			found = append(found, s.found...)
		}
		if err := c.tellFindings(found); err != nil {
			return err
		}
		if !clean {
			return errSilent
		}
		return nil
	}
	cmd.Flags().StringSliceVar(&own, "own-domain", nil,
		"a domain of which all hosts are internal ones; may be repeated")
	cmd.Flags().StringSliceVar(&allow, "allow", nil, "a kind that may leave, such as "+
		"'name of a user' where all users are attackers; may be repeated")
	return c.acting(cmd)
}

func kindsOf(names []string) ([]check.Kind, error) {
	var kinds []check.Kind
	for _, name := range names {
		if !slices.Contains(check.Kinds(), check.Kind(name)) {
			var known []string
			for _, kind := range check.Kinds() {
				known = append(known, string(kind))
			}
			return nil, usageError{fmt.Errorf("--allow is %q; it must be one of: %s",
				name, strings.Join(known, ", "))}
		}
		kinds = append(kinds, check.Kind(name))
	}
	return kinds, nil
}

func (c *cli) tellFindings(found []logFinding) error {
	if c.output == "json" {
		return c.printJSON(found)
	}
	for _, f := range found {
		where := f.Excerpt
		if f.Pointer != "" {
			where = f.Pointer + " " + where
		}
		err := c.say("%s:%d: %s: %s. %s", f.File, f.Line, f.Kind, printable(where), f.Advice)
		if err != nil {
			return err
		}
	}
	if len(found) == 0 {
		return c.say("nothing found; this looks for forms, and is no proof")
	}
	return nil
}
