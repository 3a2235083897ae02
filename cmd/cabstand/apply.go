package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/config"
)

func (c *cli) applyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "apply FILE...",
		Short: "Declare API roots, collections, users and feeds",
		Long: "Declare API roots, collections, users and feeds from files. What the files do " +
			"not name stays as it is; applying them again changes nothing.",
		Args: args(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, files []string) error {
			declared, err := c.resources(files)
			if err != nil {
				return err
			}
			return c.withAdmin(func(ctx context.Context, api *admin.Client, _ []string) error {
				return c.apply(ctx, api, declared)
			})(cmd, files)
		},
	}
}

// resources reads all files before any is applied.
func (c *cli) resources(files []string) ([]config.Resources, error) {
	from, err := c.source()
	if err != nil {
		return nil, err
	}
	var all []config.Resources
	for _, file := range files {
		declared, err := config.LoadResources(file, from)
		if err != nil {
			return nil, err
		}
		all = append(all, declared)
	}
	return all, nil
}

// apply declares file by file and tells each change, so that a failure amid them shows what
// was done before it.
func (c *cli) apply(ctx context.Context, api *admin.Client, all []config.Resources) error {
	changed, same := 0, 0
	for _, declared := range all {
		applied, err := api.Apply(ctx, declared)
		if err != nil {
			return err
		}
		for _, record := range applied.Changes {
			if record.Change == access.Unchanged {
				same++
				continue
			}
			changed++
			if err := c.said(record); err != nil {
				return err
			}
		}
		for _, warning := range applied.Warnings {
			fmt.Fprintln(c.errs, "warning:", warning)
		}
	}
	return c.say("%d changed, %d unchanged", changed, same)
}

// said tells what became of one record.
func (c *cli) said(record admin.Changed) error {
	return c.say("%s %s %s", record.Kind, record.Name, record.Change)
}
