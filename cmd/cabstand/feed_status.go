package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/admin"
)

// feedStatus shows a line for each feed, or all that is known of one.
func (c *cli) feedStatus(ctx context.Context, api *admin.Client, given []string) error {
	feeds, err := api.Feeds(ctx)
	if err != nil {
		return err
	}
	if len(given) == 1 {
		i := slices.IndexFunc(feeds, func(f collectors.FeedStatus) bool { return f.Feed == given[0] })
		if i < 0 {
			return fmt.Errorf("there is no feed %q; `cabstand feed list` shows them", given[0])
		}
		if c.output != "json" {
			return writeFeed(c.out, feeds[i])
		}
		feeds = feeds[i : i+1]
	}
	header := "FEED STATE TROUBLE LAST-RUN LAST-SUCCESS NEXT-RUN READ KEPT NEW CHANGED REVOKED LAST-ERROR"
	return show(c, feeds, header, func(f collectors.FeedStatus) []string {
		n := f.LastCounts
		return []string{
			f.Feed, f.State, cmp.Or(string(f.Trouble), "-"),
			moment(f.LastRun), moment(f.LastSuccess), moment(f.NextRun),
			strconv.Itoa(f.LastRows.Read), strconv.Itoa(f.LastRows.Kept),
			strconv.Itoa(n.New), strconv.Itoa(n.Changed), strconv.Itoa(n.Revoked),
			cmp.Or(oneLine(strings.TrimPrefix(f.LastError, "feed "+f.Feed+": ")), "-"),
		}
	})
}

// oneLine keeps a text in its cell, and from doing anything to the terminal.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ReplaceAll(text, "\n", "; "))
}

// writeFeed writes a feed as a list of what is known of it.
func writeFeed(to io.Writer, f collectors.FeedStatus) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	line := func(name, format string, words ...any) {
		fmt.Fprintf(w, "%s\t%s\n", name, fmt.Sprintf(format, words...))
	}
	line("feed", "%s (%s)", f.Feed, f.Name)
	line("state", "%s", f.State)
	if f.LastError != "" {
		line("error", "%s", oneLine(f.LastError))
		line("trouble", "%s", f.Trouble)
		line("what to do", "%s", f.Advice)
		line("failures", "%d in a row", f.Failures)
	}
	line("kind", "%s", f.Kind)
	line("collection", "%s", f.Collection)
	line("terms", "TLP:%s, redistribute %s, licence %s",
		strings.ToUpper(f.Policy.TLP), f.Policy.Redistribute, f.Policy.Licence)
	line("schedule", "%s", f.Schedule)
	if f.LastRun.IsZero() {
		line("last run", "-")
	} else {
		line("last run", "%s, %s, by %s", moment(f.LastRun), f.LastDuration.Round(time.Millisecond),
			cmp.Or(f.Server, "-"))
	}
	line("last success", "%s", moment(f.LastSuccess))
	line("last new", "%s", moment(f.LastNew))
	line("next run", "%s", moment(f.NextRun))
	line("stale at", "%s", moment(f.StaleAt))
	writeFlow(line, f.LastRows, f.LastCounts, f.LastHeldBy, f.LastTraffic)
	if err := w.Flush(); err != nil {
		return err
	}
	return writeDrops(to, f.LastDrops)
}

// writeFlow writes what a run read, and what became of it.
func writeFlow(
	line func(name, format string, words ...any), rows collectors.Rows, n collectors.Counts,
	heldBy map[string]int, traffic collectors.Traffic,
) {
	line("rows", "%d read, %d kept, %d dropped", rows.Read, rows.Kept, rows.Read-rows.Kept)
	line("objects", "%d new, %d changed, %d unchanged, %d revoked, %d invalid, %d refused",
		n.New, n.Changed, n.Unchanged, n.Revoked, n.Invalid, n.Refused)
	line("held back", "%s", heldBack(n.HeldBack, heldBy))
	line("traffic", "%s, %d bytes received, %d unpacked",
		counted(traffic.Requests, "request"), traffic.Received, traffic.Unpacked)
}

// writeDrops writes why rows and objects were left out.
func writeDrops(to io.Writer, drops []collectors.Drop) error {
	if len(drops) == 0 {
		return nil
	}
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nDROPPED\tFIRST\tWHY\tEXAMPLE")
	for _, d := range drops {
		example := d.Example
		if example == d.Reason {
			example = "-"
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\n", d.Count, cmp.Or(d.Where, "-"), d.Reason, example)
	}
	return w.Flush()
}
