package server

import (
	"context"
	"fmt"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// decisions are what a [Release] has decided for one request. A store asks about marks while it
// makes a page and must not be asked anything itself meanwhile, but to decide may take a look at
// marking-definitions. So what has not been decided is held back at first, decided afterwards,
// and the page made again.
type decisions struct {
	decide func(marks string) (released bool, reason string)
	failed func() error

	known map[string]decision // by marks
	asked []string            // marks that came up and are not known
}

type decision struct {
	released bool
	reason   string // why not
}

// decisionsFor returns nothing decided about a collection. The context ends looking up.
func (s *Server) decisionsFor(ctx context.Context, c Collection) *decisions {
	find, failed := s.definitions(ctx, c.Key)
	return &decisions{
		decide: c.Release.Decide(find), failed: failed, known: make(map[string]decision),
	}
}

// released is what a store may ask.
func (d *decisions) released(marks string) bool {
	if known, ok := d.known[marks]; ok {
		return known.released
	}
	d.asked = append(d.asked, marks)
	return false
}

// settle calls do, which asks the store something with released, until all that came up has been
// decided before. That takes two calls, and more only while others write.
func (d *decisions) settle(do func() error) error {
	for {
		d.asked = nil
		if err := do(); err != nil || len(d.asked) == 0 {
			return err
		}
		for _, marks := range d.asked {
			released, reason := d.decide(marks)
			d.known[marks] = decision{released, reason}
		}
		// By mistake held back, an object would never reach a poller who goes past its date.
		if err := d.failed(); err != nil {
			return err
		}
	}
}

// maxDefinitions is how many marking-definitions under one id are looked at. There should be one.
const maxDefinitions = 8

// definitions returns a function that looks up the marking-definitions of a collection, and one
// that says whether that failed.
func (s *Server) definitions(
	ctx context.Context, collection string,
) (find func(id string) []stix.Object, failed func() error) {
	var failure error
	find = func(id string) []stix.Object {
		if failure != nil {
			return nil
		}
		page, err := s.cfg.Store.Page(ctx, collection, store.Query{
			IDs: []string{id}, SpecVersions: []string{stix.Spec20, stix.Spec21},
			Versions: store.Versions{All: true},
			Limit:    maxDefinitions, MaxBytes: s.cfg.Limits.PageBytes,
		})
		if err != nil {
			failure = fmt.Errorf("look up a marking-definition: %w", err)
			return nil
		}
		if page.More {
			return nil // among those left out there may be a stricter one
		}
		return readAll(page.Entries)
	}
	return find, func() error { return failure }
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
