package server

import (
	"context"
	"maps"
	"sync"

	"github.com/cabstand/cabstand/internal/release"
)

// hear begins to decide what of a collection is released to the caller, with what was decided for
// others in the same state of the collection.
func (s *Server) hear(ctx context.Context, r *request) error {
	c := r.collection
	if s.cache.budget == 0 { // states are not told apart
		r.hearing = release.Hear(s.cfg.Store, c.Key, c.Release, nil)
		return nil
	}
	state, err := s.stateOf(ctx, c.Key)
	if err != nil {
		return err
	}
	r.decidedIn = decidedKey{c.Key, c.Release.Key(), state}
	r.hearing = release.Hear(s.cfg.Store, c.Key, c.Release, s.decided.get(r.decidedIn))
	return nil
}

// heard remembers what was decided.
func (s *Server) heard(r *request) {
	if r.decidedIn != (decidedKey{}) {
		s.decided.put(r.decidedIn, r.hearing.Verdicts())
	}
}

// decided remembers verdicts for as long as the collection stays as it is: most polls find it so.
// What is held back is looked up again all the same, see release.Hearing.
type decided struct {
	mu sync.Mutex
	by map[decidedKey]map[string]release.Verdict
}

type decidedKey struct {
	collection, release string
	state               collectionState
}

// maxDecided bounds how many collections, states and kinds of readers are remembered.
const maxDecided = 1024

// get returns a copy, for the caller to go on with.
func (m *decided) get(key decidedKey) map[string]release.Verdict {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.by[key])
}

func (m *decided) put(key decidedKey, verdicts map[string]release.Verdict) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.by[key]) == len(verdicts) && len(verdicts) > 0 {
		return // nothing new
	}
	if m.by == nil || len(m.by) == maxDecided {
		m.by = map[decidedKey]map[string]release.Verdict{}
	}
	m.by[key] = verdicts
}
