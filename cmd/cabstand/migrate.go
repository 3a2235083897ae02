package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/app"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/migrate"
	"github.com/cabstand/cabstand/store"
)

func (c *cli) migrateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "migrate FROM TO",
		Short: "Copy a store into another one, with positions, dates, users and all",
		Long: "Copy all that the store FROM holds into the store TO: collections with the positions " +
			"and dates of their objects, so that no poller misses or repeats anything, and users, " +
			"tokens, feeds, statuses. Each is pebble:DIR, /DIR, ./DIR, a mongodb:// URL, or env:NAME, the " +
			"environment variable with the URL: arguments can be seen by every user of the machine, " +
			"so that is the place for one with a password. In the end both are read again and compared.\n\n" +
			"Stop the servers of both stores first. An embedded store that is in use does not open; " +
			"whether a server writes to MongoDB meanwhile, only the comparison finds out. FROM stays " +
			"as it is. TO must be empty or hold nothing but a copy of FROM: when a migration was " +
			"broken off, run it again and it goes on. What was deleted from FROM in between is " +
			"deleted from TO. Until the copy is finished no server starts on TO.",
		Example: "  cabstand migrate pebble:/var/lib/cabstand pebble:/mnt/cabstand\n" +
			"  cabstand migrate pebble:/var/lib/cabstand env:CABSTAND_STORE",
		Args: args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, given []string) error {
			return c.migrate(cmd.Context(), given[0], given[1])
		},
	}
	return c.acting(cmd)
}

func (c *cli) migrate(ctx context.Context, from, to string) (err error) {
	if from, err = c.storeURL(from); err != nil {
		return err
	}
	if to, err = c.storeURL(to); err != nil {
		return err
	}
	if from == to {
		return usageError{errors.New("FROM and TO are the same store")}
	}
	if err := app.FindStore(from); err != nil {
		return err
	}
	log := c.logger(config.Log{Level: "warn", Format: "text"})
	source, err := app.OpenStore(ctx, from, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := app.OpenStore(ctx, to, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	shown := c.stages()
	report, err := migrate.Migration{
		From: source, To: target, Source: app.StoreName(from), Progress: shown.show,
	}.Run(ctx)
	shown.finish()
	if errors.Is(err, store.ErrUnavailable) {
		return fmt.Errorf("%w; once the store works, run the same command again: it goes on where "+
			"it was", err)
	} else if err != nil {
		return err
	}
	return c.sayOr(report, "%d objects in %d collections and %d documents are the same in %s and "+
		"in %s; %d objects were copied", report.Entries, len(report.Collections), report.Documents,
		app.StoreName(from), app.StoreName(to), report.Copied)
}

// storeURL makes a URL of an argument: of a folder, and of a relative one the same URL wherever
// it is given.
func (c *cli) storeURL(text string) (string, error) {
	if name, ok := strings.CutPrefix(text, "env:"); ok {
		if text, ok = c.lookupEnv(name); !ok || text == "" {
			return "", usageError{fmt.Errorf("the environment variable %s, which env:%s means, is "+
				"not set", name, name)}
		}
	}
	rest, pebble := strings.CutPrefix(text, "pebble:")
	switch {
	case strings.Contains(text, "://"):
		return text, nil
	case !pebble && !filepath.IsAbs(text) && !strings.HasPrefix(text, "."):
		// A folder of that name would be made for whatever was mistyped.
		return "", usageError{errors.New("one of the arguments names no store; give pebble:DIR, " +
			"a folder as /DIR or ./DIR, a mongodb:// URL, or env:NAME")}
	case rest == "":
		return "", usageError{errors.New("pebble: is without a folder; give pebble:DIR")}
	}
	dir, err := filepath.Abs(rest)
	return "pebble:" + dir, err
}
