package threatfox

import "time"

// settings are the settings of kind threatfox.
type settings struct {
	// Days is how far back every run asks, from 1 to 7. A run after a longer pause asks for
	// as much as it needs, up to 7.
	Days int `yaml:"days" validate:"gte=1,lte=7"`
}

// Bounds of the window that the API gives out.
const (
	usualDays = 3
	mostDays  = 7
	day       = 24 * time.Hour
)

// daysSince is the window of a run that has to reach back to a time.
func (s settings) daysSince(last, now time.Time) int {
	if last.IsZero() || !last.Before(now) {
		return s.Days
	}
	since := now.Sub(last)
	if since > mostDays*day {
		return mostDays
	}
	return min(mostDays, max(s.Days, int((since+day-1)/day)))
}
