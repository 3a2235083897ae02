package access

import (
	"cmp"
	"fmt"

	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii/server"
)

// ReleaseRule says which objects of a collection those have who may read it; the zero one means
// all.
type ReleaseRule struct {
	// By is "marking": an object goes to those who are cleared for its markings.
	By string `json:"by" yaml:"by" validate:"required_with=Unmarked Redact,omitempty,oneof=marking"`
	// Unmarked is the level that an object counts as that no marking speaks of, or nobody; "" is
	// red, and so is what a [Directory] returns.
	Unmarked string `json:"unmarked,omitempty" yaml:"unmarked" validate:"omitempty,tlp|eq=nobody"`
	// Redact is whether an object of which a reader may not have some parts is given without them.
	Redact bool `json:"redact,omitempty" yaml:"redact"`
}

// settled is the rule in the words of TLP 2.0, with what goes without saying.
func (r ReleaseRule) settled() ReleaseRule {
	if r.By != "" {
		r.Unmarked = levelWord(cmp.Or(r.Unmarked, marking.Red.String()))
	}
	return r
}

// record is a settled rule as it is stored, without what goes without saying.
func (r ReleaseRule) record() ReleaseRule {
	if r.Unmarked == marking.Red.String() {
		r.Unmarked = ""
	}
	return r
}

// unmarked is the level, with which nobody is none that anybody is cleared for.
func (r ReleaseRule) unmarked() marking.Level {
	if level, ok := marking.ParseTLP(r.Unmarked); ok {
		return level
	}
	return release.Nobody
}

// levelWord writes a level as TLP 2.0 does. "" stays.
func levelWord(word string) string {
	if level, ok := marking.ParseTLP(word); ok {
		return level.String()
	}
	return word
}

// clearance returns the highest level among that of a user, those of the user's groups and what
// anyone has. There is always one: what is marked clear is for the world.
func (s *snapshot) clearance(u User) marking.Level {
	highest := max(marking.Clear, levelOf(u.Clearance), levelOf(s.groups[Anyone].Clearance))
	for _, group := range u.Groups {
		highest = max(highest, levelOf(s.groups[group].Clearance))
	}
	return highest
}

func levelOf(word string) marking.Level {
	level, _ := marking.ParseTLP(word)
	return level
}

// Redacts reports whether the collection with a key gives objects without the parts that a reader
// may not have.
func (d *Directory) Redacts(key string) bool {
	c, err := d.FindCollection(key)
	return err == nil && c.Release.Redact
}

// Clearance returns what a user may have, by the user's own clearance and those of the groups.
func (d *Directory) Clearance(u User) marking.Level { return d.current.Load().clearance(u) }

// ReleaseTo returns what a collection releases to a user by the user's name, or to [Anyone], and
// nil if that is all of it. Whether the user may read the collection is not asked. It returns
// [store.ErrNotFound] for a name that no user has.
func (d *Directory) ReleaseTo(c Collection, name string) (release.Decider, error) {
	now := d.current.Load()
	who := caller{snapshot: now}
	if name != Anyone {
		var ok bool
		if who.user, ok = now.users[name]; !ok {
			return nil, fmt.Errorf("user %q: %w", name, store.ErrNotFound)
		}
	}
	if r := who.release(c); r != nil {
		return r, nil
	}
	return nil, nil
}

// release returns nil for a caller who has all of a collection.
func (c caller) release(col Collection) server.Release {
	if col.Release.By == "" || c.has(col, RightManage) {
		return nil
	}
	return release.Policy{
		Clearance: c.clearance(c.user), Unmarked: col.Release.unmarked(),
		Redacted: col.Release.Redact, Declared: c.declared, Among: c.may,
	}
}
