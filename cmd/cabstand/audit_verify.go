package main

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/audit"
)

func (c *cli) auditVerifyCommand() *cobra.Command {
	var noted string
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that nothing was changed in the record, left out or moved",
		Long: "Walk the chain of blocks from its beginning to its end and say what is wrong where. " +
			"It prints the head of the chain, NUMBER:HASH, which is worth noting elsewhere: given with " +
			"--head at the next check, it shows whether the end of the chain was cut off or the whole of " +
			"it written anew in between. The log of a server has the head at every start and stop.",
		Args: args(cobra.NoArgs),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if noted != "" {
			if _, err := audit.ParseHead(noted); err != nil {
				return usageError{fmt.Errorf("--head: %w", err)}
			}
		}
		return c.withAdmin(func(ctx context.Context, api *admin.Client, _ []string) error {
			report, err := api.AuditReport(ctx, noted)
			if err != nil {
				return err
			}
			return c.sayReport(report)
		})(cmd, given)
	}
	cmd.Flags().StringVar(&noted, "head", "", "a head that was noted before, as NUMBER:HASH")
	return c.acting(cmd)
}

// sayReport ends with exit status 1 if anything is wrong.
func (c *cli) sayReport(r audit.Report) error {
	if c.output == "json" {
		if err := c.printJSON(r); err != nil {
			return err
		}
	} else if err := c.tellReport(r); err != nil {
		return err
	}
	if r.Faulted > 0 {
		return errSilent
	}
	return nil
}

func (c *cli) tellReport(r audit.Report) error {
	for _, fault := range r.Faults {
		if err := c.say("%s", printable(fault)); err != nil {
			return err
		}
	}
	if more := r.Faulted - len(r.Faults); more > 0 {
		if err := c.say("and %d more", more); err != nil {
			return err
		}
	}
	if r.Removed > 0 {
		if err := c.say("Blocks up to %d were removed by rule.", r.Removed); err != nil {
			return err
		}
	}
	if r.Lost > 0 {
		err := c.say("The record says that %d events are not on it, for want of room.", r.Lost)
		if err != nil {
			return err
		}
	}
	switch {
	case r.Faulted > 0:
		return c.say("The audit trail is not whole: %d faults in %d blocks.", r.Faulted, r.Blocks)
	case r.Head == "":
		return c.say("The audit trail has no blocks.")
	}
	return c.say("The audit trail is whole: %d events in %d blocks, since %s.\nhead %s",
		r.Events, r.Blocks, moment(r.Since), r.Head)
}

func (c *cli) auditExportCommand() *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the blocks of the record as they are kept, to check them with other tools",
		Long: "Write the blocks of the record as they are kept, one after the other, each with its " +
			"hash. Events alone come from `cabstand audit --json`.",
		Args: args(cobra.NoArgs),
		RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, _ []string) error {
			body, err := api.AuditBlocks(ctx)
			if err != nil {
				return err
			}
			defer body.Close()
			if to == "-" {
				_, err = io.Copy(c.out, exported{body})
				return err
			}
			return writeFile(to, exported{body})
		}),
	}
	cmd.Flags().StringVar(&to, "to", "-", "file to write; - is standard output")
	return cmd
}
