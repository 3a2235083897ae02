package mongostore

import (
	"errors"
	"maps"
	"strconv"
	"strings"
)

// maxSets is how many labels that name sets the entries of a collection have. A reader has to
// look at each of them, and the record has a list of them. When it is full, objects that are
// added are sealed if it takes another one; labels that name no mark but the entry's own always
// have room, so that what is sealed hides nothing. What a deletion brings forward just goes
// without the label: to seal it would take it from those who read it at the moment.
const maxSets = 1024

// setLabel is a label that names a set, taken apart.
type setLabel struct {
	class    string  // with its set
	superior markSet // the set of the class
	choice   string
	mark     int
	others   markSet // the set of the choice
}

// parseSetLabel reports false for labels that name no set.
func parseSetLabel(text string) (l setLabel, ok bool) {
	at := strings.IndexAny(text, choiceAll+choiceFirst+choiceLast)
	if at < 1 {
		return l, false
	}
	own, others, named := strings.Cut(text[at+1:], "-")
	l.class, l.choice = text[:at], text[at:at+1]
	var failed [3]error
	l.mark, failed[0] = strconv.Atoi(own)
	l.superior, failed[1] = parseSet(l.class[1:])
	l.others, failed[2] = parseSet(others)
	return l, (named || l.class[1:] != "") && errors.Join(failed[:]...) == nil
}

func parseSet(text string) (markSet, error) {
	if text == "" {
		return 0, nil
	}
	set, err := strconv.ParseUint(text, 36, 64)
	return markSet(set), err
}

// releasedTo reports whether a restricted reader gets entries by the label.
func (l setLabel) releasedTo(sees markSet) bool {
	return sees.has(l.mark) && sees&(l.superior|l.others) == 0
}

// tally counts entries by their labels that name sets.
type tally struct {
	counts  map[string]int64
	closed  bool // nothing is counted, and there are the labels that there are
	refused bool // there was no room for a label
}

// recount is what a change counts on from. Labels that no entry has any more are left out. Those
// that lose their last entry by the change itself are not: until it is carried out, readers have
// to look for them.
func (r record) recount() *tally {
	counts := maps.Clone(r.Sets)
	maps.DeleteFunc(counts, func(_ string, n int64) bool { return n <= 0 })
	if counts == nil {
		counts = map[string]int64{}
	}
	return &tally{counts: counts}
}

// settled are the labels that there are once the record has been committed, for whoever carries
// the commit out.
func (r record) settled() *tally { return &tally{counts: r.Sets, closed: true} }

// admit reports whether entries may have the label.
func (t *tally) admit(label string) bool {
	l, named := parseSetLabel(label)
	if !named {
		return true
	}
	if _, there := t.counts[label]; there {
		return true
	}
	if t.closed || len(t.counts) >= maxSets && l.superior|l.others != 0 {
		t.refused = true
		return false
	}
	t.counts[label] = 0
	return true
}

// admitted returns the labels that entries may have, of some.
func (t *tally) admitted(labels []string) []string {
	kept := labels[:0]
	for _, label := range labels {
		if t.admit(label) {
			kept = append(kept, label)
		}
	}
	return kept
}

// add counts an entry with some labels, or n of them.
func (t *tally) add(labels []string, n int64) {
	if t.closed {
		return
	}
	for _, label := range labels {
		if _, named := parseSetLabel(label); named {
			t.counts[label] += n
		}
	}
}

// count counts what changes in the labels of stored entries.
func (t *tally) count(changes []relabeling) {
	for _, c := range changes {
		t.add(c.before, -1)
		t.add(c.labels, 1)
	}
}
