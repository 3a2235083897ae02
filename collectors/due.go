package collectors

import (
	"cmp"
	"fmt"
	"time"
)

const (
	// defaultSchedule is for enabled feeds without one.
	defaultSchedule = "@every 24h"
	// firstRetry is how soon a feed is run again after a failed run; it doubles with each.
	firstRetry = 15 * time.Minute
	// clockSkew is how far the clocks of servers may be apart before a run that has begun in the
	// future says that a clock was wrong, and not that of another server.
	clockSkew = time.Hour
)

// due returns when a feed has to be run next, at the earliest now. A feed that never ran, or
// whose settings have changed since, is due at once. After a failure it is due before its
// schedule. Nothing brings it nearer to the last run than min_interval, or than the source
// has asked for, but for one thing: a run that was cut off is repeated at once. It is only if
// that one is cut off as well that it waits, for it may be the feed that brings servers down.
func due(feed Feed, st state, now time.Time) (time.Time, error) {
	if st.Started.After(now.Add(clockSkew)) {
		return now.UTC(), nil // or the feed would be silent until then
	}
	next, earliest := now, st.Started.Add(feed.MinInterval)
	switch {
	case st.repeats():
		earliest = now
	case !st.Started.IsZero() && st.Settings == fingerprint(feed):
		var err error
		if next, err = nextTime(feed, st.Started); err != nil {
			return time.Time{}, err
		}
		if retry := st.retryAt(); !retry.IsZero() && retry.Before(next) {
			next = retry
		}
	}
	for _, bound := range []time.Time{earliest, st.NotBefore, now} {
		if next.Before(bound) {
			next = bound
		}
	}
	return next.UTC(), nil
}

// repeats reports whether the next run repeats one that was cut off, at once.
func (s *state) repeats() bool { return s.Holder == "" && s.Cut == 1 }

// schedule is the feed's own or the one of feeds without one.
func (f Feed) schedule() string { return cmp.Or(f.Schedule, defaultSchedule) }

// nextTime is when the feed's schedule has its first run after a time.
func nextTime(feed Feed, after time.Time) (time.Time, error) {
	schedule, err := parseSchedule(feed.schedule())
	if err != nil {
		return time.Time{}, fmt.Errorf("schedule of feed %s: %w", feed.ID, err)
	}
	return schedule.Next(after), nil
}

// retryAt returns when to repeat a run that failed, or was cut off not for the first time,
// else zero.
func (s *state) retryAt() time.Time {
	times := s.Failures
	if s.Cut > 0 {
		times = s.Cut - 1
	}
	if times == 0 {
		return time.Time{}
	}
	return s.Started.Add(firstRetry << min(times-1, 10))
}
