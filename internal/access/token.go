package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cabstand/cabstand/internal/check"
	"github.com/cabstand/cabstand/store"
)

// Token lets a tool log in as a user without the user's password. Only its hash is kept: it
// has 256 random bits, so that a fast hash is enough.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name" validate:"max=128"` // what it is for, as its owner says
	User    string    `json:"user" validate:"required"`
	Hash    string    `json:"hash,omitempty"` // SHA-256 of the secret, lower-case hex
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero means never
}

// tokenPrefix tells tokens from passwords, and lets secret scanners find leaked ones.
const tokenPrefix = "cab_"

// Tokens returns all tokens, expired ones too, by ascending user and time of creation.
func (d *Directory) Tokens() []Token {
	tokens := slices.Collect(maps.Values(d.current.Load().tokens))
	slices.SortFunc(tokens, func(a, b Token) int {
		if c := strings.Compare(a.User, b.User); c != 0 {
			return c
		}
		if c := a.Created.Compare(b.Created); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return tokens
}

// AddToken makes a token for a user and returns it with its secret, which nobody can find
// out again. An expires of zero means never.
func (d *Directory) AddToken(
	ctx context.Context, user, name string, expires time.Time,
) (secret string, t Token, err error) {
	t = Token{ID: uuid.NewString(), Name: name, User: user, Expires: expires}
	t.Created = d.now().UTC().Truncate(time.Second)
	if err := check.Struct(t); err != nil {
		return "", Token{}, fmt.Errorf("token: %w", err)
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	if err := d.Refresh(ctx); err != nil {
		return "", Token{}, err
	}
	if _, ok := d.User(user); !ok {
		return "", Token{}, fmt.Errorf("user %q: %w", user, store.ErrNotFound)
	}
	random := make([]byte, 32)
	rand.Read(random) // never fails: crypto/rand stops the process instead
	secret = tokenPrefix + base64.RawURLEncoding.EncodeToString(random)
	t.Hash = hashToken(secret)
	_, err = d.write(ctx, kindToken, t.ID, t)
	return secret, t, err
}

// RemoveToken revokes a token.
func (d *Directory) RemoveToken(ctx context.Context, id string) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	return d.remove(ctx, kindToken, id)
}

func hashToken(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
