// Package openidtest gives tests OpenID providers: a real one, which it builds, starts and
// stops by itself, and one that signs and misbehaves as a test wants.
package openidtest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/testserver"
)

// program returns the path of the provider, built once in the life of the test process.
var program = sync.OnceValues(func() (string, error) {
	return testserver.Program("CABSTAND_TEST_OPENID", "internal/openidtest/provider")
})

// Audience is what the tokens of a [Provider] are for.
const Audience = "cabstand"

// Who the tokens of a [Provider] are of, by their claim sub.
const (
	Service = "sid1"
	User    = "id1"
)

// Provider is the provider of zitadel/oidc in a process of its own, for the length of a test. It
// signs with ES256.
type Provider struct {
	Issuer string // its URL
}

// Start starts a provider that ends with the test.
func Start(tb testing.TB) *Provider {
	tb.Helper()
	path, err := program()
	if err != nil {
		tb.Fatal(err)
	}
	stdout := testserver.Start(tb, testserver.Command(tb, path))
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		tb.Fatalf("the provider did not say where it listens: %v", err)
	}
	return &Provider{Issuer: strings.TrimSpace(line)}
}

// Rotate has the provider sign with a new key. It goes on publishing the one before, and none
// that is older.
func (p *Provider) Rotate(tb testing.TB) {
	tb.Helper()
	p.do(tb, http.MethodPost, "/test/rotate", nil)
}

// SetClaims puts claims into all tokens that the provider gives out from now on.
func (p *Provider) SetClaims(tb testing.TB, claims map[string]any) {
	tb.Helper()
	text, err := json.Marshal(claims)
	if err != nil {
		tb.Fatal(err)
	}
	p.do(tb, http.MethodPut, "/test/claims", text)
}

func (p *Provider) do(tb testing.TB, method, path string, body []byte) {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), method, p.Issuer+path,
		bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	if got := send(tb, newBrowser(), request); got.status != http.StatusNoContent {
		tb.Fatalf("%s %s: %d\n%s", method, path, got.status, got.body)
	}
}

// ServiceToken returns an access token that a service has got with its own credentials.
func (p *Provider) ServiceToken(tb testing.TB) string {
	tb.Helper()
	return p.token(tb, "access_token", Service, "verysecret", url.Values{
		"grant_type": {"client_credentials"}, "scope": {"openid"},
	})
}

// UserToken returns an ID token of a user who has logged in at the provider.
func (p *Provider) UserToken(tb testing.TB) string {
	tb.Helper()
	callback := p.Issuer + "/callback"
	browser := newBrowser()
	page := p.visit(tb, browser, p.Issuer+"/auth?"+url.Values{
		"client_id": {Audience}, "redirect_uri": {callback}, "response_type": {"code"},
		"scope": {"openid"}, "state": {"x"},
	}.Encode())
	form := url.Values{
		"username": {"test-user@127.0.0.1"}, "password": {"verysecure"},
		"id": {page.Query().Get("authRequestID")},
	}
	back := send(tb, browser, post(tb, p.Issuer+"/login/username", form)).next(tb)
	code := p.visit(tb, browser, back.String()).Query().Get("code")
	return p.token(tb, "id_token", Audience, "secret", url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback},
	})
}

// visit returns where the provider sends a browser on to.
func (p *Provider) visit(tb testing.TB, browser *http.Client, at string) *url.URL {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, at, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return send(tb, browser, request).next(tb)
}

func (p *Provider) token(tb testing.TB, kind, client, secret string, form url.Values) string {
	tb.Helper()
	request := post(tb, p.Issuer+"/oauth/token", form)
	request.SetBasicAuth(client, secret)
	got := send(tb, newBrowser(), request)
	var answer map[string]any
	if err := json.Unmarshal(got.body, &answer); err != nil {
		tb.Fatalf("ask for a token: %d, %v\n%s", got.status, err, got.body)
	}
	token, ok := answer[kind].(string)
	if !ok {
		tb.Fatalf("no %s in %s", kind, got.body)
	}
	return token
}

func post(tb testing.TB, at string, form url.Values) *http.Request {
	tb.Helper()
	request, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, at,
		strings.NewReader(form.Encode()))
	if err != nil {
		tb.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return request
}

// newBrowser leaves redirects to the test, and no connection behind.
func newBrowser() *http.Client {
	return &http.Client{
		Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// answered is an answer that has been read.
type answered struct {
	status   int
	location *url.URL // nil if it leads nowhere
	body     []byte
}

func send(tb testing.TB, client *http.Client, request *http.Request) answered {
	tb.Helper()
	response, err := client.Do(request)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	location, err := response.Location()
	if err != nil && !errors.Is(err, http.ErrNoLocation) {
		tb.Fatal(err)
	}
	return answered{response.StatusCode, location, body}
}

// next is where the answer leads to.
func (a answered) next(tb testing.TB) *url.URL {
	tb.Helper()
	if a.location == nil {
		tb.Fatalf("the provider leads nowhere: %d\n%s", a.status, a.body)
	}
	return a.location
}
