package access

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/check"
)

// Root is an API root: a group of collections under one path segment of the public URL.
type Root struct {
	// Name is the path segment. taxii2 is where discovery lives and cannot be a root.
	Name        string `json:"name" yaml:"name" validate:"required,segment,ne=taxii2"`
	Title       string `json:"title,omitempty" yaml:"title"` // "" shows the name
	Description string `json:"description,omitempty" yaml:"description"`
	// MaxContentLength bounds the body of a push in octets; 0 means the server's default.
	MaxContentLength int64 `yaml:"max_content_length" json:"max_content_length,omitempty" validate:"gte=0"`
}

// Roots returns all API roots by ascending name.
func (d *Directory) Roots() []Root {
	roots := slices.Collect(maps.Values(d.current.Load().roots))
	slices.SortFunc(roots, func(a, b Root) int { return strings.Compare(a.Name, b.Name) })
	return roots
}

// PutRoot writes an API root and reports what that changed.
func (d *Directory) PutRoot(ctx context.Context, r Root) (Written, error) {
	if err := check.Struct(r); err != nil {
		return Written{Change: Unchanged}, fmt.Errorf("API root %q: %w", r.Name, err)
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	return d.write(ctx, kindRoot, r.Name, r)
}

// ErrInUse says that something cannot be removed while other records need it.
var ErrInUse = errors.New("still in use")

// RemoveRoot removes an API root that has no collections; otherwise the error is [ErrInUse].
func (d *Directory) RemoveRoot(ctx context.Context, name string) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	if err := d.Refresh(ctx); err != nil {
		return err
	}
	if n := len(d.current.Load().collections[name]); n > 0 {
		return fmt.Errorf("API root %q has %d collections: %w", name, n, ErrInUse)
	}
	return d.remove(ctx, kindRoot, name)
}
