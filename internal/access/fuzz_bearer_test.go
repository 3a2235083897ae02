package access

import (
	"encoding/base64"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/internal/openid"
	"github.com/cabstand/cabstand/internal/openidtest"
	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/taxii/server"
)

// parts are those of a token before they are encoded.
func parts(tb testing.TB, token string) (header, claims, signature []byte) {
	tb.Helper()
	var decoded [3][]byte
	for i, part := range strings.Split(token, ".") {
		text, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			tb.Fatal(err)
		}
		decoded[i] = text
	}
	return decoded[0], decoded[1], decoded[2]
}

// Whatever has the form of a token of a provider, somebody is let in only by what the provider
// has signed, and as the user that it says.
func FuzzBearer(f *testing.F) {
	provider := openidtest.StartFake(f)
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := s.Close(); err != nil {
			f.Error(err)
		}
	})
	start := time.Now()
	d, err := Open(f.Context(), s, Options{
		Now: func() time.Time { return start }, Logins: LoginLimits{Pair: 1 << 30},
		OpenID: openid.New([]openid.Issuer{{
			Issuer: provider.Issuer, Audience: openidtest.Audience, GroupsClaim: "roles",
			Groups: map[string][]string{"reader": {"members"}},
		}}, openid.Options{Now: func() time.Time { return start }}),
	})
	if err != nil {
		f.Fatal(err)
	}
	right := provider.Token(map[string]any{"roles": "reader"})
	signed := right[:strings.LastIndex(right, ".")]
	header, claims, signature := parts(f, right)
	for _, seed := range [][3]string{
		{string(header), string(claims), string(signature)},
		{`{"alg":"none"}`, string(claims), ""},
		{`{"alg":"HS256","typ":"JWT"}`, string(claims), string(signature)},
		{`{"alg":"ES256","crit":["b64"],"b64":false}`, string(claims), string(signature)},
		{string(header), `{"iss":"` + provider.Issuer + `","aud":[],"exp":1e400}`, string(signature)},
		{string(header), `{"iss":` + strings.Repeat("[", 5000) + `}`, ""},
		{"", "", ""}, {"\xff", "null", "x"}, {"[]", "{}", "\x00"},
	} {
		f.Add(seed[0], seed[1], seed[2], "")
		f.Add("", "", "", seed[0]+"."+seed[1]+"."+seed[2])
	}
	f.Add("", "", "", right)
	f.Fuzz(func(t *testing.T, header, claims, signature, raw string) {
		token := raw
		if raw == "" {
			encode := base64.RawURLEncoding.EncodeToString
			token = encode([]byte(header)) + "." + encode([]byte(claims)) + "." + encode([]byte(signature))
		}
		r := httptest.NewRequest("GET", "/taxii2/", nil)
		r.Header["Authorization"] = []string{"Bearer " + token}
		c, err := d.Authenticate(r)
		switch {
		case errors.Is(err, server.ErrUnauthorized):
		case err != nil:
			t.Errorf("%q: %v", token, err)
		case c.Name() != "oidc:kim" || !strings.HasPrefix(strings.TrimSpace(token), signed+"."):
			t.Errorf("%q: %q", token, c.Name())
		}
	})
}
