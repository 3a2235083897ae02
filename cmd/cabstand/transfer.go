package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/admin"
)

// collectionName checks that an argument is ROOT/ID.
func collectionName(_ *cobra.Command, given []string) error {
	return checkCollection(given[0])
}

func checkCollection(name string) error {
	root, id, _ := strings.Cut(name, "/")
	if root == "" || id == "" || strings.ContainsAny(id, "/?#") {
		return usageError{fmt.Errorf("%q is no collection; write ROOT/ID or ROOT/ALIAS, "+
			"as `cabstand collection list` shows them", name)}
	}
	return nil
}

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

func (c *cli) exportCommand() *cobra.Command {
	var collection, to, format string
	var asked admin.Export
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Write the objects of a collection as JSON Lines or a bundle",
		Args:  args(cobra.NoArgs),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if err := checkCollection(collection); err != nil {
			return err
		}
		if format != "ndjson" && format != "bundle" {
			return usageError{fmt.Errorf("--format is %q; it must be ndjson or bundle", format)}
		}
		asked.Bundle = format == "bundle"
		if asked.Bundle && asked.WithDates {
			return usageError{errors.New("a bundle has no dates; leave out --format or --with-dates")}
		}
		if asked.WithDates && !cmd.Flags().Changed("all-versions") {
			asked.AllVersions = true
		}
		return c.withAdmin(func(ctx context.Context, api *admin.Client, _ []string) error {
			return c.exportObjects(ctx, api, collection, asked, to)
		})(cmd, given)
	}
	f := cmd.Flags()
	f.StringVar(&collection, "collection", "", "which, as ROOT/ID or ROOT/ALIAS")
	f.StringVar(&to, "to", "-", "file to write; - is standard output")
	f.StringVar(&format, "format", "ndjson", "ndjson or bundle")
	f.BoolVar(&asked.WithDates, "with-dates", false, "write dates and all versions, for import --keep-dates")
	f.BoolVar(&asked.AllVersions, "all-versions", false, "every version, not only the newest")
	_ = cmd.MarkFlagRequired("collection") // the flag is there
	return cmd
}

func (c *cli) exportObjects(
	ctx context.Context, api *admin.Client, collection string, asked admin.Export, to string,
) error {
	body, err := api.Export(ctx, collection, asked)
	if err != nil {
		return err
	}
	defer body.Close()
	bar := c.progress("exporting", -1)
	defer bar.finish()
	if to == "-" {
		_, err = io.Copy(c.out, bar.reader(body))
		return brokenOff(err)
	}
	return writeFile(to, bar.reader(body))
}

// writeFile writes beside a file and renames, so that nobody takes half an export for a whole.
func writeFile(path string, from io.Reader) error {
	f, err := os.Create(path + ".part")
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	err = errors.Join(brokenOff(err), f.Sync(), f.Close())
	if err != nil {
		return errors.Join(err, os.Remove(path+".part"))
	}
	return os.Rename(path+".part", path)
}

func brokenOff(err error) error {
	if err != nil {
		return fmt.Errorf("the export is not complete; its server's log says why: %w", err)
	}
	return nil
}
