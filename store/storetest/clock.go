package storetest

import (
	"sync"
	"time"
)

// clock is the time that a store under test believes in. It moves only when told to.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock {
	return &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 123_456_789, time.UTC)}
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// move sets the clock forward by d, or back if d is negative.
func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func nanoseconds(n int) time.Duration { return time.Duration(n) }

// elsewhere is a place that does not live by UTC.
func elsewhere() *time.Location { return time.FixedZone("elsewhere", 5*3600+1800) }
