package openid

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"
)

// Identity is who a token says a client is.
type Identity struct {
	// User is the name of the user; a user that a record must have unless Made is true.
	User string
	// Made says that the token makes the user, who is in Groups and nothing else.
	Made   bool
	Groups []string // in alphabetical order; at least one if Made is true
	// Expires is when the token counts no more.
	Expires time.Time
}

var (
	// ErrRefused says that a token logs nobody in. The text around it is for operators: it tells
	// what is wrong, without the token itself.
	ErrRefused = errors.New("token refused")
	// ErrUnavailable says that a token cannot be judged now, because the provider does not give
	// the keys to do it with.
	ErrUnavailable = errors.New("the OpenID provider does not answer as it should")
)

// MaxToken is the length of the longest token that is looked at, in bytes.
const MaxToken = 16 << 10

// Verifier verifies the tokens of some issuers. It is safe for concurrent use.
type Verifier struct {
	providers map[string]*provider // by issuer
}

// Options are what a verifier may be told; the zero value works.
type Options struct {
	Now func() time.Time // nil is time.Now
	Log *slog.Logger     // nil discards
}

// New returns a verifier of the tokens of issuers that [Check] has found no fault with. It asks
// no provider for anything before a token of it comes.
func New(issuers []Issuer, o Options) *Verifier {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	v := &Verifier{providers: map[string]*provider{}}
	for _, i := range issuers {
		v.providers[i.Issuer] = newProvider(i.withDefaults(), o)
	}
	return v
}

// Groups returns all groups that tokens can put a user into, in alphabetical order. A nil
// verifier has none.
func (v *Verifier) Groups() []string {
	if v == nil {
		return nil
	}
	groups := map[string]bool{}
	for _, p := range v.providers {
		for _, some := range p.issuer.Groups {
			for _, group := range some {
				groups[group] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(groups))
}

// IsJWT reports whether text has the form of a signed JWT: three parts with dots between.
func IsJWT(text string) bool { return strings.Count(text, ".") == 2 }

// Verify tells who a token says its sender is. The error wraps [ErrRefused] or
// [ErrUnavailable]. It may wait some seconds for the provider, as long as ctx goes on.
func (v *Verifier) Verify(ctx context.Context, token string) (Identity, error) {
	if len(token) > MaxToken {
		return Identity{}, refused("it is longer than %d bytes", MaxToken)
	}
	h, err := readHeader(token)
	if err != nil {
		return Identity{}, err
	}
	p, ok := v.providers[h.issuer]
	if !ok {
		return Identity{}, refused("its issuer %q is not in auth.oidc", clipped(h.issuer))
	}
	return p.verify(ctx, h, token)
}

// refused says why a token logs nobody in.
func refused(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrRefused, clipped(fmt.Sprintf(format, args...)))
}

// clipped shortens what a token or a provider may have chosen to what fits on a line.
func clipped(text string) string {
	const most = 300
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strings.ToValidUTF8(text, "?")
}
