package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
)

// apiRootCommand is called root in commands: that is all users call it.
func (c *cli) apiRootCommand() *cobra.Command {
	var r access.Root
	add := &cobra.Command{
		Use: "add NAME", Short: "Add an API root, or change what flags say of one", Args: args(cobra.ExactArgs(1)),
	}
	add.RunE = c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
		r.Name = given[0]
		roots, err := api.Roots(ctx)
		if err != nil {
			return err
		}
		for _, old := range roots {
			if old.Name == r.Name {
				keep(add, "title", &r.Title, old.Title)
				keep(add, "description", &r.Description, old.Description)
				keep(add, "max-content-length", &r.MaxContentLength, old.MaxContentLength)
			}
		}
		done, err := api.PutRoot(ctx, r)
		if err != nil {
			return err
		}
		return c.said(done)
	})
	add.Flags().StringVar(&r.Title, "title", "", "what clients show")
	add.Flags().StringVar(&r.Description, "description", "", "what it is about")
	add.Flags().Int64Var(&r.MaxContentLength, "max-content-length", 0,
		"the largest push in octets; 0 is the server's default")
	return group("root", "List, add and remove API roots",
		c.listing(&cobra.Command{
			Use: "list", Short: "List the API roots", Args: args(cobra.NoArgs),
			RunE: c.withAdmin(c.listRoots),
		}),
		add,
		&cobra.Command{
			Use: "remove NAME", Short: "Remove an API root without collections",
			Args: args(cobra.ExactArgs(1)),
			RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
				done, err := api.RemoveRoot(ctx, given[0])
				if err != nil {
					return err
				}
				return c.said(done)
			}),
		},
	)
}

func (c *cli) listRoots(ctx context.Context, api *admin.Client, _ []string) error {
	roots, err := api.Roots(ctx)
	if err != nil {
		return err
	}
	return show(c, roots, "NAME TITLE", func(r access.Root) []string {
		return []string{r.Name, r.Title}
	})
}
