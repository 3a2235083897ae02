package openid_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/cabstand/cabstand/internal/openid"
	"github.com/cabstand/cabstand/internal/openidtest"
)

func TestVerify_Claims(t *testing.T) {
	f := openidtest.StartFake(t)
	i := named(f.Issuer)
	i.AuthorizedParties = []string{"collector"}
	v, _, _ := verifierOf(i)
	at := func(from time.Duration) int64 { return time.Now().Add(from).Unix() }
	for name, test := range map[string]struct {
		claims map[string]any
		why    string
	}{
		"in order":                    {map[string]any{}, ""},
		"one of several audiences":    {map[string]any{"aud": []string{"x", openidtest.Audience}}, ""},
		"another audience":            {map[string]any{"aud": "x"}, "audience"},
		"no audience":                 {map[string]any{"aud": nil}, "audience"},
		"audience in capitals":        {map[string]any{"aud": nil, "AUD": openidtest.Audience}, `a claim "AUD"`},
		"another issuer":              {map[string]any{"iss": f.Issuer + "/"}, "not in auth.oidc"},
		"no issuer":                   {map[string]any{"iss": nil}, "not in auth.oidc"},
		"expired within the leeway":   {map[string]any{"exp": at(-30 * time.Second)}, ""},
		"expired":                     {map[string]any{"exp": at(-61 * time.Second)}, "it has expired"},
		"no end":                      {map[string]any{"exp": nil}, "(exp)"},
		"an end in words":             {map[string]any{"exp": "tomorrow"}, "unmarshal"},
		"an end beyond all time":      {map[string]any{"exp": 9e18}, "(exp)"},
		"issued by a faster clock":    {map[string]any{"iat": at(30 * time.Second)}, ""},
		"issued in the future":        {map[string]any{"iat": at(2 * time.Minute)}, "(iat)"},
		"never issued":                {map[string]any{"iat": nil}, "(iat)"},
		"from a moment ago on":        {map[string]any{"nbf": at(-time.Minute)}, ""},
		"from now on, a faster clock": {map[string]any{"nbf": at(30 * time.Second)}, ""},
		"from later on":               {map[string]any{"nbf": at(2 * time.Minute)}, "(nbf)"},
		"issued to client_id":         {map[string]any{"azp": nil, "client_id": "collector"}, ""},
		"issued to appid":             {map[string]any{"azp": nil, "appid": "collector"}, ""},
		"issued to another":           {map[string]any{"azp": "x", "client_id": "collector"}, `issued to "x"`},
		"issued to nobody":            {map[string]any{"azp": nil}, "to whom it was issued"},
		"no user":                     {map[string]any{"sub": nil}, "sub is missing"},
		"an empty user":               {map[string]any{"sub": ""}, "sub is missing"},
		"a user that is a number":     {map[string]any{"sub": 5}, "unmarshal"},
		"a user of two lines":         {map[string]any{"sub": "kim\nroot"}, "cannot be a user name"},
		"a user with a blank":         {map[string]any{"sub": "kim root"}, "cannot be a user name"},
		"a user beyond ASCII":         {map[string]any{"sub": "kím"}, "cannot be a user name"},
		"a long user":                 {map[string]any{"sub": strings.Repeat("x", 128)}, ""},
		"a user beyond measure":       {map[string]any{"sub": strings.Repeat("x", 129)}, "a user name of 129 bytes"},
		"a claim that is elsewhere":   {map[string]any{"_claim_names": map[string]string{"a": "b"}}, "source"},
		"longer than is looked at":    {map[string]any{"x": strings.Repeat("x", openid.MaxToken)}, "longer than 16384"},
	} {
		t.Run(name, func(t *testing.T) {
			claims := map[string]any{"azp": "collector"}
			for name, value := range test.claims {
				claims[name] = value
			}
			wants(t, v, f.Token(claims), test.why)
		})
	}
}

// Only what the provider has signed, as a token to log in with, is a token.
func TestVerify_Forgeries(t *testing.T) {
	f := openidtest.StartFake(t)
	v, _, _ := verifierOf(named(f.Issuer))
	right := f.Token(nil)
	parts := strings.Split(right, ".")
	stranger := openidtest.StartFake(t)
	strangersKey := stranger.JWK()
	encoded := base64.RawURLEncoding.EncodeToString
	root := encoded(fmt.Appendf(nil, `{"iss":%q,"aud":%q,"sub":"root","iat":1,"exp":9999999999}`,
		f.Issuer, openidtest.Audience))
	for name, test := range map[string]struct{ token, why string }{
		"as it was given":                        {right, ""},
		"other claims":                           {parts[0] + "." + root + "." + parts[2], "no key"},
		"no signature":                           {parts[0] + "." + root + ".", "no key"},
		"alg none":                               {encoded([]byte(`{"alg":"none"}`)) + "." + root + ".", "algorithm"},
		"alg None":                               {encoded([]byte(`{"alg":"None"}`)) + "." + root + ".", "algorithm"},
		"no alg":                                 {f.Sign(map[string]any{"alg": nil}, nil), "algorithm"},
		"signed with the public key as a secret": {hs256(t, f, root), "algorithm"},
		"a stranger's key under our kid": {stranger.Sign(map[string]any{"kid": f.JWK()["kid"]},
			map[string]any{"iss": f.Issuer}), "no key"},
		"a stranger's key that comes along": {stranger.Sign(map[string]any{"jwk": strangersKey},
			map[string]any{"iss": f.Issuer}), "no key"},
		"a stranger's key, without kid": {stranger.Sign(map[string]any{"kid": nil},
			map[string]any{"iss": f.Issuer}), "no key"},
		"our key, without kid":    {f.Sign(map[string]any{"kid": nil}, nil), ""},
		"an access token":         {f.Sign(map[string]any{"typ": "at+jwt"}, nil), ""},
		"a log-out token":         {f.Sign(map[string]any{"typ": "logout+jwt"}, nil), "of type"},
		"an extension to respect": {f.Sign(map[string]any{"crit": []string{"x"}, "x": 1}, nil), "no key"},
		"another algorithm":       {f.Sign(map[string]any{"alg": "ES384"}, nil), "no key"},
		"a name twice":            {parts[0] + "." + encoded([]byte(`{"iss":"a","iss":"b"}`)) + ".x", "not readable"},
		"four parts":              {right + ".", "no signed JWT"},
		"two parts":               {parts[0] + "." + parts[1], "no signed JWT"},
		"nothing":                 {"", "no signed JWT"},
		"dots":                    {"..", "not readable"},
		"padded":                  {parts[0] + "=." + parts[1] + "." + parts[2], "not readable"},
		"JSON in place of it": {fmt.Sprintf(`{"payload":%q,"protected":%q,"signature":%q}`, parts[1], parts[0], parts[2]),
			"no signed JWT"},
	} {
		t.Run(name, func(t *testing.T) { wants(t, v, test.token, test.why) })
	}
}

// hs256 signs with what everybody can know of a key.
func hs256(t *testing.T, f *openidtest.Fake, claims string) string {
	t.Helper()
	public, err := json.Marshal(f.JWK())
	if err != nil {
		t.Fatal(err)
	}
	head := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, `{"alg":"HS256","kid":%q}`, f.JWK()["kid"]))
	mac := hmac.New(sha256.New, public)
	mac.Write([]byte(head + "." + claims))
	return head + "." + claims + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func TestVerify_WhoItIs(t *testing.T) {
	f := openidtest.StartFake(t)
	groups := map[string][]string{"reader": {"members"}, "lead": {"partners", "members"}}
	for name, test := range map[string]struct {
		issuer openid.Issuer // but for Issuer and Audience
		claims map[string]any
		want   openid.Identity
		why    string
	}{
		"a user of a record": {openid.Issuer{}, nil, openid.Identity{User: "kim"}, ""},
		"by another claim": {openid.Issuer{UserClaim: "preferred_username"},
			map[string]any{"preferred_username": "k"}, openid.Identity{User: "k"}, ""},
		"by a verified address": {openid.Issuer{UserClaim: "email"},
			map[string]any{"email": "k@example.com", "email_verified": true}, openid.Identity{User: "k@example.com"}, ""},
		"by an address that anybody can type": {openid.Issuer{UserClaim: "email"},
			map[string]any{"email": "k@example.com", "email_verified": false}, openid.Identity{}, "not verified"},
		"by an address that nobody has looked at": {openid.Issuer{UserClaim: "email"},
			map[string]any{"email": "k@example.com"}, openid.Identity{}, "not verified"},
		"one role": {openid.Issuer{GroupsClaim: "roles", Groups: groups}, map[string]any{"roles": "reader"},
			openid.Identity{User: "oidc:kim", Made: true, Groups: []string{"members"}}, ""},
		"two roles, one group in both": {openid.Issuer{GroupsClaim: "roles", Groups: groups},
			map[string]any{"roles": []any{"lead", 5, "reader", "x"}},
			openid.Identity{User: "oidc:kim", Made: true, Groups: []string{"members", "partners"}}, ""},
		"another prefix": {openid.Issuer{GroupsClaim: "roles", Groups: groups, UserPrefix: "isac:"},
			map[string]any{"roles": "reader"},
			openid.Identity{User: "isac:kim", Made: true, Groups: []string{"members"}}, ""},
		"a name as long as the record of it": {
			openid.Issuer{GroupsClaim: "roles", Groups: groups, UserPrefix: "isac:"},
			map[string]any{"roles": "reader", "sub": strings.Repeat("x", 123)},
			openid.Identity{User: "isac:" + strings.Repeat("x", 123), Made: true, Groups: []string{"members"}}, ""},
		"a name that would be cut on record": {
			openid.Issuer{GroupsClaim: "roles", Groups: groups, UserPrefix: "isac:"},
			map[string]any{"roles": "reader", "sub": strings.Repeat("x", 124)},
			openid.Identity{}, "a user name of 129 bytes"},
		"roles below": {openid.Issuer{GroupsClaim: "resource_access.cabstand.roles", Groups: groups},
			map[string]any{"resource_access": map[string]any{"cabstand": map[string]any{"roles": "reader"}}},
			openid.Identity{User: "oidc:kim", Made: true, Groups: []string{"members"}}, ""},
		"a name with dots": {openid.Issuer{GroupsClaim: "https://example.com/roles", Groups: groups},
			map[string]any{"https://example.com/roles": "reader"},
			openid.Identity{User: "oidc:kim", Made: true, Groups: []string{"members"}}, ""},
		"a role of no group": {openid.Issuer{GroupsClaim: "roles", Groups: groups},
			map[string]any{"roles": []string{"members", "Reader"}}, openid.Identity{}, "no value of its claim roles"},
		"no roles": {openid.Issuer{GroupsClaim: "roles", Groups: groups}, nil, openid.Identity{}, "no value"},
		"roles of another form": {openid.Issuer{GroupsClaim: "roles", Groups: groups},
			map[string]any{"roles": map[string]any{"reader": true}}, openid.Identity{}, "no value"},
	} {
		t.Run(name, func(t *testing.T) {
			test.issuer.Issuer, test.issuer.Audience = f.Issuer, openidtest.Audience
			v, _, _ := verifierOf(test.issuer)
			got := wants(t, v, f.Token(test.claims), test.why)
			if diff := cmp.Diff(test.want, got, cmpopts.IgnoreFields(got, "Expires")); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}
		})
	}
}

// Of a key set counts what tokens can be verified with; the rest does no harm.
func TestVerify_MixedKeySets(t *testing.T) {
	f := openidtest.StartFake(t)
	ours := f.JWK()
	forEncryption := f.JWK()
	forEncryption["use"] = "enc"
	bad := []any{
		map[string]any{"kty": "oct", "k": "c2VjcmV0", "kid": ours["kid"]},
		map[string]any{"kty": "OKP", "crv": "X448", "x": "AA"},
		map[string]any{"kty": "RSA", "n": shortModulus(t), "e": "AQAB"},
		map[string]any{"kty": "from the future"}, "no key", nil, forEncryption,
	}
	for name, test := range map[string]struct {
		keys []any
		good bool
	}{
		"with ours": {append([]any{ours}, bad...), true}, "without": {bad, false}, "none": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			f.Misbehave(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/keys" {
					openidtest.Answer(w, map[string]any{"keys": test.keys})
					return
				}
				openidtest.Answer(w, f.Metadata())
			})
			v, _, _ := verifierOf(named(f.Issuer))
			if test.good {
				wants(t, v, f.Token(nil), "")
			} else {
				isUnavailable(t, v, f.Token(nil))
			}
		})
	}
}

// shortModulus is that of an RSA key which can be broken.
func shortModulus(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(key.N.Bytes())
}

// A key that is for one algorithm is not taken for another one.
func TestVerify_KeyOfAnotherAlgorithm(t *testing.T) {
	f := openidtest.StartFake(t)
	f.Misbehave(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/keys" {
			openidtest.Answer(w, f.Metadata())
			return
		}
		key := f.JWK()
		key["alg"] = "ES512"
		openidtest.Answer(w, map[string]any{"keys": []any{key}})
	})
	v, _, _ := verifierOf(named(f.Issuer))
	wants(t, v, f.Token(nil), "no key")
}
