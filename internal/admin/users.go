package admin

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/config"
)

// User is a user as operators see one: without the hash.
type User struct {
	Name        string   `json:"name"`
	Groups      []string `json:"groups"`
	HasPassword bool     `json:"has_password"`
	Tokens      int      `json:"tokens"`
	// Certificates are names of client certificates that log in as the user.
	Certificates []string `json:"certificates,omitempty"`
	// Clearance is the user's own level of TLP, and ClearedFor the highest of it and of those of
	// the groups.
	Clearance  string `json:"clearance,omitempty"`
	ClearedFor string `json:"cleared_for"`
}

func (h *Handler) listUsers(*http.Request) (any, error) {
	tokens := map[string]int{}
	for _, t := range h.Directory.Tokens() {
		tokens[t.User]++
	}
	users := []User{}
	for _, u := range h.Directory.Users() {
		users = append(users, User{
			Name: u.Name, Groups: u.Groups, HasPassword: u.PasswordHash != "", Tokens: tokens[u.Name],
			Certificates: u.Certificates, Clearance: u.Clearance,
			ClearedFor: h.Directory.Clearance(u).String(),
		})
	}
	return users, nil
}

func (h *Handler) putUser(r *http.Request) (any, error) {
	var u config.User
	if err := decode(r, &u); err != nil {
		return nil, err
	}
	u.Name = r.PathValue("name")
	var written access.Written
	err := h.gated(r.Context(), func(ctx context.Context, d *rehearsal) error {
		_, err := d.directory.PutUser(ctx, u.User) // a password makes no difference
		return err
	}, func() (err error) {
		written, err = h.writeUser(r.Context(), u)
		return err
	})
	h.changed(r, "user", u.Name, written, "")
	return Changed{Kind: "user", Name: u.Name, Written: written}, err
}

// writeUser keeps the hash of a password that stays the same, so that applying a file twice
// changes nothing the second time, and the hash as a whole if neither is given.
func (h *Handler) writeUser(ctx context.Context, u config.User) (access.Written, error) {
	old, _ := h.Directory.User(u.Name)
	switch {
	case u.Password == "" && u.PasswordHash == "":
		u.PasswordHash = old.PasswordHash
	case u.Password != "" && access.CheckPassword(old.PasswordHash, u.Password):
		u.PasswordHash = old.PasswordHash
	case u.Password != "":
		u.PasswordHash = access.HashPassword(u.Password)
	}
	return h.Directory.PutUser(ctx, u.User)
}

func (h *Handler) removeUser(r *http.Request) (any, error) {
	name := r.PathValue("name")
	err := h.gated(r.Context(), func(ctx context.Context, d *rehearsal) error {
		return d.directory.RemoveUser(ctx, name)
	}, func() error { return h.Directory.RemoveUser(r.Context(), name) })
	return h.remove(r, "user", name, "The user's tokens went, too.", err)
}

// NewToken asks for a token.
type NewToken struct {
	User    string    `json:"user"`
	Name    string    `json:"name,omitempty"`
	Expires time.Time `json:"expires,omitzero"`
	// Collections, as ROOT/ID or ROOT/ALIAS, and Rights are what it is kept to; none means all.
	Collections []string       `json:"collections,omitempty"`
	Rights      []access.Right `json:"rights,omitempty"`
}

// Token is a token as operators see one. Secret is there once, in the answer that made it.
type Token struct {
	access.Token
	LastUsed time.Time `json:"last_used,omitzero"` // to some minutes, if another server saw it
	Secret   string    `json:"secret,omitempty"`
}

func (h *Handler) listTokens(r *http.Request) (any, error) {
	used, err := h.Directory.LastUses(r.Context())
	if err != nil {
		return nil, err
	}
	tokens := []Token{}
	for _, t := range h.Directory.Tokens() {
		tokens = append(tokens, Token{Token: h.shown(t), LastUsed: used[t.ID]})
	}
	return tokens, nil
}

// shown is a token without its hash, its collections by the names that commands call them.
func (h *Handler) shown(t access.Token) access.Token {
	t.Hash = ""
	t.Collections = slices.Clone(t.Collections)
	for i, key := range t.Collections {
		if c, err := h.Directory.FindCollection(key); err == nil { // else it is gone
			t.Collections[i] = c.Name()
		}
	}
	return t
}

func (h *Handler) addToken(r *http.Request) (any, error) {
	var asked NewToken
	if err := decode(r, &asked); err != nil {
		return nil, err
	}
	secret, t, err := h.Directory.AddToken(r.Context(), access.Token{
		User: asked.User, Name: asked.Name, Expires: asked.Expires,
		Collections: asked.Collections, Rights: asked.Rights,
	})
	if err == nil {
		h.changed(r, "token", t.ID, access.Written{Change: access.Created}, "of user "+t.User)
	}
	return Token{Token: h.shown(t), Secret: secret}, err
}

func (h *Handler) removeToken(r *http.Request) (any, error) {
	id := r.PathValue("id")
	return h.remove(r, "token", id, "", h.Directory.RemoveToken(r.Context(), id))
}
