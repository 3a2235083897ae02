package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promcollectors "github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/all"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/excerpt"
	"github.com/cabstand/cabstand/internal/migrate"
	"github.com/cabstand/cabstand/internal/openid"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// App is a server that has its store open. It listens only after [App.Listen].
type App struct {
	cfg       config.Config
	log       *slog.Logger
	dir       string // of the store, "" if it is in no folder
	store     store.Store
	entries   store.Store // the same for all who write to collections: it makes excerpts
	directory *access.Directory
	runner    *collectors.Runner
	relays    *relay.Relays
	feeds     *admin.Feeds
	audit     *audit.Recorder
	registry  *prometheus.Registry
	admin     *admin.Handler
	secret    string
	listeners *listeners // nil before Listen
}

// Open opens the store of a configuration and what works on it. The error is a sentence that
// says what to do; it wraps store.ErrLocked if another process has the store.
func Open(ctx context.Context, cfg config.Config, log *slog.Logger) (*App, error) {
	s, err := OpenStore(ctx, cfg.Store, log)
	if err != nil {
		return nil, err
	}
	dir, _ := cfg.StoreDir()
	a := &App{cfg: cfg, log: log, dir: dir, store: s}
	a.forgetAddress() // of a server that was killed
	if err := a.assemble(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return a, nil
}

// assemble puts the services on the open store.
func (a *App) assemble(ctx context.Context) (err error) {
	if err := migrate.Unfinished(ctx, a.store); err != nil {
		return err
	}
	a.registry = prometheus.NewRegistry()
	a.registry.MustRegister(promcollectors.NewGoCollector(),
		promcollectors.NewProcessCollector(promcollectors.ProcessCollectorOpts{}))
	a.directory, err = access.Open(ctx, a.store, access.Options{
		Log: a.log, MaxContentLength: a.cfg.Limits.MaxContentLength,
		Logins: access.LoginLimits{
			Pair: a.cfg.Limits.LoginFailures, Address: a.cfg.Limits.LoginFailuresAddress,
			User: a.cfg.Limits.LoginFailuresUser, LongestWait: a.cfg.Limits.LoginWait,
		},
		TokenHeader: a.cfg.Auth.TokenHeader, Registerer: a.registry,
		OpenID: openid.New(a.cfg.Auth.OIDC, openid.Options{Log: a.log}),
	})
	if err != nil {
		return err
	}
	a.entries = excerpt.New(a.store, a.directory.Redacts)
	lists := admin.NewLists(a.store, a.log)
	a.runner, err = collectors.New(collectors.RunnerConfig{
		Store: a.entries, Documents: a.store, Kinds: all.Kinds(),
		Logger: a.log, Registerer: a.registry, Collection: a.collectionKey,
		May: a.mayFeed, Admit: a.admit, Ran: a.recordRun, Lists: lists.For,
	})
	if err != nil {
		return err
	}
	a.relays, err = relay.New(relay.Config{
		Store: a.entries, Collection: a.collectionKey, Words: a.directory.Writers, Alone: a.dir != "",
		Done: a.recordRelay, Logger: a.log, Registerer: a.registry,
	})
	if err != nil {
		return err
	}
	a.feeds, err = admin.OpenFeeds(ctx, a.store, a.runner, a.directory, a.log)
	if err != nil {
		return err
	}
	if a.dir != "" {
		a.secret, err = admin.EnsureSecret(a.dir)
	} else {
		a.secret, err = admin.SharedSecret(ctx, a.store)
	}
	if err != nil {
		return err
	}
	a.audit = audit.NewRecorder(a.store, audit.Options{Server: serverName(), Logger: a.log})
	a.registry.MustRegister(auditMetrics(a.audit)...)
	a.admin = admin.New(admin.Config{
		Store: a.entries, Directory: a.directory, Feeds: a.feeds, Secret: a.secret, Log: a.log,
		Audit: a.audit, Relays: a.relays, Lists: lists,
		Metrics: promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{}),
	})
	return nil
}

// forgetAddress removes the file by which commands find the admin listener. A store that
// several processes can open needs none.
func (a *App) forgetAddress() {
	if a.dir == "" {
		return
	}
	err := os.Remove(filepath.Join(a.dir, admin.AddressFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		a.log.Warn("stale address of the admin listener not removed", "err", err)
	}
}

// collectionKey is what the store calls a collection that feeds and relays name.
func (a *App) collectionKey(name string) (string, error) {
	c, err := a.directory.FindCollection(name)
	return c.Key(), err
}

// mayFeed judges a feed by its terms before it runs.
func (a *App) mayFeed(ctx context.Context, feed collectors.Feed) error {
	return a.feeds.May(ctx, feed)
}

// admit judges the objects of a feed by what their collection accepts.
func (a *App) admit(ctx context.Context, name string, objects []stix.Object) ([]error, error) {
	c, err := a.directory.FindCollection(name)
	if err != nil {
		return nil, err
	}
	return c.Admit(ctx, a.store, time.Now(), objects)
}

// Admin returns a client of the admin API in this process.
func (a *App) Admin() *admin.Client {
	return admin.NewClient("http://in-process", a.secret, admin.Direct{Handler: a.admin})
}

// Apply declares the resource files of the configuration. All of them are read before the first
// is declared. One with a mistake changes nothing and ends it.
func (a *App) Apply(ctx context.Context, from config.Source) error {
	read := make([]config.Resources, len(a.cfg.Resources))
	for i, file := range a.cfg.Resources {
		var err error
		read[i], err = config.LoadResources(file, from)
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s: resources: there is no file %s",
				cmp.Or(a.cfg.File, "configuration"), file)
		} else if err != nil {
			return err
		}
	}
	for i, file := range a.cfg.Resources {
		applied, err := a.Admin().Apply(ctx, read[i])
		var placed config.Faults // these name the file
		if errors.As(err, &placed) {
			return err
		} else if err != nil {
			return fmt.Errorf("apply %s: %w", file, err)
		}
		for _, c := range applied.Changes {
			a.logChange(c)
		}
		for _, w := range applied.Warnings {
			a.log.Warn("resource applied", "warning", w)
		}
	}
	return nil
}

// logChange tells what declaring a record changed. Operators see by the fields of an update that a
// file put back what a command had changed.
func (a *App) logChange(c admin.Changed) {
	log := a.log.With("kind", c.Kind, "name", c.Name, "change", c.Change)
	switch c.Change {
	case access.Unchanged:
	case access.Updated:
		log.Info("resource applied", "fields", strings.Join(c.Fields, ","))
	default:
		log.Info("resource applied")
	}
}

// Close releases the store. Call it after Run has returned, or without Run.
func (a *App) Close() error {
	if a.listeners != nil {
		a.listeners.close()
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	return errors.Join(a.audit.Close(ctx), a.store.Close())
}
