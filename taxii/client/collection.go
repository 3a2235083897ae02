package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/cabstand/cabstand/taxii"
)

// Collection is one collection of a server, with what the server says of it.
type Collection struct {
	taxii.Collection
	root *Root
	url  *url.URL // ends in a slash
}

// URL returns the collection's URL, which ends in a slash.
func (c *Collection) URL() string { return c.url.String() }

// Root returns the API root that the collection belongs to.
func (c *Collection) Root() *Root { return c.root }

// Collections returns the collections of all API roots.
func (c *Client) Collections(ctx context.Context) ([]*Collection, error) {
	roots, err := c.Roots(ctx)
	if err != nil {
		return nil, err
	}
	var all []*Collection
	for _, root := range roots {
		collections, err := root.Collections(ctx)
		if err != nil {
			return nil, fmt.Errorf("collections of %s: %w", root.URL(), err)
		}
		all = append(all, collections...)
	}
	return all, nil
}

// Collection finds a collection by its id, alias or title, also written "root/name" with the
// last segment of the root's URL. An empty name means the collection of the client's URL, or
// the only one there is. The error is [ErrNoCollection] if there is none or more than one, and
// says which there are.
func (c *Client) Collection(ctx context.Context, name string) (*Collection, error) {
	if root, id := splitCollection(c.base); id != "" && (name == "" || name == id) {
		r := &Root{client: c, url: root}
		var said anyCollection
		if err := c.get(ctx, below(root, "collections", id), &said); err != nil {
			return nil, err
		}
		return r.collection(id, said), nil
	}
	all, err := c.Collections(ctx)
	if err != nil {
		return nil, err
	}
	found := match(all, name)
	if rootName, rest, ok := strings.Cut(name, "/"); ok && len(found) == 0 {
		found = match(inRoot(all, rootName), rest)
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case name == "":
		return nil, unnamedError{found}
	case len(found) == 0:
		return nil, fmt.Errorf("%w: %q; there are: %s", ErrNoCollection, name, listing(all))
	}
	return nil, fmt.Errorf("%w: %q is more than one: %s; name one by its id",
		ErrNoCollection, name, listing(found))
}

// unnamedError is an [ErrNoCollection] where no name was given.
type unnamedError struct{ all []*Collection }

func (e unnamedError) Error() string {
	if len(e.all) == 0 {
		return "the server shows no collection to this login"
	}
	return "no collection is named; there are: " + listing(e.all)
}

func (e unnamedError) Is(target error) bool { return target == ErrNoCollection }

// match returns the collections that a name means: by id, else by alias, else by title.
func match(all []*Collection, name string) []*Collection {
	if name == "" {
		return all
	}
	for _, of := range []func(*Collection) string{
		func(c *Collection) string { return c.ID },
		func(c *Collection) string { return c.Alias },
		func(c *Collection) string { return c.Title },
	} {
		var found []*Collection
		for _, c := range all {
			if strings.EqualFold(of(c), name) {
				found = append(found, c)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

func inRoot(all []*Collection, name string) []*Collection {
	var found []*Collection
	for _, c := range all {
		if strings.EqualFold(c.root.Name(), name) {
			found = append(found, c)
		}
	}
	return found
}

func listing(all []*Collection) string {
	if len(all) == 0 {
		return "none for this login"
	}
	const most = 10
	var names []string
	for i, c := range all {
		if i == most {
			names = append(names, fmt.Sprintf("and %d more", len(all)-most))
			break
		}
		names = append(names, fmt.Sprintf("%s/%s (%s)", c.root.Name(), c.ID, clip(c.Title)))
	}
	return strings.Join(names, ", ")
}

// Delete deletes an object. Versions are those of match[version], such as "all" or a
// timestamp; without one, what goes is the server's choice: all of them or the last.
func (c *Collection) Delete(ctx context.Context, id string, versions ...string) error {
	_, err := c.root.client.do(ctx, request{
		method: http.MethodDelete,
		url:    below(c.url, "objects", id),
		query:  Match{Versions: versions}.values(),
	})
	return err
}
