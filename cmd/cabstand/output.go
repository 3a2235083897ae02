package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// listing gives a list command its -o flag.
func (c *cli) listing(cmd *cobra.Command) *cobra.Command { return c.formatted(cmd, "table") }

// acting gives a command that does something its -o flag.
func (c *cli) acting(cmd *cobra.Command) *cobra.Command { return c.formatted(cmd, "text") }

// formatted offers JSON beside the form for people.
func (c *cli) formatted(cmd *cobra.Command, plain string) *cobra.Command {
	var output string
	cmd.Flags().StringVarP(&output, "output", "o", plain, plain+" or json")
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if output != plain && output != "json" {
			return usageError{fmt.Errorf("-o is %q; it must be %s or json", output, plain)}
		}
		c.output = output
		return run(cmd, given)
	}
	return cmd
}

// show prints a list: as JSON, or as a table with a header and a row for each element.
func show[T any](c *cli, list []T, header string, row func(T) []string) error {
	if c.output == "json" {
		return c.printJSON(list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(c.out, "none")
		return err
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, strings.ReplaceAll(header, " ", "\t"))
	for _, element := range list {
		fmt.Fprintln(w, strings.Join(row(element), "\t"))
	}
	return w.Flush()
}

// printJSON is for programs; its fields are those of the admin API.
func (c *cli) printJSON(v any) error {
	e := json.NewEncoder(c.out)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// say prints a sentence about what was done.
func (c *cli) say(format string, words ...any) error {
	_, err := fmt.Fprintf(c.out, format+"\n", words...)
	return err
}

// sayOr prints v for programs, or a sentence.
func (c *cli) sayOr(v any, format string, words ...any) error {
	if c.output == "json" {
		return c.printJSON(v)
	}
	return c.say(format, words...)
}

// warn tells what is allowed and likely to hurt.
func (c *cli) warn(warnings []string) {
	for _, warning := range warnings {
		fmt.Fprintln(c.errs, "warning:", warning)
	}
}

// words makes a list readable in a cell.
func words(list []string) string {
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, ",")
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// moment makes a time readable in a cell.
func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}
