package marking

import (
	"bytes"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix"
)

// Marks are what a reader must be cleared for who gets an object whole: the strictest level of
// TLP and all other markings, those of the object and those of any part of it.
type Marks struct {
	Level  Level    // the strictest of either version of TLP, or None
	Others []string // the other markings, in lower case, sorted and each once; nil without any

	// Broken says that nobody knows what the object is marked with. It is then for those alone
	// who may see everything; Level and Others are not set.
	Broken bool
}

// maxOthers is how many other markings [Marks] hold. An index has one entry for each combination
// of markings, and somebody who makes up very long ones should get nowhere with them.
const maxOthers = 8

// maxMarksText is how long the text of Marks may be, which maxOthers keeps far below.
const maxMarksText = 512

const (
	brokenText    = "broken"
	markingPrefix = "marking-definition--"
)

// MarksOf returns the marks of an object that [stix.Parse] accepted.
//
// They are Broken if [Of] finds its granular markings at fault, if a reference is no identifier of
// a marking-definition, if a marking-definition marks itself, which STIX 2.1 §7.2.1 forbids, and
// with more than eight markings beside TLP. Granular markings of a language restrict nothing.
// A marking-definition that nothing marks counts as marked with itself: who must not know what a
// marking says does not get it.
//
// An object without granular markings is not read again but for a search of its bytes, and
// costs no allocation unless it has other markings than TLP.
func MarksOf(o stix.Object) Marks {
	var m Marks
	for _, ref := range o.MarkingRefs {
		m.addTo(o, ref)
	}
	if mayHaveGranular(o.Raw) {
		m.addGranular(o)
	}
	if o.Type == "marking-definition" && m.isNone() {
		m.add(o.ID)
	}
	return m
}

func (m *Marks) addGranular(o stix.Object) {
	markings, err := Of(o)
	if err != nil {
		m.fail()
	}
	for _, g := range markings.Granular {
		if g.MarkingRef != "" {
			m.addTo(o, g.MarkingRef)
		}
	}
}

// addTo is add for a marking of o, which must not be o itself.
func (m *Marks) addTo(o stix.Object, ref string) {
	if o.Type == "marking-definition" && strings.EqualFold(ref, o.ID) {
		m.fail()
	}
	m.add(ref)
}

// add adds a marking, unless they are broken already.
func (m *Marks) add(ref string) {
	if m.Broken {
		return
	}
	if f, ok := fixedMarkingOf(ref); ok {
		m.Level = max(m.Level, f.level)
		return
	}
	if stix.CheckID(ref) != nil || !strings.HasPrefix(ref, markingPrefix) {
		m.fail()
		return
	}
	ref = strings.ToLower(ref)
	i, known := slices.BinarySearch(m.Others, ref)
	switch {
	case known:
	case len(m.Others) == maxOthers:
		m.fail()
	default:
		m.Others = slices.Insert(m.Others, i, ref)
	}
}

func (m *Marks) fail() { *m = Marks{Broken: true} }

func (m *Marks) isNone() bool { return !m.Broken && m.Level == None && len(m.Others) == 0 }

// mayHaveGranular reports whether a member of raw can be named granular_markings. A name that
// is not written in full has an escape of one of its letters or of its underscore, and those
// are all of the form \u005x, \u006x or \u007x.
func mayHaveGranular(raw []byte) bool {
	if bytes.Contains(raw, []byte("granular_markings")) {
		return true
	}
	escape := []byte(`\u00`)
	for {
		i := bytes.Index(raw, escape)
		if i < 0 || i+len(escape) == len(raw) {
			return false
		}
		raw = raw[i+len(escape):]
		if '5' <= raw[0] && raw[0] <= '7' {
			return true
		}
	}
}

// String returns the canonical text of the marks: the word of the level, then the UUIDs of the
// others, joined by commas, or "broken". Marks that restrict the same have the same text, those
// made by hand too, and what cannot be written is broken. It has 1 to 512 of the characters
// a-z, 0-9, "+", "-" and ",".
func (m Marks) String() string {
	if m.Broken || m.Level > Red {
		return brokenText
	}
	if len(m.Others) == 0 {
		return m.Level.String()
	}
	var few [maxOthers]string
	canonical := Marks{Level: m.Level, Others: few[:0]}
	for _, ref := range m.Others {
		canonical.add(ref)
	}
	if canonical.Broken {
		return brokenText
	}
	var room [maxMarksText]byte
	text := append(room[:0], canonical.Level.String()...)
	for _, ref := range canonical.Others {
		text = append(append(text, ','), ref[len(markingPrefix):]...)
	}
	return string(text)
}

// ParseMarks reads what String writes, and no other spelling of it.
func ParseMarks(text string) (Marks, bool) {
	if text == brokenText {
		return Marks{Broken: true}, true
	}
	word, rest, more := strings.Cut(text, ",")
	level, ok := ParseTLP(word)
	if !ok && word != None.String() {
		return Marks{}, false
	}
	m := Marks{Level: level}
	for more {
		var id string
		id, rest, more = strings.Cut(rest, ",")
		m.add(markingPrefix + id)
	}
	if m.String() != text {
		return Marks{}, false
	}
	return m, true
}
