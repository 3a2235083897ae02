package server

import (
	"context"
	"fmt"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// decisions are what a [Release] has decided for one request. A store asks about marks while it
// makes a page and must not be asked anything itself meanwhile, but to decide may take a look at
// marking-definitions. What takes one is held back at first, decided afterwards, and the page made
// again.
type decisions struct {
	decide func(marks string) (released bool, reason string)
	look   func(id string) ([]stix.Object, error)

	known map[string]decision // by marks
	asked []string            // marks that came up and could not be decided
	// mayLook is false while a store asks, and missed becomes true when a look was needed.
	mayLook, missed bool
	failure         error // of a look
}

type decision struct {
	released bool
	reason   string // why not
}

// decisionsFor returns nothing decided about a collection that has a Release. The context ends
// looking at definitions.
func (s *Server) decisionsFor(ctx context.Context, c Collection) *decisions {
	d := &decisions{
		known: make(map[string]decision),
		look:  func(id string) ([]stix.Object, error) { return s.definitions(ctx, c.Key, id) },
	}
	d.decide = c.Release.Decide(d.definitions)
	return d
}

// released is what a store may ask.
func (d *decisions) released(marks string) bool {
	if known, ok := d.known[marks]; ok {
		return known.released
	}
	d.missed = false
	released, reason := d.decide(marks)
	if d.missed {
		d.asked = append(d.asked, marks)
		return false
	}
	d.known[marks] = decision{released, reason}
	return released
}

// definitions is what the Release may ask.
func (d *decisions) definitions(id string) (found []stix.Object, ok bool) {
	if d.mayLook && d.failure == nil {
		found, d.failure = d.look(id)
	}
	if !d.mayLook || d.failure != nil {
		d.missed = true
		return nil, false
	}
	return found, true
}

// settle calls do, which asks the store something with released, until all that came up has been
// decided before. That takes one call, or two if definitions have to be looked at, and more only
// while others write.
func (d *decisions) settle(do func() error) error {
	for {
		d.asked = nil
		if err := do(); err != nil || len(d.asked) == 0 {
			return err
		}
		d.mayLook = true
		for _, marks := range d.asked {
			d.released(marks)
		}
		d.mayLook = false
		// By mistake held back, an object would never reach a poller who goes past its date.
		if d.failure != nil {
			return d.failure
		}
	}
}

// maxDefinitions is how many marking-definitions under one id are looked at. There should be one.
const maxDefinitions = 8

// definitions returns the marking-definitions that a collection has under an id: none if they are
// too many, for among those left out there may be a stricter one.
func (s *Server) definitions(
	ctx context.Context, collection, id string,
) ([]stix.Object, error) {
	page, err := s.cfg.Store.Page(ctx, collection, store.Query{
		IDs: []string{id}, SpecVersions: []string{stix.Spec20, stix.Spec21},
		Versions: store.Versions{All: true},
		Limit:    maxDefinitions, MaxBytes: s.cfg.Limits.PageBytes,
	})
	if err != nil {
		return nil, fmt.Errorf("look up a marking-definition: %w", err)
	}
	if page.More {
		return nil, nil
	}
	return readAll(page.Entries), nil
}

// readAll returns no object at all if one cannot be read: it might be the strictest.
func readAll(entries []store.Entry) []stix.Object {
	objects := make([]stix.Object, len(entries))
	for i, e := range entries {
		o, err := stix.Parse(e.Raw)
		if err != nil {
			return nil
		}
		objects[i] = o
	}
	return objects
}
