//go:build unix

package tail

import (
	"io/fs"
	"os"
	"syscall"
)

// openFile does not wait for a writer if the file has become a pipe.
func openFile(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// place is where a file is on its disk.
func place(info fs.FileInfo) (device, inode uint64) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return uint64(stat.Dev), stat.Ino //nolint:unconvert // Dev is signed on some systems
}
