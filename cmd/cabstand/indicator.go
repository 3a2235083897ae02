package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/collectors/standing"
	"github.com/cabstand/cabstand/internal/admin"
)

func (c *cli) indicatorCommand() *cobra.Command {
	return group("indicator", "Show what feeds say of a value at present",
		c.listing(&cobra.Command{
			Use:   "show VALUE|ID",
			Short: "Show whose indicators of a value are valid, and the confidence that is left",
			Long: "Show which feeds have an indicator of an address, network, domain, URL, e-mail address, " +
				"hash or AS number, whether it is valid, how much of its confidence is left with time, how " +
				"many sources agree and what that makes together. Instead of the value the id of an " +
				"indicator will do. What is shown is not written into any object.",
			Args: args(cobra.ExactArgs(1)),
			RunE: c.withAdmin(c.showIndicators),
		}),
	)
}

// standingRow is one indicator with what its collection makes of all of them.
type standingRow struct {
	of *admin.Standing
	in standing.Indicator
}

func (c *cli) showIndicators(ctx context.Context, api *admin.Client, given []string) error {
	all, err := api.Indicators(ctx, given[0])
	if err != nil {
		return err
	}
	if c.output == "json" {
		return c.printJSON(all)
	}
	var rows []standingRow
	for i := range all {
		for _, in := range all[i].Indicators {
			rows = append(rows, standingRow{&all[i], in})
		}
	}
	if len(rows) == 0 {
		return c.say("none: no feed that is defined has an indicator of %s alone; those of reports "+
			"and partners are found by their ids", given[0])
	}
	header := "COLLECTION SOURCES TOGETHER FEED STATE STATED NOW MODIFIED VALID-UNTIL INDICATOR"
	return show(c, rows, header, func(r standingRow) []string {
		stated := strconv.Itoa(r.in.Stated)
		if r.in.Stated == 0 {
			stated = "-"
		}
		return []string{
			r.of.Collection, strconv.Itoa(r.of.Sources), strconv.Itoa(r.of.Confidence),
			orNone(r.in.Feed), r.in.State, stated, strconv.Itoa(r.in.Confidence),
			moment(r.in.Modified), moment(r.in.ValidUntil), r.in.ID,
		}
	})
}
