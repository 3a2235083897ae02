package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/net/netutil"

	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/quota"
	"github.com/cabstand/cabstand/taxii/server"
)

// listeners are the two sockets of a server and what answers on them.
type listeners struct {
	taxii, admin             net.Listener
	taxiiServer, adminServer *http.Server
	answers                  *server.Server
	certificates             *certificates // nil without TLS
}

// maxHeaderBytes bounds the head of a request. A poll for a thousand ids, with a cursor that
// carries them too, needs about 110 kB.
const maxHeaderBytes = 256 << 10

// Listen binds both addresses, so that mistakes show before anything is served. The admin
// API's address goes into the folder of the store, where commands find it.
func (a *App) Listen() error {
	if err := a.cfg.CheckPlainHTTP(); err != nil {
		return err
	}
	l := &listeners{}
	var err error
	if l.certificates, err = loadCertificates(a.cfg.TLS, a.log); err != nil {
		return err
	}
	if l.answers, err = a.taxii(l.certificates); err != nil {
		return err
	}
	if l.taxii, err = bind(a.cfg.Listen, "listen"); err != nil {
		return err
	}
	if l.admin, err = bind(a.cfg.Admin.Listen, "admin.listen"); err != nil {
		return errors.Join(err, l.taxii.Close())
	}
	l.taxii = netutil.LimitListener(l.taxii, a.cfg.Limits.MaxConnections)
	l.taxiiServer = a.httpServer(l.answers)
	l.adminServer = a.httpServer(a.admin)
	if l.certificates != nil {
		l.taxiiServer.TLSConfig = l.certificates.config()
	}
	a.listeners = l
	if a.syslog, err = a.receiver(l.certificates); err != nil {
		return err
	}
	if a.dir == "" {
		return nil
	}
	address := filepath.Join(a.dir, admin.AddressFile)
	if err := os.WriteFile(address, []byte(l.admin.Addr().String()+"\n"), 0o600); err != nil {
		return fmt.Errorf("write the address of the admin listener: %w", err)
	}
	return nil
}

// bind listens on an address that the configuration has under key.
func bind(address, key string) (net.Listener, error) {
	l, err := net.Listen("tcp", address) //nolint:noctx // binding an address of this machine does not wait
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("the address %s is in use by another program; stop it, or set %s "+
			"in the configuration to another address", address, key)
	} else if err != nil {
		return nil, fmt.Errorf("cannot listen on %s (the key %s of the configuration): %w",
			address, key, err)
	}
	return l, nil
}

func (a *App) taxii(tls *certificates) (*server.Server, error) {
	limits := a.cfg.Limits
	var who server.Access = a.directory
	if tls != nil {
		who = accessByTLS{a.directory, tls}
	}
	s, err := server.New(server.Config{
		Store: a.entries, Access: who,
		PublicURL: a.cfg.PublicURL, Title: a.cfg.Title,
		Description: a.cfg.Description, Contact: a.cfg.Contact,
		TrustedProxies: a.cfg.ProxyNetworks(), ProxyHeader: a.cfg.ProxyHeader,
		Limits: server.Limits{
			PageDefault: limits.PageSize, PageMax: max(limits.PageSize, limits.MaxPageSize),
			BodyTimeout: limits.BodyTimeout, ResponseTimeout: limits.ResponseTimeout,
			Pushes: limits.ConcurrentPushes, PushesPerSender: limits.ConcurrentPushesPerUser,
		},
		Limiter: a.limiter(), ByteLimiter: a.byteLimiter(), Recorder: recorder{a.audit, a.log},
		Logger: a.log, Registerer: a.registry,
	})
	if err != nil {
		return nil, fmt.Errorf("set up the TAXII server: %w", err)
	}
	return s, nil
}

// limiter returns nil if there is no limit on requests.
func (a *App) limiter() server.Limiter {
	perMinute := a.cfg.Limits.RequestsPerMinute
	if perMinute == 0 {
		return nil
	}
	return quota.New(a.store, perMinute, quota.Options{Logger: a.log})
}

// byteLimiter returns nil if there is no limit on bytes.
func (a *App) byteLimiter() server.ByteLimiter {
	perMinute := a.cfg.Limits.BytesPerMinute
	if perMinute == 0 {
		return nil
	}
	return quota.NewBytes(a.store, perMinute, quota.Options{Logger: a.log})
}

// httpServer bounds what a slow client can hold. How long bodies may take is up to the
// handlers, which know how much is coming.
func (a *App) httpServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: a.cfg.Limits.HeaderTimeout,
		IdleTimeout:       a.cfg.Limits.IdleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          httpErrors(a.log),
	}
}

// URL returns where clients reach the server.
func (a *App) URL() string {
	if a.cfg.PublicURL != "" {
		return a.cfg.PublicURL
	}
	scheme := "http://"
	if a.listeners.certificates != nil {
		scheme = "https://"
	}
	return scheme + a.listeners.taxii.Addr().String()
}

// AdminAddress returns the address of the admin listener.
func (a *App) AdminAddress() string { return a.listeners.admin.Addr().String() }

// close releases sockets that were never served.
func (l *listeners) close() {
	_ = l.taxiiServer.Close() // what is closed already needs no closing
	_ = l.adminServer.Close()
	_ = l.taxii.Close()
	_ = l.admin.Close()
}

// stop ends all requests in order: no new ones, then the running ones to their end.
func (l *listeners) stop(ctx context.Context) error {
	return errors.Join(
		l.taxiiServer.Shutdown(ctx),
		l.answers.Shutdown(ctx),
		l.adminServer.Shutdown(ctx),
	)
}
