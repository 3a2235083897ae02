package syslog

import (
	"errors"
	"io/fs"
	"net/netip"
	"os"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Names that this package gives to files. What else is in the folder is left alone.
var (
	liveName    = regexp.MustCompile(`^[A-Za-z0-9_-]{1,48}\.log$`)
	rotatedName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,48}\.log\.([0-9]{1,19})$`)
)

// survey learns what is in the folder from before.
func (s *spool) survey() error {
	folder := s.root.FS()
	senders, err := fs.ReadDir(folder, ".")
	if err != nil {
		return err
	}
	for _, sender := range senders {
		if !sender.IsDir() || !isSender(sender.Name()) {
			continue
		}
		files, err := fs.ReadDir(folder, sender.Name())
		if err != nil {
			return err
		}
		for _, entry := range files {
			if err := s.know(path.Join(sender.Name(), entry.Name()), entry); err != nil {
				return err
			}
		}
	}
	s.sortOld()
	s.makeRoom()
	return nil
}

// isSender reports whether a folder is named as that of an address.
func isSender(name string) bool {
	if _, err := netip.ParseAddr(name); err == nil {
		return true
	}
	_, err := netip.ParseAddr(strings.ReplaceAll(name, "-", ":"))
	return err == nil
}

func (s *spool) know(name string, entry fs.DirEntry) error {
	if !entry.Type().IsRegular() {
		return nil
	}
	info, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	if liveName.MatchString(entry.Name()) {
		s.files[name] = &file{name: name, size: info.Size(), used: info.ModTime()}
		s.total += info.Size()
	} else if m := rotatedName.FindStringSubmatch(entry.Name()); m != nil {
		at, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil {
			return nil // a number that this package did not write
		}
		s.old = append(s.old, rotated{name, info.Size(), time.Unix(0, at)})
		s.total += info.Size()
	}
	return nil
}

// watch notices files that others have renamed or removed: what is written to them further would
// be lost, or nobody would look there. They are begun anew, or, if nothing is to be written, no
// longer counted.
func (s *spool) watch() {
	for name, f := range s.files {
		found, err := s.root.Stat(name)
		switch {
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			continue
		case f.f == nil && err != nil && len(f.buf) == 0:
			s.total -= f.size
			delete(s.files, name)
		case f.f == nil:
			continue
		default:
			s.keepOrReopen(f, found)
		}
	}
}

// keepOrReopen closes a file that is not at its path any more. found is nil if nothing is there.
func (s *spool) keepOrReopen(f *file, found fs.FileInfo) {
	if now, err := f.f.Stat(); err == nil && found != nil && os.SameFile(now, found) {
		s.total += now.Size() - f.size // somebody may have emptied it
		f.size = now.Size()
		return
	}
	_ = f.f.Close() // what is in it is the business of whoever has taken it away
	s.total -= f.size
	f.f, f.size, f.dirty = nil, 0, false
}
