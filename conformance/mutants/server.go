package mutants

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// A Server is one server with data of its own. Start or StartTLS it once, then Close it.
type Server struct {
	b     behaviour
	users []*user
	roots []*apiRoot

	mu       sync.Mutex // guards the entries of all collections, and statuses
	statuses map[string]*status
	order    []*status // the same, the oldest first
	details  int       // of all statuses together, roughly

	http        *http.Server
	url         string
	stop        context.CancelFunc
	running     sync.WaitGroup // the serving goroutine and every connection
	certificate *x509.CertPool
}

// Correct returns a new server without any fault. It is not started.
func Correct() *Server { return newServer(correct()) }

// newServer fills a server with the test data, stored by its own behaviour.
func newServer(b behaviour) *Server {
	s := &Server{b: b, statuses: map[string]*status{}}
	s.users = testUsers()
	s.roots = testRoots(b)
	return s
}

// Start serves plain HTTP on a free port of 127.0.0.1.
func (s *Server) Start() error { return s.start(nil) }

// StartTLS serves HTTPS on a free port of 127.0.0.1, with a certificate that [Server.Certificate]
// vouches for.
func (s *Server) StartTLS() error {
	certificate, pool, err := newCertificate(s.b.now())
	if err != nil {
		return fmt.Errorf("make a certificate: %w", err)
	}
	s.certificate = pool
	config := tlsConfig(certificate)
	s.b.tls(config)
	return s.start(config)
}

// start listens and leaves the serving to a goroutine that Close waits for. HTTP/2 stays off, so
// that mutants can take over a connection.
func (s *Server) start(config *tls.Config) error {
	var listening net.ListenConfig
	listener, err := listening.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen on a free port: %w", err)
	}
	scheme := "http://"
	if config != nil {
		listener, scheme = s.b.secure(listener, config), "https://"
	}
	s.url = scheme + listener.Addr().String()

	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	s.http = &http.Server{
		Handler:           s.Handler(),
		ConnState:         s.count,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       2 * time.Minute,
		MaxHeaderBytes:    4 << 20, // a URL that is too long is answered by the handler
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	s.running.Go(func() { _ = s.http.Serve(listener) }) // it ends with Close, and no other way
	return nil
}

// Close stops the server, ends the requests in flight and waits for them. Closing a server that
// was never started does nothing.
func (s *Server) Close() {
	if s.http == nil {
		return
	}
	s.stop()
	_ = s.http.Close()
	s.running.Wait()
}

// Handler serves everything, as Start does but without a listener.
func (s *Server) Handler() http.Handler {
	core := http.HandlerFunc(s.serve)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.b.handle(w, r, core)
	})
}

// count keeps account of the connections, whose requests have ended when they are closed. New
// ones are announced by the serving goroutine, which is itself counted.
func (s *Server) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		s.running.Add(1)
	case http.StateClosed, http.StateHijacked:
		s.running.Done()
	}
}

// URL is the address of the started server, without a slash at the end.
func (s *Server) URL() string { return s.url }

// RootURL is the address of the API root that holds the collections, with a slash at the end.
func (s *Server) RootURL() string { return s.url + "/" + s.roots[0].name + "/" }

// Certificate is the pool that trusts the server after StartTLS; nil after Start.
func (s *Server) Certificate() *x509.CertPool { return s.certificate }
