package openidtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Fake is a provider in the process of the test, which signs whatever the test wants and answers
// as badly as the test wants. It is safe for concurrent use.
type Fake struct {
	Issuer string // its URL

	asked     atomic.Int64
	mu        sync.Mutex
	key       *ecdsa.PrivateKey
	kid       string
	misbehave http.HandlerFunc // nil while it behaves
}

// StartFake starts a provider that ends with the test.
func StartFake(tb testing.TB) *Fake {
	tb.Helper()
	f := &Fake{}
	server := httptest.NewServer(f)
	tb.Cleanup(server.Close)
	f.Issuer = server.URL
	f.Rotate(tb)
	return f
}

// Rotate makes a new key, and withdraws the old one at once.
func (f *Fake) Rotate(tb testing.TB) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.key, f.kid = key, rand.Text()
}

// Misbehave lets answer take every request from now on; nil ends that.
func (f *Fake) Misbehave(answer http.HandlerFunc) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.misbehave = answer
}

// Asked is how many requests there have been.
func (f *Fake) Asked() int { return int(f.asked.Load()) }

// Metadata is what it answers to who discovers it.
func (f *Fake) Metadata() map[string]any {
	return map[string]any{"issuer": f.Issuer, "jwks_uri": f.Issuer + "/keys"}
}

// JWK is its public key.
func (f *Fake) JWK() map[string]any {
	f.mu.Lock()
	defer f.mu.Unlock()
	point, err := f.key.PublicKey.Bytes() // 4, and both coordinates of 32 bytes
	if err != nil {
		panic(err) // of a key that was made here there is a point
	}
	return map[string]any{
		"kty": "EC", "crv": "P-256", "use": "sig", "kid": f.kid,
		"x": encoded(point[1:33]), "y": encoded(point[33:]),
	}
}

func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.asked.Add(1)
	f.mu.Lock()
	misbehave := f.misbehave
	f.mu.Unlock()
	switch {
	case misbehave != nil:
		misbehave(w, r)
	case r.URL.Path == "/.well-known/openid-configuration":
		Answer(w, f.Metadata())
	case r.URL.Path == "/keys":
		Answer(w, map[string]any{"keys": []any{f.JWK()}})
	default:
		http.NotFound(w, r)
	}
}

// Answer writes a value as JSON.
func Answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // who went away is told nothing
}

// Token returns a token for [Audience] that is in order for an hour but for the claims that are
// given, of which nil takes one away.
func (f *Fake) Token(claims map[string]any) string {
	return f.Sign(nil, claims)
}

// Sign is Token with a say in the header, too. The signature is ES256 whatever that says.
func (f *Fake) Sign(header, claims map[string]any) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	signed := part(map[string]any{"alg": "ES256", "typ": "JWT", "kid": f.kid}, header) + "." +
		part(map[string]any{
			"iss": f.Issuer, "aud": Audience, "sub": "kim", "iat": now.Unix(),
			"exp": now.Add(time.Hour).Unix(),
		}, claims)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, f.key, sum[:])
	if err != nil {
		panic(err) // only a broken source of randomness does this
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signed + "." + encoded(signature)
}

func part(usual, changed map[string]any) string {
	maps.Copy(usual, changed)
	maps.DeleteFunc(usual, func(_ string, value any) bool { return value == nil })
	text, err := json.Marshal(usual)
	if err != nil {
		panic(err) // only a test can have given what has no JSON
	}
	return encoded(text)
}

func encoded(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
