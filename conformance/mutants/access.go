package mutants

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// user is somebody who may log in, with the password or with the token.
type user struct {
	name, password, token string
}

// authenticateUser knows Basic, Bearer and Token, whose names are case-blind, and the header
// X-API-Key. The token also serves as a Basic password: some clients have nothing else.
func authenticateUser(r *http.Request, users []*user) *user {
	if key := r.Header.Get("X-API-Key"); key != "" {
		return userByToken(users, key)
	}
	scheme, credentials, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	credentials = strings.TrimSpace(credentials)
	switch strings.ToLower(scheme) {
	case "bearer", "token":
		return userByToken(users, credentials)
	case "basic":
		return userByPassword(users, credentials)
	}
	return nil
}

func userByToken(users []*user, token string) *user {
	for _, u := range users {
		if token != "" && u.token == token {
			return u
		}
	}
	return nil
}

// userByPassword takes the credentials of Basic (RFC 7617).
func userByPassword(users []*user, credentials string) *user {
	text, err := base64.StdEncoding.DecodeString(credentials)
	if err != nil {
		return nil
	}
	name, password, _ := strings.Cut(string(text), ":")
	for _, u := range users {
		if u.name == name && (u.password == password || u.token == password) {
			return u
		}
	}
	return nil
}

// unauthorized says the same whatever was wrong with the credentials.
func (s *Server) unauthorized() error {
	return &refusal{
		code:   http.StatusUnauthorized,
		why:    "Log in with a user name and password, or with a token.",
		header: http.Header{"Www-Authenticate": slices.Clone(s.b.challenges)},
	}
}

func knowsCollection(u *user, col *collection) bool { return slices.Contains(col.known, u.name) }

// rightsOf is both what the collection resource tells and what is enforced (§5.2.1).
func rightsOf(u *user, col *collection) (read, write bool) {
	return slices.Contains(col.readers, u.name), slices.Contains(col.writers, u.name)
}

// refusalCode is 404 for somebody without any right, as if the collection did not exist, and
// 403 for a right that is missing beside another. That is also the table of §5.7.
func refusalCode(c *call, read, write bool) int {
	allowed := read
	switch c.endpoint {
	case atCollection:
		allowed = true
	case atAdd:
		allowed = write
	case atDelete:
		allowed = read && write
	}
	switch {
	case allowed:
		return 0
	case read || write:
		return http.StatusForbidden
	}
	return http.StatusNotFound
}

// admit finds the collection of a request and checks the user's rights on it. A collection that
// is hidden is refused in the same words as one that does not exist.
func (s *Server) admit(c *call) error {
	col := c.root.find(c.collectionName)
	if col == nil || !s.b.knows(c.user, col) {
		return refuse(http.StatusNotFound, noCollection)
	}
	c.col = col
	read, write := s.b.rights(c.user, col)
	switch code := s.b.refusal(c, read, write); code {
	case 0:
		return nil
	case http.StatusNotFound:
		return refuse(code, noCollection)
	default:
		return refuse(code, "Your account lacks the right to do this in the collection.")
	}
}

const noCollection = "There is no such collection."

// known lists the collections of the API root that the user gets to see, in order.
func (s *Server) known(c *call) []*collection {
	var cols []*collection
	for _, col := range c.root.collections {
		if s.b.knows(c.user, col) {
			cols = append(cols, col)
		}
	}
	s.b.orderCollections(cols)
	return cols
}
