package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/app"
	"github.com/cabstand/cabstand/internal/config"
)

func (c *cli) serveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Serve TAXII clients and run feeds until told to stop",
		Long: "Serve TAXII clients and run feeds until SIGTERM or SIGINT. " +
			"SIGHUP reads the TLS certificates and the files of resources again.",
		Args: args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return c.serve(cmd.Context()) },
	}
}

// serve owns the store from here to the end of the process.
func (c *cli) serve(ctx context.Context) error {
	cfg, err := c.config()
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, cfg, c.logger(cfg.Log))
	if err != nil {
		return err
	}
	from, err := c.source()
	if err == nil {
		err = a.Listen() // first, so that a taken address changes nothing
	}
	if err == nil {
		err = a.Apply(ctx, from)
	}
	if err == nil {
		err = runUntilDone(ctx, a, from, func() {})
	}
	return errors.Join(err, a.Close())
}

// runUntilDone runs a server and reloads it on SIGHUP.
func runUntilDone(ctx context.Context, a *app.App, from config.Source, ready func()) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	ended := make(chan struct{})
	reloads := make(chan struct{})
	go func() {
		defer close(reloads)
		for {
			select {
			case <-hangups:
				a.Reload(ctx, from)
			case <-ended:
				return
			}
		}
	}()
	defer func() {
		signal.Stop(hangups)
		close(ended)
		<-reloads
	}()
	return a.Run(ctx, ready)
}
