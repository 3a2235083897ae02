package storetest_test

import (
	"slices"

	"github.com/cabstand/cabstand/store"
)

// mark returns what becomes of the marks of a new entry.
func (s *shelf) mark(marks, fault string) string {
	switch {
	case len(marks) > store.MaxMarksLen && fault != "takes marks of any length":
		return ""
	case marks == "", slices.Contains(s.marks, marks):
	case len(s.marks) == store.MaxMarks && fault != "takes any number of marks":
		return ""
	default:
		s.marks = append(s.marks, marks)
	}
	return marks
}

// reader is a store.Released that the store may call as often as it likes.
func (m *memory) reader(to store.Released) store.Released {
	if to == nil {
		return nil
	}
	if m.fault == "asks again and again" {
		return to
	}
	known := map[string]bool{}
	return func(marks string) bool {
		if marks == "" {
			return m.fault == "releases what has no marks"
		}
		verdict, ok := known[marks]
		if !ok {
			verdict = to(marks)
			known[marks] = verdict
		}
		return verdict
	}
}

// view is the shelf as a reader has it before them.
func (s *shelf) view(to store.Released) *shelf {
	if to == nil {
		return s
	}
	v := &shelf{}
	for _, b := range s.entries {
		if to(b.Marks) {
			v.entries = append(v.entries, b)
		}
	}
	return v
}

// judgeFor judges the entries of a view.
func (s *shelf) judgeFor(view *shelf, m *memory) *verdict {
	if m.fault == "judges what is hidden too" {
		return s.judge(m)
	}
	return view.judge(m)
}
