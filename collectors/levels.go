package collectors

import (
	"fmt"
	"slices"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// MostTLP is the strictest TLP level that a feed may take from a source that marks its objects
// itself, given to whom they go: a collection is read by whoever may read it, whatever its
// objects are marked with. The level of the policy is always among them.
func (p Policy) MostTLP() marking.Level {
	own, _ := marking.ParseTLP(p.TLP)
	switch p.Redistribute {
	case "internal":
		return marking.Red
	case "members":
		return max(own, marking.AmberStrict)
	}
	return max(own, marking.Clear)
}

// CheckMaxTLP refuses a settings.max_tlp above [Policy.MostTLP]: settings can only narrow down
// what the policy allows. The error is a [*SettingError].
func (f Feed) CheckMaxTLP(most marking.Level) error {
	bound := f.Policy.MostTLP()
	if most <= bound {
		return nil
	}
	return &SettingError{
		Feed: f.ID, Path: "settings.max_tlp",
		Reason: fmt.Sprintf("%s is stricter than %s, the most that a feed with "+
			"policy.redistribute: %s may take", most, bound, f.Policy.Redistribute),
	}
}

// Levels are the builders of a run of a source that marks each of its objects with a TLP level;
// see [Builder.Stricter]. They are not for several goroutines.
type Levels struct {
	builders [marking.Red + 1]*Builder
	emit     func(stix.Object) error
	marked   map[*Builder]bool // whose markings have been written
}

// NewLevels returns the builders of a run. The markings of levels above the feed's go to emit.
func NewLevels(feed Feed, now time.Time, emit func(stix.Object) error) (*Levels, error) {
	base, err := NewBuilder(feed, now)
	if err != nil {
		return nil, err
	}
	l := &Levels{emit: emit, marked: map[*Builder]bool{base: true}} // the runner writes those
	for level := range l.builders {
		if l.builders[level], err = base.Stricter(marking.Level(level)); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// Of returns the builder of a level, which is the feed's own at and below the level of the feed.
func (l *Levels) Of(level marking.Level) *Builder { return l.builders[level] }

// At returns the builder of a level, and emits the level's markings first if that was not done
// yet in this run. The error is the one of emit.
func (l *Levels) At(level marking.Level) (*Builder, error) {
	b := l.builders[level]
	if l.marked[b] {
		return b, nil
	}
	l.marked[b] = true
	for _, o := range b.Markings() {
		if err := l.emit(o); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// UpTo returns each builder once, from the least strict on, up to a level: what an object may
// have been made by before its source changed its level.
func (l *Levels) UpTo(most marking.Level) []*Builder {
	return slices.Compact(slices.Clone(l.builders[:most+1]))
}
