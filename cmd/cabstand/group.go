package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
)

func (c *cli) groupCommand() *cobra.Command {
	return group("group", "List groups, and declare what they are cleared for",
		c.listing(&cobra.Command{
			Use: "list", Short: "List the groups, those too that only users name",
			Args: args(cobra.NoArgs), RunE: c.withAdmin(c.listGroups),
		}),
		c.groupAddCommand(),
		&cobra.Command{
			Use: "remove NAME", Short: "Remove what is declared of a group; its users stay in it",
			Args: args(cobra.ExactArgs(1)),
			RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
				done, err := api.RemoveGroup(ctx, given[0])
				if err != nil {
					return err
				}
				return c.said(done)
			}),
		},
	)
}

func (c *cli) listGroups(ctx context.Context, api *admin.Client, _ []string) error {
	groups, err := api.Groups(ctx)
	if err != nil {
		return err
	}
	return show(c, groups, "NAME TITLE CLEARANCE OWN DECLARED USERS", func(g admin.Group) []string {
		return []string{
			g.Name, orNone(g.Title), orNone(g.Clearance), yesNo(g.Own),
			yesNo(g.Declared), strconv.Itoa(g.Users),
		}
	})
}

// orNone makes a text readable in a cell that may be empty.
func orNone(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func (c *cli) groupAddCommand() *cobra.Command {
	var g access.Group
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Declare a group, or change what flags say of one",
		Long: "Declare a group, or change what flags say of one. Users are put into it with " +
			"`cabstand user add`. The group anyone stands for every request, with or without a " +
			"login.",
		Args: args(cobra.ExactArgs(1)),
	}
	cmd.RunE = c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
		g.Name = given[0]
		groups, err := api.Groups(ctx)
		if err != nil {
			return err
		}
		for _, old := range groups {
			if old.Name == g.Name {
				keep(cmd, "title", &g.Title, old.Title)
				keep(cmd, "clearance", &g.Clearance, old.Clearance)
				keep(cmd, "own", &g.Own, old.Own)
			}
		}
		done, err := api.PutGroup(ctx, g)
		if err != nil {
			return err
		}
		return c.said(done)
	})
	cmd.Flags().StringVar(&g.Title, "title", "", "what it is, such as the name of an organisation")
	cmd.Flags().StringVar(&g.Clearance, "clearance", "",
		"the highest level of TLP that its users may have")
	cmd.Flags().BoolVar(&g.Own, "own", false, "its users are of the organisation that runs the "+
		"server: they may have what its source allows within that alone")
	return cmd
}
