package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"sync"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// keeper is the storage of the library's own example with keys that rotate, claims of the test's
// choice in all tokens, and JWTs as access tokens of services.
type keeper struct {
	*storage.Storage

	mu     sync.Mutex
	keys   []key // the newest last; it signs, and the one before is still published
	claims map[string]any
}

var (
	_ op.Storage                   = (*keeper)(nil)
	_ op.ClientCredentialsStorage  = (*keeper)(nil)
	_ op.CanSetUserinfoFromRequest = (*keeper)(nil)
)

func newKeeper(s *storage.Storage) (*keeper, error) {
	k := &keeper{Storage: s}
	return k, k.rotate()
}

// key signs with ES256. It is both halves for the library; published is the public one.
type key struct {
	id      string
	private *ecdsa.PrivateKey
}

func (k key) SignatureAlgorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (k key) Key() any                                    { return k.private }
func (k key) ID() string                                  { return k.id }

type published struct{ key }

func (p published) Algorithm() jose.SignatureAlgorithm { return jose.ES256 }
func (p published) Use() string                        { return "sig" }
func (p published) Key() any                           { return &p.private.PublicKey }

// rotate makes the key that signs from now on, and withdraws the last but one.
func (k *keeper) rotate() error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make a key: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.keys = append(k.keys, key{rand.Text(), private})
	k.keys = k.keys[max(0, len(k.keys)-2):]
	return nil
}

func (k *keeper) setClaims(from io.Reader) error {
	var claims map[string]any
	if err := json.NewDecoder(from).Decode(&claims); err != nil {
		return fmt.Errorf("read claims: %w", err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.claims = claims
	return nil
}

func (k *keeper) SigningKey(context.Context) (op.SigningKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.keys[len(k.keys)-1], nil
}

func (k *keeper) SignatureAlgorithms(context.Context) ([]jose.SignatureAlgorithm, error) {
	return []jose.SignatureAlgorithm{jose.ES256}, nil
}

func (k *keeper) KeySet(context.Context) (set []op.Key, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, one := range k.keys {
		set = append(set, published{one})
	}
	return set, nil
}

// GetPrivateClaimsFromScopes is asked for JWTs that are access tokens.
func (k *keeper) GetPrivateClaimsFromScopes(
	context.Context, string, string, []string,
) (map[string]any, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return maps.Clone(k.claims), nil
}

// SetUserinfoFromRequest is asked for ID tokens.
func (k *keeper) SetUserinfoFromRequest(
	ctx context.Context, info *oidc.UserInfo, token op.IDTokenRequest, scopes []string,
) error {
	if err := k.Storage.SetUserinfoFromRequest(ctx, info, token, scopes); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, value := range k.claims {
		info.AppendClaims(name, value)
	}
	return nil
}

// service is a client that logs in by itself and is given a JWT.
type service struct{ op.Client }

func (service) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }

func (k *keeper) ClientCredentials(ctx context.Context, id, secret string) (op.Client, error) {
	client, err := k.Storage.ClientCredentials(ctx, id, secret)
	return service{client}, err
}

// ClientCredentialsTokenRequest gives out tokens for the API that is called cabstand, not for
// the client itself.
func (k *keeper) ClientCredentialsTokenRequest(
	ctx context.Context, id string, scopes []string,
) (op.TokenRequest, error) {
	return &oidc.JWTTokenRequest{
		Subject: id, Audience: []string{"cabstand"}, Scopes: scopes,
	}, nil
}
