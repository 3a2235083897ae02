package access

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/check"
)

// Group is what is known of a group of users, such as an organisation. A group that users name
// needs no record; one without users clears nobody.
type Group struct {
	// Name is what users and lists call it. That of [Anyone] is a record of what every caller has.
	Name  string `json:"name" yaml:"name" validate:"required,principal"`
	Title string `json:"title,omitempty" yaml:"title" validate:"max=250"` // such as a firm's name
	// Clearance is the level of TLP that its users may have; "" is none. It is kept in the words
	// of TLP 2.0.
	Clearance string `json:"clearance,omitempty" yaml:"clearance" validate:"omitempty,tlp"`
	// Own says that its users are of the organisation that runs the server.
	Own bool `json:"own,omitempty" yaml:"own"`
}

// Groups returns all declared groups by ascending name.
func (d *Directory) Groups() []Group {
	groups := slices.Collect(maps.Values(d.current.Load().groups))
	slices.SortFunc(groups, func(a, b Group) int { return strings.Compare(a.Name, b.Name) })
	return groups
}

// PutGroup writes a group and reports what that changed.
func (d *Directory) PutGroup(ctx context.Context, g Group) (Written, error) {
	if err := check.Struct(g); err != nil {
		return Written{Change: Unchanged}, fmt.Errorf("group %q: %w", g.Name, err)
	}
	if g.Own && g.Name == Anyone {
		return Written{Change: Unchanged}, check.Faults{{Key: "own", Complaint: "is true of the " +
			"group anyone, which is everybody; declare the group of your own people"}}
	}
	g.Clearance = levelWord(g.Clearance)
	d.writing.Lock()
	defer d.writing.Unlock()
	return d.write(ctx, kindGroup, g.Name, g)
}

// RemoveGroup removes what is declared of a group. Its users stay in it.
func (d *Directory) RemoveGroup(ctx context.Context, name string) error {
	d.writing.Lock()
	defer d.writing.Unlock()
	return d.remove(ctx, kindGroup, name)
}

// Members returns how many users are in each group, by its name.
func (d *Directory) Members() map[string]int {
	members := map[string]int{}
	for _, u := range d.Users() {
		groups := slices.Clone(u.Groups)
		slices.Sort(groups)
		for _, group := range slices.Compact(groups) {
			members[group]++
		}
	}
	return members
}
