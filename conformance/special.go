package conformance

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/google/uuid"
)

// A role is what a collection is needed for besides the one that is judged.
type role struct {
	field  **collection
	option string
	name   string // as the user named it; empty to find one in the list
	fits   func(*collection) bool
	kind   string // what fits, in words
	unseen bool   // the user need not be able to see it
}

func (t *trial) roles() []role {
	return []role{
		{
			&t.writeOnly, "--write-only", t.config.WriteOnly,
			func(c *collection) bool { return !c.read && c.write }, "can_read false and can_write true",
			false,
		},
		{
			&t.readOnly, "--read-only", t.config.ReadOnly,
			func(c *collection) bool { return c.read && !c.write }, "can_read true and can_write false",
			false,
		},
		{
			&t.forbidden, "--forbidden", t.config.Forbidden,
			func(c *collection) bool { return !c.read && !c.write }, "can_read and can_write false", true,
		},
		{
			&t.empty, "--empty", t.config.Empty,
			func(c *collection) bool {
				// Of one that was named the suite believes that it is empty unless it sees an
				// object: a server may say 404 where there is nothing, see T21-5.4-05.
				named := t.config.Empty != "" && !t.holds(c)
				return c.read && c != t.main && (named || t.isEmpty(c))
			},
			"can_read true and no objects, other than the one that is judged", false,
		},
		{
			&t.hidden, "--hidden", t.config.Hidden,
			func(*collection) bool { return false }, "nothing, because it is not shown at all", true,
		},
	}
}

// findSpecial finds the collections that some cases need: those that were named, or else what
// the server lists. A name that does not fit is an error: to judge by it would convict a server
// for a slip of whoever runs the suite.
func (t *trial) findSpecial() error {
	for _, r := range t.roles() {
		if r.name == "" {
			*r.field = t.first(r.fits)
			continue
		}
		c, err := t.cast(r)
		if err != nil {
			return fmt.Errorf("%s %q: %w", r.option, r.name, err)
		}
		*r.field = c
	}
	return nil
}

// cast finds the collection that was named for a role.
func (t *trial) cast(r role) (*collection, error) {
	c := t.named(r.name)
	if c == nil {
		a := t.try(http.MethodGet, t.at(r.name))
		if o, err := a.object(); err == nil && served(a) && o.text("id") != "" {
			c = t.describe(o)
		}
	}
	switch {
	case c != nil && !r.fits(c):
		return nil, fmt.Errorf("the server shows it with can_read %t and can_write %t, and what is "+
			"needed is one with %s", c.read, c.write, r.kind)
	case c != nil:
		return c, nil
	case !r.unseen || uuid.Validate(r.name) != nil:
		return nil, errors.New("no collection that the user can see has this id, alias or title")
	}
	if a := t.try(http.MethodGet, t.at(r.name), as(second)); !served(a) {
		t.world.note(fmt.Sprintf("%s %s: nobody shows it, so that it may not exist; what passes there "+
			"says little", r.option, r.name))
	}
	return &collection{id: r.name, url: t.at(r.name)}, nil
}
