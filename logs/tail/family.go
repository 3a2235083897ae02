package tail

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// maxSiblings is how many names of a folder are looked at for a file that was rotated.
const maxSiblings = 4096

// rotated is what rotation puts behind a name, as far as it can be told from other names.
var (
	rotated = regexp.MustCompile(`^([.-][0-9][0-9T:._-]*|\.old|\.bak)?(\.gz|\.bz2|\.xz|\.zst)?$`)
	foreign = regexp.MustCompile(`\.(bz2|xz|zst)$`) // packed in a way that is not read
)

// siblings are the files beside a log, and beside its parts.
func siblings(l *Log) []string {
	folders := []string{filepath.Dir(l.Path)}
	for _, p := range l.Parts {
		folders = append(folders, filepath.Dir(p.Name))
	}
	slices.Sort(folders)
	var all []string
	for _, folder := range slices.Compact(folders) {
		names, err := namesIn(folder)
		if err != nil {
			continue // a folder that has gone has no files
		}
		for _, name := range names {
			all = append(all, filepath.Join(folder, name))
		}
	}
	slices.Sort(all)
	return all
}

func namesIn(folder string) ([]string, error) {
	f, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(maxSiblings)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return names, err
}

// related reports whether a file may be a part of a log by its name: log.1 and log-1.gz of log,
// and name-1.log of name.log.
func related(log, file string) bool {
	base := filepath.Base(log)
	stem := strings.TrimSuffix(base, filepath.Ext(base))
	return strings.HasPrefix(filepath.Base(file), base) ||
		stem != "" && strings.HasPrefix(filepath.Base(file), stem)
}

// successor reports whether a file is by its name a rotated one of a log.
func successor(log, file string) bool {
	suffix, ok := strings.CutPrefix(filepath.Base(file), filepath.Base(log))
	return ok && suffix != "" && rotated.MatchString(suffix)
}

// find opens the file in which a part is now, or returns nil: first where it was, then whatever is
// at its place on the disk, then what has the same in it.
func find(l *Log, p Part) *source {
	names := append([]string{p.Name}, siblings(l)...)
	if p.Size == 0 {
		return findEmpty(l, p, names)
	}
	for _, name := range names {
		if s := openIf(name, func(s *source) bool { return p.at(s) && p.in(s) }); s != nil {
			return s
		}
	}
	for _, name := range names {
		if name == l.Path || !related(l.Path, name) && name != p.Name {
			continue
		}
		if s := openIf(name, p.in); s != nil {
			return s
		}
	}
	return nil
}

// findEmpty has only the place on the disk to go by, which may be another file's by now. It does
// not look at the path of the log.
func findEmpty(l *Log, p Part, names []string) *source {
	live, _ := filepath.EvalSymlinks(l.Path) // "" if there is none
	fits := func(s *source) bool {
		return p.at(s) && s.name != live && !s.changed.Before(p.Changed) && !l.has(s)
	}
	for _, name := range names {
		s := openIf(name, fits)
		if s != nil && (related(l.Path, s.name) || s.name == p.Name) {
			return s
		}
		if s != nil {
			s.Close()
		}
	}
	return nil
}

// has reports whether a known part that has something in it is in a file.
func (l *Log) has(s *source) bool {
	return slices.ContainsFunc(l.Parts, func(p Part) bool { return p.Size > 0 && p.in(s) })
}

// open opens the file of a part, or returns nil. An empty part, which has nothing to be known by,
// may be gone and its place on the disk given to the file that is written now.
func (l *Log) open(i int) *source {
	p, last := l.Parts[i], i == len(l.Parts)-1
	if last {
		if s := openIf(l.Path, func(s *source) bool { return p.at(s) && p.in(s) }); s != nil {
			return s
		}
	}
	s := find(l, p)
	if s != nil && !last && l.last().at(s) {
		s.Close()
		return nil
	}
	return s
}

// openIf opens a file that is as it should be, or returns nil.
func openIf(name string, fits func(*source) bool) *source {
	s, err := openSource(name)
	if err != nil {
		return nil
	}
	if !fits(s) {
		s.Close()
		return nil
	}
	return s
}

// missed opens the files that a log was rotated into which were written after the last part that is
// known, and in which no known part is. Those of but are left out.
func missed(l *Log, after Part, but ...*source) []*source {
	var found []*source
	var names []string
	for _, name := range siblings(l) {
		if !successor(l.Path, name) || foreign.MatchString(name) {
			continue
		}
		unknown := func(s *source) bool {
			waited := func(p Part) bool { return !p.Done && p.Size == 0 && p.at(s) }
			same := func(b *source) bool { return b != nil && s.name == b.name }
			return !slices.ContainsFunc(but, same) && !s.empty() && !s.changed.Before(after.Changed) &&
				!l.has(s) && !slices.ContainsFunc(l.Parts, waited)
		}
		if slices.Contains(names, strings.TrimSuffix(name, ".gz")) {
			continue // it is being compressed
		}
		if s := openIf(name, unknown); s != nil {
			found, names = append(found, s), append(names, name)
		}
		if len(found) == maxParts {
			break
		}
	}
	return found
}
