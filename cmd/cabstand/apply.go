package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/config"
)

func (c *cli) applyCommand() *cobra.Command {
	return c.acting(&cobra.Command{
		Use:   "apply FILE...",
		Short: "Declare API roots, collections, users, groups, markings and feeds",
		Long: "Declare API roots, collections, users, groups, markings and feeds from files. What " +
			"the files do not name stays as it is; applying them again changes nothing.",
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
	})
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
	changes := []admin.Changed{}
	for _, declared := range all {
		applied, err := api.Apply(ctx, declared)
		if err != nil {
			return err
		}
		changes = append(changes, applied.Changes...)
		for _, record := range applied.Changes {
			if record.Change == access.Unchanged {
				same++
				continue
			}
			changed++
			if c.output == "json" {
				continue // one document at the end
			}
			if err := c.said(record); err != nil {
				return err
			}
		}
		c.warn(applied.Warnings)
	}
	return c.sayOr(changes, "%d changed, %d unchanged", changed, same)
}

// said tells what became of one record.
func (c *cli) said(record admin.Changed) error {
	c.warn(record.Warnings)
	return c.say("%s %s %s", record.Kind, record.Name, record.Change)
}
