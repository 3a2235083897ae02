package server

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// decisions are what a [Release] has decided for one request. A store asks about marks while it
// makes a page and must not be asked anything itself meanwhile, but to decide may take a look at
// marking-definitions. So what cannot be decided without is held back at first, decided
// afterwards, and the page made again.
type decisions struct {
	release Release
	server  *Server
	in      string                                            // the collection
	guess   func(marks string) (released bool, reason string) // without looking anything up
	looked  bool                                              // the guess would have had to

	known map[string]decision // by marks
	asked []string            // marks that came up and have to be looked up

	key   decidedKey // under which others find what was decided
	state collectionState
}

type decision struct {
	released bool
	reason   string // why not
	looked   bool   // and it may be another one when the collection changes
}

// decideFor begins with what was decided for other requests about the same collection.
func (s *Server) decideFor(ctx context.Context, r *request) error {
	d := s.decisionsFor(r.collection)
	if s.cache.budget > 0 { // else states are not told apart
		state, err := s.stateOf(ctx, r.collection.Key)
		if err != nil {
			return err
		}
		d.key, d.state = decidedKey{d.in, d.release.Key()}, state
		d.known = s.decided.get(d.key, state)
	}
	r.decisions = d
	return nil
}

// decisionsFor returns nothing decided about a collection.
func (s *Server) decisionsFor(c Collection) *decisions {
	d := &decisions{release: c.Release, server: s, in: c.Key, known: map[string]decision{}}
	d.forget()
	return d
}

// forget begins to guess anew: a guess takes what it would have to look up for missing, and
// remembers that.
func (d *decisions) forget() {
	d.looked = false
	d.guess = d.release.Decide(func(string) []stix.Object {
		d.looked = true
		return nil
	})
}

// released is what a store may ask.
func (d *decisions) released(marks string) bool {
	if known, ok := d.known[marks]; ok {
		return known.released
	}
	released, reason := d.guess(marks)
	if d.looked {
		d.forget()
		d.asked = append(d.asked, marks)
		return false
	}
	d.known[marks] = decision{released: released, reason: reason}
	return released
}

// settle calls do, which asks the store something with released, until all that came up was
// decided before and holds afterwards. Mostly that takes one call, with markings that have to be
// looked up two, and more only while others write.
func (d *decisions) settle(ctx context.Context, do func() error) error {
	for {
		d.asked = nil
		if err := do(); err != nil {
			return err
		}
		again, err := d.lookUp(ctx)
		if err != nil || !again {
			return err
		}
	}
}

// lookUp decides what was asked. What was held back before is decided again: its definition may
// have arrived, together with more objects, just before the store was asked. By mistake held
// back, an object would never reach a poller who goes past its date.
func (d *decisions) lookUp(ctx context.Context) (changed bool, err error) {
	asked := d.asked
	for marks, known := range d.known {
		if known.looked && !known.released {
			asked = append(asked, marks)
		}
	}
	if len(asked) == 0 {
		return false, nil
	}
	find, failed := d.server.definitions(ctx, d.in)
	decide := d.release.Decide(find)
	for _, marks := range asked {
		released, reason := decide(marks)
		changed = changed || released || !d.known[marks].looked
		d.known[marks] = decision{released, reason, true}
	}
	if err := failed(); err != nil {
		return false, err
	}
	if changed && d.key != (decidedKey{}) {
		d.server.decided.put(d.key, d.state, d.known)
	}
	return changed, nil
}

// held returns why marks that the collection has are held back, in words for the record.
func (d *decisions) held() []string {
	var held []string
	for marks, known := range d.known {
		if !known.released {
			held = append(held, known.reason+" "+marks)
		}
	}
	slices.Sort(held)
	return held
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

// decided remembers decisions that took a look, for as long as the collection stays as it is: most
// polls find it so. What is held back is looked up again all the same, see lookUp.
type decided struct {
	mu sync.Mutex
	by map[decidedKey]decidedAt
}

type decidedKey struct{ collection, release string }

type decidedAt struct {
	state collectionState
	known map[string]decision
}

// maxDecided bounds for how many collections and kinds of readers decisions are remembered.
const maxDecided = 1024

// get returns a copy, for the caller to go on with.
func (m *decided) get(key decidedKey, state collectionState) map[string]decision {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at := m.by[key]; at.state == state && at.known != nil {
		return maps.Clone(at.known)
	}
	return map[string]decision{}
}

func (m *decided) put(key decidedKey, state collectionState, known map[string]decision) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.by == nil || len(m.by) == maxDecided {
		m.by = map[decidedKey]decidedAt{}
	}
	m.by[key] = decidedAt{state, maps.Clone(known)}
}
