package openid_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/check"
	"github.com/cabstand/cabstand/internal/openid"
)

func TestCheck(t *testing.T) {
	roles := map[string][]string{"reader": {"members"}}
	for name, test := range map[string]struct {
		issuers []openid.Issuer
		want    []string // keys with faults
	}{
		"none":                  {nil, nil},
		"a plain one":           {[]openid.Issuer{{Issuer: "https://id.example.com/realms/cti"}}, nil},
		"on this machine":       {[]openid.Issuer{{Issuer: "http://127.0.0.1:9000"}, {Issuer: "http://localhost:9000/"}, {Issuer: "http://[::1]"}}, nil},
		"in the clear":          {[]openid.Issuer{{Issuer: "http://id.example.com"}}, []string{"oidc[0].issuer"}},
		"looks like local":      {[]openid.Issuer{{Issuer: "http://localhost.example.com"}}, []string{"oidc[0].issuer"}},
		"no URL":                {[]openid.Issuer{{Issuer: "id.example.com"}}, []string{"oidc[0].issuer"}},
		"with a query":          {[]openid.Issuer{{Issuer: "https://id.example.com/?a=b"}}, []string{"oidc[0].issuer"}},
		"with a fragment":       {[]openid.Issuer{{Issuer: "https://id.example.com/#"}}, []string{"oidc[0].issuer"}},
		"with a password":       {[]openid.Issuer{{Issuer: "https://a:b@id.example.com"}}, []string{"oidc[0].issuer"}},
		"without a host":        {[]openid.Issuer{{Issuer: "https:///x"}}, []string{"oidc[0].issuer"}},
		"twice":                 {[]openid.Issuer{{Issuer: "https://a.example.com"}, {Issuer: "https://a.example.com"}}, []string{"oidc[1].issuer"}},
		"roles":                 {[]openid.Issuer{{Issuer: "https://a.example.com", GroupsClaim: "roles", Groups: roles}}, nil},
		"roles without a claim": {[]openid.Issuer{{Issuer: "https://a.example.com", Groups: roles}}, []string{"oidc[0].groups_claim"}},
		"a claim without roles": {[]openid.Issuer{{Issuer: "https://a.example.com", GroupsClaim: "roles"}}, []string{"oidc[0].groups"}},
		"a role without groups": {[]openid.Issuer{{Issuer: "https://a.example.com", GroupsClaim: "roles",
			Groups: map[string][]string{"x": nil}}}, []string{"oidc[0].groups.x"}},
		"a prefix for nobody": {[]openid.Issuer{{Issuer: "https://a.example.com", UserPrefix: "a:"}}, []string{"oidc[0].user_prefix"}},
		"a prefix that users can have": {[]openid.Issuer{{Issuer: "https://a.example.com", GroupsClaim: "roles", Groups: roles,
			UserPrefix: "partner-"}}, []string{"oidc[0].user_prefix"}},
		"one prefix for two": {[]openid.Issuer{
			{Issuer: "https://a.example.com", GroupsClaim: "roles", Groups: roles},
			{Issuer: "https://b.example.com", GroupsClaim: "roles", Groups: roles, UserPrefix: "oidc:"},
		}, []string{"oidc[1].user_prefix"}},
		"a prefix each": {[]openid.Issuer{
			{Issuer: "https://a.example.com", GroupsClaim: "roles", Groups: roles},
			{Issuer: "https://b.example.com", GroupsClaim: "roles", Groups: roles, UserPrefix: "b:"},
			{Issuer: "https://c.example.com"},
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, fault := range openid.Check("oidc", test.issuers) {
				got = append(got, fault.Key)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
		})
	}
}

// No user of a record can have a name that begins with a prefix.
func TestCheck_PrefixesAreNoNames(t *testing.T) {
	type user struct {
		Name string `yaml:"name" validate:"principal"`
	}
	for _, prefix := range []string{"oidc:", "a:", "partner.x:"} {
		faults := openid.Check("oidc", []openid.Issuer{{
			Issuer: "https://a.example.com", GroupsClaim: "roles",
			Groups: map[string][]string{"x": {"y"}}, UserPrefix: prefix,
		}})
		if len(faults) > 0 {
			t.Errorf("prefix %q: %v", prefix, faults)
		}
		if check.Struct(user{prefix + "kim"}) == nil {
			t.Errorf("%q is a name that a user of a record can have", prefix+"kim")
		}
	}
}

func TestGroups(t *testing.T) {
	v := openid.New([]openid.Issuer{
		{Issuer: "https://a.example.com", Groups: map[string][]string{"x": {"members", "partners"}}},
		{Issuer: "https://b.example.com", Groups: map[string][]string{"y": {"leads"}}},
	}, openid.Options{})
	if diff := cmp.Diff([]string{"leads", "members", "partners"}, v.Groups()); diff != "" {
		t.Errorf("groups (-want +got):\n%s", diff)
	}
	if got := (*openid.Verifier)(nil).Groups(); got != nil {
		t.Errorf("groups without issuers: %v", got)
	}
}
