package client

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// guard sends requests with credentials to trusted hosts and without to all others. It works
// below redirects, so that no hop can carry a secret away.
type guard struct {
	home    *url.URL
	allowed []string
	header  http.Header
	trusted http.RoundTripper // has the client certificate
	foreign http.RoundTripper
}

func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if !g.trusts(req.URL) {
		return g.foreign.RoundTrip(req)
	}
	req = req.Clone(req.Context())
	for name, values := range g.header {
		req.Header[name] = values
	}
	return g.trusted.RoundTrip(req)
}

// CloseIdleConnections is what http.Client calls by that name.
func (g *guard) CloseIdleConnections() {
	for _, t := range []http.RoundTripper{g.trusted, g.foreign} {
		if closer, ok := t.(interface{ CloseIdleConnections() }); ok {
			closer.CloseIdleConnections()
		}
	}
}

// trusts reports whether credentials may go to u: to the server the client was made for, to
// the same host once it moved from http to https, and to hosts that were allowed. Never in
// clear text where the operator asked for TLS.
func (g *guard) trusts(u *url.URL) bool {
	if g.home.Scheme == "https" && u.Scheme != "https" {
		return false
	}
	if strings.EqualFold(u.Hostname(), g.home.Hostname()) {
		if port(u) == port(g.home) || port(g.home) == "80" && port(u) == "443" {
			return true
		}
	}
	for _, host := range g.allowed {
		if strings.EqualFold(host, u.Hostname()) || strings.EqualFold(host, u.Host) ||
			strings.EqualFold(host, net.JoinHostPort(u.Hostname(), port(u))) {
			return true
		}
	}
	return false
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

// errRedirect marks redirects that are not followed; repeating the request cannot help.
var errRedirect = errors.New("redirect refused")

func (g *guard) redirect(req *http.Request, via []*http.Request) error {
	from, to := via[len(via)-1], req.URL.Redacted()
	switch {
	case len(via) >= 10:
		return fmt.Errorf("%w: ten in a row, the last to %s", errRedirect, to)
	case from.URL.Scheme == "https" && req.URL.Scheme != "https":
		return fmt.Errorf("%w: from https to %s", errRedirect, to)
	case from.Method != req.Method:
		return fmt.Errorf("%w: it would turn %s into %s; use the URL %s",
			errRedirect, from.Method, req.Method, to)
	case req.Method != http.MethodGet && !g.trusts(req.URL):
		return fmt.Errorf("%w: %s to another host, %s; allow that host if it is the right one",
			errRedirect, req.Method, to)
	}
	return nil
}

// httpClient builds the HTTP client that the options describe.
func (s *settings) httpClient() (*http.Client, error) {
	hc := http.Client{}
	if s.given != nil {
		hc = *s.given
	}
	base := hc.Transport
	if base == nil {
		base = http.DefaultTransport
	}
	g := &guard{home: s.client.base, allowed: s.hosts, header: s.header}
	if transport, ok := base.(*http.Transport); ok {
		if err := s.withTLS(g, transport); err != nil {
			return nil, err
		}
	} else if len(s.certs) > 0 || s.caFile != "" {
		return nil, errors.New("certificates cannot be added to the transport of the given " +
			"HTTP client; set them there")
	} else {
		g.trusted, g.foreign = base, base
	}
	hc.Transport, hc.CheckRedirect = g, g.redirect
	return &hc, nil
}

func (s *settings) withTLS(g *guard, base *http.Transport) error {
	trusted, foreign := base.Clone(), base.Clone()
	for _, t := range []*http.Transport{trusted, foreign} {
		if t.TLSClientConfig == nil {
			t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		if s.caFile != "" {
			pool, err := loadCAs(s.caFile)
			if err != nil {
				return err
			}
			t.TLSClientConfig.RootCAs = pool
		}
	}
	own := trusted.TLSClientConfig
	own.Certificates = append(own.Certificates, s.certs...)
	foreign.TLSClientConfig.Certificates = nil
	foreign.TLSClientConfig.GetClientCertificate = nil
	g.trusted, g.foreign = trusted, foreign
	return nil
}

func loadCAs(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("certificate authorities: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil { // a system without any
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("certificate authorities: no PEM certificate in %s", file)
	}
	return pool, nil
}
