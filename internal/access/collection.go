package access

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/cabstand/cabstand/internal/check"
	"github.com/cabstand/cabstand/stix/admission"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii/server"
)

// Collection is a TAXII collection and who may use it.
type Collection struct {
	Root string `json:"root" yaml:"root" validate:"required,segment"`
	// ID is a random UUID (TAXII 2.1 §5.2.1). A collection declared without one keeps the ID
	// it has under its alias, or is given one.
	ID string `json:"id" yaml:"id" validate:"omitempty,uuid4"`
	// Alias is a name of the collection in URLs, unique within its root.
	Alias       string `json:"alias,omitempty" yaml:"alias" validate:"omitempty,segment"`
	Title       string `json:"title" yaml:"title" validate:"required,max=250"`
	Description string `json:"description,omitempty" yaml:"description"`
	// Read and Write name the users and groups with that right; Anyone needs no log-in.
	Read  []string `json:"read,omitempty" yaml:"read" validate:"dive,principal"`
	Write []string `json:"write,omitempty" yaml:"write" validate:"dive,principal"`
	// Delete names those who may delete, of those who may read and write; none means all of them.
	Delete []string `json:"delete,omitempty" yaml:"delete" validate:"dive,principal"`
	// Manage names those who see all of the collection, whatever its objects are marked with, and
	// the statuses of everybody's pushes. Of those who may read and write they may delete.
	Manage []string `json:"manage,omitempty" yaml:"manage" validate:"dive,principal,ne=anyone"`
	// Release says which objects those who may read have; zero means all.
	Release ReleaseRule `json:"release,omitzero" yaml:"release"`
	// Validation is what happens to pushed objects that break rules of STIX; "" is reject, and
	// never what a [Directory] returns.
	Validation server.Validation `json:"validation,omitempty" yaml:"validation" validate:"omitempty,oneof=reject warn off"`
	// Accept is what the collection asks of objects besides, from whatever source.
	Accept admission.Policy `json:"accept,omitzero" yaml:"accept"`
}

// Key names the collection in the store; it does not change while the collection lives.
func (c Collection) Key() string { return c.Root + "/" + c.ID }

// Name is how commands call the collection: root and alias, or root and ID.
func (c Collection) Name() string {
	if c.Alias != "" {
		return c.Root + "/" + c.Alias
	}
	return c.Key()
}

// Warnings are sentences about what is allowed and likely to hurt.
func (c Collection) Warnings() []string {
	var warnings []string
	if strings.Contains(c.Title, ".") {
		warnings = append(warnings, fmt.Sprintf("the title %q of collection %s has a dot; some "+
			"clients choose collections by root.title and cut it there", c.Title, c.Name()))
	}
	if slices.Contains(c.Write, Anyone) {
		warnings = append(warnings, fmt.Sprintf(
			"anyone may write to collection %s without a log-in", c.Name()))
	}
	if len(c.Read)+len(c.Write)+len(c.Manage) == 0 {
		warnings = append(warnings, fmt.Sprintf(
			"nobody may read or write collection %s: both lists are empty", c.Name()))
	}
	return warnings
}

// Warnings are those of the collection, and names in its lists that mean nobody.
func (d *Directory) Warnings(c Collection) []string {
	warnings := c.Warnings()
	for _, list := range []struct {
		key   string
		names []string
	}{{"read", c.Read}, {"write", c.Write}, {"delete", c.Delete}, {"manage", c.Manage}} {
		what := fmt.Sprintf("the %s list of collection %s", list.key, c.Name())
		warnings = append(warnings, d.strangers(what, list.names)...)
	}
	return append(warnings, d.deleteWarnings(c)...)
}

// strangers tells of names in a list that mean nobody.
func (d *Directory) strangers(list string, names []string) (warnings []string) {
	if len(names) == 0 {
		return nil
	}
	known := map[string]bool{Anyone: true}
	for _, group := range d.openID.Groups() {
		known[group] = true
	}
	for _, u := range d.Users() {
		known[u.Name] = true
		for _, group := range u.Groups {
			known[group] = true
		}
	}
	for _, name := range names {
		if !known[name] {
			warnings = append(warnings, fmt.Sprintf(
				"%s names %q, and no user has that name or group yet", list, name))
		}
	}
	return warnings
}

// deleteWarnings tells of users who may delete and not read and write, and so not delete.
func (d *Directory) deleteWarnings(c Collection) (warnings []string) {
	for _, name := range c.Delete {
		user, ok := d.User(name)
		who := caller{user: user}
		if ok && !(who.has(c, RightRead) && who.has(c, RightWrite)) {
			warnings = append(warnings, fmt.Sprintf("the delete list of collection %s names %q, who "+
				"may not both read and write there, and so not delete", c.Name(), name))
		}
	}
	return warnings
}

// Collections returns all collections by ascending root and ID.
func (d *Directory) Collections() []Collection {
	var all []Collection
	for _, root := range d.Roots() {
		all = append(all, d.current.Load().collections[root.Name]...)
	}
	return all
}

// FindCollection returns the collection that name, "root/id" or "root/alias", stands for, or
// [store.ErrNotFound].
func (d *Directory) FindCollection(name string) (Collection, error) {
	root, idOrAlias, _ := strings.Cut(name, "/")
	if c, ok := d.current.Load().collection(root, idOrAlias); ok {
		return c, nil
	}
	return Collection{}, fmt.Errorf("collection %q: %w", name, store.ErrNotFound)
}

// PutCollection writes a collection, giving it an ID if it needs one, and returns it as
// written with what that changed.
func (d *Directory) PutCollection(
	ctx context.Context, c Collection,
) (Collection, Written, error) {
	nothing := Written{Change: Unchanged}
	c.ID = strings.ToLower(c.ID)
	if err := check.Struct(c); err != nil {
		return c, nothing, fmt.Errorf("collection %q: %w", c.Title, err)
	}
	if _, err := c.Accept.Gate(); err != nil {
		return c, nothing, fmt.Errorf("collection %q: %w", c.Title, err)
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	if err := d.Refresh(ctx); err != nil {
		return c, nothing, err
	}
	c, err := d.current.Load().settle(c)
	if err != nil {
		return c, nothing, err
	}
	written, err := d.write(ctx, kindCollection, c.Key(), c.record())
	return c, written, err
}

// record is the collection as it is stored: without what goes without saying, so that records from
// before there was any other are not changed by being declared again.
func (c Collection) record() Collection {
	if c.Validation == server.ValidationReject {
		c.Validation = ""
	}
	c.Release = c.Release.record()
	return c
}

var errNoAPIRoot = errors.New("no such API root; declare it first")

// settle finds the ID of a collection, sees that its alias is free, and fills in defaults.
func (s *snapshot) settle(c Collection) (Collection, error) {
	if _, ok := s.roots[c.Root]; !ok {
		return c, fmt.Errorf("collection %q in root %q: %w", c.Title, c.Root, errNoAPIRoot)
	}
	other, taken := s.collection(c.Root, c.Alias)
	switch {
	case c.Alias == "" || !taken || other.ID == c.ID:
	case c.ID == "" && other.Alias == c.Alias:
		c.ID = other.ID
	default:
		return c, fmt.Errorf("collection %q: the alias %q belongs to %s already",
			c.Title, c.Alias, other.Key())
	}
	if c.ID == "" {
		c.ID = uuid.NewString()
	}
	c.Validation = cmp.Or(c.Validation, server.ValidationReject)
	c.Release = c.Release.settled()
	return c, nil
}

// RemoveCollection removes the record of a collection. Its entries are the store's.
func (d *Directory) RemoveCollection(ctx context.Context, name string) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	if err := d.Refresh(ctx); err != nil {
		return err
	}
	c, err := d.FindCollection(name)
	if err != nil {
		return err
	}
	return d.remove(ctx, kindCollection, c.Key())
}
