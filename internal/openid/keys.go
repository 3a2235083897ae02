package openid

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

// keySet holds the keys that a provider publishes. It asks for them when a token comes that it
// has no key for, and at most once in askPause whatever tokens come, so that nobody can make
// this server a burden to the provider. A provider that is away stops nobody whose key is known
// before keepFor is over.
type keySet struct {
	issuer string
	now    func() time.Time
	log    *slog.Logger
	client *http.Client
	within time.Duration // how long the provider may take to answer
	wait   time.Duration // how long one may wait for another one's asking
	turn   chan struct{} // holds who is asking

	mu     sync.Mutex
	keys   []jose.JSONWebKey
	got    time.Time // when the keys came; zero without any
	asked  time.Time // when the provider was last asked; zero if never
	failed error     // why it gave no keys then
}

var _ oidc.KeySet = (*keySet)(nil)

const (
	askPause = 15 * time.Second
	// freshFor is how long a key that the provider has withdrawn may go on counting while the
	// provider answers, and keepFor while it does not.
	freshFor = time.Hour
	keepFor  = 24 * time.Hour

	turnWait = 5 * time.Second
)

func newKeySet(issuer string, o Options) *keySet {
	return &keySet{
		issuer: issuer, now: o.Now, log: o.Log.With("issuer", issuer), client: newClient(),
		within: fetchWithin, wait: turnWait, turn: make(chan struct{}, 1),
	}
}

// algorithms are those by which whoever can verify a token cannot make one.
func algorithms() []string {
	return []string{
		oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512,
		oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
	}
}

// obtain sees that the key of that ID, or any key for "", is at hand if the provider has it. The
// error wraps [ErrUnavailable] if that cannot be found out.
func (s *keySet) obtain(ctx context.Context, kid string) error {
	known, fresh := s.has(kid)
	switch {
	case known && fresh:
		return nil
	case known:
		// One request renews old keys, and nobody waits for it.
		select {
		case s.turn <- struct{}{}:
			defer func() { <-s.turn }()
			_ = s.ask(ctx) // the old keys do for now, and the log has the reason
		default:
		}
		return nil
	}
	return s.renew(ctx)
}

func (s *keySet) has(kid string) (known, fresh bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	age := s.now().Sub(s.got)
	if s.got.IsZero() || age >= keepFor {
		return false, false
	}
	return slices.ContainsFunc(s.keys, func(k jose.JSONWebKey) bool {
		return kid == "" || k.KeyID == kid
	}), age < freshFor
}

// renew asks the provider for its keys unless it was asked just now, by this one or by the one
// that this one has waited for.
func (s *keySet) renew(ctx context.Context) error {
	patience := time.NewTimer(s.wait)
	defer patience.Stop()
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
		return s.ask(ctx)
	case <-patience.C:
	case <-ctx.Done():
	}
	return fmt.Errorf("%w: others have been waiting for it", ErrUnavailable)
}

// ask is for who has the turn. What comes of it is for all, so that it does not end with the
// request that it began with.
func (s *keySet) ask(ctx context.Context) error {
	s.mu.Lock()
	asked, failed := s.asked, s.failed
	s.mu.Unlock()
	now := s.now()
	if !asked.IsZero() && now.Sub(asked) < askPause {
		return failed
	}
	keys, err := s.fetch(context.WithoutCancel(ctx))
	if err != nil {
		err = fmt.Errorf("%w: %s", ErrUnavailable, clipped(err.Error()))
	}
	switch {
	case err != nil && failed == nil:
		s.log.Warn("no keys from the OpenID provider, trying again when tokens come", "err", err)
	case err == nil && failed != nil:
		s.log.Info("keys from the OpenID provider again")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.failed = now, err
	if err == nil {
		s.keys, s.got = keys, now
	}
	return err
}

var errNoKey = errors.New("no key that the provider publishes has signed it")

// VerifySignature tries the keys at hand. It asks nobody for others.
func (s *keySet) VerifySignature(_ context.Context, token string) ([]byte, error) {
	var allowed []jose.SignatureAlgorithm
	for _, name := range algorithms() {
		allowed = append(allowed, jose.SignatureAlgorithm(name))
	}
	signed, err := jose.ParseSignedCompact(token, allowed)
	if err != nil {
		return nil, err
	}
	// Of the header only these two count. A key that comes along in it, or the address of one, is
	// what a forger would send.
	head := signed.Signatures[0].Header
	s.mu.Lock()
	keys := s.keys
	s.mu.Unlock()
	for _, k := range keys {
		if head.KeyID != "" && head.KeyID != k.KeyID ||
			k.Algorithm != "" && k.Algorithm != head.Algorithm {
			continue
		}
		if payload, err := signed.Verify(k.Key); err == nil {
			return payload, nil
		}
	}
	return nil, errNoKey
}

// minRSABits is what RFC 7518 §3.3 asks of a key.
const minRSABits = 2048

// verifies reports whether a key is one that tokens may be verified with: public, and not for
// encryption.
func verifies(k jose.JSONWebKey) bool {
	if k.Use != "" && k.Use != "sig" {
		return false
	}
	switch public := k.Key.(type) {
	case *rsa.PublicKey:
		return public.N.BitLen() >= minRSABits
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	}
	return false
}
