package app

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/cabstand/cabstand/internal/config"
)

// stopWithin is how long requests that are under way get to end when the server stops.
const stopWithin = 30 * time.Second

// Run serves until ctx ends, then stops: no new requests, the running ones to their end for up
// to 30 seconds, then the feeds. ready is called once, when requests are being answered. The
// error says why the server ended, or could not end in order; it is nil after an orderly stop.
func (a *App) Run(ctx context.Context, ready func()) error {
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return serve(a.listeners.taxiiServer, a.listeners.taxii) })
	group.Go(func() error { return serve(a.listeners.adminServer, a.listeners.admin) })
	group.Go(func() error { return a.runner.Run(running) })
	group.Go(func() error { a.directory.Run(running); return nil })
	group.Go(func() error { a.admin.Feeds.Run(running); return nil })
	group.Go(func() error { a.relays.Run(running); return nil })
	group.Go(func() error { a.keepRecord(running); return nil })
	if a.syslog != nil {
		group.Go(func() error { return a.syslog.Run(running) })
	}
	group.Go(func() error {
		<-running.Done()
		return a.stop()
	})
	a.warn()
	a.tellSyslog()
	a.log.Info("ready", "url", a.URL()+"/taxii2/", "admin", a.AdminAddress(), "store", StoreName(a.cfg.Store))
	ready()
	err := group.Wait()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = nil
	}
	a.recordStop(err)
	a.log.Info("stopped")
	return err
}

// warn tells an operator what is allowed and seldom wanted.
func (a *App) warn() {
	if !loopback(a.listeners.taxii.Addr()) && a.listeners.certificates == nil {
		a.log.Warn("this address speaks plain HTTP; see that only a proxy with TLS, or a network " +
			"that nobody else can read, reaches it")
	}
	a.warnOfStale()
	if !loopback(a.listeners.admin.Addr()) {
		a.log.Warn("the admin listener is open to the network, without TLS; " +
			"set admin.listen to an address of this machine, such as 127.0.0.1:6061")
	}
}

func loopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// serve returns nil when the server was shut down.
func serve(s *http.Server, l net.Listener) error {
	serve := s.Serve
	if s.TLSConfig != nil {
		serve = func(l net.Listener) error { return s.ServeTLS(l, "", "") }
	}
	if err := serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}

// stop has a context of its own: that of Run has ended when it is called.
func (a *App) stop() error {
	a.log.Info("stopping")
	a.admin.Drain()
	a.forgetAddress()
	ctx, cancel := context.WithTimeoutCause(context.Background(), stopWithin,
		errors.New("requests were still running"))
	defer cancel()
	err := a.listeners.stop(ctx)
	if err != nil {
		a.listeners.close()
		return fmt.Errorf("stop within %v: %w", stopWithin, err)
	}
	return nil
}

// Reload reads the certificates and the files of resources again. What cannot be right changes
// nothing: the old state stays, and the log says why.
func (a *App) Reload(ctx context.Context, from config.Source) {
	a.reloadCertificates()
	if len(a.cfg.Resources) == 0 {
		return
	}
	if err := a.Apply(ctx, from); err != nil {
		a.log.Error("resources not reloaded, the old ones stay in use", "err", err)
		return
	}
	a.log.Info("resources reloaded")
}

func (a *App) reloadCertificates() {
	if a.listeners == nil || a.listeners.certificates == nil {
		return
	}
	if err := a.listeners.certificates.load(); err != nil {
		a.log.Error("certificates not reloaded, the old ones stay in use", "err", err)
		return
	}
	a.log.Info("certificates reloaded")
	a.warnOfStale()
}

func (a *App) warnOfStale() {
	if a.listeners.certificates == nil {
		return
	}
	if err := a.listeners.certificates.stale(); err != nil {
		a.log.Error("clients with certificates are refused", "err", err)
	}
}

// httpErrors takes what net/http has to say, mostly about clients that speak no TLS.
func httpErrors(logger *slog.Logger) *log.Logger {
	return slog.NewLogLogger(logger.Handler(), slog.LevelDebug)
}
