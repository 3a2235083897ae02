package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/relay"
)

func (c *cli) relayCommand() *cobra.Command {
	return group("relay", "See what relays hold back, and decide on it",
		c.listing(&cobra.Command{
			Use: "list [RELAY]", Short: "List the relays, or what waits in one",
			Args: args(cobra.MaximumNArgs(1)), RunE: c.withAdmin(c.listRelays),
		}),
		c.acting(&cobra.Command{
			Use: "show RELAY ITEM", Short: "Show an object that waits, as it would be released",
			Args: args(cobra.ExactArgs(2)), RunE: c.withAdmin(c.showHeld),
		}),
		c.relayDecideCommand("approve", "Release objects that wait, in these versions", true),
		c.relayDecideCommand("reject", "Never release objects that wait, in these versions", false),
		c.acting(&cobra.Command{
			Use: "reveal RELAY ID", Short: "Tell what a republished object was, which goes on record",
			Args: args(cobra.ExactArgs(2)), RunE: c.withAdmin(c.revealOrigin),
		}),
		&cobra.Command{
			Use: "remove RELAY", Short: "Remove a relay; what it republished stays",
			Args: args(cobra.ExactArgs(1)),
			RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
				done, err := api.RemoveRelay(ctx, given[0])
				if err != nil {
					return err
				}
				return c.said(done)
			}),
		},
	)
}

func (c *cli) listRelays(ctx context.Context, api *admin.Client, given []string) error {
	if len(given) == 1 {
		return c.listHeld(ctx, api, given[0])
	}
	all, err := api.Relays(ctx)
	if err != nil {
		return err
	}
	header := "RELAY FROM TO REVIEW WAITING REPUBLISHED REJECTED LEFT-OUT STATE"
	return show(c, all, header, func(s relay.Status) []string {
		return []string{
			s.Name, s.From, s.To, string(s.Review), strconv.Itoa(s.Waiting), total(s.Republished),
			total(s.Rejected), total(s.LeftOut), s.State,
		}
	})
}

func total(n int64) string { return strconv.FormatInt(n, 10) }

func (c *cli) listHeld(ctx context.Context, api *admin.Client, name string) error {
	all, err := api.Held(ctx, name)
	if err != nil {
		return err
	}
	return show(c, all, "ITEM TYPE VERSION SINCE DECISION WHY", func(h relay.Held) []string {
		decision := string(h.Decision)
		if decision == "" {
			decision = "-"
		}
		return []string{h.Item, h.Type, h.Version, moment(h.Since), decision, printable(whyHeld(h))}
	})
}

// whyHeld says in one line what an object waits for.
func whyHeld(h relay.Held) string {
	var parts []string
	for _, f := range h.Findings {
		parts = append(parts, strings.TrimSpace(f.Kind+" "+f.Pointer))
	}
	for _, id := range h.Needs {
		parts = append(parts, "refers to "+id)
	}
	if len(parts) == 0 {
		return "everything is reviewed"
	}
	return strings.Join(parts, ", ")
}

func (c *cli) showHeld(ctx context.Context, api *admin.Client, given []string) error {
	shown, err := api.ShowHeld(ctx, given[0], given[1])
	if err != nil {
		return err
	}
	if c.output == "json" {
		return c.printJSON(shown)
	}
	if err := c.say("%s waits since %s: %s", shown.ID, moment(shown.Since),
		printable(whyHeld(shown.Held))); err != nil {
		return err
	}
	if shown.Reason != "" {
		return c.say("Nothing would be released: %s.", shown.Reason)
	}
	// The text comes from the submitter: a terminal must not obey it.
	text, err := json.MarshalIndent(shown.Object, "", "  ")
	if err != nil {
		return fmt.Errorf("print the object: %w", err)
	}
	var safe strings.Builder
	for line := range strings.Lines(string(text)) {
		safe.WriteString(printable(strings.TrimRight(line, "\n")) + "\n")
	}
	return c.say("Would be released as:\n%s", strings.TrimRight(safe.String(), "\n"))
}

func (c *cli) relayDecideCommand(verb, short string, approve bool) *cobra.Command {
	return &cobra.Command{
		Use: verb + " RELAY ITEM...", Short: short, Args: args(cobra.MinimumNArgs(2)),
		RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
			done := map[bool]string{true: "approved", false: "rejected"}[approve]
			for _, item := range given[1:] {
				if err := api.Decide(ctx, given[0], item, approve); err != nil {
					return err
				}
				if err := c.say("item %s of relay %s %s", item, given[0], done); err != nil {
					return err
				}
			}
			return nil
		}),
	}
}

func (c *cli) revealOrigin(ctx context.Context, api *admin.Client, given []string) error {
	origin, err := api.Reveal(ctx, given[0], given[1])
	if err != nil {
		return err
	}
	submitter := origin.Submitter
	if submitter == "" {
		submitter = "nobody that it named"
	}
	return c.sayOr(origin, "%s was %s in %s, by %s", origin.ID, origin.Original, origin.Collection,
		submitter)
}
