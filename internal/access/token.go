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

// Token lets a tool log in as a user without the user's password, for all that the user may do
// or for less. Only its hash is kept: it has 256 random bits, so that a fast hash is enough.
type Token struct {
	ID      string    `json:"id"`
	Name    string    `json:"name" validate:"max=128"` // what it is for, as its owner says
	User    string    `json:"user" validate:"required"`
	Hash    string    `json:"hash,omitempty"` // SHA-256 of the secret, lower-case hex
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires,omitzero"` // zero means never
	// Collections are the keys of the only collections that the token is for, whatever else its
	// user sees; none means all, as in records from before there were any.
	Collections []string `json:"collections,omitempty"`
	// Rights are the only ones that the token has, in the order of [Rights]; none means all.
	Rights []Right `json:"rights,omitempty" validate:"dive,oneof=read write delete manage"`
}

// Right is something that one may do with a collection.
type Right string

// The rights that a token can be kept to.
const (
	RightRead   Right = "read"
	RightWrite  Right = "write"
	RightDelete Right = "delete"
	RightManage Right = "manage"
)

// Rights returns all rights.
func Rights() []Right { return []Right{RightRead, RightWrite, RightDelete, RightManage} }

// allows reports whether the token is for a collection and a right. Whether its user has that
// right is another question.
func (t Token) allows(key string, right Right) bool {
	return (len(t.Collections) == 0 || slices.Contains(t.Collections, key)) &&
		(len(t.Rights) == 0 || slices.Contains(t.Rights, right))
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

// AddToken makes a token and returns it with its secret, which nobody can find out again. Of t
// count User, Name, Expires, Collections, by any of their names, and Rights.
func (d *Directory) AddToken(
	ctx context.Context, t Token,
) (secret string, made Token, err error) {
	t.ID, t.Created = uuid.NewString(), d.now().UTC().Truncate(time.Second)
	if err := check.Struct(t); err != nil {
		return "", Token{}, fmt.Errorf("token: %w", err)
	}
	if t.Rights, err = arrangeRights(t.Rights); err != nil {
		return "", Token{}, err
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	if err := d.Refresh(ctx); err != nil {
		return "", Token{}, err
	}
	if _, ok := d.User(t.User); !ok {
		return "", Token{}, fmt.Errorf("user %q: %w", t.User, store.ErrNotFound)
	}
	if t.Collections, err = d.collectionKeys(t.Collections); err != nil {
		return "", Token{}, err
	}
	random := make([]byte, 32)
	rand.Read(random) // never fails: crypto/rand stops the process instead
	secret = tokenPrefix + base64.RawURLEncoding.EncodeToString(random)
	t.Hash = hashToken(secret)
	_, err = d.write(ctx, kindToken, t.ID, t)
	return secret, t, err
}

// arrangeRights gives a list of rights the one order that it is kept in.
func arrangeRights(given []Right) ([]Right, error) {
	var arranged []Right
	for _, right := range Rights() {
		if slices.Contains(given, right) {
			arranged = append(arranged, right)
		}
	}
	has := func(right Right) bool { return slices.Contains(given, right) }
	switch {
	case has(RightDelete) && !(has(RightRead) && has(RightWrite)):
		return nil, check.Faults{{Key: "rights", Complaint: "has delete, which takes read and write, " +
			"too (TAXII 2.1 section 5.7); give all three, or leave delete out"}}
	case has(RightManage) && !has(RightRead):
		return nil, check.Faults{{Key: "rights", Complaint: "has manage, which takes read, too; " +
			"give both, or leave manage out"}}
	}
	return arranged, nil
}

// collectionKeys finds collections by their names. A token keeps their keys, so that it never
// comes to be for another collection that is given the alias of one.
func (d *Directory) collectionKeys(names []string) ([]string, error) {
	var keys []string
	for _, name := range names {
		c, err := d.FindCollection(name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, c.Key())
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

// RemoveToken revokes a token.
func (d *Directory) RemoveToken(ctx context.Context, id string) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	return d.removeToken(ctx, id)
}

func (d *Directory) removeToken(ctx context.Context, id string) error {
	if err := d.remove(ctx, kindToken, id); err != nil {
		return err
	}
	return d.uses.forget(ctx, id)
}

func hashToken(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
