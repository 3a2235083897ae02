package access

import "time"

// failures counts what went wrong by digest. A count sinks by the limit in an hour, so that
// nothing is held against anybody for long. The memory is bounded: when it is full, of some
// counts picked at random the smallest is forgotten. Whoever wants a high count forgotten must
// first make most of the others as high, which costs him as many failures from as many
// addresses.
type failures struct {
	limit   int
	longest time.Duration
	max     int
	counts  map[digest]*count
}

// count is a number of failures at a time.
type count struct {
	level float64
	at    time.Time
	until time.Time // nothing is looked at before
}

// sampled is among how many counts the smallest is looked for.
const sampled = 16

func newFailures(limit int, longest time.Duration) *failures {
	return &failures{
		limit: limit, longest: longest, max: maxFailures, counts: map[digest]*count{},
	}
}

// wait returns for how long nothing is looked at; it is not positive if something is.
func (f *failures) wait(key digest, now time.Time) time.Duration {
	if c, ok := f.counts[key]; ok {
		return c.until.Sub(now)
	}
	return 0
}

// counted is one failure in a table, which may be taken back.
type counted struct {
	c           *count
	before, set time.Time // until, as it was and as this failure made it
}

// count adds a failure.
func (f *failures) count(key digest, now time.Time) counted {
	c, ok := f.counts[key]
	if !ok {
		f.makeRoom(now)
		c = &count{at: now}
		f.counts[key] = c
	}
	c.level, c.at = f.levelOf(c, now)+1, now
	told := counted{c: c, before: c.until}
	if excess := c.level - float64(f.limit); excess > 0 {
		c.until = now.Add(waitAfter(excess, f.longest))
	}
	told.set = c.until
	return told
}

// takeBack leaves a time alone that another failure has set meanwhile.
func (c counted) takeBack() {
	c.c.level = max(c.c.level-1, 0)
	if c.c.until.Equal(c.set) {
		c.c.until = c.before
	}
}

func (f *failures) forget(key digest) { delete(f.counts, key) }

// levelOf is what has not sunk of a count. A clock that goes back makes no count grow.
func (f *failures) levelOf(c *count, now time.Time) float64 {
	passed := max(now.Sub(c.at).Hours(), 0)
	return max(c.level-passed*float64(f.limit), 0)
}

func (f *failures) makeRoom(now time.Time) {
	if len(f.counts) < f.max {
		return
	}
	var least digest
	smallest, seen := 0.0, 0
	for key, c := range f.counts { // begins anywhere
		if level := f.levelOf(c, now); seen == 0 || level < smallest {
			least, smallest = key, level
		}
		if seen++; seen == sampled {
			break
		}
	}
	delete(f.counts, least)
}

// recent remembers what happened within a time, of a bounded number of things the newest as far
// as a look at some of them shows.
type recent struct {
	within time.Duration
	max    int
	at     map[digest]time.Time
}

func newRecent(within time.Duration, most int) *recent {
	return &recent{within: within, max: most, at: map[digest]time.Time{}}
}

func (r *recent) has(key digest, now time.Time) bool {
	at, ok := r.at[key]
	return ok && now.Sub(at) < r.within
}

func (r *recent) note(key digest, now time.Time) {
	if _, ok := r.at[key]; !ok && len(r.at) >= r.max {
		r.forgetOldest()
	}
	r.at[key] = now
}

func (r *recent) forgetOldest() {
	var oldest digest
	seen := 0
	for key, at := range r.at { // begins anywhere
		if seen == 0 || at.Before(r.at[oldest]) {
			oldest = key
		}
		if seen++; seen == sampled {
			break
		}
	}
	delete(r.at, oldest)
}
