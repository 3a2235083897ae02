package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/collectors/warninglist"
	"github.com/cabstand/cabstand/internal/admin"
)

func (c *cli) warninglistCommand() *cobra.Command {
	return group("warninglist", "List what feeds make no objects of, and check values against it",
		c.listing(&cobra.Command{
			Use: "list", Short: "List the warninglists in the order in which they are asked",
			Args: args(cobra.NoArgs),
			RunE: c.withAdmin(c.listWarninglists),
		}),
		c.listing(&cobra.Command{
			Use: "check VALUE...", Short: "Show which lists hold values",
			Long: "Show which lists hold addresses, networks, domains, URLs, e-mail addresses, hashes " +
				"or AS numbers. What a value is follows from its form.",
			Args: args(cobra.MinimumNArgs(1)),
			RunE: c.withAdmin(c.checkWarninglists),
		}),
		&cobra.Command{
			Use: "remove NAME", Short: "Remove a list that no feed names", Args: args(cobra.ExactArgs(1)),
			RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
				done, err := api.RemoveWarninglist(ctx, given[0])
				if err != nil {
					return err
				}
				return c.said(done)
			}),
		},
	)
}

func (c *cli) listWarninglists(ctx context.Context, api *admin.Client, _ []string) error {
	lists, err := api.Warninglists(ctx)
	if err != nil {
		return err
	}
	return show(c, lists, "LIST FORM KINDS ENTRIES VERSION FILE ERROR", func(l admin.Warninglist) []string {
		entries := strconv.Itoa(l.Entries)
		if l.Entries == 0 && l.File == "" && l.Name != warninglist.NameAllow {
			entries = "-" // a rule that was built in, and holds much
		}
		return []string{
			l.Name, orNone(l.Form), words(l.Kinds), entries, orNone(l.Version),
			orNone(l.File), orNone(l.Error),
		}
	})
}

func (c *cli) checkWarninglists(ctx context.Context, api *admin.Client, given []string) error {
	held, err := api.CheckWarninglists(ctx, given)
	if err != nil {
		return err
	}
	return show(c, held, "VALUE KIND LIST ENTRY", func(h admin.Held) []string {
		return []string{h.Value, h.Kind, orNone(h.List), orNone(h.Entry)}
	})
}

// heldBack tells how many values lists held back, and which lists.
func heldBack(total int, by map[string]int) string {
	if len(by) == 0 {
		return strconv.Itoa(total)
	}
	var lists []string
	for _, list := range slices.Sorted(maps.Keys(by)) {
		lists = append(lists, fmt.Sprintf("%s %d", list, by[list]))
	}
	return fmt.Sprintf("%d (%s)", total, strings.Join(lists, ", "))
}
