package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

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
		in, size, err := c.open(given[0])
		if err != nil {
			return err
		}
		defer in.Close()
		return c.withAdmin(func(ctx context.Context, api *admin.Client, _ []string) error {
			return c.importObjects(ctx, api, collection, keepDates, c.progress("importing", size).reader(in))
		})(cmd, given)
	}
	cmd.Flags().StringVar(&collection, "collection", "", "where to, as ROOT/ID or ROOT/ALIAS")
	cmd.Flags().BoolVar(&keepDates, "keep-dates", false,
		`read records {"date_added","object"}, as export --with-dates writes them`)
	_ = cmd.MarkFlagRequired("collection") // the flag is there
	return cmd
}

// open returns a file, or standard input, with its size if that is known, else -1.
func (c *cli) open(name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(c.in), -1, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
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
	if err := errors.Join(err, c.say("%d read, %d added, %d there already, %d failed",
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
