package app

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/taxii/server"
)

// clientRules say which certificates of clients are accepted.
type clientRules struct {
	pool        *x509.CertPool
	authorities map[string]bool         // by their bytes
	lists       map[string]*revokedList // by the subject of their authority; nil without lists
	auth        tls.ClientAuthType
}

// loadClientRules returns nil if the configuration names no authorities. A list that cannot be
// trusted is an error: to go on without it would let in whoever was revoked.
func loadClientRules(files config.TLS) (*clientRules, error) {
	if files.ClientCA == "" {
		return nil, nil
	}
	authorities, err := readAuthorities(files.ClientCA)
	if err != nil {
		return nil, err
	}
	rules := &clientRules{
		pool: x509.NewCertPool(), authorities: map[string]bool{},
		auth: tls.RequireAndVerifyClientCert,
	}
	if files.ClientAuth == "request" {
		rules.auth = tls.VerifyClientCertIfGiven
	}
	for _, authority := range authorities {
		rules.pool.AddCert(authority)
		rules.authorities[string(authority.Raw)] = true
	}
	if files.ClientCRL == "" {
		return rules, nil
	}
	if rules.lists, err = readLists(files.ClientCRL, authorities); err != nil {
		return nil, fmt.Errorf("the list of revoked certificates %s (tls.client_crl): %w",
			files.ClientCRL, err)
	}
	return rules, nil
}

func readAuthorities(file string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("the authorities of clients do not load: %w", err)
	}
	var authorities []*x509.Certificate
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		authority, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("a certificate in %s (tls.client_ca): %w", file, err)
		}
		authorities = append(authorities, authority)
	}
	if len(authorities) == 0 {
		return nil, fmt.Errorf("there is no certificate in %s (tls.client_ca); "+
			"it must be a PEM file", file)
	}
	return authorities, nil
}

// check refuses a verified certificate that does not count any more. It is asked at every
// handshake, also of one that resumes an older session, and at every request, because
// connections live longer than certificates and lists.
func (c *clientRules) check(chains [][]*x509.Certificate, now time.Time) error {
	err := errors.New("the certificate was not verified")
	for _, chain := range chains {
		if err = c.checkChain(chain, now); err == nil {
			return nil
		}
	}
	return err
}

func (c *clientRules) checkChain(chain []*x509.Certificate, now time.Time) error {
	if !c.authorities[string(chain[len(chain)-1].Raw)] {
		return errors.New("its authority is not in tls.client_ca")
	}
	for i, certificate := range chain {
		if now.Before(certificate.NotBefore) || now.After(certificate.NotAfter) {
			return errors.New("the certificate has expired or is not valid yet")
		}
		if c.lists == nil || i == len(chain)-1 { // authorities are trusted by the file, not by lists
			continue
		}
		list, ok := c.lists[string(certificate.RawIssuer)]
		if !ok {
			return fmt.Errorf("tls.client_crl has no list of its authority %q", certificate.Issuer)
		}
		if err := list.inForce(now); err != nil {
			return err
		}
		if list.serials[certificate.SerialNumber.String()] {
			return errors.New("the certificate has been revoked")
		}
	}
	return nil
}

// tellRefused logs why certificates are refused, one line a second at most, so that nobody can
// fill a disk. That a list is too old, an operator must get to see.
func (c *certificates) tellRefused(err error) {
	now := c.now().Unix()
	if last := c.told.Load(); now == last || !c.told.CompareAndSwap(last, now) {
		return
	}
	c.log.Warn("certificate of a client refused", "err", err)
}

// accessByTLS refuses requests on connections whose certificate does not count any more.
type accessByTLS struct {
	server.Access
	certificates *certificates
}

// Authenticate asks the rules as they are now.
func (a accessByTLS) Authenticate(r *http.Request) (server.Caller, error) {
	if r.TLS != nil && len(r.TLS.PeerCertificates) > 0 {
		if err := a.certificates.check(r.TLS.VerifiedChains); err != nil {
			return nil, server.ErrUnauthorized
		}
	}
	return a.Access.Authenticate(r)
}
