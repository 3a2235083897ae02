package mongostore

import (
	"encoding/binary"
	"slices"
	"strconv"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
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

// A label is a class and a choice of versions. Every choice of spec versions is a union of
// classes, and an entry is never moved between two classes of one union: it can only cease to
// be current, or become so again.
const (
	class21      = "1" // of 2.1
	class20      = "0" // of 2.0
	classCurrent = "c" // of 2.0, and its object has no version of 2.1
)

const (
	choiceAll   = "A"
	choiceFirst = "F"
	choiceLast  = "L"
	choiceExact = "=" // and the instant
)

// edgeLabels are on the first and last versions of every object.
var edgeLabels = [...]string{
	class21 + choiceFirst, class21 + choiceLast, class20 + choiceFirst, class20 + choiceLast,
}

// classOf is the class that all entries of a spec version are in.
func classOf(s spec) string {
	if s == spec20 {
		return class20
	}
	return class21
}

// place is where a version stands among the versions of its object.
type place struct {
	spec        spec
	first, last bool // in its spec version
	current     bool // of 2.1, or of an object that has no version of 2.1
}

// labels are those of an entry; exact is the instant by which queries for a version find it.
func (p place) labels(exact stix.Timestamp) []string {
	choices := []string{choiceAll}
	if p.first {
		choices = append(choices, choiceFirst)
	}
	if p.last {
		choices = append(choices, choiceLast)
	}
	choices = append(choices, choiceExact+instantText(exact))
	classes := []string{class21}
	switch {
	case p.spec == spec20 && p.current:
		classes = []string{class20, classCurrent}
	case p.spec == spec20:
		classes = []string{class20}
	}
	return combine(classes, choices)
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

// labelsFor are the labels of which a query's matches have at least one, each once.
func labelsFor(specs []string, v store.Versions) []string {
	labels := combine(classesFor(specs), choicesFor(v))
	slices.Sort(labels)
	return slices.Compact(labels)
}

func classesFor(specs []string) []string {
	if specs == nil {
		return []string{class21, classCurrent}
	}
	var classes []string
	if slices.Contains(specs, stix.Spec21) {
		classes = append(classes, class21)
	}
	if slices.Contains(specs, stix.Spec20) {
		classes = append(classes, class20)
	}
	return classes
}

func choicesFor(v store.Versions) []string {
	if v.All {
		return []string{choiceAll}
	}
	var choices []string
	if v.First {
		choices = append(choices, choiceFirst)
	}
	if v.Last {
		choices = append(choices, choiceLast)
	}
	for _, at := range v.Exact {
		choices = append(choices, choiceExact+instantText(at))
	}
	return choices
}

// instantText is a short text that equal instants have in common.
func instantText(at stix.Timestamp) string {
	key := at.AppendKey(nil)
	seconds, digits := binary.BigEndian.Uint64(key), key[8:len(key)-1]
	return strconv.FormatUint(seconds, 36) + "." + string(digits)
}
