package access

import (
	"context"
	"slices"

	"github.com/cabstand/cabstand/store"
)

// Draft returns a directory like this one of other documents, to see what a change would lead to.
func (d *Directory) Draft(ctx context.Context, docs store.Documents) (*Directory, error) {
	return Open(ctx, docs, Options{Now: d.now, OpenID: d.openID})
}

// Outsiders returns the names in the lists of those who read a collection that do not stand for
// people of the organisation that runs the server alone: for a group that is declared to be of it,
// or a user in one. A name that nobody has yet is among them.
func (d *Directory) Outsiders(c Collection) []string {
	now, members := d.current.Load(), d.Members()
	var outside []string
	for _, name := range slices.Concat(c.Read, c.Manage) {
		own := now.groups[name].Own
		user, isUser := now.users[name]
		used := members[name] > 0 || slices.Contains(d.openID.Groups(), name)
		switch {
		case isUser && !now.isOwn(user), !own && used, !own && !isUser:
			outside = append(outside, name)
		}
	}
	slices.Sort(outside)
	return slices.Compact(outside)
}

// IsOwn reports whether a user is of the organisation that runs the server; [Anyone] is not.
func (d *Directory) IsOwn(name string) bool {
	now := d.current.Load()
	user, ok := now.users[name]
	return ok && now.isOwn(user)
}

// isOwn reports whether a user is in a group of the organisation.
func (s *snapshot) isOwn(u User) bool {
	return slices.ContainsFunc(u.Groups, func(g string) bool { return s.groups[g].Own })
}
