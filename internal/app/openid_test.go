package app_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/openidtest"
	"github.com/cabstand/cabstand/taxii"
)

// partnersOnly is a collection of the group partners.
const partnersOnly = "/api/collections/5e0a2f6c-6d0b-4b8c-9a51-0c4f2d7e1e02/objects/"

// withIssuer loads a configuration with an issuer whose role partner is the group partners.
func withIssuer(t *testing.T, issuer string) config.Config {
	t.Helper()
	file := filepath.Join(t.TempDir(), "cabstand.yaml")
	check(t, os.WriteFile(file, fmt.Appendf(nil, `
listen: 127.0.0.1:0
admin: {listen: "127.0.0.1:0"}
store: pebble:store
auth:
  oidc:
    - issuer: %s
      audience: cabstand
      groups_claim: realm_access.roles
      groups: {partner: [partners]}
`, issuer), 0o600))
	cfg, err := config.Load(file, nil)
	check(t, err)
	return cfg
}

func declarePartners(t *testing.T, a *running) {
	t.Helper()
	_, err := a.Admin().Apply(t.Context(), config.Resources{
		APIRoots: []access.Root{{Name: "api"}},
		Collections: []access.Collection{{
			Root: "api", ID: "5e0a2f6c-6d0b-4b8c-9a51-0c4f2d7e1e02", Title: "Partners",
			Read: []string{"partners"}, Write: []string{"partners"},
		}},
		Users: []config.User{{User: access.User{Name: "kim", Groups: []string{"partners"}}, Password: "kim's password"}},
	})
	check(t, err)
}

// A partner's token of a real provider pushes and polls, and is on record under its name.
func TestOpenID_PushAndPollWithATokenOfARealProvider(t *testing.T) {
	p := openidtest.Start(t)
	cfg := withIssuer(t, p.Issuer)
	a := runApp(t, cfg)
	declarePartners(t, a)
	nobody := "Bearer " + p.ServiceToken(t)
	p.SetClaims(t, map[string]any{"realm_access": map[string]any{"roles": []string{"partner"}}})
	partner := "Bearer " + p.ServiceToken(t)
	at := a.URL() + partnersOnly
	for _, step := range []struct {
		who, method, body string
		want              int
	}{
		{nobody, http.MethodGet, "", http.StatusUnauthorized},
		{partner, http.MethodPost, indicatorBody(1), http.StatusAccepted},
		{partner, http.MethodGet, "", http.StatusOK},
		{partner + "x", http.MethodGet, "", http.StatusUnauthorized},
	} {
		if got := send(t, step.method, at, step.body, "Authorization", step.who); got.StatusCode != step.want {
			t.Errorf("%s: %s, want %d", step.method, got.Status, step.want)
		}
	}
	a.end(t)
	again := runApp(t, cfg)
	for _, kind := range []string{"push", "read"} {
		if !slices.Contains(usersOnRecord(t, again, kind), "oidc:"+openidtest.Service) {
			t.Errorf("%s on record by %q", kind, usersOnRecord(t, again, kind))
		}
	}
	if got := usersOnRecord(t, again, "login-failed"); !slices.Equal(got, []string{"", ""}) {
		t.Errorf("failed log-ins on record by %q, want two by nobody", got)
	}
}

func usersOnRecord(t *testing.T, a *running, kind string) (users []string) {
	t.Helper()
	for _, e := range onRecord(t, a.Admin(), kind) {
		users = append(users, e.User)
	}
	return users
}

// A server starts while its provider is away. Tokens are told to come again, and others log in.
func TestOpenID_ProviderIsAway(t *testing.T) {
	f := openidtest.StartFake(t)
	f.Misbehave(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusBadGateway) })
	a := runApp(t, withIssuer(t, f.Issuer))
	declarePartners(t, a)
	jwt := "Bearer " + f.Token(map[string]any{"realm_access": map[string]any{"roles": "partner"}})
	got := send(t, http.MethodGet, a.URL()+partnersOnly, "", "Authorization", jwt)
	if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" ||
		got.Header.Get("Content-Type") != taxii.MediaType {
		t.Errorf("a token: %s, %v; want 503 with Retry-After", got.Status, got.Header)
	}
	got = send(t, http.MethodGet, a.URL()+partnersOnly, "", passwordOf("kim")...)
	if got.StatusCode != http.StatusOK {
		t.Errorf("a password: %s, want 200", got.Status)
	}
}
