package access

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/check"
	"github.com/cabstand/cabstand/store"
)

// User is someone, or some tool, that logs in.
type User struct {
	Name   string   `json:"name" yaml:"name" validate:"required,principal,ne=anyone"`
	Groups []string `json:"groups,omitempty" yaml:"groups" validate:"dive,principal,ne=anyone"`
	// PasswordHash is argon2id in the PHC string format; "" allows tokens only.
	PasswordHash string `json:"password_hash,omitempty" yaml:"password_hash"`
	// Certificates are names of client certificates that log in as this user: subject:, dns:,
	// email: or uri: and the name, exactly as it stands in the certificate.
	Certificates []string `json:"certificates,omitempty" yaml:"certificates" validate:"dive,max=1024"`
	// Clearance is the level of TLP that the user may have, unless a group gives a higher one; ""
	// leaves it to the groups. It is kept in the words of TLP 2.0.
	Clearance string `json:"clearance,omitempty" yaml:"clearance" validate:"omitempty,tlp"`
}

// Users returns all users by ascending name.
func (d *Directory) Users() []User {
	users := slices.Collect(maps.Values(d.current.Load().users))
	slices.SortFunc(users, func(a, b User) int { return strings.Compare(a.Name, b.Name) })
	return users
}

// User returns a user by name.
func (d *Directory) User(name string) (User, bool) {
	u, ok := d.current.Load().users[name]
	return u, ok
}

// PutUser writes a user and reports what that changed. The hash must be readable: a user who
// can never log in is a mistake better told at once.
func (d *Directory) PutUser(ctx context.Context, u User) (Written, error) {
	if err := check.Struct(u); err != nil {
		return Written{Change: Unchanged}, fmt.Errorf("user %q: %w", u.Name, err)
	}
	if u.PasswordHash != "" {
		if _, err := parseHash(u.PasswordHash); err != nil {
			return Written{Change: Unchanged}, fmt.Errorf("user %q: password_hash: %w", u.Name, err)
		}
	}
	if err := checkCertificates(u.Certificates); err != nil {
		return Written{Change: Unchanged}, fmt.Errorf("user %q: %w", u.Name, err)
	}
	u.Clearance = levelWord(u.Clearance)
	d.writing.Lock()
	defer d.writing.Unlock()
	if err := d.Refresh(ctx); err != nil {
		return Written{Change: Unchanged}, err
	}
	if err := d.current.Load().claim(u); err != nil {
		return Written{Change: Unchanged}, err
	}
	return d.write(ctx, kindUser, u.Name, u)
}

// RemoveUser removes a user and all of the user's tokens.
func (d *Directory) RemoveUser(ctx context.Context, name string) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	if err := d.Refresh(ctx); err != nil {
		return err
	}
	for _, t := range d.Tokens() {
		if t.User != name {
			continue
		}
		if err := d.removeToken(ctx, t.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return d.remove(ctx, kindUser, name)
}
