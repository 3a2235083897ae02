package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/collectors/evidence"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/logs/check"
)

// copying is one call of logs pseudonymise.
type copying struct {
	logShape
	to, keyFile          string
	homeNets, own, allow []string
}

func (c *cli) logsPseudonymiseCommand() *cobra.Command {
	var v copying
	cmd := &cobra.Command{
		Use:   "pseudonymise FILE",
		Short: "Make a copy of a log that others may have",
		Long: "Put pseudonyms in the place of the addresses of your networks, and of those that " +
			"sources outside of them turned to, and words in the place of the names of your machines. Lines that " +
			"cannot be read, that say nothing, or that have something else in them that should not leave, " +
			"are left out and counted.",
		Example: "  cabstand logs pseudonymise --home-net 198.51.100.0/24 --key-file pseudonyms.key " +
			"--to public.log access.log",
		Args: args(cobra.ExactArgs(1)),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		copyist, err := v.copyist()
		if err != nil {
			return err
		}
		c.warnHomeNets(v.homeNets)
		return c.pseudonymise(cmd.Context(), v, copyist, given[0])
	}
	v.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&v.to, "to", "-", "file to write; - is standard output")
	f.StringVar(&v.keyFile, "key-file", "", "`file` with a key for pseudonyms, as 'openssl rand -hex 32' prints it")
	f.StringSliceVar(&v.homeNets, "home-net", nil,
		"a network of yours, such as 198.51.100.0/24; may be repeated")
	f.StringSliceVar(&v.own, "own-domain", nil, "a domain of yours; may be repeated")
	f.StringSliceVar(&v.allow, "allow", nil,
		"a kind that may leave, such as 'name of a user'; may be repeated")
	_ = cmd.MarkFlagRequired("key-file") // the flag is there
	return cmd
}

// copyist reads what flags say, and tells mistakes before anything is read.
func (v copying) copyist() (*evidence.Copyist, error) {
	nets, err := homeNets(v.homeNets)
	if err != nil {
		return nil, err
	}
	key, err := pseudonymKey(v.keyFile)
	if err != nil {
		return nil, err
	}
	kinds, err := kindsOf(v.allow)
	if err != nil {
		return nil, err
	}
	return evidence.NewCopyist(nets, key, check.New(check.Options{OwnDomains: v.own, Allow: kinds}))
}

// copied is how many lines were written, and what kept others back.
type copied struct {
	written int64
	kept    map[check.Kind]int64
	counts  logs.Counts
}

func (c *cli) pseudonymise(
	ctx context.Context, v copying, copyist *evidence.Copyist, name string,
) error {
	file, err := hashFile(name)
	if err != nil {
		return err
	}
	told := copied{kept: map[check.Kind]int64{}}
	err = c.writeTo(v.to, func(w io.Writer) error {
		r, closeFile, err := v.open(&file)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		defer closeFile()
		return told.copy(ctx, w, r, copyist)
	})
	if err != nil {
		return err
	}
	l := told.counts
	fmt.Fprintf(c.errs, "%s: %d written, %d without event, %d unreadable\n", counted(int(l.Lines), "line"),
		told.written, l.Nothing, l.Unreadable)
	for _, kind := range slices.Sorted(maps.Keys(told.kept)) {
		fmt.Fprintf(c.errs, "left out: %d with %s\n", told.kept[kind], kind)
	}
	return nil
}

func (t *copied) copy(
	ctx context.Context, w io.Writer, r *logs.Reader, copyist *evidence.Copyist,
) error {
	out := bufio.NewWriter(w)
	for {
		e, err := r.Next()
		var broken *logs.LineError
		switch {
		case errors.As(err, &broken):
			continue
		case errors.Is(err, io.EOF):
			t.counts = r.Counts()
			return out.Flush()
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		}
		line, why, err := copyist.Line(strings.ToValidUTF8(string(r.Line()), "\uFFFD"), e)
		switch {
		case err != nil:
			return err
		case why != "":
			t.kept[why]++
			continue
		}
		t.written++
		if _, err := out.WriteString(line + "\n"); err != nil {
			return err
		}
	}
}
