package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/audit"
)

// asked is what the flags of `audit` say.
type asked struct {
	query        admin.AuditQuery
	since, until string
	jsonLines    bool
}

// auditLimit is how many events a table has, unless told otherwise.
const auditLimit = 100

func (c *cli) auditCommand() *cobra.Command {
	var a asked
	cmd := &cobra.Command{
		Use:   "audit",
		Short: "Show who did what, and check that the record of it is whole",
		Long: "Show events from the record of log-ins that failed, reads, pushes, deletions and " +
			"changes by operators, the newest last. Without --limit a table has the last 100 of those " +
			"that match, and JSON Lines have all.",
		Args: args(cobra.NoArgs),
		Example: "  cabstand audit --since 24h --user alice\n" +
			"  cabstand audit --kind login-failed --kind change --since 2026-11-01 --json",
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if err := a.settle(cmd, time.Now()); err != nil {
			return usageError{err}
		}
		return c.withAdmin(func(ctx context.Context, api *admin.Client, _ []string) error {
			if a.jsonLines {
				return c.auditLines(ctx, api, a.query)
			}
			return c.auditTable(ctx, api, a.query)
		})(cmd, given)
	}
	f := cmd.Flags()
	f.StringVar(&a.since, "since", "",
		"from this time on: a duration ago, such as 24h, a day or a time")
	f.StringVar(&a.until, "until", "", "before this time, likewise")
	f.StringVar(&a.query.User, "user", "", "of this user, or who tried to log in as that")
	f.StringVar(&a.query.Collection, "collection", "", "on this one, as ROOT/ID or ROOT/ALIAS")
	f.StringArrayVar(&a.query.Kinds, "kind", nil, "of this kind; may be given several times")
	f.StringVar(&a.query.Address, "address", "", "from this address")
	f.IntVar(&a.query.Limit, "limit", 0, "only the last so many; 0 is all")
	f.BoolVar(&a.jsonLines, "json", false, "print JSON Lines")
	cmd.AddCommand(c.auditVerifyCommand(), c.auditExportCommand())
	return cmd
}

// settle reads what the flags say as text.
func (a *asked) settle(cmd *cobra.Command, now time.Time) (err error) {
	if a.query.Since, err = timeFlag("since", a.since, now); err != nil {
		return err
	}
	if a.query.Until, err = timeFlag("until", a.until, now); err != nil {
		return err
	}
	if a.query.Collection != "" {
		if err := checkCollection(a.query.Collection); err != nil {
			return err
		}
	}
	for _, kind := range a.query.Kinds {
		if all := audit.Kinds(); !slices.Contains(all, audit.Kind(kind)) {
			return fmt.Errorf("--kind is %q; it must be one of %s", kind,
				strings.Trim(fmt.Sprint(all), "[]"))
		}
	}
	if a.query.Limit < 0 || a.query.Limit > audit.MaxLimit {
		return fmt.Errorf("--limit is %d; it must be from 0, which is all, to %d", a.query.Limit,
			audit.MaxLimit)
	}
	if !a.jsonLines && !cmd.Flags().Changed("limit") {
		a.query.Limit = auditLimit
	}
	return nil
}

// timeFlag reads a time: a duration back from now, a day in UTC, or RFC 3339.
func timeFlag(name, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339Nano} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("--%s is %q; it must be a duration ago such as 24h, a day such as "+
		"2026-11-01, or a time such as 2026-11-01T12:00:00Z", name, text)
}

func (c *cli) auditLines(ctx context.Context, api *admin.Client, q admin.AuditQuery) error {
	return api.AuditEvents(ctx, q, func(line json.RawMessage) error {
		return c.say("%s", line)
	}, func(warning string) { c.warn([]string{warning}) })
}

// tableRows is how many rows are in memory at a time; columns may change their width after that.
const tableRows = 1000

func (c *cli) auditTable(ctx context.Context, api *admin.Client, q admin.AuditQuery) error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	rows := 0
	err := api.AuditEvents(ctx, q, func(line json.RawMessage) error {
		var e audit.Event
		if err := json.Unmarshal(line, &e); err != nil {
			return fmt.Errorf("read event: %w", err)
		}
		if rows == 0 {
			fmt.Fprintln(w, "TIME\tKIND\tUSER\tADDRESS\tWHERE\tSTATUS\tOBJECTS\tWHAT")
		}
		fmt.Fprintln(w, strings.Join(auditRow(e), "\t"))
		if rows++; rows%tableRows == 0 {
			return w.Flush()
		}
		return nil
	}, func(warning string) { c.warn([]string{warning}) })
	if err == nil && rows == 0 {
		return c.say("none")
	}
	return errors.Join(err, w.Flush())
}
