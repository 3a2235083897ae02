package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
)

func (c *cli) collectionCommand() *cobra.Command {
	return group("collection", "List, add and remove collections",
		c.listing(&cobra.Command{
			Use: "list", Short: "List the collections and what is in them", Args: args(cobra.NoArgs),
			RunE: c.withAdmin(c.listCollections),
		}),
		c.collectionAddCommand(),
		c.collectionRemoveCommand(),
	)
}

func (c *cli) listCollections(ctx context.Context, api *admin.Client, _ []string) error {
	all, err := api.Collections(ctx)
	if err != nil {
		return err
	}
	header := "NAME ID TITLE READ WRITE DELETE MANAGE RELEASE VALIDATION ACCEPT OBJECTS LAST-ADDED"
	return show(c, all, header, func(col admin.Collection) []string {
		return []string{
			col.Name(), col.ID, col.Title, words(col.Read), words(col.Write), words(col.Delete),
			words(col.Manage), cmp.Or(col.Release.By, releaseAll), string(col.Validation),
			cmp.Or(col.Accept.String(), "-"),
			strconv.FormatInt(col.Objects, 10), moment(col.LastAdded),
		}
	})
}

func (c *cli) collectionAddCommand() *cobra.Command {
	var col access.Collection
	var release, accept string
	cmd := &cobra.Command{
		Use:   "add ROOT",
		Short: "Add a collection to an API root, or change one",
		Long: "Add a collection to an API root, or change the one with that ID or alias: what " +
			"no flag says stays as it is.",
		Args: args(cobra.ExactArgs(1)),
	}
	cmd.RunE = c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
		col.Root = given[0]
		if release != releaseAll {
			col.Release.By = release
		}
		if accept != acceptAnything {
			col.Accept.Preset = accept
		}
		if err := keepCollection(ctx, api, cmd, &col); err != nil {
			return err
		}
		made, err := api.PutCollection(ctx, col)
		if err != nil {
			return err
		}
		c.warn(made.Warnings)
		return c.say("collection %s has the ID %s", made.Name(), made.ID)
	})
	f := cmd.Flags()
	f.StringVar(&col.Title, "title", "", "what clients show")
	f.StringVar(&col.Description, "description", "", "what it is about")
	f.StringVar(&col.ID, "id", "", "a random UUID; one is made if there is none")
	f.StringVar(&col.Alias, "alias", "", "a name for URLs and commands")
	f.StringSliceVar(&col.Read, "read", nil, "users and groups that may read; anyone needs no login")
	f.StringSliceVar(&col.Write, "write", nil, "users and groups that may write")
	f.StringSliceVar(&col.Delete, "delete", nil, "of those who may read and write, the users and "+
		"groups that may delete (default all of them)")
	f.StringSliceVar(&col.Manage, "manage", nil, "users and groups that see all of it, whatever its "+
		"objects are marked with, and the statuses of everybody's pushes")
	f.StringVar(&release, "release", releaseAll, "what those who may read it have: all, or marking, "+
		"which gives an object to those who are cleared for its markings")
	f.StringVar(&col.Release.Unmarked, "unmarked", "", "with --release marking, the level that "+
		"objects count as that no marking speaks of, or nobody (default red)")
	f.BoolVar(&col.Release.Redact, "redact", false, "with --release marking, give an object without "+
		"the parts that are marked higher than the reader is cleared for")
	f.StringVar((*string)(&col.Validation), "validation", "", "what happens to pushed objects that "+
		"break rules of STIX: reject, warn (stored, and the sender is told) or off (default reject)")
	f.StringVar(&accept, "accept", "", "what it asks of objects beyond the rules of STIX: ais, for "+
		"the AIS-ready checks, or anything (default anything); more is declared with apply")
	return cmd
}

// acceptAnything takes back what a collection asked for.
const acceptAnything = "anything"

// keepCollection completes a collection that exists with what no flag says. Its ID tells which
// one is meant, else its alias.
func keepCollection(
	ctx context.Context, api *admin.Client, cmd *cobra.Command, col *access.Collection,
) error {
	all, err := api.Collections(ctx)
	if err != nil {
		return err
	}
	for _, old := range all {
		same := strings.EqualFold(old.ID, col.ID) ||
			col.ID == "" && col.Alias != "" && old.Alias == col.Alias
		if old.Root != col.Root || !same {
			continue
		}
		keep(cmd, "title", &col.Title, old.Title)
		keep(cmd, "description", &col.Description, old.Description)
		keep(cmd, "alias", &col.Alias, old.Alias)
		keep(cmd, "read", &col.Read, old.Read)
		keep(cmd, "write", &col.Write, old.Write)
		keep(cmd, "delete", &col.Delete, old.Delete)
		keep(cmd, "manage", &col.Manage, old.Manage)
		keepRelease(cmd, &col.Release, old.Release)
		keep(cmd, "validation", &col.Validation, old.Validation)
		keep(cmd, "accept", &col.Accept, old.Accept)
		return nil
	}
	return nil
}

// releaseAll is the word for a collection without a rule of release.
const releaseAll = "all"

// keepRelease completes a rule with what no flag says. With --release all nothing is left of it.
func keepRelease(cmd *cobra.Command, rule *access.ReleaseRule, old access.ReleaseRule) {
	if cmd.Flags().Changed("release") && rule.By == "" {
		return
	}
	keep(cmd, "release", &rule.By, old.By)
	keep(cmd, "unmarked", &rule.Unmarked, old.Unmarked)
	keep(cmd, "redact", &rule.Redact, old.Redact)
}

func (c *cli) collectionRemoveCommand() *cobra.Command {
	var withObjects bool
	cmd := &cobra.Command{
		Use:   "remove ROOT/ID",
		Short: "Remove a collection",
		Args:  args(cobra.MatchAll(cobra.ExactArgs(1), collectionName)),
		RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
			done, err := api.RemoveCollection(ctx, given[0], withObjects)
			if err != nil {
				return err
			}
			return c.said(done)
		}),
	}
	cmd.Flags().BoolVar(&withObjects, "with-objects", false,
		"also if it holds objects, which go with it")
	return cmd
}

// collectionName checks that an argument is ROOT/ID.
func collectionName(_ *cobra.Command, given []string) error {
	return checkCollection(given[0])
}

// checkCollection tells a mistyped name before anything is opened for it. The rest of a path
// or a query in it would reach another part of the admin API.
func checkCollection(name string) error {
	root, id, _ := strings.Cut(name, "/")
	if root == "" || id == "" || strings.ContainsAny(id, "/?#") {
		return usageError{fmt.Errorf("%q is no collection; write ROOT/ID or ROOT/ALIAS, "+
			"as `cabstand collection list` shows them", name)}
	}
	return nil
}
