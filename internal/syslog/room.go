package syslog

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
)

// rotate gives a file another name, under which nobody writes to it.
func (s *spool) rotate(f *file) error {
	if err := s.flush(f); err != nil {
		return err
	}
	if f.f != nil {
		err := errors.Join(f.f.Sync(), f.f.Close())
		f.f, f.dirty = nil, false
		if err != nil {
			return fmt.Errorf("rotate %s: %w", f.name, err)
		}
	}
	at := s.now()
	name := fmt.Sprintf("%s.%d", f.name, at.UnixNano())
	for slices.ContainsFunc(s.old, func(r rotated) bool { return r.name == name }) {
		at = at.Add(1)
		name = fmt.Sprintf("%s.%d", f.name, at.UnixNano())
	}
	if err := s.root.Rename(f.name, name); err != nil {
		return fmt.Errorf("rotate %s: %w", f.name, err)
	}
	s.old = append(s.old, rotated{name, f.size, at})
	f.size = 0
	return nil
}

// makeRoom deletes the oldest files until the others are within the bounds. If none is complete,
// the one that was written to the longest time ago has to be.
func (s *spool) makeRoom() {
	for s.total > s.maxBytes || len(s.old) > maxOld {
		if len(s.old) == 0 && !s.giveUp() {
			return
		}
		first := s.old[0]
		if err := s.root.Remove(first.name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return // it stays, and the next message tries again
		}
		s.old = s.old[1:]
		s.total -= first.size
		s.metrics.deleted.Add(float64(first.size))
	}
}

func (s *spool) giveUp() bool {
	oldest := s.quietest()
	return oldest != nil && s.rotate(oldest) == nil
}

// retire completes the file that was written to the longest time ago, if that is long enough, and
// no longer counts it: the addresses and names that somebody once made up must not keep out
// others for ever.
func (s *spool) retire() bool {
	oldest := s.quietest()
	if oldest == nil || s.now().Sub(oldest.used) < silence || s.rotate(oldest) != nil {
		return false
	}
	delete(s.files, oldest.name)
	s.makeRoom()
	return true
}

// quietest is the file that was written to the longest time ago, or nil if all are empty.
func (s *spool) quietest() (oldest *file) {
	for _, f := range s.files {
		if f.size+int64(len(f.buf)) > 0 && (oldest == nil || f.used.Before(oldest.used)) {
			oldest = f
		}
	}
	return oldest
}

// sortOld puts the oldest first.
func (s *spool) sortOld() {
	slices.SortFunc(s.old, func(a, b rotated) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.name, b.name))
	})
}
