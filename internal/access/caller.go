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
// name is nobody. The token is the one that was sent, or the zero one, which takes nothing away.
type caller struct {
	*snapshot
	user  User
	token Token
}

var _ server.Caller = caller{}

func (c caller) Name() string { return c.user.Name }

// TokenID is for the record of requests.
func (c caller) TokenID() string { return c.token.ID }

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

// has reports whether the caller has a right: the user must have it, and the token be for it.
// Who manages a collection reads it, too. Deleting takes reading and writing (§5.7); the list of
// those who may only makes them fewer.
func (c caller) has(col Collection, right Right) bool {
	if !c.token.allows(col.Key(), right) {
		return false
	}
	switch right {
	case RightRead:
		return c.may(col.Read) || c.has(col, RightManage)
	case RightWrite:
		return c.may(col.Write)
	case RightDelete:
		return c.has(col, RightRead) && c.has(col, RightWrite) &&
			(len(col.Delete) == 0 || c.may(col.Delete) || c.has(col, RightManage))
	case RightManage:
		return c.may(col.Manage)
	}
	return false
}

func (c caller) sees(col Collection) bool {
	return c.has(col, RightRead) || c.has(col, RightWrite)
}

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
		Key: col.Key(), Validation: col.Validation, Accept: col.Accept, Release: c.release(col),
		CanDelete: c.has(col, RightDelete), CanManage: c.has(col, RightManage),
		Collection: taxii.Collection{
			ID: col.ID, Title: col.Title, Description: col.Description, Alias: col.Alias,
			CanRead: c.has(col, RightRead), CanWrite: c.has(col, RightWrite),
			MediaTypes: []string{taxii.STIXMediaType},
		},
	}
}
