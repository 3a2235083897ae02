package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/config"
)

// writePair writes a certificate with a serial number that vouches for itself, and its key.
func writePair(t *testing.T, files config.TLS, serial int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(t, err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	check(t, err)
	for path, block := range map[string]*pem.Block{
		files.Cert: {Type: "CERTIFICATE", Bytes: der}, files.Key: {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		check(t, os.WriteFile(path, pem.EncodeToMemory(block), 0o600))
	}
}

func withTLS(t *testing.T) config.Config {
	t.Helper()
	cfg := newConfig(t)
	dir := t.TempDir()
	cfg.TLS = config.TLS{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	writePair(t, cfg.TLS, 1)
	return cfg
}

// shake returns the serial number of the server's certificate. With TLS 1.3 a client learns
// only from the first read whether it was let in.
func shake(a *running, client *tls.Config) (int64, error) {
	client.InsecureSkipVerify = true // of a test's own certificate
	c, err := tls.Dial("tcp", strings.TrimPrefix(a.URL(), "https://"), client)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	if _, err := c.Write([]byte("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		return 0, err
	}
	if _, err := c.Read(make([]byte, 1)); err != nil {
		return 0, err
	}
	return c.ConnectionState().PeerCertificates[0].SerialNumber.Int64(), nil
}

func TestTLS_VersionsAndSuites(t *testing.T) {
	a := runApp(t, withTLS(t))
	for name, test := range map[string]struct {
		client *tls.Config
		want   bool
	}{
		"TLS 1.3": {&tls.Config{MinVersion: tls.VersionTLS13}, true},
		"TLS 1.2": {&tls.Config{MaxVersion: tls.VersionTLS12}, true},
		"TLS 1.1": {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		"TLS 1.2 with CBC": {&tls.Config{
			MaxVersion:   tls.VersionTLS12,
			CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA},
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := shake(a, test.client); (err == nil) != test.want {
				t.Errorf("handshake: %v; want success %v", err, test.want)
			}
		})
	}
}

func TestTLS_ReloadTakesNewFilesAndKeepsOldOnesFromBadOnes(t *testing.T) {
	cfg := withTLS(t)
	a := runApp(t, cfg)
	for _, step := range []struct {
		change func()
		want   int64
	}{
		{func() {}, 1},
		{func() { writePair(t, cfg.TLS, 2) }, 2},
		{func() { check(t, os.WriteFile(cfg.TLS.Key, []byte("no key"), 0o600)) }, 2},
	} {
		step.change()
		a.Reload(t.Context(), config.Source{})
		if got, err := shake(a, &tls.Config{}); got != step.want || err != nil {
			t.Errorf("certificate %d, %v; want %d", got, err, step.want)
		}
	}
}

func TestTLS_ClientCertificatesAreAskedForIfThereIsAnAuthority(t *testing.T) {
	cfg := withTLS(t)
	partner := config.TLS{
		Cert: filepath.Join(t.TempDir(), "cert.pem"), Key: filepath.Join(t.TempDir(), "key.pem"),
	}
	writePair(t, partner, 7)
	cfg.TLS.ClientCA = partner.Cert
	a := runApp(t, cfg)
	if _, err := shake(a, &tls.Config{}); err == nil {
		t.Error("a client without a certificate is let in")
	}
	pair, err := tls.LoadX509KeyPair(partner.Cert, partner.Key)
	check(t, err)
	if _, err := shake(a, &tls.Config{Certificates: []tls.Certificate{pair}}); err != nil {
		t.Errorf("a client with a certificate of the authority: %v", err)
	}
}
