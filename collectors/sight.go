package collectors

import (
	"context"
	"fmt"
	"maps"
	"time"
)

// sighting is what this runner has seen of a feed's state: since when, by its own clock, the
// document has been at a revision, and whether it was seen to change to that revision.
type sighting struct {
	revision uint64
	since    time.Time
	moved    bool
}

// look reads the state of a feed and judges it.
func (r *Runner) look(ctx context.Context, feed Feed) (state, error) {
	st, err := loadState(ctx, r.cfg.Documents, feed)
	if err == nil {
		r.judge(feed.ID, &st)
	}
	return st, err
}

// judge finds out whether the run that a state tells of can still be under way; if it cannot,
// it notes that the run was cut off. One of another runner is over when nothing of the state
// has changed for as long as a lease is valid, watched from here: no clock but our own is
// trusted. One of this runner is over when this process does not know of it.
func (r *Runner) judge(id string, st *state) {
	now := r.cfg.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	seen, known := r.sightings[id]
	if !known || seen.revision != st.revision {
		seen = sighting{revision: st.revision, since: now, moved: known}
		r.sightings[id] = seen
	}
	over := now.Sub(seen.since) >= r.cfg.Lease
	if st.Holder == r.id {
		over = !r.running[id]
	}
	if st.Holder != "" && over {
		st.cutOff()
	}
}

// alive reports whether a runner that holds a feed was seen to write its state.
func (r *Runner) alive(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sightings[id].moved
}

// await returns the state of a feed that nobody runs. While it is not known whether the server
// that had the feed last is alive, it waits for a sign, for as long as a lease is valid.
func (r *Runner) await(ctx context.Context, feed Feed) (state, error) {
	for first := true; ; first = false {
		st, err := r.look(ctx, feed)
		if err != nil || st.Holder == "" {
			return st, err
		}
		if r.alive(feed.ID) {
			return st, elsewhere(feed, st)
		}
		if first {
			r.cfg.Logger.Info("a run of the feed did not say that it ended, waiting to see "+
				"whether it goes on", "feed", feed.ID, "server", st.Server, "at_most", r.cfg.Lease)
		}
		select {
		case <-ctx.Done():
			return st, fmt.Errorf("feed %s: wait for %s: %w", feed.ID, st.Server, context.Cause(ctx))
		case <-time.After(r.lookEvery()):
		}
	}
}

// elsewhere is why a feed cannot be run here.
func elsewhere(feed Feed, st state) error {
	return fmt.Errorf("feed %s: %w on %s, since %s; if that server has died, another takes "+
		"the feed over within a minute", feed.ID, ErrRunning, st.Server,
		st.Started.Format(time.RFC3339))
}

// lookEvery is how often the states of all feeds are read. A server that dies has renewed its
// lease up to one look before that is seen, and it takes up to one more to see the end.
func (r *Runner) lookEvery() time.Duration { return r.cfg.Lease / 6 }

// forget drops what was seen of feeds that are no more. The caller holds mu.
func (r *Runner) forget() {
	maps.DeleteFunc(r.sightings, func(id string, _ sighting) bool {
		_, is := r.feeds[id]
		return !is
	})
	maps.DeleteFunc(r.known, func(id string, _ state) bool {
		_, is := r.feeds[id]
		return !is
	})
}

// enter and leave keep a feed from being run twice at once in this process. Between them hold
// tells that the state in the store will say, or says, that this runner has the feed.
func (r *Runner) enter(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, entered := r.running[id]; entered {
		return false
	}
	r.running[id] = false
	return true
}

func (r *Runner) hold(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.running[id] = true
}

func (r *Runner) leave(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.running, id)
}
