package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/configs"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/app"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/store"
)

func (c *cli) quickstartCommand() *cobra.Command {
	var listen, data string
	cmd := &cobra.Command{
		Use:   "quickstart",
		Short: "Serve sample data at once; needs no configuration and no network",
		Args:  args(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return c.quickstart(cmd.Context(), listen, data)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:6100", "address for TAXII clients")
	cmd.Flags().StringVar(&data, "data", "", "folder for everything that is kept "+
		"(default cabstand-quickstart in your state folder)")
	return cmd
}

// demo is a quickstart: its folder and what it serves.
type demo struct {
	dir      string
	cfg      config.Config
	declared config.Resources
}

const samplesCollection = "api/samples"

// quickstart fills the store before it listens, so that the first request finds everything.
func (c *cli) quickstart(ctx context.Context, listen, data string) error {
	d, err := c.prepare(listen, data)
	if err != nil {
		return err
	}
	a, err := app.Open(ctx, d.cfg, c.logger(d.cfg.Log))
	if errors.Is(err, store.ErrForm) { // of an earlier version; a demonstration starts anew
		if err = d.setAside(c); err == nil {
			a, err = app.Open(ctx, d.cfg, c.logger(d.cfg.Log))
		}
	}
	if err != nil {
		return err
	}
	err = d.fill(ctx, a.Admin())
	if err == nil {
		if err = a.Listen(); err != nil {
			err = fmt.Errorf("%w; quickstart takes another one with --listen", err)
		}
	}
	if err == nil {
		err = runUntilDone(ctx, a, config.Source{}, func() { d.greet(c, a.URL()) })
	}
	return errors.Join(err, a.Close())
}

// setAside renames the store of the demonstration.
func (d *demo) setAside(c *cli) error {
	from, _ := d.cfg.StoreDir()
	to := from + "-" + time.Now().UTC().Format("20060102T150405")
	if err := os.Rename(from, to); err != nil {
		return fmt.Errorf("set the store of an earlier version aside: %w", err)
	}
	c.warn([]string{"the store of an earlier version is now " + to})
	return nil
}

// prepare makes the folder with a configuration that other commands can use, the files that
// the sample feeds read, and a password that stays the same.
func (c *cli) prepare(listen, data string) (*demo, error) {
	if _, _, err := net.SplitHostPort(listen); err != nil {
		return nil, usageError{fmt.Errorf(
			"--listen is %q; it must be an address and a port, such as 127.0.0.1:6100", listen)}
	}
	dir, err := c.demoFolder(data)
	if err != nil {
		return nil, err
	}
	d := &demo{dir: dir}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the quickstart: %w", err)
	}
	// Sample data may cross a network in clear if whoever starts this chose an address of it.
	text := fmt.Sprintf("# Written by `cabstand quickstart` at every start.\n"+
		"listen: %q\nallow_plain_http: true\nstore: pebble:store\n"+
		"admin:\n  listen: 127.0.0.1:0\nlog:\n  level: warn\n", listen)
	if err := os.WriteFile(d.configPath(), []byte(text), 0o600); err != nil {
		return nil, fmt.Errorf("write the configuration: %w", err)
	}
	if d.cfg, err = config.Load(d.configPath(), nil); err != nil {
		return nil, err
	}
	if err := d.writeSamples(); err != nil {
		return nil, err
	}
	return d, d.declare()
}

func (d *demo) configPath() string { return filepath.Join(d.dir, defaultConfig) }

// demoFolder follows the XDG base directories; without a home it is here.
func (c *cli) demoFolder(data string) (string, error) {
	if data == "" {
		state, _ := c.lookupEnv("XDG_STATE_HOME")
		if home, ok := c.lookupEnv("HOME"); ok && home != "" && !filepath.IsAbs(state) {
			state = filepath.Join(home, ".local", "state")
		}
		data = filepath.Join(state, "cabstand-quickstart")
	}
	return filepath.Abs(data)
}

// writeSamples copies the shipped files to where the feeds read them.
func (d *demo) writeSamples() error {
	files, err := fs.Sub(configs.Quickstart, "quickstart")
	if err != nil {
		return fmt.Errorf("read the samples: %w", err)
	}
	folder := filepath.Join(d.dir, "samples")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of the samples: %w", err)
	}
	names, err := fs.Glob(files, "*")
	if err != nil {
		return fmt.Errorf("list the samples: %w", err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("read the samples: %w", err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			return fmt.Errorf("write the samples: %w", err)
		}
	}
	return nil
}

// declare reads what is to be served, with the paths and the password of this folder.
func (d *demo) declare() error {
	text, err := configs.Quickstart.ReadFile("quickstart/resources.yaml")
	if err != nil {
		return fmt.Errorf("read the samples: %w", err)
	}
	d.declared, err = config.ParseResources("quickstart/resources.yaml", text, config.Source{})
	if err != nil {
		return err
	}
	for i := range d.declared.Feeds {
		feed := &d.declared.Feeds[i]
		feed.URL = filepath.Join(d.dir, "samples", feed.URL)
	}
	d.declared.Users[0].Password, err = ensurePassword(filepath.Join(d.dir, "password"))
	return err
}

// ensurePassword returns the password in a file, making one if there is none.
func ensurePassword(path string) (string, error) {
	text, err := os.ReadFile(path)
	if password := strings.TrimSpace(string(text)); err == nil && password != "" {
		return password, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the password: %w", err)
	}
	password := strings.ToLower(rand.Text())
	if err := os.WriteFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("write the password: %w", err)
	}
	return password, nil
}

// fill declares the resources, imports the samples and runs the feeds. All of it changes
// nothing when it has been done before.
func (d *demo) fill(ctx context.Context, api *admin.Client) error {
	if _, err := api.Apply(ctx, d.declared); err != nil {
		return err
	}
	objects, err := configs.Quickstart.ReadFile("quickstart/objects.json")
	if err != nil {
		return fmt.Errorf("read the samples: %w", err)
	}
	var failures []error
	_, err = api.Import(ctx, samplesCollection, false, bytes.NewReader(objects),
		func(f admin.ImportFailure) { failures = append(failures, errors.New(failureLine(f))) })
	if err := errors.Join(append(failures, err)...); err != nil {
		return fmt.Errorf("import the samples: %w", err)
	}
	for _, feed := range d.declared.Feeds {
		run, err := api.RunFeed(ctx, feed.ID)
		if err != nil {
			return err
		}
		if run.Error != "" {
			return errors.New(run.Error)
		}
	}
	return nil
}
