package main

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/config"
)

func (c *cli) userCommand() *cobra.Command {
	return group("user", "List, add and remove users",
		c.listing(&cobra.Command{
			Use: "list", Short: "List the users", Args: args(cobra.NoArgs),
			RunE: c.withAdmin(c.listUsers),
		}),
		c.userAddCommand(),
		&cobra.Command{
			Use: "remove NAME", Short: "Remove a user and the user's tokens",
			Args: args(cobra.ExactArgs(1)),
			RunE: c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
				done, err := api.RemoveUser(ctx, given[0])
				if err != nil {
					return err
				}
				return c.said(done)
			}),
		},
	)
}

func (c *cli) listUsers(ctx context.Context, api *admin.Client, _ []string) error {
	users, err := api.Users(ctx)
	if err != nil {
		return err
	}
	header := "NAME GROUPS CLEARED-FOR PASSWORD TOKENS CERTIFICATES"
	return show(c, users, header, func(u admin.User) []string {
		return []string{
			u.Name, words(u.Groups), u.ClearedFor, yesNo(u.HasPassword), strconv.Itoa(u.Tokens),
			strconv.Itoa(len(u.Certificates)),
		}
	})
}

func (c *cli) userAddCommand() *cobra.Command {
	var groups, certificates []string
	var clearance string
	var from passwordSource
	var tokensOnly bool
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a user, or change one",
		Long: "Add a user, or change the groups, the password, the certificates or the clearance of " +
			"one: what no flag says stays as it is. Without flags the password is asked for on a " +
			"terminal; it may come from a file or an environment variable, and is never an " +
			"argument, because other users of the machine can see those.",
		Args: args(cobra.ExactArgs(1)),
	}
	cmd.RunE = c.withAdmin(func(ctx context.Context, api *admin.Client, given []string) error {
		u := config.User{User: access.User{
			Name: given[0], Groups: groups, Certificates: certificates, Clearance: clearance,
		}}
		users, err := api.Users(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(users, func(old admin.User) bool { return old.Name == u.Name })
		if i >= 0 {
			keep(cmd, "group", &u.Groups, users[i].Groups)
			keep(cmd, "certificate", &u.Certificates, users[i].Certificates)
			keep(cmd, "clearance", &u.Clearance, users[i].Clearance)
		}
		others := slices.ContainsFunc([]string{"group", "certificate", "clearance"},
			cmd.Flags().Changed)
		othersOnly := i >= 0 && others && !from.set()
		if !tokensOnly && !othersOnly {
			password, err := c.newPassword(from)
			if err != nil {
				return err
			}
			u.Password = password
		} else if from.set() {
			return usageError{errors.New("--tokens-only and a password exclude each other")}
		}
		done, err := api.PutUser(ctx, u)
		if err != nil {
			return err
		}
		return c.said(done)
	})
	cmd.Flags().StringSliceVar(&groups, "group", nil, "a group of the user; may be repeated")
	cmd.Flags().BoolVar(&tokensOnly, "tokens-only", false,
		"set no password; the user logs in by token or certificate")
	// An array: the subject of a certificate has commas in it.
	cmd.Flags().StringArrayVar(&certificates, "certificate", nil, "a name of a client certificate "+
		"that logs in as the user: subject:, dns:, email: or uri: and the name; may be repeated")
	cmd.Flags().StringVar(&clearance, "clearance", "", "the highest level of TLP that the user may "+
		"have; those of the user's groups count, too (default clear)")
	from.flags(cmd)
	return cmd
}
