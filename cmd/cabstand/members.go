package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/admin"
)

func (c *cli) membersCommand() *cobra.Command {
	var since string
	cmd := &cobra.Command{
		Use:   "members",
		Short: "Show how users keep up: last poll, objects behind, last push, failures",
		Long: "Show for each user and collection the last poll and from where, how many objects the " +
			"collection has that were added after what the user has read, how often in a row the last " +
			"page was fetched, the last push, objects pushed, and requests that failed. All of it comes " +
			"from the record of a stretch of time. Users of whom there is nothing in it are listed, too.",
		Args: args(cobra.NoArgs),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		from, err := timeFlag("since", since, time.Now())
		if err != nil {
			return usageError{err}
		}
		return c.withAdmin(func(ctx context.Context, api *admin.Client, _ []string) error {
			members, err := api.Members(ctx, from)
			if err != nil {
				return err
			}
			header := "USER COLLECTION LAST-POLL ADDRESS BEHIND SAME-PAGE LAST-PUSH PUSHED FAILURES"
			return show(c, members, header, memberRow)
		})(cmd, given)
	}
	cmd.Flags().StringVar(&since, "since", "168h",
		"from this time on: a duration ago, such as 168h, a day or a time")
	return c.listing(cmd)
}

func memberRow(m admin.Member) []string {
	row := []string{
		m.User, m.Name, moment(m.LastPoll), m.Address, behind(m), count(m.SamePage),
		moment(m.LastPush), count(m.Pushed), count(m.Failures),
	}
	for i, cell := range row {
		if row[i] = printable(cell); cell == "" {
			row[i] = "-"
		}
	}
	if m.User == "" {
		row[0] = "(without login)"
	}
	return row
}

// behind is how many objects a user has not read yet, as far as they were counted.
func behind(m admin.Member) string {
	switch {
	case m.Behind == nil:
		return ""
	case m.More:
		return fmt.Sprintf("%d+", *m.Behind)
	}
	return strconv.Itoa(*m.Behind)
}
