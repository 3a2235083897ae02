package app

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"
)

// revokedList is a CRL whose signature has been checked.
type revokedList struct {
	from, until time.Time
	serials     map[string]bool
}

// readLists reads the lists of a file: one in DER, or any number in PEM.
func readLists(file string, authorities []*x509.Certificate) (map[string]*revokedList, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	lists := map[string]*revokedList{}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if err := addList(lists, block.Bytes, authorities); err != nil {
			return nil, err
		}
	}
	if len(lists) == 0 {
		err = addList(lists, text, authorities)
	}
	return lists, err
}

func addList(lists map[string]*revokedList, der []byte, authorities []*x509.Certificate) error {
	crl, err := x509.ParseRevocationList(der)
	if err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	// Such as of a list that has only the news since another one, or only some certificates.
	for _, extension := range crl.Extensions {
		if extension.Critical {
			return fmt.Errorf("has the critical extension %v; only whole lists are understood",
				extension.Id)
		}
	}
	if crl.NextUpdate.IsZero() {
		return errors.New("does not say when the next one comes")
	}
	if !signedByOne(crl, authorities) {
		return fmt.Errorf("the one of %q is signed by none of the authorities in tls.client_ca",
			crl.Issuer)
	}
	issuer := string(crl.RawIssuer)
	if other, ok := lists[issuer]; ok && other.from.After(crl.ThisUpdate) {
		return nil
	}
	list := &revokedList{from: crl.ThisUpdate, until: crl.NextUpdate, serials: map[string]bool{}}
	for _, revoked := range crl.RevokedCertificateEntries {
		list.serials[revoked.SerialNumber.String()] = true
	}
	lists[issuer] = list
	return nil
}

func signedByOne(crl *x509.RevocationList, authorities []*x509.Certificate) bool {
	for _, authority := range authorities {
		if bytes.Equal(authority.RawSubject, crl.RawIssuer) && crl.CheckSignatureFrom(authority) == nil {
			return true
		}
	}
	return false
}

// stale returns the lists that are not in force at a time, as a sentence, or nil.
func (c *clientRules) stale(now time.Time) error {
	for _, list := range c.lists {
		if err := list.inForce(now); err != nil {
			return err
		}
	}
	return nil
}

func (l *revokedList) inForce(now time.Time) error {
	if now.Before(l.from) || now.After(l.until) {
		return fmt.Errorf("a list of revoked certificates (tls.client_crl) holds from %s to %s only; "+
			"certificates of its authority are refused until a newer one is loaded",
			l.from.UTC().Format(time.RFC3339), l.until.UTC().Format(time.RFC3339))
	}
	return nil
}
