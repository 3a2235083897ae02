package app

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/cabstand/cabstand/internal/config"
)

// certificates are the TLS files of a listener, which can be read again while it serves.
type certificates struct {
	files   config.TLS
	now     func() time.Time
	log     *slog.Logger
	told    atomic.Int64 // the second in which a refusal was logged last
	current atomic.Pointer[loadedTLS]
}

// loadedTLS is what the files said when they were read last.
type loadedTLS struct {
	config  *tls.Config
	clients *clientRules // nil if clients are asked for no certificates
}

// loadCertificates returns nil if the configuration names no files.
func loadCertificates(files config.TLS, log *slog.Logger) (*certificates, error) {
	if files.Cert == "" {
		return nil, nil
	}
	c := &certificates{files: files, now: time.Now, log: log}
	return c, c.load()
}

// load reads the files. On an error what was read before stays in use.
func (c *certificates) load() error {
	pair, err := tls.LoadX509KeyPair(c.files.Cert, c.files.Key)
	if err != nil {
		return fmt.Errorf("the TLS certificate %s and key %s do not load: %w",
			c.files.Cert, c.files.Key, err)
	}
	cfg := baseTLS()
	cfg.Certificates = []tls.Certificate{pair}
	clients, err := loadClientRules(c.files)
	if err != nil {
		return err
	}
	if clients != nil {
		cfg.ClientCAs, cfg.ClientAuth = clients.pool, clients.auth
		cfg.VerifyConnection = func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) == 0 {
				return nil // ClientAuth has judged that
			}
			return c.check(state.VerifiedChains)
		}
	}
	c.current.Store(&loadedTLS{cfg, clients})
	return nil
}

// check judges the certificate of a client by the files as they were read last.
func (c *certificates) check(chains [][]*x509.Certificate) error {
	clients := c.current.Load().clients
	if clients == nil {
		return errors.New("no certificates of clients are asked for")
	}
	err := clients.check(chains, c.now())
	if err != nil {
		c.tellRefused(err)
	}
	return err
}

// stale says which of the files is older than it may be, or nil.
func (c *certificates) stale() error {
	clients := c.current.Load().clients
	if clients == nil {
		return nil
	}
	return clients.stale(c.now())
}

// config returns a configuration that follows load.
func (c *certificates) config() *tls.Config {
	cfg := baseTLS()
	cfg.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return c.current.Load().config, nil
	}
	cfg.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return &c.current.Load().config.Certificates[0], nil
	}
	return cfg
}

// baseTLS allows TLS 1.3, and TLS 1.2 with the suites that have forward secrecy and no CBC
// (TAXII 2.1 §8.2.2).
func baseTLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
			tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
	}
}
