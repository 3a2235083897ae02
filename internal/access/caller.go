package access

import (
	"slices"
	"strings"

	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// Anyone in a list of rights stands for every request, with or without a log-in.
const Anyone = "anyone"

// caller judges one request by the records as they were when it came. The user without a
// name is nobody.
type caller struct {
	*snapshot
	user  User
	token string // id of the one that the caller came with, or ""
}

var _ server.Caller = caller{}

func (c caller) Name() string { return c.user.Name }

// TokenID is for the record of requests.
func (c caller) TokenID() string { return c.token }

// may reports whether a list of rights includes the caller.
func (c caller) may(list []string) bool {
	return slices.ContainsFunc(list, func(name string) bool {
		if name == Anyone {
			return true
		}
		return c.user.Name != "" &&
			(name == c.user.Name || slices.Contains(c.user.Groups, name))
	})
}

func (c caller) sees(col Collection) bool { return c.may(col.Read) || c.may(col.Write) }

func (c caller) Roots() []server.Root {
	var roots []server.Root
	for name := range c.roots {
		if r, ok := c.Root(name); ok {
			roots = append(roots, r)
		}
	}
	slices.SortFunc(roots, func(a, b server.Root) int { return strings.Compare(a.Name, b.Name) })
	return roots
}

func (c caller) Root(name string) (server.Root, bool) {
	r, ok := c.roots[name]
	if !ok || !slices.ContainsFunc(c.collections[name], c.sees) {
		return server.Root{}, false
	}
	root := server.Root{
		Name: r.Name, Title: r.Title, Description: r.Description,
		MaxContentLength: r.MaxContentLength,
	}
	if root.Title == "" {
		root.Title = r.Name
	}
	if root.MaxContentLength == 0 {
		root.MaxContentLength = c.maxContent
	}
	return root, true
}

func (c caller) Collections(root string) []server.Collection {
	var visible []server.Collection
	for _, col := range c.collections[root] {
		if c.sees(col) {
			visible = append(visible, c.view(col))
		}
	}
	return visible
}

func (c caller) Collection(root, idOrAlias string) (server.Collection, bool) {
	col, ok := c.collection(root, idOrAlias)
	if !ok || !c.sees(col) {
		return server.Collection{}, false
	}
	return c.view(col), true
}

func (c caller) view(col Collection) server.Collection {
	return server.Collection{
		Key: col.Key(), Validation: col.Validation,
		Collection: taxii.Collection{
			ID: col.ID, Title: col.Title, Description: col.Description, Alias: col.Alias,
			CanRead: c.may(col.Read), CanWrite: c.may(col.Write),
			MediaTypes: []string{taxii.STIXMediaType},
		},
	}
}
