package marking

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/stix"
)

// Level is a level of the Traffic Light Protocol. Levels compare: a greater one restricts
// sharing more. White of TLP 1 is Clear; the other levels of TLP 1 bear the names that they
// have in TLP 2.0, where only AMBER+STRICT is new.
type Level uint8

const (
	None Level = iota // not marked by TLP, which says nothing about sharing
	Clear
	Green
	Amber
	AmberStrict
	Red
)

// String returns the level in the words of TLP 2.0: "clear", "green", "amber", "amber+strict"
// or "red", and "none" for None.
func (l Level) String() string {
	switch l {
	case Clear:
		return "clear"
	case Green:
		return "green"
	case Amber:
		return "amber"
	case AmberStrict:
		return "amber+strict"
	case Red:
		return "red"
	}
	return "none"
}

// ParseTLP reads a level in the words of TLP 1 or 2.0, in any letter case and with or without
// "TLP:" before it. Other words, "none" among them, are no level.
func ParseTLP(word string) (Level, bool) {
	for _, f := range fixedMarkings {
		if f.word == bareTLP(word) {
			return f.level, true
		}
	}
	return None, false
}

// TLP returns the fixed marking-definition of a TLP 2.0 level: clear, green, amber,
// amber+strict or red, in any letter case and with or without "TLP:" before it.
func TLP(level string) (stix.Object, bool) { return fixedTLP(2, level) }

// TLP1 returns the fixed marking-definition of a TLP 1 level (STIX 2.1 §7.2.1.4): white,
// green, amber or red, written as for [TLP].
func TLP1(level string) (stix.Object, bool) { return fixedTLP(1, level) }

func fixedTLP(version int, level string) (stix.Object, bool) {
	for _, f := range fixedMarkings {
		if f.version == version && f.word == bareTLP(level) {
			return f.object(), true
		}
	}
	return stix.Object{}, false
}

func bareTLP(word string) string { return strings.TrimPrefix(strings.ToLower(word), "tlp:") }

// Fixed returns the marking-definition that everyone has to use under that identifier,
// and false for one that the standard and the TLP 2.0 extension leave to its creator.
func Fixed(id string) (stix.Object, bool) {
	if f, ok := fixedMarkingOf(id); ok {
		return f.object(), true
	}
	return stix.Object{}, false
}

// IsFixed reports whether o is one of the fixed marking-definitions: the same members
// with the same values, in any order and spelling. One with a member more, or with a created
// that is the same instant in other digits, is not: STIX 2.1 §7.2.1.4 allows no other instance.
func IsFixed(o stix.Object) bool {
	fixed, ok := Fixed(o.ID)
	if !ok {
		return false
	}
	want, got := jsontext.Value(fixed.Raw), jsontext.Value(o.Raw).Clone()
	return want.Canonicalize() == nil && got.Canonicalize() == nil && string(want) == string(got)
}

// TLPMarks is what a list of markings says in the words of TLP.
type TLPMarks struct {
	TLP1    Level    // the strictest of TLP 1, or None
	TLP2    Level    // the strictest of TLP 2.0, or None
	Unknown []string // the markings that are no TLP marking, in their order
}

// TLPOf returns the TLP of a list of markings: o.MarkingRefs for an object without a look at
// its granular markings, or what [Markings] has for a property or for all of an object.
// Unknown markings can restrict sharing in ways that nobody here knows, so that an empty list
// and a list of unknown ones are not the same.
func TLPOf(markingRefs []string) TLPMarks {
	var marks TLPMarks
	for _, ref := range markingRefs {
		f, ok := fixedMarkingOf(ref)
		switch {
		case !ok:
			marks.Unknown = append(marks.Unknown, ref)
		case f.version == 1:
			marks.TLP1 = max(marks.TLP1, f.level)
		default:
			marks.TLP2 = max(marks.TLP2, f.level)
		}
	}
	return marks
}

// Level returns the strictest level of either version, or None without any.
func (m TLPMarks) Level() Level { return max(m.TLP1, m.TLP2) }
