package mongostore

import (
	"slices"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// labelsFor are the labels of which a query's matches have at least one, each once, as far as
// the marks are released that a reader sees. The reader has read the record, so that it knows
// of all labels that the entries have which it counts.
func (r record) labelsFor(specs []string, v store.Versions, sees markSet) []string {
	classes, choices := classesFor(specs), choicesFor(v)
	var labels []string
	for _, mark := range r.marksIn(sees) {
		for _, choice := range choices {
			labels = append(labels, combine(classes, []string{choice.of(mark)})...)
		}
	}
	if sees != everyMark { // where a label names a set, an unrestricted reader sees one of it
		labels = append(labels, r.setLabelsFor(classes, choices, sees)...)
	}
	slices.Sort(labels)
	return slices.Compact(labels)
}

// setLabelsFor are those that name sets.
func (r record) setLabelsFor(classes []string, choices []choice, sees markSet) (labels []string) {
	for text := range r.Sets {
		l, ok := parseSetLabel(text)
		if !ok || !l.releasedTo(sees) || !slices.Contains(classes, l.class[:1]) {
			continue
		}
		for _, choice := range choices {
			switch {
			case choice.kind == l.choice:
				labels = append(labels, text)
			case choice.kind == choiceExact && l.choice == choiceAll:
				labels = append(labels, l.class+choice.of(l.mark))
			}
		}
	}
	return labels
}

// edgeLabels are on the first and last versions of every object, those of some marks included.
func (r record) edgeLabels() []string {
	labels := combine([]string{class21, class20}, []string{choiceEdge})
	for _, mark := range r.marksIn(everyMark) {
		labels = append(labels, combine([]string{class21, class20},
			[]string{choiceFirst + markText(mark), choiceLast + markText(mark)})...)
	}
	return labels
}

// choice is one of the choices of versions that a query is made of.
type choice struct {
	kind    string
	instant string // of an exact version
}

// of is the choice in the labels of entries that have marks, besides any sets.
func (c choice) of(mark int) string {
	text := c.kind + c.instant
	if c.kind == choiceExact && mark != unmarked {
		text += "/"
	}
	return text + markText(mark)
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

func choicesFor(v store.Versions) []choice {
	if v.All {
		return []choice{{kind: choiceAll}}
	}
	var choices []choice
	if v.First {
		choices = append(choices, choice{kind: choiceFirst})
	}
	if v.Last {
		choices = append(choices, choice{kind: choiceLast})
	}
	for _, at := range v.Exact {
		choices = append(choices, choice{choiceExact, instantText(at)})
	}
	return choices
}
