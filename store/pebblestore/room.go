package pebblestore

import (
	"sync/atomic"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

// maxMemTables is how many full memtables there may be, the one that is written to among them,
// before changes wait for one to be flushed. They count by size, as pebble begins with small
// ones and flushes only when there is enough. Pebble has such a limit of its own, but a commit
// that waits for it waits for ever once the disk has failed.
const maxMemTables = 4

// maxSublevels is how many sublevels the top level may have before changes wait for a
// compaction: a read has to look into each. Pebble's own limit is no good here either.
const maxSublevels = 20

// maxLooks bounds the wait for compactions, to about ten seconds for each full memtable:
// one that can never succeed, say because a table is damaged, must slow changes down and not
// stop them.
const maxLooks = 1000

// room holds changes back while pebble has more in memory, or in its top level, than it should.
type room struct {
	rotated atomic.Bool   // a memtable was begun since the last look
	flushed chan struct{} // gets a value after a flush
	limit   uint64        // bytes in memory
}

func newRoom(memTableBytes uint64) *room {
	return &room{flushed: make(chan struct{}, 1), limit: maxMemTables * memTableBytes}
}

func (r *room) walCreated(pebble.WALCreateInfo) { r.rotated.Store(true) }

func (r *room) flushEnd(pebble.FlushInfo) {
	select {
	case r.flushed <- struct{}{}:
	default: // there is one already
	}
}

// waitForRoom returns when a change may be committed, or with the error of the disk.
func (g *generation) waitForRoom() error {
	const look = 10 * time.Millisecond // in case a flush is seen before it counts
	for looks := 0; g.room.rotated.Swap(false); looks++ {
		m := g.db.Metrics()
		if g.room.has(m.MemTable.Size, m.Levels[0].Sublevels, looks) {
			break
		}
		g.room.rotated.Store(true)
		select {
		case <-g.fence.tripped:
			return g.fence.err()
		case <-g.room.flushed:
		case <-time.After(look):
		}
	}
	return g.fence.err()
}

// has reports whether there is room, after so many looks.
func (r *room) has(memTables uint64, sublevels int32, looks int) bool {
	return memTables < r.limit && (sublevels < maxSublevels || looks >= maxLooks)
}
