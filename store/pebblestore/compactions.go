package pebblestore

import (
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// compactions decides when pebble compacts: never while the database is being opened, because
// an Open that fails closes files under the compactions that it has begun, and after that
// whenever pebble's own limit allows.
type compactions struct {
	db   pebble.DBForCompaction
	poke chan struct{}
	stop chan struct{}
	loop sync.WaitGroup

	mu      sync.Mutex
	serving bool
	running int
}

var _ pebble.CompactionScheduler = (*compactions)(nil)

func newCompactions() *compactions {
	return &compactions{poke: make(chan struct{}, 1), stop: make(chan struct{})}
}

// serve begins to let compactions run.
func (c *compactions) serve() {
	c.mu.Lock()
	c.serving = true
	c.mu.Unlock()
	c.loop.Go(func() {
		for {
			c.grant()
			select {
			case <-c.poke:
			case <-c.stop:
				return
			}
		}
	})
}

// Register implements pebble.CompactionScheduler.
func (c *compactions) Register(_ int, db pebble.DBForCompaction) { c.db = db }

// Unregister implements pebble.CompactionScheduler.
func (c *compactions) Unregister() {
	c.mu.Lock()
	c.serving = false
	c.mu.Unlock()
	close(c.stop)
	c.loop.Wait()
}

// TrySchedule implements pebble.CompactionScheduler.
func (c *compactions) TrySchedule() (bool, pebble.CompactionGrantHandle) {
	if !c.take() {
		return false, nil
	}
	return true, c
}

// UpdateGetAllowedWithoutPermission implements pebble.CompactionScheduler.
func (c *compactions) UpdateGetAllowedWithoutPermission() {
	select {
	case c.poke <- struct{}{}:
	default: // it will look anyway
	}
}

// grant starts compactions that wait, as far as they are allowed.
func (c *compactions) grant() {
	for c.take() {
		if waiting, _ := c.db.GetWaitingCompaction(); !waiting || !c.db.Schedule(c) {
			c.giveBack()
			return
		}
	}
}

func (c *compactions) take() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.serving || c.running >= c.db.GetAllowedWithoutPermission() {
		return false
	}
	c.running++
	return true
}

func (c *compactions) giveBack() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
}

// Started implements pebble.CompactionGrantHandle.
func (c *compactions) Started() {}

// MeasureCPU implements pebble.CompactionGrantHandle.
func (c *compactions) MeasureCPU(pebble.CompactionGoroutineKind) {}

// CumulativeStats implements pebble.CompactionGrantHandle.
func (c *compactions) CumulativeStats(pebble.CompactionGrantHandleStats) {}

// Done implements pebble.CompactionGrantHandle.
func (c *compactions) Done() {
	c.giveBack()
	c.UpdateGetAllowedWithoutPermission()
}
