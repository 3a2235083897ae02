package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/openid"
)

// The issuers of a file stay as they are beside what the environment says.
func TestLoad_Issuers(t *testing.T) {
	c, err := config.Load("../../configs/example/cabstand.yaml", []string{"CABSTAND_AUTH_TOKEN_HEADER=X-Key"})
	if err != nil {
		t.Fatal(err)
	}
	want := config.Auth{TokenHeader: "X-Key", OIDC: []openid.Issuer{{
		Issuer: "https://id.example.com/realms/cti", Audience: "cabstand",
		AuthorizedParties: []string{"collector"}, UserClaim: "preferred_username",
		UserPrefix: "oidc:", GroupsClaim: "realm_access.roles",
		Groups: map[string][]string{"cti-reader": {"members"}, "cti-partner": {"members", "partners"}},
	}}}
	if diff := cmp.Diff(want, c.Auth); diff != "" {
		t.Errorf("auth (-want +got):\n%s", diff)
	}
}
