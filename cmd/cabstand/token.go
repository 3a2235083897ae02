package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
)

func (c *cli) tokenCommand() *cobra.Command {
	return group("token", "List, add and remove API tokens",
		c.listing(&cobra.Command{
			Use: "list", Short: "List the tokens, without their secrets", Args: args(cobra.NoArgs),
			RunE: c.withAdmin(c.listTokens),
		}),
		c.tokenAddCommand(),
		&cobra.Command{
			Use: "remove ID", Short: "Revoke a token", Args: args(cobra.ExactArgs(1)),
			RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
				done, err := api.RemoveToken(ctx, given[0])
				if err != nil {
					return err
				}
				return c.said(done)
			}),
		},
	)
}

func (c *cli) listTokens(ctx context.Context, api *admin.Client, _ []string) error {
	tokens, err := api.Tokens(ctx)
	if err != nil {
		return err
	}
	header := "ID USER NAME COLLECTIONS RIGHTS CREATED EXPIRES LAST-USED"
	return show(c, tokens, header, func(t admin.Token) []string {
		return []string{
			t.ID, t.User, t.Name, orAll(t.Collections), orAll(t.Rights),
			moment(t.Created), moment(t.Expires), moment(t.LastUsed),
		}
	})
}

// orAll makes a list readable that keeps a token to something.
func orAll[T ~string](list []T) string {
	if len(list) == 0 {
		return "all"
	}
	names := make([]string, len(list))
	for i, one := range list {
		names[i] = string(one)
	}
	return words(names)
}

// tokenAddCommand prints the secret alone on standard output, so that a script can keep it, and
// the words about it on standard error.
func (c *cli) tokenAddCommand() *cobra.Command {
	var name string
	var life time.Duration
	var collections, rights []string
	cmd := &cobra.Command{
		Use:   "add USER",
		Short: "Make a token for a user and print it once",
		Long: "Make a token for a user and print it once. Clients send it as a Bearer token, or " +
			"as the password of a Basic login. It may do what the user may, or less: --collection and " +
			"--right keep it to some collections and rights.",
		Args: args(cobra.ExactArgs(1)),
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("expires") && life <= 0 {
				return usageError{fmt.Errorf("--expires is %v; it must be a time from now, such as "+
					"2160h; leave it out for a token that does not expire", life)}
			}
			return nil
		},
		RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
			asked := admin.NewToken{User: given[0], Name: name, Collections: collections}
			for _, right := range rights {
				asked.Rights = append(asked.Rights, access.Right(right))
			}
			if life > 0 {
				asked.Expires = time.Now().Add(life).UTC().Truncate(time.Second)
			}
			made, err := api.AddToken(ctx, asked)
			if err != nil {
				return err
			}
			if c.output == "json" {
				return c.printJSON(made)
			}
			fmt.Fprintf(c.errs, "Token %s of user %s. Keep it now; it is not shown again.\n",
				made.ID, made.User)
			return c.say("%s", made.Secret)
		}),
	}
	c.acting(cmd)
	cmd.Flags().StringVar(&name, "name", "", "what the token is for")
	cmd.Flags().StringSliceVar(&collections, "collection", nil,
		"a collection, ROOT/ID or ROOT/ALIAS, that it is for; may be repeated (default all)")
	cmd.Flags().StringSliceVar(&rights, "right", nil,
		"what it may do: read, write, delete or manage; may be repeated (default all)")
	cmd.Flags().DurationVar(&life, "expires", 0, "how long it is valid, such as 2160h (default forever)")
	return cmd
}
