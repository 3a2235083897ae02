package openid_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cabstand/cabstand/internal/openid"
	"github.com/cabstand/cabstand/internal/openidtest"
)

// Tokens that a real provider gives to a service and to a person who logs in say who they are.
func TestVerify_TokensOfARealProvider(t *testing.T) {
	p := openidtest.Start(t)
	p.SetClaims(t, map[string]any{"realm_access": map[string]any{"roles": []string{"reader", "x"}}})
	byRole := named(p.Issuer)
	byRole.GroupsClaim, byRole.Groups = "realm_access.roles", map[string][]string{"reader": {"members"}}
	users, _, _ := verifierOf(named(p.Issuer))
	roles, _, _ := verifierOf(byRole)
	for name, token := range map[string]struct{ text, sub string }{
		"access token": {p.ServiceToken(t), openidtest.Service},
		"ID token":     {p.UserToken(t), openidtest.User},
	} {
		t.Run(name, func(t *testing.T) {
			for _, test := range []struct {
				v    *openid.Verifier
				want openid.Identity
			}{
				{users, openid.Identity{User: token.sub}},
				{roles, openid.Identity{User: "oidc:" + token.sub, Made: true, Groups: []string{"members"}}},
			} {
				got := wants(t, test.v, token.text, "")
				if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(got, "Expires")); diff != "" {
					t.Errorf("identity (-want +got):\n%s", diff)
				}
				if left := time.Until(got.Expires); left <= 0 || left > 2*time.Hour {
					t.Errorf("expires in %v", left)
				}
			}
		})
	}
}

// A provider that rotates its keys goes on being believed, and a key that it has withdrawn does
// not.
func TestVerify_FollowsARealProviderThatRotates(t *testing.T) {
	p := openidtest.Start(t)
	v, clock, _ := verifierOf(named(p.Issuer))
	old := p.ServiceToken(t)
	wants(t, v, old, "")
	p.Rotate(t)
	clock.forward(openid.AskPause)
	newer := p.ServiceToken(t)
	wants(t, v, newer, "")
	wants(t, v, old, "")
	p.Rotate(t)
	clock.forward(openid.AskPause)
	wants(t, v, p.ServiceToken(t), "")
	wants(t, v, newer, "")
	wants(t, v, old, "no key that the provider publishes")
}

// A token for another audience, or of another provider under this one's name, is nothing.
func TestVerify_RefusesWhatARealProviderMeantForOthers(t *testing.T) {
	p, other := openidtest.Start(t), openidtest.Start(t)
	elsewhere := named(p.Issuer)
	elsewhere.Audience = "another"
	v, _, _ := verifierOf(elsewhere)
	wants(t, v, p.ServiceToken(t), "audience")
	v, _, _ = verifierOf(named(p.Issuer))
	wants(t, v, other.ServiceToken(t), "not in auth.oidc")
}
