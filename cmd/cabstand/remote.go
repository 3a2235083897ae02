package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/mirror"
	"github.com/cabstand/cabstand/stix"
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
	f.StringVar(&r.collection, "collection", "", "ID, alias or title, if the URL is not the collection's")
	f.StringVar(&r.ca, "ca", "", "PEM file with the authorities to trust instead of the system's")
	f.StringVar(&r.cert, "cert", "", "PEM file with a client certificate")
	f.StringVar(&r.certKey, "key", "", "PEM file with its key")
}

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
			remote, err := c.client(given[0], r)
			if err != nil {
				return usageError{err}
			}
			defer remote.Close()
			p := &poller{cli: c, client: remote, name: r.collection, options: options}
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
	name    string
	options mirror.Options
	mirror  *mirror.Mirror // nil until the collection is found
}

// once polls to the end of the collection and says what that brought.
func (p *poller) once(ctx context.Context) error {
	counts, err := p.poll(ctx)
	if p.options.Writer == nil {
		err = errors.Join(err, p.report(counts))
	}
	return err
}

func (p *poller) report(counts mirror.Counts) error {
	return p.say("%d new, %d there already, %d changed, %d invalid",
		counts.New, counts.Known, counts.Changed, counts.Invalid)
}

func (p *poller) poll(ctx context.Context) (mirror.Counts, error) {
	bar := p.counter("polling")
	defer bar.finish()
	if p.mirror == nil {
		collection, err := p.client.Collection(ctx, p.name)
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

func (c *cli) pushCommand() *cobra.Command {
	var r remote
	cmd := &cobra.Command{
		Use:   "push URL FILE",
		Short: "Send the objects of a bundle, an envelope or JSON Lines to a TAXII server; - is standard input",
		Long: "Send objects to a collection of a TAXII 2.1 server, in envelopes that keep to its " +
			"limits. Pushing a file again is safe." + credentialsHelp,
		Args: args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, given []string) error {
			remote, err := c.client(given[0], r)
			if err != nil {
				return usageError{err}
			}
			defer remote.Close()
			in, _, err := c.open(given[1])
			if err != nil {
				return err
			}
			defer in.Close()
			collection, err := remote.Collection(cmd.Context(), r.collection)
			if err != nil {
				return err
			}
			return c.push(cmd.Context(), collection, in)
		},
	}
	r.flags(cmd)
	return cmd
}

// maxText bounds one line of a file, or a bundle as a whole.
const maxText = 256 << 20

func (c *cli) push(ctx context.Context, collection *client.Collection, in io.Reader) error {
	bar := c.counter("pushing")
	source := &objectSource{cli: c, in: stix.NewReader(in, maxText)}
	result, err := collection.Push(ctx, source.objects, client.PushOptions{
		Progress: func(n client.PushResult) { bar.set(n.Sent) },
	})
	bar.finish()
	for _, f := range result.Failures {
		fmt.Fprintf(c.errs, "%s: refused: %s\n", f.ID, f.Message)
	}
	said := c.say("%d sent, %d accepted, %d refused, %d pending, %d not sent",
		result.Sent, result.Accepted+result.Unconfirmed, result.Failed, result.Pending, source.bad)
	if err := errors.Join(err, source.err, said); err != nil {
		return err
	}
	if result.Failed+source.bad > 0 {
		return errSilent
	}
	return nil
}

// objectSource yields the objects of a file that can be sent, and tells of the others.
type objectSource struct {
	*cli
	in  *stix.Reader
	bad int
	err error // why the file could not be read to its end
}

func (s *objectSource) objects(yield func(stix.Object) bool) {
	for number := 1; ; number++ {
		o, err := s.in.Next()
		var violations stix.Violations
		var syntax *stix.SyntaxError
		switch {
		case errors.Is(err, io.EOF):
			return
		case errors.As(err, &violations), errors.As(err, &syntax) && s.in.Line() > 0:
			s.bad++
			fmt.Fprintf(s.errs, "object %d %s: not sent: %v\n", number, o.ID, err)
		case err != nil:
			s.err = fmt.Errorf("read objects: %w", err)
			return
		case !yield(o):
			return
		}
	}
}
