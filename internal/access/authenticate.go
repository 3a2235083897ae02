package access

import (
	"net/http"
	"strings"

	"github.com/cabstand/cabstand/taxii/server"
)

// headerAPIKey is where some products can put a token and nowhere else.
const headerAPIKey = "X-API-Key"

// Authenticate says who sends a request: a user by Basic log-in; the owner of a token by
// Bearer, Token, X-API-Key or the header of [Options], or as the password of a Basic log-in
// under any user name; whoever a token of an OpenID provider stands for, by Bearer alone; the
// user whom the client certificate of the connection belongs to; or nobody. Tools that know only
// Basic can so use tokens, too. Schemes are case-blind (RFC 9110 §11.1).
//
// Whoever sends a certificate of a user and other credentials must be that user by both.
func (d *Directory) Authenticate(r *http.Request) (server.Caller, error) {
	s := d.current.Load()
	certified, err := s.byCertificate(r)
	if err != nil {
		return nil, err
	}
	c, err := d.byHeaders(s, r)
	switch {
	case err != nil:
		return nil, err
	case certified.Name == "" && c.user.Name == "":
		d.tellOfStranger(r)
		return c, nil
	case c.user.Name == "":
		return caller{snapshot: s, user: certified}, nil
	case certified.Name != "" && certified.Name != c.user.Name:
		return nil, server.ErrUnauthorized
	}
	return c, nil
}

// tellOfStranger tells operators the names of a certificate that could be given to a user.
func (d *Directory) tellOfStranger(r *http.Request) {
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		d.verifier.throttle.told.stranger(
			certificateNames(r.TLS.VerifiedChains[0][0]), server.NetworkOf(r.RemoteAddr))
	}
}

// byHeaders returns nobody if there are no credentials in them.
func (d *Directory) byHeaders(s *snapshot, r *http.Request) (caller, error) {
	headers := r.Header.Values("Authorization")
	key := r.Header.Get(headerAPIKey)
	if key == "" && d.tokenHeader != "" {
		key = r.Header.Get(d.tokenHeader)
	}
	switch {
	case len(headers) > 1:
		return caller{}, server.ErrUnauthorized
	case len(headers) == 0 && key == "":
		return caller{snapshot: s}, nil
	case len(headers) == 0:
		return d.byToken(s, r, key)
	}
	scheme, credentials, _ := strings.Cut(strings.TrimSpace(headers[0]), " ")
	switch strings.ToLower(scheme) {
	case "basic":
		return d.basic(s, r)
	case "bearer":
		return d.byBearer(s, r, strings.TrimSpace(credentials))
	case "token":
		return d.byToken(s, r, strings.TrimSpace(credentials))
	}
	return caller{}, server.ErrUnauthorized
}

// basic tries a token first: that costs a fast hash, a password a slow one.
func (d *Directory) basic(s *snapshot, r *http.Request) (caller, error) {
	name, password, ok := r.BasicAuth()
	if !ok {
		return caller{}, server.ErrUnauthorized
	}
	if strings.HasPrefix(password, tokenPrefix) {
		if c, ok := d.owner(s, password); ok {
			return c, nil
		}
	}
	user := s.users[name]
	right, err := d.verifier.verify(
		name, user.PasswordHash, password, server.NetworkOf(r.RemoteAddr))
	if err != nil {
		return caller{}, err
	}
	if !right || user.Name == "" {
		return caller{}, server.ErrUnauthorized
	}
	return caller{snapshot: s, user: user}, nil
}

// byToken never keeps a right token waiting: to look one up costs no more than to count it.
func (d *Directory) byToken(s *snapshot, r *http.Request, secret string) (caller, error) {
	if c, ok := d.owner(s, secret); ok {
		return c, nil
	}
	return caller{}, d.wrongToken(r, "")
}

// wrongToken counts a token that is not right, and says what the client is told: nothing of why.
func (d *Directory) wrongToken(r *http.Request, why string) error {
	if err := d.verifier.throttle.beginToken(server.NetworkOf(r.RemoteAddr), why); err != nil {
		return err
	}
	return server.ErrUnauthorized
}

// owner looks a token up by its hash. The time that takes tells nothing of the secret.
func (d *Directory) owner(s *snapshot, secret string) (caller, bool) {
	t, ok := s.tokens[hashToken(secret)]
	if !ok || !t.Expires.IsZero() && !d.now().Before(t.Expires) {
		return caller{}, false
	}
	user, ok := s.users[t.User]
	if ok {
		d.uses.note(t.ID, d.now())
	}
	return caller{snapshot: s, user: user, token: t}, ok
}
