package client_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/client"
)

func TestAccess_SendsCredentials(t *testing.T) {
	for want, opt := range map[string]client.Option{
		"Authorization: Basic dXNlcjpww6Rzczp3b3Jk":  client.WithBasic("user", "päss:word"),
		"Authorization: Bearer abc":                  client.WithBearer("abc"),
		"Authorization: Token abc":                   client.WithToken("abc"),
		"X-Api-Key: abc":                             client.WithHeader("x-api-key", "abc"),
		"User-Agent: me/1":                           client.WithUserAgent("me/1"),
		"Accept: application/taxii+json;version=2.1": client.WithTries(1),
	} {
		p := newPeer(t)
		p.collection(t, opt)
		name, value, _ := strings.Cut(want, ": ")
		if got := p.requests[0].Header.Get(name); got != value {
			t.Errorf("%s: got %q", want, got)
		}
	}
}

func TestAccess_ReadsCredentialsFromTheURL(t *testing.T) {
	p := newPeer(t)
	c, err := client.New(strings.Replace(p.URL, "http://", "http://me:secret@", 1) + collectionPath)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.Collection(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if user, password, ok := p.requests[0].BasicAuth(); !ok || user != "me" || password != "secret" {
		t.Errorf("got %q %q", user, password)
	}
	p.handle("GET "+objectsPath, status(403))
	collection, err := c.Collection(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := poll(t, collection, client.State{}); strings.Contains(fmt.Sprint(err), "secret") {
		t.Errorf("the error tells the password: %v", err)
	}
}

// elsewhere is a second host that notes the secrets it is sent.
func elsewhere(t *testing.T, answer http.HandlerFunc) (url string, secrets *[]string) {
	t.Helper()
	secrets = new([]string)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Authorization", "X-Api-Key", "Cookie"} {
			if v := r.Header.Get(name); v != "" {
				*secrets = append(*secrets, v)
			}
		}
		answer(w, r)
	}))
	t.Cleanup(s.Close)
	return s.URL, secrets
}

func TestAccess_RedirectsCarryNoCredentialsToAnotherHost(t *testing.T) {
	other, secrets := elsewhere(t, body(`{"objects":[`+object(1)+`]}`))
	for _, allow := range []bool{false, true} {
		p := newPeer(t)
		p.handle("GET "+objectsPath, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other+"/moved/", http.StatusFound)
		})
		opts := []client.Option{client.WithBearer("abc"), client.WithHeader("X-Api-Key", "def")}
		if allow {
			opts = append(opts, client.WithAllowedHosts(strings.TrimPrefix(other, "http://")))
		}
		got, _, err := poll(t, p.collection(t, opts...), client.State{})
		if err != nil {
			t.Fatal(err)
		}
		wantNumbers(t, got, upTo(1))
		if allow != (len(*secrets) == 2) || !allow != (len(*secrets) == 0) {
			t.Errorf("allowed %t: the other host got %q", allow, *secrets)
		}
	}
}

func TestAccess_RootsOnAnotherHostGetNoCredentials(t *testing.T) {
	other, secrets := elsewhere(t, body(`{"collections":[{"id":"`+collectionID+`","title":"x"}]}`))
	p := newPeer(t)
	p.json("GET /taxii2/", `{"title":"t","api_roots":["`+other+`/api9/"]}`)
	c := p.client(t, "/taxii2/", client.WithBasic("me", "secret"))
	if _, err := c.Collections(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(*secrets) > 0 {
		t.Errorf("the other host got %q", *secrets)
	}
}

func TestAccess_PushesFollowRedirectsOnlyAtHome(t *testing.T) {
	other, _ := elsewhere(t, func(http.ResponseWriter, *http.Request) {
		t.Error("objects were sent to another host")
	})
	for target, want := range map[string]string{
		"307 " + other + "/x/":     "another host",
		"308 " + other + "/x/":     "another host",
		"302 /api1/there/":         "would turn POST into GET",
		"301 /api1/there/":         "would turn POST into GET",
		"307 " + objectsPath + "2": "", // the same host
		"307 " + objectsPath:       "ten in a row",
	} {
		p := newPeer(t)
		p.json("GET "+rootPath, `{"title":"r","versions":[],"max_content_length":100000}`)
		p.handle("POST "+objectsPath, func(w http.ResponseWriter, r *http.Request) {
			code := 0
			fmt.Sscan(target[:3], &code)
			http.Redirect(w, r, target[4:], code)
		})
		p.handle("POST "+objectsPath+"2", func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusAccepted)
			fmt.Fprint(w, `{"id":"1","status":"complete","total_count":1,"success_count":1}`)
		})
		result, err := push(t, p.collection(t), client.PushOptions{}, 1)
		switch {
		case want == "" && (err != nil || result.Accepted != 1):
			t.Errorf("%s: result %+v, error %v", target, result, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: error %v, want %q", target, err, want)
		}
		if len(p.clock.waits) > 0 {
			t.Errorf("%s: repeated", target)
		}
	}
}

func push(
	t *testing.T, c *client.Collection, opts client.PushOptions, numbers ...int,
) (client.PushResult, error) {
	t.Helper()
	return c.Push(t.Context(), func(yield func(stix.Object) bool) {
		for _, n := range numbers {
			o, err := stix.Parse([]byte(object(n)))
			if err != nil {
				t.Error(err)
			}
			if !yield(o) {
				return
			}
		}
	}, opts)
}

func TestAccess_NeverGoesFromHTTPSToHTTP(t *testing.T) {
	plain, secrets := elsewhere(t, body(`{"objects":[]}`))
	secure := httptest.NewTLSServer(http.RedirectHandler(plain, http.StatusFound))
	t.Cleanup(secure.Close)
	c, err := client.New(secure.URL+collectionPath, client.WithBearer("abc"),
		client.WithCAFile(writePEM(t, "CERTIFICATE", secure.Certificate().Raw)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	_, err = c.Collection(t.Context(), "")
	if err == nil || !strings.Contains(err.Error(), "from https to http") || len(*secrets) > 0 {
		t.Errorf("error %v, secrets %q", err, *secrets)
	}
}

func TestAccess_TrustsOnlyKnownAuthorities(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secure.Close)
	secure.Config.ErrorLog = discardLog()
	clock := newClock()
	c, err := client.New(secure.URL, client.WithClock(clock.Now, clock.Sleep))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	_, err = c.Roots(t.Context())
	var untrusted *tls.CertificateVerificationError
	if !errors.As(err, &untrusted) || len(clock.waits) > 0 {
		t.Errorf("error %v after waits %v, want a certificate error at once", err, clock.waits)
	}
}

func TestAccess_ShowsItsCertificateAtHomeOnly(t *testing.T) {
	certFile, keyFile := clientCertificate(t)
	shown := map[string]int{}
	other := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
		shown["other"] += len(r.TLS.PeerCertificates)
		fmt.Fprint(w, `{}`)
	})
	home := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
		shown["home"] += len(r.TLS.PeerCertificates)
		if r.URL.Path == objectsPath {
			http.Redirect(w, r, other.URL, http.StatusFound)
			return
		}
		fmt.Fprintf(w, `{"id":"%s","title":"x"}`, collectionID)
	})
	c, err := client.New(home.URL+collectionPath, client.WithCertificate(certFile, keyFile),
		client.WithCAFile(writePEM(t, "CERTIFICATE", home.Certificate().Raw)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	collection, err := c.Collection(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := poll(t, collection, client.State{}); err != nil {
		t.Fatal(err)
	}
	if shown["home"] != 2 || shown["other"] != 0 {
		t.Errorf("certificates shown: %v, want 2 at home and none elsewhere", shown)
	}
}

func tlsServer(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS = &tls.Config{ClientAuth: tls.RequestClientCert}
	s.Config.ErrorLog = discardLog()
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func clientCertificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "poller"},
		NotAfter:     time.Now().Add(time.Hour),
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		IPAddresses:  []net.IP{net.IPv4(192, 0, 2, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return writePEM(t, "CERTIFICATE", der), writePEM(t, "PRIVATE KEY", keyDER)
}

func writePEM(t *testing.T, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestNew_RefusesWhatCannotBe(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "none.pem")
	for want, opts := range map[string][]any{
		"must begin with https":   {"taxii.example.com/taxii2/"},
		"server URL":              {"https://exa mple.com"},
		"question mark":           {"https://example.com/api1/?limit=1"},
		"with a colon":            {"https://example.com", client.WithBasic("a:b", "c")},
		"line break":              {"https://example.com", client.WithHeader("X", "a\nb")},
		"client certificate":      {"https://example.com", client.WithCertificate(missing, missing)},
		"certificate authorities": {"https://example.com", client.WithCAFile(missing)},
		"positive number":         {"https://example.com", client.WithMaxResponseBytes(0)},
		"positive duration":       {"https://example.com", client.WithTimeout(0)},
	} {
		var list []client.Option
		for _, o := range opts[1:] {
			list = append(list, o.(client.Option))
		}
		_, err := client.New(opts[0].(string), list...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %q", opts[0], err, want)
		}
	}
}

func TestNew_HidesThePasswordInErrors(t *testing.T) {
	for _, url := range []string{"ftp://me:secret@example.com", "https://me:secret@exa mple.com/"} {
		_, err := client.New(url)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v", url, err)
		}
	}
}

func TestAccess_KeepsTheGivenTransport(t *testing.T) {
	p := newPeer(t)
	used := 0
	hc := &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		used++
		return http.DefaultTransport.RoundTrip(r)
	})}
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	p.collection(t, client.WithHTTPClient(hc), client.WithToken(taxii.Version))
	if used != 1 || p.requests[0].Header.Get("Authorization") != "Token 2.1" {
		t.Errorf("used %d times, headers %v", used, p.requests[0].Header)
	}
	_, err := client.New(p.URL, client.WithHTTPClient(hc), client.WithCAFile("x"))
	if err == nil || !strings.Contains(err.Error(), "set them there") {
		t.Errorf("error %v", err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
