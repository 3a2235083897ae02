package collectors

import "time"

const (
	// staleRuns is how many runs have to be missed before a feed is stale that sets no limit: one
	// may fail, and the next may come late.
	staleRuns = 3
	// soonestStale keeps feeds that run every few minutes from raising an alarm at each pause of
	// their source.
	soonestStale = time.Hour
)

// staleAt returns when a feed counts as stale unless a run succeeds before, zero for one that
// never ran. A feed that has never succeeded counts from its first run.
func staleAt(feed Feed, st state) (time.Time, error) {
	since := st.Succeeded
	if since.IsZero() {
		since = st.First
	}
	if since.IsZero() {
		return time.Time{}, nil
	}
	if feed.StaleAfter > 0 {
		return since.Add(feed.StaleAfter), nil
	}
	at := since
	for range staleRuns {
		var err error
		if at, err = nextTime(feed, at); err != nil {
			return time.Time{}, err
		}
	}
	for _, earliest := range []time.Time{
		since.Add(staleRuns * feed.MinInterval), since.Add(soonestStale),
	} {
		if at.Before(earliest) {
			at = earliest
		}
	}
	return at.UTC(), nil
}

// quiet reports whether a feed that runs has brought nothing new for longer than it may.
func quiet(feed Feed, st state, now time.Time) bool {
	since := st.News
	if since.IsZero() {
		since = st.First
	}
	return feed.QuietAfter > 0 && !since.IsZero() && now.Sub(since) >= feed.QuietAfter
}
