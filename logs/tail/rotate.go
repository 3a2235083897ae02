package tail

import (
	"fmt"
	"slices"
	"time"
)

// moved reports whether the last part is no longer in the file of the path, and opens the file
// where it is instead, if there is one.
func (f *Follower) moved(l *Log, live *source) (gone bool, elsewhere *source) {
	last := *l.last()
	if last.at(live) && last.in(live) {
		if last.Size > 0 {
			return false, nil
		}
		return f.hasMissed(l, live), nil
	}
	if elsewhere := find(l, last); elsewhere != nil && last.at(elsewhere) {
		return true, elsewhere
	} else if last.in(live) { // written anew with the same in it, as editors do
		if elsewhere != nil {
			elsewhere.Close()
		}
		return last.Size == 0 && f.hasMissed(l, live), nil
	} else {
		return true, elsewhere
	}
}

// hasMissed reports whether files were rotated since the last part was empty. An empty file has
// nothing to be known by, so that emptying it again does not show.
func (f *Follower) hasMissed(l *Log, live *source) bool {
	found := missed(l, *l.last(), live)
	for _, s := range found {
		s.Close()
	}
	return len(found) > 0
}

// succeed ends the last part, and begins those that follow.
func (f *Follower) succeed(l *Log, moved, live *source) error {
	next := Log{Path: l.Path, Parts: slices.Clone(l.Parts), Seen: l.Seen} // all of it or nothing
	known := moved != nil && l.last().Size > 0
	if known {
		if err := next.last().take(moved); err != nil {
			return err
		}
	} else {
		next.last().Done = true
	}
	between := missed(&next, *next.last(), live, moved)
	defer func() {
		for _, s := range between {
			s.Close()
		}
	}()
	all := slices.Clone(between)
	if moved != nil && !known { // it was empty: others may have come before it
		all = append(all, moved)
	}
	slices.SortStableFunc(all, func(a, b *source) int { return a.changed.Compare(b.changed) })
	for _, s := range append(all, live) {
		if err := f.begin(&next, s); err != nil {
			return err
		}
	}
	if moved == nil && l.last().Size > 0 {
		f.o.Note(l.Path, "was emptied or removed; what was written to it after the last look is lost")
	}
	next.Parts = slices.DeleteFunc(next.Parts, func(p Part) bool { return p.Done && p.Size == 0 })
	*l = next
	if over := len(l.Parts) - maxParts; over > 0 {
		f.o.Note(l.Path, fmt.Sprintf("was rotated too often; %d files are left out", over))
		l.Parts = slices.Delete(l.Parts, 0, over)
	}
	return nil
}

// settle looks at the parts that have a successor, and ends those that nobody writes to.
func (f *Follower) settle(l *Log) {
	for i := range len(l.Parts) - 1 {
		p := &l.Parts[i]
		if p.Done {
			continue
		}
		s := l.open(i)
		if s == nil {
			p.Done = true
			continue
		}
		age := f.o.Now().Sub(s.changed)
		quiet := age >= f.o.Settle || age < -24*time.Hour // no clock is that wrong, but a date may be
		copied := !p.at(s) || s.zipped
		if err := p.take(s); err == nil {
			p.Done = quiet || copied
		}
		s.Close()
	}
}
