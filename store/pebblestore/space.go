package pebblestore

import (
	"errors"
	"fmt"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/store"
)

// checkSpace refuses changes before the disk is full: a database that cannot write a file
// half way through is worse off than one that was not asked to.
func (s *Store) checkSpace() error {
	usage, err := s.opts.FS.GetDiskUsage(s.dir)
	switch {
	case errors.Is(err, vfs.ErrUnsupported):
		return nil
	case err != nil:
		return fmt.Errorf("%w: free space: %w", store.ErrUnavailable, err)
	case usage.AvailBytes < s.opts.MinFreeBytes:
		return fmt.Errorf("%w: disk almost full: %d bytes free, %d needed",
			store.ErrUnavailable, usage.AvailBytes, s.opts.MinFreeBytes)
	}
	return nil
}
