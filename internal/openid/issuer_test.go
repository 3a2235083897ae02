package openid_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/check"
	"github.com/cabstand/cabstand/internal/openid"
)

// issuers returns one issuer for each URL.
func issuers(urls ...string) (list []openid.Issuer) {
	for _, url := range urls {
		list = append(list, openid.Issuer{Issuer: url})
	}
	return list
}

// byRole returns an issuer that makes users.
func byRole(url, claim, prefix string) openid.Issuer {
	return openid.Issuer{
		Issuer: url, GroupsClaim: claim, UserPrefix: prefix,
		Groups: map[string][]string{"reader": {"members"}},
	}
}

func TestCheck(t *testing.T) {
	const a, b, c = "https://a.example.com", "https://b.example.com", "https://c.example.com"
	for name, test := range map[string]struct {
		issuers []openid.Issuer
		want    []string // keys with faults
	}{
		"none":             {nil, nil},
		"a plain one":      {issuers("https://id.example.com/realms/cti"), nil},
		"on this machine":  {issuers("http://127.0.0.1:9000", "http://localhost:9/", "http://[::1]"), nil},
		"in the clear":     {issuers("http://id.example.com"), []string{"oidc[0].issuer"}},
		"looks like local": {issuers("http://localhost.example.com"), []string{"oidc[0].issuer"}},
		"no URL":           {issuers("id.example.com"), []string{"oidc[0].issuer"}},
		"with a query":     {issuers(a + "/?a=b"), []string{"oidc[0].issuer"}},
		"with a fragment":  {issuers(a + "/#"), []string{"oidc[0].issuer"}},
		"with a password":  {issuers("https://a:b@id.example.com"), []string{"oidc[0].issuer"}},
		"without a host":   {issuers("https:///x"), []string{"oidc[0].issuer"}},
		"twice":            {issuers(a, a), []string{"oidc[1].issuer"}},

		"roles":                 {[]openid.Issuer{byRole(a, "roles", "")}, nil},
		"roles without a claim": {[]openid.Issuer{byRole(a, "", "")}, []string{"oidc[0].groups_claim"}},
		"a claim without roles": {
			[]openid.Issuer{{Issuer: a, GroupsClaim: "roles"}}, []string{"oidc[0].groups"},
		},
		"a role without groups": {[]openid.Issuer{
			{Issuer: a, GroupsClaim: "roles", Groups: map[string][]string{"x": nil}},
		}, []string{"oidc[0].groups.x"}},
		"a prefix for nobody": {
			[]openid.Issuer{{Issuer: a, UserPrefix: "a:"}}, []string{"oidc[0].user_prefix"},
		},
		"a prefix that users can have": {
			[]openid.Issuer{byRole(a, "roles", "partner-")}, []string{"oidc[0].user_prefix"},
		},
		"one prefix for two": {[]openid.Issuer{
			byRole(a, "roles", ""), byRole(b, "roles", "oidc:"),
		}, []string{"oidc[1].user_prefix"}},
		"a prefix each": {[]openid.Issuer{
			byRole(a, "roles", ""), byRole(b, "roles", "b:"), {Issuer: c},
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
		faults := openid.Check("oidc", []openid.Issuer{byRole("https://a.example.com", "roles", prefix)})
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
