package excerpt

import (
	"context"
	"fmt"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// Delete implements store.Store. With a version of an object go its excerpts of that version and
// what it revoked. Those go first: after a failure, deleting again finds the rest by way of the
// object. Excerpts of versions that c does not release stay, as these versions do. The count is
// that of the object alone.
func (s *Store) Delete(
	ctx context.Context, collection, id string, c store.Choice,
) (int, error) {
	k, err := s.keyOf(ctx)
	if err != nil {
		return 0, err
	}
	if k != nil {
		known := known{store: s.Store, collection: collection, key: k}
		if err := known.deleteExcerpts(ctx, id, c.ToDelete()); err != nil {
			return 0, fmt.Errorf("delete excerpts: %w", err)
		}
	}
	return s.Store.Delete(ctx, collection, id, c)
}

// deleteExcerpts deletes those of the versions of one object that a choice selects.
func (k *known) deleteExcerpts(ctx context.Context, id string, c store.Choice) error {
	going := map[string]bool{} // versions of the object
	var choices []store.Choice // the same, as a store is told
	chosen := store.Query{
		IDs: []string{id}, Versions: c.Versions, SpecVersions: c.SpecVersions, Released: c.Released,
	}
	err := k.each(ctx, chosen, func(o stix.Object) error {
		going[placeOf(o)] = true
		choices = choose(choices, o)
		return nil
	})
	if err != nil {
		return err
	}
	stay := map[string]bool{} // by id of an excerpt: whether a version that stays has it
	all := store.Query{
		IDs: []string{id}, Versions: store.Versions{All: true}, SpecVersions: bothSpecs(),
	}
	err = k.each(ctx, all, func(o stix.Object) error {
		for _, e := range chainOf(o, k.key) {
			stay[e.object.ID] = stay[e.object.ID] || !going[placeOf(o)]
		}
		return nil
	})
	for id, stays := range stay {
		which := choices
		if !stays { // nor is there anything left to revoke
			which = []store.Choice{{}}
		}
		for _, c := range which {
			if err == nil {
				_, err = k.store.Delete(ctx, k.collection, id, c)
			}
		}
	}
	return err
}

// choose adds a version to the choices, which are of a spec version and a thousand versions each.
func choose(choices []store.Choice, o stix.Object) []store.Choice {
	const most = 1000
	at := len(choices) - 1
	if at < 0 || choices[at].SpecVersions[0] != o.SpecVersion ||
		len(choices[at].Versions.Exact) == most {
		choices = append(choices, store.Choice{SpecVersions: []string{o.SpecVersion}})
		at++
	}
	if v := &choices[at].Versions; o.VersionTime().IsZero() {
		v.All = true // the one that there is
	} else {
		v.Exact = append(v.Exact, o.VersionTime())
	}
	return choices
}
