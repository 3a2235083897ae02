package mongostore

import (
	"fmt"
	"math/bits"
	"slices"
	"strconv"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// Marks have numbers within a collection, in the order in which they came, from 1 on. The table
// in the record has their texts (see encodeText).

// unmarked is the number of entries that are sealed: for unrestricted readers alone.
const unmarked = 0

// markSet is a set of numbers of marks.
type markSet uint64

// everyMark is what is released to an unrestricted reader, and to no other.
const everyMark = ^markSet(0)

func (s markSet) has(mark int) bool { return s&(1<<mark) != 0 }

func (s markSet) with(mark int) markSet { return s | 1<<mark }

// text names the marks of a set that a reader can be cleared for.
func (s markSet) text() string { return strconv.FormatUint(uint64(s&^(1<<unmarked)), 36) }

// markText is the number in labels: nothing for entries without marks, as before there were any.
func markText(mark int) string {
	if mark == unmarked {
		return ""
	}
	return strconv.Itoa(mark)
}

// marksIn are the numbers of a set up to the largest one of a table.
func (r record) marksIn(set markSet) (marks []int) {
	for mark := range len(r.Marks) + 1 {
		if set.has(mark) {
			marks = append(marks, mark)
		}
	}
	return marks
}

// numberOf returns the number of marks, which is unmarked if they have none.
func (r record) numberOf(text string) int {
	if text == "" {
		return unmarked
	}
	return slices.Index(r.Marks, encodeText(text)) + 1
}

// number returns the number of marks, and gives them one if there is room.
func (r *record) number(text string) int {
	mark := r.numberOf(text)
	if mark != unmarked || text == "" || len(text) > store.MaxMarksLen ||
		len(r.Marks) == store.MaxMarks {
		return mark
	}
	r.Marks = append(slices.Clip(r.Marks), encodeText(text))
	return len(r.Marks)
}

// marksOf returns the text behind a number.
func (r record) marksOf(mark int64) (string, error) {
	switch {
	case mark == unmarked:
		return "", nil
	case mark < 0 || mark > int64(len(r.Marks)):
		return "", fmt.Errorf("%w: marks of number %d", errEntry, mark)
	}
	return decodeText(r.Marks[mark-1]), nil
}

// view is a reader's view of a collection during one call. It asks about each text once, though
// the record may be read several times.
type view struct {
	released store.Released
	answers  map[string]bool
}

func newView(released store.Released) *view {
	return &view{released: released, answers: map[string]bool{}}
}

// ask returns the marks that are released to the reader, of those that the collection has.
func (v *view) ask(r record) markSet {
	for _, text := range r.Marks {
		if _, known := v.answers[text]; !known && v.released != nil {
			v.answers[text] = v.released(decodeText(text))
		}
	}
	set, _ := v.known(r)
	return set
}

// known returns the same without asking, and false if there is something to be asked.
func (v *view) known(r record) (set markSet, complete bool) {
	if v.released == nil {
		return everyMark, true
	}
	complete = true
	for i, text := range r.Marks {
		yes, known := v.answers[text]
		complete = complete && known
		if yes {
			set = set.with(i + 1)
		}
	}
	return set, complete
}

// span is which marks the versions of an object have in one spec version, and where each of them
// begins and ends among the versions.
type span struct {
	marks          markSet
	oldest, newest [store.MaxMarks + 1]stix.Timestamp
}

func (x *span) see(mark int, at stix.Timestamp) {
	if !x.marks.has(mark) || at.Compare(x.oldest[mark]) < 0 {
		x.oldest[mark] = at
	}
	if !x.marks.has(mark) || at.Compare(x.newest[mark]) > 0 {
		x.newest[mark] = at
	}
	x.marks = x.marks.with(mark)
}

// around returns the marks of the versions that are older than an instant, and newer.
func (x *span) around(at stix.Timestamp) (older, newer markSet) {
	for rest := uint64(x.marks); rest != 0; rest &= rest - 1 {
		mark := bits.TrailingZeros64(rest)
		if x.oldest[mark].Compare(at) < 0 {
			older = older.with(mark)
		}
		if x.newest[mark].Compare(at) > 0 {
			newer = newer.with(mark)
		}
	}
	return older, newer
}
