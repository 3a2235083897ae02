package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/app"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/store"
)

// withAdmin makes a command of something that asks the admin API.
func (c *cli) withAdmin(
	do func(ctx context.Context, api *admin.Client, given []string) error,
) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, given []string) error {
		cfg, err := c.config()
		if err != nil {
			return err
		}
		if err := c.configured(cfg); err != nil {
			return err
		}
		api, closeAPI, err := c.connect(cmd.Context(), cfg)
		if err != nil {
			return err
		}
		return errors.Join(hint(do(cmd.Context(), api, given)), closeAPI())
	}
}

// unknown is how the server says that there is no record of a name. Commands are called like the
// records.
var unknown = regexp.MustCompile(`^([a-z]+) "[^"]*": not found$`)

// hint adds to the news that something is not there how to find out what is.
func hint(err error) error {
	var refused *admin.Error
	if !errors.As(err, &refused) {
		return err
	}
	if what := unknown.FindStringSubmatch(refused.Message); what != nil {
		return fmt.Errorf("%w; `cabstand %s list` shows what there is", err, what[1])
	}
	return err
}

// A server that has just been started holds the store before it answers.
const (
	connectTries = 25
	connectPause = 200 * time.Millisecond
)

// connect finds who can change the store: this process, or the server that has it to itself. The
// store is tried first, because its lock cannot lie: an address that a killed server left
// behind may belong to anyone by now, and must not be told the secret.
func (c *cli) connect(
	ctx context.Context, cfg config.Config,
) (api *admin.Client, closeAPI func() error, err error) {
	for range connectTries {
		a, err := app.Open(ctx, cfg, c.logger(config.Log{Level: "warn", Format: "text"}))
		if err == nil {
			return a.Admin(), a.Close, nil
		}
		if !errors.Is(err, store.ErrLocked) {
			return nil, nil, err
		}
		if api := running(ctx, cfg); api != nil {
			return api, func() error { return nil }, nil
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(connectPause):
		}
	}
	return nil, nil, fmt.Errorf("another process has the store %s open, and it does not answer "+
		"on its admin listener; stop it, or wait until it has started", cfg.Store)
}

// running returns a client of the server that has the store open, or nil if it does not listen
// yet.
func running(ctx context.Context, cfg config.Config) *admin.Client {
	dir, _ := cfg.StoreDir()
	secret, err := admin.ReadSecret(dir)
	if err != nil {
		return nil
	}
	address, err := os.ReadFile(filepath.Join(dir, admin.AddressFile))
	if err != nil {
		return nil
	}
	// A proxy has no business between a command and its own server.
	transport := &http.Transport{DisableKeepAlives: true}
	api := admin.NewClient("http://"+strings.TrimSpace(string(address)), secret, transport)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if api.Ping(ctx) != nil {
		return nil
	}
	return api
}

// logger writes to standard error.
func (c *cli) logger(l config.Log) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.Level)) // the configuration has been checked
	options := &slog.HandlerOptions{Level: level}
	if l.Format == "json" {
		return slog.New(slog.NewJSONHandler(c.errs, options))
	}
	return slog.New(slog.NewTextHandler(c.errs, options))
}
