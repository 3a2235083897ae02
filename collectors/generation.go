package collectors

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/cabstand/cabstand/stix"
)

// maxGenerations bounds how often an object comes back. A source that has taken one back and
// listed it again so many times does not know either.
const maxGenerations = 100

var errFlapping = fmt.Errorf("the source has taken it back %d times", maxGenerations)

// nextGeneration is the id under which an object goes on that its source lists again after it
// was revoked: no version may follow one that is revoked (STIX 2.1 §3.6). It follows from the
// id before, so that every run and every server gives the same one.
func nextGeneration(id string) string {
	return stix.MintID(stix.TypeOfID(id), id, "again")
}

// resolve returns the objects of a batch as they are to be written, and the newest versions that
// the collection has of them. An object that was revoked goes on in its next generation, and
// what refers to it follows. One that has none any more has a zero object in its place.
//
// What an object becomes depends on what is stored and on nothing else. It is worked out from
// the beginning whenever one more generation has been looked up, so that it is the same in
// every run, however the objects are spread over batches.
func (w *writer) resolve(
	ctx context.Context, batch []stix.Object,
) (objects []stix.Object, stored map[string]stix.Object, err error) {
	if stored, err = w.stored(ctx, idsOf(batch)); err != nil {
		return nil, nil, err
	}
	looked := map[string]bool{}
	for _, o := range batch {
		looked[o.ID] = true
	}
	for range 3 * maxGenerations { // a chain of references may have as many each
		objects, changed, err := w.generations(batch, stored)
		if err != nil {
			return nil, nil, err
		}
		var missing []string
		for _, o := range objects {
			if o.ID != "" && !looked[o.ID] {
				looked[o.ID] = true
				missing = append(missing, o.ID)
			}
		}
		if len(missing) == 0 && !changed {
			return objects, stored, nil
		}
		if len(missing) > 0 {
			more, err := w.stored(ctx, missing)
			if err != nil {
				return nil, nil, err
			}
			maps.Copy(stored, more)
		}
	}
	return nil, nil, errors.New("objects that were taken back refer to each other in circles")
}

// generations returns what becomes of each object as far as it is known what is stored, and
// whether any became something else than before.
func (w *writer) generations(
	batch []stix.Object, stored map[string]stix.Object,
) (objects []stix.Object, changed bool, err error) {
	objects = make([]stix.Object, len(batch))
	for i, o := range batch {
		next, err := w.follow(o)
		if err != nil {
			return nil, false, fmt.Errorf("%s: %w", o.ID, err)
		}
		id, n := next.ID, 0
		for ; stored[id].Revoked && !o.Revoked && n < maxGenerations; n++ {
			id = nextGeneration(id)
		}
		if n == maxGenerations {
			continue
		}
		if id != next.ID {
			if next, err = withID(next, id); err != nil {
				return nil, false, err
			}
		}
		objects[i] = next
		if id != o.ID && w.renamed.set(o.ID, id) {
			changed = true
		}
	}
	return objects, changed, nil
}

func withID(o stix.Object, id string) (stix.Object, error) {
	raw, err := setMembers(o.Raw, map[string]string{"id": id})
	if err != nil {
		return stix.Object{}, err
	}
	return stix.Parse(raw)
}
