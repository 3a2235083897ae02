package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/admin"
)

func (c *cli) importCommand() *cobra.Command {
	var collection string
	var keepDates bool
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Store the objects of a bundle, an envelope or JSON Lines; - is standard input",
		Long: "Store the objects of a bundle, an envelope or JSON Lines. Objects that break the " +
			"rules are left out and told; the others are stored. Importing a file again " +
			"changes nothing.",
		Args: args(cobra.ExactArgs(1)),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if err := checkCollection(collection); err != nil {
			return err
		}
		in, err := c.open(given[0])
		if err != nil {
			return err
		}
		defer in.Close()
		if !keepDates && in.dated() {
			return fmt.Errorf("%s has objects with dates, as export --with-dates writes them; "+
				"give --keep-dates to import it", in.name)
		}
		return c.withAdmin(func(ctx context.Context, api *admin.Client, _ []string) error {
			err := c.importObjects(ctx, api, collection, keepDates,
				c.progress("importing", in.size).reader(in))
			var refused *admin.Error
			if err == nil || errors.Is(err, errSilent) || errors.As(err, &refused) {
				return err
			}
			return fmt.Errorf("%s: %w", in.name, err)
		})(cmd, given)
	}
	cmd.Flags().StringVar(&collection, "collection", "", "where to, as ROOT/ID or ROOT/ALIAS")
	cmd.Flags().BoolVar(&keepDates, "keep-dates", false,
		`read records {"date_added","object"}, as export --with-dates writes them`)
	_ = cmd.MarkFlagRequired("collection") // the flag is there
	return c.acting(cmd)
}

// importObjects fails if any object was left out, so that a script notices.
func (c *cli) importObjects(
	ctx context.Context, api *admin.Client, collection string, keepDates bool, in *progressReader,
) error {
	counts, err := api.Import(ctx, collection, keepDates, in, func(f admin.ImportFailure) {
		in.pause()
		fmt.Fprintln(c.errs, failureLine(f))
	})
	in.done()
	if err != nil && counts.Read == 0 {
		return err
	}
	if err := errors.Join(err, c.sayOr(counts, "%d read, %d added, %d there already, %d failed",
		counts.Read, counts.Added, counts.Unchanged, counts.Failed)); err != nil {
		return err
	}
	if counts.Failed > 0 {
		return errSilent
	}
	return nil
}

// failureLine names an object in the ways that help to find it: line, id, else its number.
func failureLine(f admin.ImportFailure) string {
	place := fmt.Sprintf("object %d", f.Number)
	if f.Line > 0 {
		place = fmt.Sprintf("line %d", f.Line)
	}
	if f.ID != "" {
		place += ", " + f.ID
	}
	return place + ": " + f.Reason
}
