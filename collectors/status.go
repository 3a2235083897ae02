package collectors

import (
	"context"
	"time"
)

// FeedStatus is what is known of a feed.
type FeedStatus struct {
	Feed       string `json:"feed"`
	Name       string `json:"name"`
	Kind       string `json:"kind"`
	Collection string `json:"collection"`
	Enabled    bool   `json:"enabled"`
	Policy     Policy `json:"policy"`
	Schedule   string `json:"schedule"`

	// State sums it up in the word that an operator looks for first: running, off, stale,
	// failing, quiet, waiting for its first run, or good.
	State   string `json:"state"`
	Running bool   `json:"running"`
	// Stale says that the last good run is too long ago, and StaleAt when it is; zero if never.
	Stale   bool      `json:"stale"`
	StaleAt time.Time `json:"stale_at,omitzero"`
	// Quiet says that the source answers and has brought nothing new for too long.
	Quiet bool `json:"quiet"`

	// Server is by which the feed is run, or was run last.
	Server      string    `json:"server,omitempty"`
	LastRun     time.Time `json:"last_run,omitzero"` // when it began
	LastSuccess time.Time `json:"last_success,omitzero"`
	LastNew     time.Time `json:"last_new,omitzero"` // when a run last wrote something new
	NextRun     time.Time `json:"next_run,omitzero"` // at the earliest; zero if there is none

	LastError string  `json:"last_error,omitempty"` // of the last run, "" if it was good
	Trouble   Trouble `json:"trouble,omitempty"`    // what kind of error that is
	Advice    string  `json:"advice,omitempty"`     // what can be done about it
	Failures  int     `json:"failures"`             // runs in a row that failed

	LastDuration time.Duration `json:"last_duration"` // of the last run that ended
	LastTraffic  Traffic       `json:"last_traffic"`  // of the last run that ended
	// LastCounts, LastRows, LastDrops and LastHeldBy are of the last run in which the source had
	// something to say.
	LastCounts Counts `json:"last_counts"`
	LastRows   Rows   `json:"last_rows"`
	LastDrops  []Drop `json:"last_drops,omitempty"`
	// LastHeldBy has the values that each list held back in that run.
	LastHeldBy map[string]int `json:"last_held_by,omitempty"`
}

// Status returns the feeds by ascending id. What it says comes from the store, so that every
// process knows the same.
func (r *Runner) Status(ctx context.Context) ([]FeedStatus, error) {
	now := r.cfg.Now()
	var all []FeedStatus
	for _, feed := range r.sorted() {
		st, err := r.look(ctx, feed)
		if err != nil {
			return nil, err
		}
		status, err := statusOf(feed, st, now)
		if err != nil {
			return nil, err
		}
		all = append(all, status)
	}
	return all, nil
}

// statusOf is what a state says of a feed at a time.
func statusOf(feed Feed, st state, now time.Time) (FeedStatus, error) {
	s := FeedStatus{
		Feed: feed.ID, Name: feed.Name, Kind: feed.Kind, Collection: feed.Collection,
		Enabled: feed.Enabled, Policy: feed.Policy, Schedule: feed.schedule(),
		Running: st.Holder != "", Server: st.Server, LastRun: st.Started,
		LastSuccess: st.Succeeded, LastNew: st.News,
		LastError: st.Error, Trouble: st.Trouble, Advice: advice(st.Trouble, feed, st.NotBefore),
		Failures: st.Failures, LastDuration: st.Duration, LastTraffic: st.Traffic,
		LastCounts: st.Counts, LastRows: st.Flow, LastDrops: st.Drops, LastHeldBy: st.HeldBy,
	}
	if feed.Enabled {
		var err error
		if s.NextRun, err = due(feed, st, now); err != nil {
			return s, err
		}
		if s.StaleAt, err = staleAt(feed, st); err != nil {
			return s, err
		}
		s.Stale = !s.StaleAt.IsZero() && !now.Before(s.StaleAt)
		s.Quiet = quiet(feed, st, now)
	}
	s.State = s.word()
	return s, nil
}

func (s FeedStatus) word() string {
	switch {
	case s.Running:
		return "running"
	case !s.Enabled:
		return "off"
	case s.Stale:
		return "stale"
	case s.LastError != "":
		return "failing"
	case s.Quiet:
		return "quiet"
	case s.LastRun.IsZero():
		return "waiting"
	}
	return "good"
}
