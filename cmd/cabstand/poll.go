package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/mirror"
	"github.com/cabstand/cabstand/taxii/client"
)

func (c *cli) pollCommand() *cobra.Command {
	var r remote
	var options mirror.Options
	var follow time.Duration
	cmd := &cobra.Command{
		Use:   "poll URL",
		Short: "Fetch a collection of a TAXII server to a folder, a file or standard output",
		Long: "Fetch a collection of a TAXII 2.1 server. With --dir a folder is kept in step " +
			"with it, and with --file a file of JSON Lines: the next run brings what is new. " +
			"Without either, all objects go to standard output." + credentialsHelp,
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			if options.Dir != "" && options.File != "" {
				return usageError{errors.New("--dir and --file exclude each other")}
			}
			if options.Dir == "" && options.File == "" {
				options.Writer = c.out
			}
			server, err := c.client(given[0], r)
			if err != nil {
				return usageError{err}
			}
			defer server.Close()
			p := &poller{cli: c, client: server, remote: &r, options: options}
			if follow > 0 {
				return p.follow(cmd.Context(), follow)
			}
			return p.once(cmd.Context())
		},
	}
	r.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&options.Dir, "dir", "", "folder to keep in step, a file for each version")
	f.StringVar(&options.File, "file", "", "file of JSON Lines to keep in step")
	f.DurationVar(&follow, "follow", 0, "go on, polling at this interval, such as 30s")
	f.StringSliceVar(&options.Match.Types, "type", nil, "only objects of this type; may be repeated")
	return cmd
}

// poller keeps a target in step with a collection.
type poller struct {
	*cli
	client  *client.Client
	remote  *remote
	options mirror.Options
	mirror  *mirror.Mirror // nil until the collection is found
}

// once polls to the end of the collection and says what that brought.
func (p *poller) once(ctx context.Context) error {
	counts, err := p.poll(ctx)
	if err != nil && counts == (mirror.Counts{}) {
		return err
	}
	if p.options.Writer == nil {
		err = errors.Join(err, p.report(counts))
	}
	return err
}

func (p *poller) report(counts mirror.Counts) error {
	return p.say("%d new, %d there already, %d changed, %d invalid",
		counts.New, counts.Known, counts.Changed, counts.Invalid)
}

// poll runs once. The collection is looked up at the first turn that reaches the server, so
// that a poller may be started before its server.
func (p *poller) poll(ctx context.Context) (mirror.Counts, error) {
	bar := p.counter("polling")
	defer bar.finish()
	if p.mirror == nil {
		collection, err := p.remote.find(ctx, p.client)
		if err != nil {
			return mirror.Counts{}, err
		}
		options := p.options
		options.Log = p.logger(config.Log{Level: "warn", Format: "text"})
		options.Progress = func(n mirror.Counts) { bar.set(n.New + n.Known + n.Changed + n.Invalid) }
		if p.mirror, err = mirror.New(collection, options); err != nil {
			return mirror.Counts{}, err
		}
	}
	return p.mirror.Run(ctx)
}

// follow polls until ctx ends. A server that cannot be reached is asked again at the next
// turn; one that refuses us ends it.
func (p *poller) follow(ctx context.Context, every time.Duration) error {
	for {
		counts, err := p.poll(ctx)
		var refused *client.Error
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.As(err, &refused) && refused.Status < 500 && refused.Status != 429,
			errors.Is(err, client.ErrNoCollection):
			return err
		case err != nil:
			fmt.Fprintf(p.errs, "cabstand: %v; trying again in %v\n", err, every)
		case counts.New+counts.Changed+counts.Invalid > 0 && p.options.Writer == nil:
			if err := p.report(counts); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(every):
		}
	}
}
