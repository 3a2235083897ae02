package mongostore

import (
	"encoding/binary"
	"strconv"

	"github.com/cabstand/cabstand/stix"
)

// spec is a spec version; later ones are greater.
type spec int

const (
	spec20 spec = iota
	spec21
	numSpecs
)

func specOf(text string) spec {
	if text == stix.Spec20 {
		return spec20
	}
	return spec21
}

func (s spec) String() string {
	if s == spec20 {
		return stix.Spec20
	}
	return stix.Spec21
}

// A label is a class, a choice of versions and, for entries with marks, what a reader must and
// must not be cleared for who gets the entry by it. Every choice of spec versions is a union of
// classes. How a label moves with marks, see the package comment.
//
//	1L        the last version of an object in 2.1, without marks
//	1L3       the same with the marks of number 3
//	1L3-a     the last version for whoever is cleared for 3 and for none of the set a
//	c5L3-a    the same of 2.0, for whoever is not cleared for any of the set 5, which are the
//	          marks of the object's versions of 2.1
//	1=gz.5/3  a version by its instant
const (
	class21      = "1" // of 2.1
	class20      = "0" // of 2.0
	classCurrent = "c" // of 2.0, and its object has no version of 2.1, or none beside a set
)

const (
	choiceAll   = "A"
	choiceFirst = "F"
	choiceLast  = "L"
	choiceExact = "=" // and the instant
	// choiceEdge is no choice of readers. It is on the first and the last version of some marks
	// that are not the first and the last of all, for writers to find.
	choiceEdge = "E"
)

// classOf is the class that all entries of a spec version are in.
func classOf(s spec) string {
	if s == spec20 {
		return class20
	}
	return class21
}

// place is where a version stands among the versions of its object.
type place struct {
	spec         spec
	mark         int     // the number of its own marks
	older, newer markSet // marks of the older and newer versions in its spec version
	superior     markSet // marks of the versions of 2.1, if it is of 2.0
}

// labels are those of an entry, as far as there is room for the sets they name; exact is the
// instant by which queries for a version find it. The usual object has the same marks in all of
// its versions. Then no label names a set, since nobody is cleared for an older version alone.
func (p place) labels(exact stix.Timestamp, sets *tally) []string {
	own := markText(p.mark)
	choices := []string{choiceAll + own}
	for _, edge := range []struct {
		choice string
		others markSet
	}{{choiceFirst, p.older}, {choiceLast, p.newer}} {
		if text, ok := besides(edge.choice+own, p.mark, edge.others, "-"); ok {
			choices = append(choices, text)
		}
	}
	instant := choiceExact + instantText(exact)
	if p.mark != unmarked {
		instant += "/" + own
	}
	labels := sets.admitted(combine(p.classes(sets), append(choices, instant)))
	if p.hiddenEdge() {
		labels = append(labels, classOf(p.spec)+choiceEdge)
	}
	return labels
}

func (p place) classes(sets *tally) []string {
	classes := []string{classOf(p.spec)}
	if p.spec == spec21 {
		return classes
	}
	class, ok := besides(classCurrent, p.mark, p.superior, "")
	if ok && sets.admit(class+choiceAll+markText(p.mark)) {
		classes = append(classes, class)
	}
	return classes
}

// besides makes the text of a label's part that holds for readers who are cleared for a mark and
// for none of a set of others; there are none if the set has the mark. What is sealed is in
// nobody's way but the unrestricted reader's, who asks for no part with a set.
func besides(text string, mark int, others markSet, separator string) (string, bool) {
	switch {
	case others == 0:
		return text, true
	case mark == unmarked || others.has(mark):
		return "", false
	}
	return text + separator + others.text(), true
}

// hiddenEdge reports whether the version is the first or last one of its marks, and neither of
// all.
func (p place) hiddenEdge() bool {
	return p.mark != unmarked && p.older != 0 && p.newer != 0 &&
		!(p.older.has(p.mark) && p.newer.has(p.mark))
}

func combine(classes, choices []string) []string {
	labels := make([]string, 0, len(classes)*len(choices))
	for _, class := range classes {
		for _, choice := range choices {
			labels = append(labels, class+choice)
		}
	}
	return labels
}

// instantText is a short text that equal instants have in common.
func instantText(at stix.Timestamp) string {
	key := at.AppendKey(nil)
	seconds, digits := binary.BigEndian.Uint64(key), key[8:len(key)-1]
	return strconv.FormatUint(seconds, 36) + "." + string(digits)
}
