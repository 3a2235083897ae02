package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
)

func (c *cli) markingCommand() *cobra.Command {
	return group("marking", "List markings other than TLP, and declare who may have what bears them",
		c.listing(&cobra.Command{
			Use: "list", Short: "List the declared markings", Args: args(cobra.NoArgs),
			RunE: c.withAdmin(c.listMarkings),
		}),
		c.markingAddCommand(),
		&cobra.Command{
			Use: "remove ID", Short: "Remove what is declared of a marking; its definition counts again",
			Args: args(cobra.ExactArgs(1)),
			RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
				done, err := api.RemoveMarking(ctx, given[0])
				if err != nil {
					return err
				}
				return c.said(done)
			}),
		},
	)
}

func (c *cli) listMarkings(ctx context.Context, api *admin.Client, _ []string) error {
	markings, err := api.Markings(ctx)
	if err != nil {
		return err
	}
	return show(c, markings, "ID TO TITLE", func(m access.Marking) []string {
		return []string{m.ID, words(m.To), orNone(m.Title)}
	})
}

func (c *cli) markingAddCommand() *cobra.Command {
	var m access.Marking
	cmd := &cobra.Command{
		Use:   "add ID",
		Short: "Declare who may have what bears a marking, or change it",
		Long: "Declare who may have what bears a marking, by the ID of its marking-definition, or " +
			"change what flags say of it. What is declared counts in place of what the definition " +
			"says. Nobody is in the list of a marking that --to names nobody for.",
		Args: args(cobra.ExactArgs(1)),
	}
	cmd.RunE = c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
		m.ID = given[0]
		markings, err := api.Markings(ctx)
		if err != nil {
			return err
		}
		for _, old := range markings {
			if strings.EqualFold(old.ID, m.ID) {
				keep(cmd, "to", &m.To, old.To)
				keep(cmd, "title", &m.Title, old.Title)
			}
		}
		done, err := api.PutMarking(ctx, m)
		if err != nil {
			return err
		}
		return c.said(done)
	})
	cmd.Flags().StringSliceVar(&m.To, "to", nil,
		"a user or group that may have it, or anyone; may be repeated")
	cmd.Flags().StringVar(&m.Title, "title", "", "what it is")
	return cmd
}
