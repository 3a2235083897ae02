package pebblestore

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/store"
)

// maxBackoff is how much longer than the first the pauses between attempts get.
const maxBackoff = 100

// tripped is closed when the disk has failed the database; nil once the committer knows.
func (c *committer) tripped() <-chan struct{} {
	if c.failure() != nil {
		return nil
	}
	return c.gen.fence.tripped
}

// fail begins to refuse changes, until recover succeeds.
func (c *committer) fail(cause error) {
	if c.failure() != nil {
		return
	}
	err := fmt.Errorf("%w: %w", store.ErrUnavailable, cause)
	c.failed.Store(&err)
	c.forget()
	c.store.opts.Logger.Error("disk failed; changes are refused until it works", "err", cause)
	c.pause = c.store.opts.RetryAfter
	c.retry.Reset(c.pause)
}

// recover opens the database again and lets changes in, or sets the time of the next attempt.
// What the log holds beyond the last acknowledged change is kept: pebble makes it durable
// before it returns from opening.
func (c *committer) recover() {
	c.gen.fence.seal()
	err := c.store.probe()
	var gen *generation
	if err == nil {
		gen, err = c.store.openGeneration()
	}
	if err != nil {
		c.store.opts.Logger.Warn("disk still fails", "err", err)
		c.pause = min(2*c.pause, maxBackoff*c.store.opts.RetryAfter)
		c.retry.Reset(c.pause)
		return
	}
	c.gen = gen
	c.store.views.publish(gen)
	c.failed.Store(nil)
	c.store.opts.Logger.Info("disk works again; changes are accepted")
}

// probe finds out whether the disk takes writes.
func (s *Store) probe() (err error) {
	if err := s.checkSpace(); err != nil {
		return err
	}
	const name = "probe.tmp"
	path := s.opts.FS.PathJoin(s.dir, name)
	f, err := s.opts.FS.Create(path, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, probeBytes))
	return errors.Join(err, f.Sync(), f.Close(), s.opts.FS.Remove(path), s.syncFolder())
}

const probeBytes = 64 << 10

func (s *Store) syncFolder() error {
	dir, err := s.opts.FS.OpenDir(s.dir)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
