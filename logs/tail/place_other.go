//go:build !unix

package tail

import (
	"io/fs"
	"os"
)

func openFile(name string) (*os.File, error) { return os.Open(name) }

// place is not known here: files are told apart by what is in them alone.
func place(fs.FileInfo) (device, inode uint64) { return 0, 0 }
