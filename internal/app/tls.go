package app

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"sync/atomic"

	"github.com/cabstand/cabstand/internal/config"
)

// certificates are the TLS files of a listener, which can be read again while it serves.
type certificates struct {
	files   config.TLS
	current atomic.Pointer[tls.Config]
}

// loadCertificates returns nil if the configuration names no files.
func loadCertificates(files config.TLS) (*certificates, error) {
	if files.Cert == "" {
		return nil, nil
	}
	c := &certificates{files: files}
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
	if c.files.ClientCA != "" {
		text, err := os.ReadFile(c.files.ClientCA)
		if err != nil {
			return fmt.Errorf("the authorities of clients do not load: %w", err)
		}
		cfg.ClientCAs = x509.NewCertPool()
		if !cfg.ClientCAs.AppendCertsFromPEM(text) {
			return fmt.Errorf("there is no certificate in %s (tls.client_ca); "+
				"it must be a PEM file", c.files.ClientCA)
		}
		cfg.ClientAuth = tls.RequireAndVerifyClientCert
	}
	c.current.Store(cfg)
	return nil
}

// config returns a configuration that follows load.
func (c *certificates) config() *tls.Config {
	cfg := baseTLS()
	cfg.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) {
		return c.current.Load(), nil
	}
	cfg.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return &c.current.Load().Certificates[0], nil
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
