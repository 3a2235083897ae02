package mirror

import (
	"errors"
	"os"
	"runtime"
)

// replaceFile writes a file whole or not at all: to a file of its own in temp, which must be
// on the same file system, synced, and then in the place of path. The rename itself is durable
// once the folder of path is synced. Only the owner can read the file.
func replaceFile(temp, path string, text []byte) error {
	f, err := os.CreateTemp(temp, "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// syncDir makes the names in a folder durable. Windows does that by itself and refuses to
// sync a folder.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
