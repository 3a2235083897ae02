package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/app"
	"github.com/cabstand/cabstand/internal/config"
)

// authority makes certificates of clients and says which are revoked.
type authority struct {
	t           *testing.T
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	check(t, err)
	certificate, err := x509.ParseCertificate(der)
	check(t, err)
	return &authority{t, certificate, key}
}

// issue makes a certificate with a serial number for what change puts into it.
func (a *authority) issue(serial int64, change func(*x509.Certificate)) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(a.t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, &key.PublicKey, a.key)
	check(a.t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func (a *authority) write(file string) {
	a.t.Helper()
	block := &pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw}
	check(a.t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
}

// revoke writes a list with serial numbers that holds until then.
func (a *authority) revoke(file string, until time.Time, serials ...int64) {
	a.t.Helper()
	list := &x509.RevocationList{
		Number: big.NewInt(time.Now().UnixNano()), ThisUpdate: until.Add(-2 * time.Hour), NextUpdate: until,
	}
	for _, serial := range serials {
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries,
			x509.RevocationListEntry{SerialNumber: big.NewInt(serial), RevocationTime: list.ThisUpdate})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, a.certificate, a.key)
	check(a.t, err)
	block := &pem.Block{Type: "X509 CRL", Bytes: der}
	check(a.t, os.WriteFile(file, pem.EncodeToMemory(block), 0o600))
}

// withClients is a configuration that takes certificates of an authority.
func withClients(t *testing.T, auth string) (config.Config, *authority) {
	t.Helper()
	cfg, issuer := withTLS(t), newAuthority(t, "Partners")
	dir := filepath.Dir(cfg.TLS.Cert)
	cfg.TLS.ClientCA, cfg.TLS.ClientAuth = filepath.Join(dir, "clients.pem"), auth
	issuer.write(cfg.TLS.ClientCA)
	return cfg, issuer
}

// declareMembers declares users with certificates, and a collection that members alone see.
func declareMembers(t *testing.T, a *running) {
	t.Helper()
	members := []string{"members"}
	_, err := a.Admin().Apply(t.Context(), config.Resources{
		APIRoots: []access.Root{{Name: "api"}},
		Collections: []access.Collection{{
			Root: "api", ID: membersID, Title: "Members", Read: members, Write: members,
		}},
		Users: []config.User{
			{User: access.User{Name: "sensor", Groups: members, Certificates: []string{
				"subject:CN=sensor 1,O=Example\\, Inc.,C=DE", "dns:sensor.example.com",
				"email:sensor@example.com", "uri:spiffe://example.com/sensor",
			}}, Password: "sensor's password"},
			{User: access.User{Name: "other", Groups: members, Certificates: []string{
				"dns:other.example.com",
			}}, Password: "other's password"},
		},
	})
	check(t, err)
}

const membersID = "5e0a2f6c-6d0b-4b8c-9a51-0c4f2d7e1e77"

// ask asks for the members' collection over a connection of its own and returns the status, or 0
// if the handshake fails.
func ask(t *testing.T, a *running, certificate *tls.Certificate, headers ...string) int {
	t.Helper()
	client := clientWith(certificate)
	defer client.CloseIdleConnections()
	return askBy(t, client, a, headers...)
}

func clientWith(certificate *tls.Certificate) *http.Client {
	cfg := &tls.Config{InsecureSkipVerify: true} // of a test's own certificate
	if certificate != nil {
		cfg.Certificates = []tls.Certificate{*certificate}
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: cfg}}
}

func askBy(t *testing.T, client *http.Client, a *running, headers ...string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		a.URL()+"/api/collections/"+membersID+"/", nil)
	check(t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := client.Do(r)
	if err != nil {
		if !strings.Contains(err.Error(), "tls: ") {
			t.Fatal(err)
		}
		return 0
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

func passwordOf(user string) []string {
	r := &http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, user+"'s password")
	return []string{"Authorization", r.Header.Get("Authorization")}
}

func TestClientCertificate_LogsInTheUserItBelongsTo(t *testing.T) {
	cfg, issuer := withClients(t, "request")
	a := runApp(t, cfg)
	declareMembers(t, a)
	token, err := a.Admin().AddToken(t.Context(), adminToken("sensor"))
	check(t, err)
	spiffe, err := url.Parse("spiffe://example.com/sensor")
	check(t, err)
	named := func(names ...string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.DNSNames = names }
	}
	subject := pkix.Name{CommonName: "sensor 1", Organization: []string{"Example, Inc."}, Country: []string{"DE"}}
	sensor := named("sensor.example.com")
	for name, test := range map[string]struct {
		issuer  *authority
		change  func(*x509.Certificate)
		headers []string
		want    int
	}{
		"subject":                {issuer, func(c *x509.Certificate) { c.Subject = subject }, nil, 200},
		"DNS name":               {issuer, sensor, nil, 200},
		"e-mail address":         {issuer, func(c *x509.Certificate) { c.EmailAddresses = []string{"sensor@example.com"} }, nil, 200},
		"URI":                    {issuer, func(c *x509.Certificate) { c.URIs = []*url.URL{spiffe} }, nil, 200},
		"one of several":         {issuer, named("a.example.com", "sensor.example.com"), nil, 200},
		"of nobody":              {issuer, named("sensor.example.org"), nil, 401},
		"in other letters":       {issuer, named("SENSOR.example.com"), nil, 401},
		"longer":                 {issuer, named("sensor.example.com.evil.example"), nil, 401},
		"name in another place":  {issuer, func(c *x509.Certificate) { c.Subject.CommonName = "sensor.example.com" }, nil, 401},
		"of two users":           {issuer, named("sensor.example.com", "other.example.com"), nil, 401},
		"and its password":       {issuer, sensor, passwordOf("sensor"), 200},
		"and its token":          {issuer, sensor, []string{"X-API-Key", token.Secret}, 200},
		"and another's password": {issuer, sensor, passwordOf("other"), 401},
		"and a wrong password":   {issuer, sensor, passwordOf("nobody"), 401},
		"another and its token":  {issuer, named("other.example.com"), []string{"X-API-Key", token.Secret}, 401},
		"of nobody, a password":  {issuer, named("x.example.com"), passwordOf("other"), 200},
		"two users, a password":  {issuer, named("sensor.example.com", "other.example.com"), passwordOf("other"), 401},
		"of another authority":   {newAuthority(t, "Partners"), sensor, nil, 0},
		"expired":                {issuer, func(c *x509.Certificate) { sensor(c); c.NotAfter = time.Now().Add(-time.Minute) }, nil, 0},
		"for servers": {issuer, func(c *x509.Certificate) {
			sensor(c)
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		}, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			certificate := test.issuer.issue(7, test.change)
			if got := ask(t, a, &certificate, test.headers...); got != test.want {
				t.Errorf("status %d, want %d (0: no handshake)", got, test.want)
			}
		})
	}
	if got := ask(t, a, nil, passwordOf("sensor")...); got != http.StatusOK {
		t.Errorf("a password without a certificate: %d, want 200", got)
	}
	if got := ask(t, a, nil); got != http.StatusUnauthorized {
		t.Errorf("nothing at all: %d, want 401", got)
	}
}

func TestClientCertificate_IsRequiredUnlessOnlyRequested(t *testing.T) {
	cfg, issuer := withClients(t, "")
	a := runApp(t, cfg)
	declareMembers(t, a)
	if got := ask(t, a, nil, passwordOf("sensor")...); got != 0 {
		t.Errorf("a password without a certificate: %d, want no handshake", got)
	}
	certificate := issuer.issue(7, func(c *x509.Certificate) { c.DNSNames = []string{"sensor.example.com"} })
	if got := ask(t, a, &certificate); got != http.StatusOK {
		t.Errorf("a certificate: %d, want 200", got)
	}
}

// A name that one user has no other can be given.
func TestClientCertificate_HasOneUser(t *testing.T) {
	cfg, _ := withClients(t, "")
	a := runApp(t, cfg)
	declareMembers(t, a)
	for want, names := range map[string][]string{
		`has "dns:sensor.example.com", which belongs to another user`: {"dns:sensor.example.com"},
		`certificates[1] is "sensor"; it must be subject:, dns:`:      {"dns:x.example.com", "sensor"},
		`certificates[0] is "dns: x"; it must be`:                     {"dns: x"},
	} {
		_, err := a.Admin().PutUser(t.Context(), config.User{User: access.User{Name: "eve", Certificates: names}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v, want %q", err, want)
		}
	}
}

// A certificate that was revoked is refused from the next reload on, also on a connection that was
// made before, and a list that cannot be trusted lets nobody in.
func TestRevocation(t *testing.T) {
	cfg, issuer := withClients(t, "request")
	cfg.TLS.ClientCRL = filepath.Join(filepath.Dir(cfg.TLS.Cert), "clients.crl")
	soon := time.Now().Add(time.Hour)
	issuer.revoke(cfg.TLS.ClientCRL, soon)
	a := runApp(t, cfg)
	declareMembers(t, a)
	sensor := issuer.issue(7, func(c *x509.Certificate) { c.DNSNames = []string{"sensor.example.com"} })
	other := issuer.issue(8, func(c *x509.Certificate) { c.DNSNames = []string{"other.example.com"} })
	open := clientWith(&sensor)
	defer open.CloseIdleConnections()
	stranger := newAuthority(t, "Partners")
	for _, step := range []struct {
		name                string
		change              func()
		sensor, other, open int
	}{
		{"nothing revoked", func() {}, 200, 200, 200},
		{"revoked", func() { issuer.revoke(cfg.TLS.ClientCRL, soon, 7) }, 0, 200, 401},
		{"broken list: the old one stays", func() {
			check(t, os.WriteFile(cfg.TLS.ClientCRL, []byte("no list"), 0o600))
		}, 0, 200, 401},
		{"list of a stranger: the old one stays", func() { stranger.revoke(cfg.TLS.ClientCRL, soon) }, 0, 200, 401},
		{"taken back", func() { issuer.revoke(cfg.TLS.ClientCRL, soon) }, 200, 200, 200},
		{"too old", func() { issuer.revoke(cfg.TLS.ClientCRL, time.Now().Add(-time.Minute)) }, 0, 0, 401},
		{"of the future", func() { issuer.revoke(cfg.TLS.ClientCRL, time.Now().Add(3*time.Hour)) }, 0, 0, 401},
		{"newer", func() { issuer.revoke(cfg.TLS.ClientCRL, soon) }, 200, 200, 200},
		{"another authority", func() {
			stranger.write(cfg.TLS.ClientCA)
			stranger.revoke(cfg.TLS.ClientCRL, soon)
		}, 0, 0, 401},
	} {
		step.change()
		a.Reload(t.Context(), config.Source{})
		got := []int{ask(t, a, &sensor), ask(t, a, &other), askBy(t, open, a)}
		if want := []int{step.sensor, step.other, step.open}; got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
			t.Errorf("%s: sensor, other, open connection: %v, want %v", step.name, got, want)
		}
		if got := ask(t, a, nil, passwordOf("sensor")...); got != http.StatusOK {
			t.Errorf("%s: a password: %d, want 200", step.name, got)
		}
	}
}

func TestListen_RefusesListsThatCannotBeTrusted(t *testing.T) {
	for name, test := range map[string]struct {
		write func(file string, issuer *authority)
		want  string
	}{
		"missing":   {func(string, *authority) {}, "no such file"},
		"broken":    {func(file string, _ *authority) { check(t, os.WriteFile(file, []byte("x"), 0o600)) }, "cannot be read"},
		"empty":     {func(file string, _ *authority) { check(t, os.WriteFile(file, nil, 0o600)) }, "cannot be read"},
		"strangers": {func(file string, _ *authority) { newAuthority(t, "Others").revoke(file, time.Now().Add(time.Hour)) }, "signed by none of the authorities"},
		"of a namesake": {func(file string, _ *authority) {
			newAuthority(t, "Partners").revoke(file, time.Now().Add(time.Hour))
		}, "signed by none of the authorities"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, issuer := withClients(t, "")
			cfg.TLS.ClientCRL = filepath.Join(filepath.Dir(cfg.TLS.Cert), "clients.crl")
			test.write(cfg.TLS.ClientCRL, issuer)
			a, err := app.Open(t.Context(), cfg, discard())
			check(t, err)
			err = a.Listen()
			if err == nil || !strings.Contains(err.Error(), "(tls.client_crl)") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Listen: %v, want %q", err, test.want)
			}
			check(t, a.Close())
		})
	}
}

func adminToken(user string) admin.NewToken { return admin.NewToken{User: user} }

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
