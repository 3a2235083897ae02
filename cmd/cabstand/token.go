package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

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
	return show(c, tokens, "ID USER NAME CREATED EXPIRES", func(t admin.Token) []string {
		return []string{t.ID, t.User, t.Name, moment(t.Created), moment(t.Expires)}
	})
}

// tokenAddCommand prints the secret alone on standard output, so that a script can keep it, and
// the words about it on standard error.
func (c *cli) tokenAddCommand() *cobra.Command {
	var name string
	var life time.Duration
	cmd := &cobra.Command{
		Use:   "add USER",
		Short: "Make a token for a user and print it once",
		Long: "Make a token for a user and print it once. Clients send it as a Bearer token, or " +
			"as the password of a Basic login.",
		Args: args(cobra.ExactArgs(1)),
		PreRunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("expires") && life <= 0 {
				return usageError{fmt.Errorf("--expires is %v; it must be a time from now, such as "+
					"2160h; leave it out for a token that does not expire", life)}
			}
			return nil
		},
		RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
			asked := admin.NewToken{User: given[0], Name: name}
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
	cmd.Flags().DurationVar(&life, "expires", 0, "how long it is valid, such as 2160h (default forever)")
	return cmd
}
