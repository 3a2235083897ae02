package release

import (
	"slices"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// judge decides by a policy, and remembers what it has looked up.
type judge struct {
	Policy
	lookup  func(id string) (found []stix.Object, ok bool)
	rulings map[string]ruling // by id
	decided map[string]Reason // by text of marks
	unread  bool              // a definition could not be looked up
}

const (
	// maxMarkings is how many markings one object may have, those of its definitions and of
	// their definitions included.
	maxMarkings = 64
	// maxRemembered bounds each memory; one that is full is emptied.
	maxRemembered = 1024
)

func (j *judge) decide(text string) Reason {
	if reason, ok := j.decided[text]; ok {
		return reason
	}
	j.unread = false
	reason, ok := j.ofText(text)
	if !ok {
		return Broken // and not remembered: it may be of any length
	}
	if j.unread {
		return Unread
	}
	if len(j.decided) == maxRemembered {
		clear(j.decided)
	}
	j.decided[text] = reason
	return reason
}

// ofText decides about the text of marks of an object or of an excerpt, or returns false for one
// that is neither.
func (j *judge) ofText(text string) (Reason, bool) {
	if e, ok := marking.ParseExcerpt(text); ok {
		return j.ofExcerpt(e), true
	}
	marks, ok := marking.ParseMarks(text)
	if !ok {
		return None, false
	}
	return j.ofMarks(marks), true
}

// ofExcerpt releases an excerpt to those who may have it and not the fuller one. A doubt about the
// fuller one counts against that, so that they have the excerpt.
func (j *judge) ofExcerpt(e marking.Excerpt) Reason {
	if !j.Redacted {
		return Unredacted
	}
	if reason := j.ofMarks(e.Left); reason != None {
		return reason
	}
	if j.ofMarks(e.Fuller) == None {
		return Fuller
	}
	return None
}

func (j *judge) ofMarks(marks marking.Marks) Reason {
	way := walk{judge: j, seen: make(map[string]bool)}
	if reason := way.marks(marks); reason != None {
		return reason
	}
	if marks.Level == marking.None && j.Unmarked > j.Clearance &&
		!slices.ContainsFunc(marks.Others, j.speaks) {
		return Unmarked
	}
	return None
}

// speaks reports whether the operator says that the caller may have what bears a marking. No
// definition says so: whoever may write can bring one, and could let out what others marked with
// it before. It can hold an object back, and not let it go.
func (j *judge) speaks(id string) bool {
	_, declared := j.Declared.of(id)
	return declared
}

// ruling reads what the collection has under an id, once.
func (j *judge) ruling(id string) ruling {
	if r, ok := j.rulings[id]; ok {
		return r
	}
	found, ok := j.lookup(id)
	if !ok {
		j.unread = true
		return ruling{held: Unread}
	}
	r := rule(id, found)
	if len(j.rulings) == maxRemembered {
		clear(j.rulings)
	}
	j.rulings[id] = r
	return r
}

// walk goes from the markings of one object to the markings of their definitions, and on from
// there. It ends at the first that holds the object back. Each marking is visited once, and there
// are [maxMarkings] at most, which also bounds how deep it goes.
type walk struct {
	*judge
	seen map[string]bool
	path []string // definitions from the object to where the walk is
}

func (w *walk) marks(m marking.Marks) Reason {
	switch {
	case m.Broken:
		return Broken
	case m.Level > w.Clearance:
		return Level
	}
	for _, id := range m.Others {
		if reason := w.other(id); reason != None {
			return reason
		}
	}
	return None
}

// other judges a marking that is not of TLP.
func (w *walk) other(id string) Reason {
	switch {
	case slices.Contains(w.path, id):
		return Circular
	case w.seen[id]:
		return None // it held nothing back, or the walk would have ended
	case len(w.seen) == maxMarkings:
		return Excessive
	}
	w.seen[id] = true
	if names, ok := w.Declared.of(id); ok {
		if !w.Among(names) {
			return NotListed
		}
		return None
	}
	r := w.ruling(id)
	if r.held != None {
		return r.held
	}
	w.path = append(w.path, id)
	defer func() { w.path = w.path[:len(w.path)-1] }()
	return w.marks(r.marks)
}
