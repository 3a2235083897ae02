package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/store"
)

// exportCommand writes all versions along with dates, unless told otherwise: that is what a
// copy of a collection needs.
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
		if info, err := os.Stat(to); err == nil && info.IsDir() {
			return fmt.Errorf("%s is a folder; --to names the file to write", to)
		}
		return c.withAdmin(func(ctx context.Context, api *admin.Client, _ []string) error {
			return c.exportObjects(ctx, api, collection, asked, to)
		})(cmd, given)
	}
	f := cmd.Flags()
	f.StringVar(&collection, "collection", "", "which, as ROOT/ID or ROOT/ALIAS")
	f.StringVar(&to, "to", "-", "file to write; - is standard output")
	f.StringVar(&format, "format", "ndjson", "ndjson or bundle")
	f.BoolVar(&asked.WithDates, "with-dates", false,
		"write dates and all versions, for import --keep-dates")
	f.BoolVar(&asked.AllVersions, "all-versions", false, "every version, not only the newest")
	f.StringVar(&asked.As, "as", "",
		"only what the collection releases to this user; anyone is somebody without a log-in")
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
	if asked.As == "" { // what may go to somebody is decided
		if err := c.warnOfTerms(ctx, api, collection); err != nil {
			return errors.Join(err, body.Close())
		}
	}
	defer body.Close()
	bar := c.progress("exporting", -1)
	defer bar.finish()
	if to == "-" {
		_, err = io.Copy(c.out, exported{bar.reader(body)})
		return err
	}
	return writeFile(to, exported{bar.reader(body)})
}

// warnOfTerms tells on which terms the objects of a collection are: a file knows none.
func (c *cli) warnOfTerms(ctx context.Context, api *admin.Client, collection string) error {
	col, err := findCollection(ctx, api, collection)
	if err != nil {
		return err
	}
	for _, terms := range col.Terms {
		c.warn([]string{"collection " + col.Name() + " has objects on terms: " + terms})
	}
	return nil
}

// findCollection returns a collection by its name, as ROOT/ID or ROOT/ALIAS.
func findCollection(
	ctx context.Context, api *admin.Client, name string,
) (admin.Collection, error) {
	all, err := api.Collections(ctx)
	if err != nil {
		return admin.Collection{}, err
	}
	for _, col := range all {
		if name == col.Name() || strings.EqualFold(name, col.Key()) {
			return col, nil
		}
	}
	return admin.Collection{}, fmt.Errorf(
		"collection %q: %w; `cabstand collection list` shows what there is", name, store.ErrNotFound)
}

// writeFile writes beside a file and renames, so that nobody takes half of it for the whole.
// What a community shares is for the owner of the file alone. Into what is no file, such as
// /dev/stdout, it writes as it stands.
func writeFile(path string, from io.Reader) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeInto(path, from)
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	f, err := os.OpenFile(path+".part", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(path+".part", path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(path+".part"))
	}
	return nil
}

func writeInto(path string, from io.Reader) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, from)
	return errors.Join(err, f.Close())
}

// exported is the body of an export.
type exported struct{ body io.Reader }

// Read explains the only way in which a server can tell that an export went wrong.
func (e exported) Read(b []byte) (int, error) {
	n, err := e.body.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("the export is not complete; its server's log says why: %w", err)
	}
	return n, err
}
