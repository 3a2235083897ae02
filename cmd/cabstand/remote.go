package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/taxii/client"
)

// remote is a TAXII server as the client commands reach it. User, password and token come
// from CABSTAND_USER, CABSTAND_PASSWORD and CABSTAND_TOKEN.
type remote struct {
	collection        string
	ca, cert, certKey string
}

const credentialsHelp = " Credentials come from CABSTAND_USER and CABSTAND_PASSWORD, " +
	"or from CABSTAND_TOKEN."

func (r *remote) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&r.collection, "collection", "",
		"ID, alias or title, if the URL is not the collection's")
	f.StringVar(&r.ca, "ca", "", "PEM file with the authorities to trust besides those of the system")
	f.StringVar(&r.cert, "cert", "", "PEM file with a client certificate")
	f.StringVar(&r.certKey, "key", "", "PEM file with its key")
	cmd.MarkFlagsRequiredTogether("cert", "key")
}

// find finds the collection.
func (r *remote) find(ctx context.Context, from *client.Client) (*client.Collection, error) {
	found, err := from.Collection(ctx, r.collection)
	if r.collection == "" && errors.Is(err, client.ErrNoCollection) {
		return nil, fmt.Errorf("--collection is missing: %w", err)
	}
	return found, err
}

// client takes secrets from the environment only: arguments can be seen by every user of the
// machine.
func (c *cli) client(url string, r remote) (*client.Client, error) {
	log := c.logger(config.Log{Level: "warn", Format: "text"})
	options := []client.Option{client.WithUserAgent("cabstand/" + version()), client.WithLogger(log)}
	if user, ok := c.lookupEnv("CABSTAND_USER"); ok && user != "" {
		password, _ := c.lookupEnv("CABSTAND_PASSWORD")
		options = append(options, client.WithBasic(user, password))
	}
	if token, ok := c.lookupEnv("CABSTAND_TOKEN"); ok && token != "" {
		options = append(options, client.WithBearer(token))
	}
	if r.ca != "" {
		options = append(options, client.WithCAFile(r.ca))
	}
	if r.cert != "" {
		options = append(options, client.WithCertificate(r.cert, r.certKey))
	}
	return client.New(url, options...)
}
