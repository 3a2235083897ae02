package access

import (
	"net/http"
	"strings"

	"github.com/cabstand/cabstand/taxii/server"
)

// headerAPIKey is where some products can put a token and nowhere else.
const headerAPIKey = "X-API-Key"

// Authenticate says who sends a request: a user by Basic log-in; the owner of a token by
// Bearer, Token, X-API-Key, or as the password of a Basic log-in under any user name; or
// nobody. Tools that know only Basic can so use tokens, too. Schemes are case-blind
// (RFC 9110 §11.1).
func (d *Directory) Authenticate(r *http.Request) (server.Caller, error) {
	s := d.current.Load()
	headers := r.Header.Values("Authorization")
	key := r.Header.Get(headerAPIKey)
	switch {
	case len(headers) > 1:
		return nil, server.ErrUnauthorized
	case len(headers) == 0 && key == "":
		return caller{snapshot: s}, nil
	case len(headers) == 0:
		return d.byToken(s, key)
	}
	scheme, credentials, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
	switch strings.ToLower(scheme) {
	case "basic":
		return d.basic(s, r)
	case "bearer", "token":
		return d.byToken(s, strings.TrimSpace(credentials))
	}
	return nil, server.ErrUnauthorized
}

// basic tries a token first: that costs a fast hash, a password a slow one.
func (d *Directory) basic(s *snapshot, r *http.Request) (server.Caller, error) {
	name, password, ok := r.BasicAuth()
	if !ok {
		return nil, server.ErrUnauthorized
	}
	if strings.HasPrefix(password, tokenPrefix) {
		if c, err := d.byToken(s, password); err == nil {
			return c, nil
		}
	}
	user := s.users[name]
	right, err := d.verifier.verify(name, user.PasswordHash, password)
	if err != nil {
		return nil, err
	}
	if !right || user.Name == "" {
		return nil, server.ErrUnauthorized
	}
	return caller{snapshot: s, user: user}, nil
}

// byToken looks a token up by its hash. The time that takes tells nothing of the secret.
func (d *Directory) byToken(s *snapshot, secret string) (server.Caller, error) {
	t, ok := s.tokens[hashToken(secret)]
	if !ok || !t.Expires.IsZero() && !d.now().Before(t.Expires) {
		return nil, server.ErrUnauthorized
	}
	user, ok := s.users[t.User]
	if !ok {
		return nil, server.ErrUnauthorized
	}
	return caller{snapshot: s, user: user, token: t.ID}, nil
}
