package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/configs"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/config"
)

func (c *cli) feedCommand() *cobra.Command {
	return group("feed", "List, add, switch and run feeds",
		c.feedListCommand(),
		c.listing(&cobra.Command{
			Use:   "status [FEED]",
			Short: "Show how the feeds run; of one feed, all that is known",
			Args:  args(cobra.MaximumNArgs(1)),
			RunE:  c.withAdmin(c.feedStatus),
		}),
		c.feedAddCommand(),
		c.feedTestCommand(),
		&cobra.Command{
			Use: "remove FEED", Short: "Remove a feed; what it wrote stays",
			Args: args(cobra.ExactArgs(1)),
			RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
				done, err := api.RemoveFeed(ctx, given[0])
				if err != nil {
					return err
				}
				return c.said(done)
			}),
		},
		c.feedSwitchCommand("enable", "Run a feed by its schedule", true),
		c.feedSwitchCommand("disable", "Stop running a feed by its schedule", false),
	)
}

func (c *cli) feedListCommand() *cobra.Command {
	var shipped bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the feeds", Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, given []string) error {
			if shipped {
				return c.listShipped()
			}
			return c.withAdmin(c.listFeeds)(cmd, given)
		},
	}
	cmd.Flags().BoolVar(&shipped, "shipped", false, "list the feeds that ship with cabstand instead")
	return c.listing(cmd)
}

func (c *cli) listFeeds(ctx context.Context, api *admin.Client, _ []string) error {
	feeds, err := api.Feeds(ctx)
	if err != nil {
		return err
	}
	return show(c, feeds, "FEED KIND COLLECTION ENABLED NAME", func(f collectors.FeedStatus) []string {
		return []string{f.Feed, f.Kind, f.Collection, yesNo(f.Enabled), f.Name}
	})
}

// listShipped needs no store: it is for choosing before there is one.
func (c *cli) listShipped() error {
	pack, err := config.LoadPack(configs.Feeds)
	if err != nil {
		return err
	}
	var feeds []collectors.Feed
	for _, id := range slices.Sorted(maps.Keys(pack)) {
		feeds = append(feeds, pack[id])
	}
	header := "FEED KIND REDISTRIBUTE LICENCE NAME"
	return show(c, feeds, header, func(f collectors.Feed) []string {
		return []string{f.ID, f.Kind, f.Policy.Redistribute, f.Policy.Licence, f.Name}
	})
}

func (c *cli) feedAddCommand() *cobra.Command {
	var collection string
	var on, off bool
	cmd := &cobra.Command{
		Use:   "add SHIPPED",
		Short: "Add one of the shipped feeds; other feeds are declared with apply",
		Args:  args(cobra.ExactArgs(1)),
		Long: "Add one of the shipped feeds. Those in the public domain run at once; the others " +
			"wait until somebody who has read their terms switches them on.",
		RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
			pack, err := config.LoadPack(configs.Feeds)
			if err != nil {
				return err
			}
			feed, err := pack.Find(given[0])
			if err != nil {
				return err
			}
			if there, err := api.Feed(ctx, feed.ID); err == nil {
				feed.Enabled = there.Enabled
			}
			feed.Collection, feed.Enabled = collection, (feed.Enabled || on) && !off
			done, err := api.PutFeed(ctx, feed)
			if err != nil {
				return err
			}
			return errors.Join(c.said(done), c.terms(feed))
		}),
	}
	cmd.Flags().StringVar(&collection, "collection", "", "where it writes, as ROOT/ID or ROOT/ALIAS")
	cmd.Flags().BoolVar(&on, "on", false, "run it by its schedule from now on")
	cmd.Flags().BoolVar(&off, "off", false, "do not run it by its schedule yet")
	cmd.MarkFlagsMutuallyExclusive("on", "off")
	_ = cmd.MarkFlagRequired("collection") // the flag is there
	return cmd
}

// terms tells what to read before a feed is switched on.
func (c *cli) terms(feed collectors.Feed) error {
	if feed.Enabled {
		return nil
	}
	source := feed.Policy.Licence
	if feed.Policy.Terms != "" {
		source += ", " + feed.Policy.Terms
	}
	for _, name := range feed.Auth.Variables() {
		if value, _ := c.lookupEnv(name); value == "" {
			c.warn([]string{fmt.Sprintf("it logs in with the environment variable %s, which is not "+
				"set here; set it for the server", name)})
		}
	}
	return c.say("It is off. Its licence: %s\nIf that suits you, switch it on: cabstand feed enable %s",
		source, feed.ID)
}

func (c *cli) feedSwitchCommand(verb, short string, on bool) *cobra.Command {
	return &cobra.Command{
		Use: verb + " FEED", Short: short, Args: args(cobra.ExactArgs(1)),
		RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
			done, err := api.SwitchFeed(ctx, given[0], on)
			if err != nil {
				return err
			}
			return c.said(done)
		}),
	}
}

// collectCommand tells what was kept even if the run ended early; then it fails.
func (c *cli) collectCommand() *cobra.Command {
	return c.acting(&cobra.Command{
		Use: "collect FEED", Short: "Run a feed now", Args: args(cobra.ExactArgs(1)),
		RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
			run, err := api.RunFeed(ctx, given[0])
			if err != nil {
				return err
			}
			if err := c.sayRun(given[0], run); err != nil {
				return err
			}
			return runError(run.Error, run.Report)
		}),
	})
}

// runError is why a run ended early, and what can be done about it.
func runError(text string, report collectors.Report) error {
	if text == "" {
		return nil
	}
	if report.Advice != "" {
		text += "\ntrouble: " + string(report.Trouble) + "; " + report.Advice
	}
	return errors.New(text)
}

// sayRun says nothing of a run that failed before it had read anything.
func (c *cli) sayRun(feed string, run admin.FeedRun) error {
	n := run.Report.Counts
	switch {
	case c.output == "json":
		return c.printJSON(run)
	case run.Error != "" && n == (collectors.Counts{}):
		return nil
	case run.Report.NotModified:
		return c.say("feed %s: nothing new at the source", feed)
	}
	revoked := ""
	if n.Revoked > 0 {
		revoked = fmt.Sprintf(", %d revoked", n.Revoked)
	}
	refused := ""
	if n.Refused > 0 {
		refused = fmt.Sprintf(", %d refused by the collection", n.Refused)
	}
	held := ""
	if n.HeldBack > 0 {
		held = ", held back by lists " + heldBack(n.HeldBack, run.Report.HeldBy)
	}
	return c.say("feed %s: %d new, %d changed, %d unchanged, %d skipped, %d invalid%s%s%s",
		feed, n.New, n.Changed, n.Unchanged, n.Skipped, n.Invalid, revoked, refused, held)
}
