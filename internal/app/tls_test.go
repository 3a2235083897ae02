package app_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/config"
)

// writePair writes a certificate with a serial number that vouches for itself, and its key.
func writePair(t *testing.T, files config.TLS, serial int64) {
	t.Helper()
	writeKey(t, files, serial, newECDSA(t))
}

func newECDSA(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	return key
}

func newRSA(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	return key
}

func writeKey(t *testing.T, files config.TLS, serial int64, key crypto.Signer) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial),
		NotBefore:    time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
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

func TestTLS_Versions(t *testing.T) {
	a := runApp(t, withTLS(t))
	for name, test := range map[string]struct {
		client *tls.Config
		want   bool
	}{
		"TLS 1.3": {&tls.Config{MinVersion: tls.VersionTLS13}, true},
		"TLS 1.2": {&tls.Config{MaxVersion: tls.VersionTLS12}, true},
		"TLS 1.0": {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS10}, false},
		"TLS 1.1": {&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := shake(a, test.client); (err == nil) != test.want {
				t.Errorf("handshake: %v; want success %v", err, test.want)
			}
		})
	}
}

// Of everything that TLS 1.2 has, what has forward secrecy and no CBC is taken, with either kind of
// key, and nothing else.
func TestTLS_SuitesOfTLS12(t *testing.T) {
	for kind, key := range map[string]crypto.Signer{"ECDSA": newECDSA(t), "RSA": newRSA(t)} {
		cfg := withTLS(t)
		writeKey(t, cfg.TLS, 1, key)
		a := runApp(t, cfg)
		taken := 0
		for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			if !slices.Contains(suite.SupportedVersions, tls.VersionTLS12) {
				continue
			}
			_, err := shake(a, &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.ID}})
			want := strings.HasPrefix(suite.Name, "TLS_ECDHE_"+kind+"_") && !strings.Contains(suite.Name, "_CBC_") &&
				!strings.Contains(suite.Name, "_RC4_")
			if (err == nil) != want {
				t.Errorf("%s: %v, want success %v", suite.Name, err, want)
			}
			if err == nil {
				taken++
			}
		}
		if taken != 3 {
			t.Errorf("%d suites are taken with a key of %s, want 3", taken, kind)
		}
	}
}

// Sessions may be resumed. What a client sends before the handshake has ended is never read as a
// request: there is no 0-RTT.
func TestTLS_ResumesAndTakesNoEarlyData(t *testing.T) {
	a := runApp(t, withTLS(t))
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		cfg := &tls.Config{
			InsecureSkipVerify: true, MaxVersion: version, ClientSessionCache: tls.NewLRUClientSessionCache(1),
		}
		var resumed []bool
		for range 2 {
			state, err := talk(connect(t, a), cfg)
			check(t, err)
			resumed = append(resumed, state.DidResume)
		}
		if !slices.Equal(resumed, []bool{false, true}) {
			t.Errorf("version %x: resumed %v, want the second time", version, resumed)
		}
		// A record of data follows the first message at once.
		early := &earlyConn{Conn: connect(t, a)}
		if state, err := talk(early, cfg); err == nil {
			t.Errorf("version %x: a handshake with early data succeeded: %+v", version, state)
		}
		if !early.sent {
			t.Error("no early data was sent")
		}
	}
}

// talk makes a request over a connection of its own.
func talk(conn net.Conn, cfg *tls.Config) (tls.ConnectionState, error) {
	c := tls.Client(conn, cfg)
	defer c.Close()
	if _, err := c.Write([]byte("GET /taxii2/ HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		return tls.ConnectionState{}, err
	}
	_, err := c.Read(make([]byte, 1))
	return c.ConnectionState(), err
}

// earlyConn sends a record of application data after the first message of a handshake.
type earlyConn struct {
	net.Conn
	sent bool
}

func (c *earlyConn) Write(p []byte) (int, error) {
	if c.sent {
		return c.Conn.Write(p)
	}
	c.sent = true
	const request = "GET /taxii2/ HTTP/1.1\r\nHost: x\r\n\r\n"
	record := append([]byte{23, 3, 3, 0, byte(len(request))}, request...)
	n, err := c.Conn.Write(append(slices.Clone(p), record...))
	return min(n, len(p)), err
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
