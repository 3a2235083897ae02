package tail

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"
)

// Options say what to follow, and how. Zero values are the defaults that each field names.
type Options struct {
	// Patterns are paths, or patterns of them as for filepath.Match. Names that rotation makes
	// (log.1, log-20261102, log.gz) are left out where a pattern matches them.
	Patterns []string
	// MaxLogs is how many are followed: 200. Others are left out, by their names from the end.
	MaxLogs int
	// MaxLine is the longest line, in bytes: 1 MiB. Of longer ones the beginning is read.
	MaxLine int
	// Settle is how long nothing must have been added to a file that has a successor, before the
	// successor is read: 10 seconds. Less than 0 is no time at all.
	Settle time.Duration
	// Keep is how long a log is remembered that is not there any more: seven days.
	Keep time.Duration
	// Now is asked for the time. nil is time.Now.
	Now func() time.Time
	// Note is told what is lost or left out. nil is nobody.
	Note func(path, what string)
}

// maxParts is how many files of one log are remembered.
const maxParts = 64

// Follower follows logs. It is for one goroutine.
type Follower struct {
	o    Options
	logs map[string]*Log
}

// New makes a follower that goes on with what another one knew of logs. A pattern that cannot be
// one is an error.
func New(o Options, known []Log) (*Follower, error) {
	o.MaxLogs = cmp.Or(o.MaxLogs, 200)
	o.MaxLine = cmp.Or(o.MaxLine, 1<<20)
	o.Settle = cmp.Or(o.Settle, 10*time.Second)
	o.Keep = cmp.Or(o.Keep, 7*24*time.Hour)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Note == nil {
		o.Note = func(string, string) {}
	}
	f := &Follower{o: o, logs: map[string]*Log{}}
	for _, pattern := range o.Patterns {
		if _, err := filepath.Match(pattern, ""); err != nil {
			return nil, fmt.Errorf("%q is no pattern of files: %w", pattern, err)
		}
	}
	for _, l := range known {
		l.Parts = slices.Clone(l.Parts)
		f.logs[l.Path] = &l
	}
	return f, nil
}

// Logs returns what is known of all logs, sorted by their paths.
func (f *Follower) Logs() []*Log {
	all := make([]*Log, 0, len(f.logs))
	for _, l := range f.logs {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b *Log) int { return cmp.Compare(a.Path, b.Path) })
	return all
}

// Poll looks at the files: which there are, what was added, what has become of those that were
// known. A file that cannot be read is noted and stays as it was known. The error is that of the
// context.
func (f *Follower) Poll(ctx context.Context) error {
	f.discover()
	for _, l := range f.Logs() {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := f.look(l); err != nil {
			f.o.Note(l.Path, err.Error())
		}
		if len(l.Parts) == 0 || f.o.Now().Sub(l.Seen) > f.o.Keep {
			delete(f.logs, l.Path)
		}
	}
	return nil
}

// discover begins to follow what the patterns match and is no part of another log, nor the same
// file by another name.
func (f *Follower) discover() {
	var live []*source
	for _, l := range f.logs {
		if s := openIf(l.Path, func(*source) bool { return true }); s != nil {
			s.Close()
			live = append(live, s)
		}
	}
	for _, pattern := range f.o.Patterns {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			continue // New has judged the patterns
		}
		for _, path := range paths {
			if f.logs[path] != nil || isRotated(path, paths) {
				continue
			}
			if len(f.logs) >= f.o.MaxLogs {
				f.o.Note(path, fmt.Sprintf("left out: %d files are followed already", f.o.MaxLogs))
				return
			}
			if s := openIf(path, func(s *source) bool { return f.isNew(s, live) }); s != nil {
				s.Close()
				live = append(live, s)
				f.logs[path] = &Log{Path: path, Seen: f.o.Now().UTC()}
			}
		}
	}
}

func isRotated(path string, all []string) bool {
	return slices.ContainsFunc(all, func(log string) bool { return successor(log, path) })
}

// isNew reports whether no log has a file, as its current one or as a part.
func (f *Follower) isNew(s *source, live []*source) bool {
	same := func(l *source) bool {
		return l.name == s.name || l.inode != 0 && l.inode == s.inode && l.device == s.device
	}
	if slices.ContainsFunc(live, same) {
		return false
	}
	for _, l := range f.logs {
		if slices.ContainsFunc(l.Parts, func(p Part) bool { return p.at(s) && p.in(s) }) {
			return false
		}
	}
	return true
}

// look brings one log up to date.
func (f *Follower) look(l *Log) error {
	live, err := openSource(l.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return f.lookWithout(l)
	} else if err != nil {
		return err
	}
	defer live.Close()
	l.Seen = f.o.Now().UTC()
	if len(l.Parts) == 0 {
		return f.begin(l, live)
	}
	f.settle(l) // so that what was added to an old file tells it from new ones
	gone, moved := f.moved(l, live)
	if moved != nil {
		defer moved.Close()
	}
	if !gone {
		if err := l.last().take(live); err != nil {
			return err
		}
	} else if err := f.succeed(l, moved, live); err != nil {
		return err
	}
	f.settle(l)
	return nil
}

// lookWithout looks after the parts while there is no file at the path. One that was empty waits
// for the next file: only then can be told what else there was.
func (f *Follower) lookWithout(l *Log) error {
	if len(l.Parts) == 0 || l.last().Size == 0 {
		return nil
	}
	if s := find(l, *l.last()); s != nil {
		defer s.Close()
		if err := l.last().take(s); err != nil {
			return err
		}
	}
	f.settle(l)
	return nil
}

func (l *Log) last() *Part { return &l.Parts[len(l.Parts)-1] }

// begin adds a part.
func (f *Follower) begin(l *Log, s *source) error {
	p := Part{Number: 1}
	if len(l.Parts) > 0 {
		p.Number = l.last().Number + 1
	}
	if err := p.take(s); err != nil {
		return err
	}
	l.Parts = append(l.Parts, p)
	return nil
}
