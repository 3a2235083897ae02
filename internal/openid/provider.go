package openid

import (
	"context"
	"encoding/json"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// provider verifies the tokens of one issuer.
type provider struct {
	issuer   Issuer
	now      func() time.Time
	keys     *keySet
	verifier *oidc.IDTokenVerifier
}

func newProvider(i Issuer, o Options) *provider {
	p := &provider{issuer: i, now: o.Now, keys: newKeySet(i.Issuer, o)}
	p.verifier = oidc.NewVerifier(i.Issuer, p.keys, &oidc.Config{
		ClientID: i.Audience, SupportedSigningAlgs: algorithms(),
		// The library has no leeway for one end of the time and five minutes for the other.
		SkipExpiryCheck: true,
	})
	return p
}

// verify judges a token by its claims, once it is certain that they are the provider's.
func (p *provider) verify(ctx context.Context, h header, token string) (Identity, error) {
	c, err := p.claimsOf(ctx, h, token)
	if err != nil {
		return Identity{}, err
	}
	expires, err := c.inTime(p.now())
	if err != nil {
		return Identity{}, err
	}
	if err := c.issuedTo(p.issuer.AuthorizedParties); err != nil {
		return Identity{}, err
	}
	return p.issuer.identify(c, expires)
}

// claimsOf verifies signature, issuer and audience. It trusts the header in nothing but which key
// to have at hand.
func (p *provider) claimsOf(ctx context.Context, h header, token string) (claims, error) {
	if err := p.keys.obtain(ctx, h.kid); err != nil {
		return nil, err
	}
	verified, err := p.verifier.Verify(ctx, token)
	if err != nil && h.kid == "" {
		// A token that does not name its key may be signed with a new one.
		if err := p.keys.renew(ctx); err != nil {
			return nil, err
		}
		verified, err = p.verifier.Verify(ctx, token)
	}
	if err != nil {
		return nil, refused("%v", err)
	}
	var payload json.RawMessage
	if err := verified.Claims(&payload); err != nil {
		return nil, refused("%v", err)
	}
	return readClaims(payload)
}
