package access

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/cabstand/cabstand/internal/openid"
	"github.com/cabstand/cabstand/taxii/server"
)

// byBearer tells the two kinds of tokens apart by their form, never by trying one after the
// other: those of a provider have two dots, and those of this server, which begin with cab_,
// have none.
func (d *Directory) byBearer(s *snapshot, r *http.Request, secret string) (caller, error) {
	if d.openID == nil || strings.HasPrefix(secret, tokenPrefix) || !openid.IsJWT(secret) {
		return d.byToken(s, r, secret)
	}
	identity, err := d.identify(r.Context(), secret)
	switch {
	case errors.Is(err, openid.ErrUnavailable):
		return caller{}, server.ErrTryLater
	case err != nil:
		return caller{}, d.wrongToken(r, err.Error())
	}
	user, ok := s.userOf(identity)
	if !ok {
		return caller{}, d.wrongToken(r, "token for a user that there is not")
	}
	return caller{snapshot: s, user: user}, nil
}

// identifiedFor is how long a verified token is not verified again: for so long it goes on
// counting after its provider has withdrawn the key.
const identifiedFor = time.Minute

// identify remembers what tokens say, and not what that is worth here: users who are removed are
// removed for tokens, too.
func (d *Directory) identify(ctx context.Context, token string) (openid.Identity, error) {
	mark := d.identities.mark(token)
	if identity, ok := d.identities.recall(mark); ok {
		return identity, nil
	}
	identity, err := d.openID.Verify(ctx, token)
	if err != nil {
		return openid.Identity{}, err
	}
	until := d.now().Add(identifiedFor)
	if identity.Expires.Before(until) {
		until = identity.Expires
	}
	d.identities.remember(mark, identity, until)
	return identity, nil
}

// userOf returns the user of a record, or the one that the token makes: by its name, which has a
// colon, no list of rights means that user, so that all its rights are those of its groups.
func (s *snapshot) userOf(i openid.Identity) (User, bool) {
	if i.Made {
		return User{Name: i.User, Groups: i.Groups}, true
	}
	user, ok := s.users[i.User]
	return user, ok
}
